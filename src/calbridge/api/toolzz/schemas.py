"""The JSON of the Toolzz dialect."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic.config import JsonDict

from calbridge.api.deps import Uuid
from calbridge.api.mask import MASK
from calbridge.domain.times import zone_named
from calbridge.tools import understand

MAX_PROMPT = 20_000
MAX_SLUG = 200

_EXAMPLE: JsonDict = {
    "title": "Calcom",
    "unitId": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e",
    "calcomUsername": "demo-clinic",
    "timezone": "America/Sao_Paulo",
    "prompt": "Offer morning times first.",
    "checkAvailabilityEnabled": True,
    "createBookingEnabled": True,
}

_SHOWN: JsonDict = {
    "id": "0199d3a0-0000-7000-8000-00000000ca1c",
    **_EXAMPLE,
    "apiKey": MASK,
    "isTokenMasked": True,
    "isActive": True,
    "botId": "019d1fdb-98e9-7c87-86c7-321e2fa98733",
    "defaultEventTypeId": 1,
    "defaultEventTypeSlug": "consultation",
    "createdAt": "2026-03-20 08:00:00.123456",
    "updatedAt": "2026-03-20 08:00:00.123",
}


def _title(value: object) -> object:
    return understand.person_name(value) if isinstance(value, str) else value


def _username(value: object) -> object:
    return understand.plain(value, understand.MAX_NAME) if isinstance(value, str) else value


def _prompt(value: object) -> object:
    return understand.plain(value, MAX_PROMPT) if isinstance(value, str) else value


def _slug(value: object) -> object:
    return understand.plain(value, MAX_SLUG) if isinstance(value, str) else value


def _zone(value: object) -> object:
    zone: ZoneInfo | None = zone_named(value) if isinstance(value, str) else None
    if zone is None:
        raise ValueError("must be an IANA time zone, such as America/Sao_Paulo")
    return zone.key


class IntegrationFields(BaseModel):
    """What an integration's owner sets."""

    title: Annotated[str, BeforeValidator(_title)] = Field(description="The name of the tool in the panel.")
    unit_id: Uuid = Field(alias="unitId", description="The owning unit: the organization.")
    calcom_username: Annotated[str, BeforeValidator(_username)] = Field(
        alias="calcomUsername", description="The user name at Cal.com, kept as it is sent."
    )
    timezone: Annotated[str, BeforeValidator(_zone)] = Field(
        description="The IANA zone in which times without an offset are read."
    )
    prompt: Annotated[str, BeforeValidator(_prompt)] = Field(description="Instructions for the AI.")
    check_availability_enabled: StrictBool = Field(
        alias="checkAvailabilityEnabled", description="Whether the AI may look for open times."
    )
    create_booking_enabled: StrictBool = Field(
        alias="createBookingEnabled", description="Whether the AI may book and move appointments."
    )


class IntegrationCreate(IntegrationFields):
    """An integration to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_EXAMPLE, "apiKey": "cal_live_0123456789abcdef"}]})

    api_key: str = Field(alias="apiKey", min_length=1, max_length=512, description="An API key of Cal.com.")


class IntegrationUpdate(IntegrationFields):
    """An integration as it is to be. Optional fields that are absent stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    api_key: str | None = Field(
        default=None, alias="apiKey", max_length=512, description="A new key; absent or the mask keeps the stored one."
    )
    bot_id: Uuid | None = Field(default=None, alias="botId", description="The agent to link; null unlinks.")
    is_active: StrictBool | None = Field(default=None, alias="isActive")
    default_event_type_id: StrictInt | None = Field(default=None, alias="defaultEventTypeId", ge=1, lt=2**31)
    default_event_type_slug: Annotated[str | None, BeforeValidator(_slug)] = Field(
        default=None, alias="defaultEventTypeSlug"
    )

    @property
    def new_api_key(self) -> str | None:
        """The key, if a new one was sent."""
        return None if self.api_key in {None, "", MASK} else self.api_key


class Integration(BaseModel):
    """An integration."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [_SHOWN]})

    id: str
    title: str
    calcom_username: str = Field(alias="calcomUsername")
    timezone: str
    prompt: str
    api_key: str = Field(default=MASK, alias="apiKey", description="Never the key itself.")
    is_token_masked: bool = Field(default=True, alias="isTokenMasked")
    is_active: bool = Field(alias="isActive")
    check_availability_enabled: bool = Field(alias="checkAvailabilityEnabled")
    create_booking_enabled: bool = Field(alias="createBookingEnabled")
    bot_id: str | None = Field(alias="botId")
    unit_id: str = Field(alias="unitId")
    default_event_type_id: int | None = Field(alias="defaultEventTypeId")
    default_event_type_slug: str | None = Field(alias="defaultEventTypeSlug")
    created_at: str = Field(alias="createdAt", description="UTC, to the microsecond.")
    updated_at: str = Field(alias="updatedAt", description="UTC, to the millisecond.")


class Problem(BaseModel):
    """An error of this dialect."""

    model_config = ConfigDict(populate_by_name=True)

    status_code: int = Field(alias="statusCode")
    message: str
    error: str


class Integrations(BaseModel):
    """The integrations of a unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_SHOWN]}]})

    data: list[Integration]
