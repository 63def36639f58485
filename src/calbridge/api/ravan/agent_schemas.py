"""The JSON of agents: the part of Ravan's agent object that scheduling needs."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from calbridge.api.deps import Uuid
from calbridge.api.mask import MASK
from calbridge.api.ravan.schemas import AGENT, ORG, Envelope, answered, requested
from calbridge.domain.agents import AgentStatus
from calbridge.domain.times import zone_named
from calbridge.tools import understand


def _name(value: object) -> object:
    return understand.person_name(value) if isinstance(value, str) else value


def _zone(value: object) -> object:
    if isinstance(value, str) and value and zone_named(value) is None:
        raise ValueError("must be an IANA time zone, such as America/New_York")
    return value


def _event_type(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return understand.plain(value, 200) if isinstance(value, str) else value


AgentName = Annotated[str, BeforeValidator(_name), Field(alias="agentName", description="The name that callers hear.")]
Zone = Annotated[
    str,
    BeforeValidator(_zone),
    Field(alias="calendarTimezone", description="IANA zone in which its callers' times are read; empty for none."),
]
EventTypeName = Annotated[
    str,
    BeforeValidator(_event_type),
    Field(
        alias="calcomCalendarId", description="Number or slug of the event type that it books; empty for the account's."
    ),
]


class AgentCreate(BaseModel):
    """An agent to make."""

    model_config = requested({"agentName": "Dr. Rivera", "calendarTimezone": "Europe/London"})

    id: Uuid | None = Field(default=None, description="Its id at the platform; made here if there is none.")
    name: AgentName
    status: AgentStatus = AgentStatus.ACTIVE
    timezone: Zone = ""
    event_type: EventTypeName = ""


class AgentUpdate(BaseModel):
    """What to change of an agent; what is not sent stays."""

    model_config = requested({"status": "INACTIVE"})

    name: Annotated[str | None, BeforeValidator(_name)] = Field(default=None, alias="agentName")
    status: AgentStatus | None = None
    timezone: Annotated[str | None, BeforeValidator(_zone)] = Field(default=None, alias="calendarTimezone")
    event_type: Annotated[str | None, BeforeValidator(_event_type)] = Field(default=None, alias="calcomCalendarId")


class AgentObject(BaseModel):
    """An agent."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    organization_id: str = Field(alias="organizationId")
    name: str = Field(alias="agentName")
    status: AgentStatus
    timezone: str = Field(alias="calendarTimezone")
    event_type: str = Field(alias="calcomCalendarId")
    api_key: str = Field(alias="calcomApiKey", description="Masked; empty where nothing is connected.")
    api_url: str = Field(alias="calcomApiUrl")
    account_name: str = Field(alias="calcomAccountName")
    account_status: str = Field(alias="calcomStatus")
    connection_type: str = Field(alias="calcomConnectionType", description="agent, org_linked or none.")
    created_at: str = Field(alias="createdAt")
    updated_at: str = Field(alias="updatedAt")


_EXAMPLE: JsonDict = {
    "id": AGENT,
    "organizationId": ORG,
    "agentName": "Dr. Rivera",
    "status": "ACTIVE",
    "calendarTimezone": "Europe/London",
    "calcomCalendarId": "consultation",
    "calcomApiKey": MASK,
    "calcomApiUrl": "https://api.cal.com",
    "calcomAccountName": "Front desk",
    "calcomStatus": "active",
    "calcomConnectionType": "org_linked",
    "createdAt": "2026-03-20T08:00:00Z",
    "updatedAt": "2026-03-20T08:00:00Z",
}


class AgentAnswer(Envelope):
    """One agent."""

    model_config = answered("Agent retrieved", data=_EXAMPLE)

    data: AgentObject


class Page(BaseModel):
    """Where in the list this is."""

    total: int
    limit: int
    offset: int


class AgentListAnswer(Envelope):
    """Agents of the organization, the oldest first."""

    model_config = answered("Agents retrieved", data=[_EXAMPLE], meta={"total": 1, "limit": 50, "offset": 0})

    data: list[AgentObject]
    meta: Page
