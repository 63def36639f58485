"""The JSON of connections: an organization's accounts, and agents' private keys."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from calbridge.api.deps import Uuid
from calbridge.api.ravan.schemas import AGENT, ORG, Envelope, answered, requested
from calbridge.tools import understand

ACCOUNT = "019d1fdb-98e9-7c87-86c7-0000ca1c0000"


class AccountLink(BaseModel):
    """Which account to link."""

    model_config = requested({"calcom_account_id": "0199d3a0-0000-7000-8000-00000000ca1c"})

    calcom_account_id: Uuid | None = Field(description="An account of the organization, or null to unlink.")


class LinkedAccount(BaseModel):
    """Which account an agent is linked to."""

    agent_id: str
    agent_name: str
    calcom_account_id: str | None


class LinkAnswer(Envelope):
    """The link as it is now."""

    model_config = answered(
        "Agent Cal.com account updated",
        data={"agent_id": AGENT, "agent_name": "Dr. Rivera", "calcom_account_id": ACCOUNT},
    )

    data: LinkedAccount


def _plain_name(value: object) -> object:
    if understand.absent(value):
        return None
    return understand.person_name(value) if isinstance(value, str) else value


AccountName = Annotated[
    str | None,
    BeforeValidator(_plain_name),
    Field(description="What to call it; without, a new account is called Default, and one that exists keeps its name."),
]


BaseUrl = Annotated[
    str,
    BeforeValidator(lambda value: "" if value is None else value),
    Field(max_length=255, description="Where this Cal.com is, if not at the deployment's default."),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 255}, {"type": "null"}]}),
]


class ConnectRequest(BaseModel):
    """A Cal.com account to connect."""

    model_config = requested(
        {
            "org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e",
            "api_key": "cal_live_0123456789abcdef",
            "account_name": "Front desk",
        }
    )

    org_id: Uuid
    api_key: str = Field(min_length=1, max_length=512, description="An API key of Cal.com, proved with one live call.")
    account_name: AccountName = None
    api_base_url: BaseUrl = ""


class ConnectedAccount(BaseModel):
    """A connected account."""

    provider_id: str
    calcom_account_id: str
    org_id: str
    account_name: str
    status: str
    connected_at: str


class ConnectAnswer(Envelope):
    """The account as it was stored."""

    model_config = answered(
        "Cal.com connected successfully",
        data={
            "provider_id": ACCOUNT,
            "calcom_account_id": ACCOUNT,
            "org_id": ORG,
            "account_name": "Front desk",
            "status": "active",
            "connected_at": "2026-03-20T08:00:00Z",
        },
    )

    data: ConnectedAccount


class Done(Envelope):
    """Done; there is nothing more to tell."""

    model_config = answered("Cal.com disconnected successfully")


class DisconnectRequest(BaseModel):
    """What to disconnect: one account, or all of the organization's."""

    model_config = requested({"org_id": ORG, "provider_id": ACCOUNT})

    org_id: Uuid
    provider_id: Uuid | None = Field(default=None, description="The account; without it, all of the organization's.")


class AccountState(BaseModel):
    """An account, as a live check of its key found it."""

    id: str
    account_name: str
    status: str = Field(description="active, or needs_reauth: it has to be connected anew.")
    error: str = Field(description="What is wrong; empty when all is well.")


class OrganizationAccountState(AccountState):
    """An organization's account."""

    is_primary: bool = Field(description="Whether lists come from this one: the oldest that is active.")


class OrganizationStatus(BaseModel):
    """An organization's connections."""

    connected: bool
    status: Literal["active", "not_connected"]
    accounts: list[OrganizationAccountState]


class OrganizationStatusAnswer(Envelope):
    """An organization's connections, checked live."""

    model_config = answered(
        "Connection status retrieved",
        data={
            "connected": True,
            "status": "active",
            "accounts": [
                {
                    "id": ACCOUNT,
                    "account_name": "Front desk",
                    "status": "active",
                    "error": "",
                    "is_primary": True,
                }
            ],
        },
    )

    data: OrganizationStatus


class PrivateKeyRequest(BaseModel):
    """An agent's private Cal.com key."""

    model_config = requested({"api_key": "cal_live_0123456789abcdef", "account_name": "Dr. Rivera"})

    api_key: str = Field(min_length=1, max_length=512, description="An API key of Cal.com, proved with one live call.")
    account_name: AccountName = None
    api_base_url: BaseUrl = ""


class PrivateStatus(BaseModel):
    """An agent's private connection."""

    connected: bool
    status: Literal["active", "needs_reauth", "not_connected"]
    accounts: list[AccountState]


class PrivateStatusAnswer(Envelope):
    """An agent's private connection, checked live."""

    model_config = answered(
        "No agent-level connection found", data={"connected": False, "status": "not_connected", "accounts": []}
    )

    data: PrivateStatus


class EffectiveConnection(BaseModel):
    """The account that an agent uses; without one, all but the first two are null."""

    connected: bool
    type: Literal["agent", "org_linked", "none"]
    calcom_account_id: str | None
    account_name: str | None
    status: str | None
    api_base_url: str | None


class EffectiveConnectionAnswer(Envelope):
    """The account that an agent uses."""

    model_config = answered(
        "Agent Cal.com account retrieved",
        data={
            "connected": True,
            "type": "org_linked",
            "calcom_account_id": ACCOUNT,
            "account_name": "Front desk",
            "status": "active",
            "api_base_url": "https://api.cal.com",
        },
    )

    data: EffectiveConnection
