"""The JSON of the Ravan dialect, but for ``manage``, which has a module of its own."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from calbridge.api.deps import Uuid
from calbridge.tools import understand

Text = Annotated[str, Field(max_length=200)]

_ORG, _AGENT = "1268c1f0-19f3-47db-aefb-c16a7c3ace6e", "019d1fdb-98e9-7c87-86c7-321e2fa98733"
_ACCOUNT, _UID = "0199d3a0-0000-7000-8000-00000000ca1c", "byMva4K7mBrJqtvFvcgbgd"


def answered(message: str, data: JsonDict) -> ConfigDict:
    """Show an answer on the documentation page."""
    return ConfigDict(json_schema_extra={"examples": [{"success": True, "message": message, "data": data}]})


class Envelope(BaseModel):
    """What every answer of this dialect begins with."""

    success: Literal[True] = True
    message: str


class Problem(BaseModel):
    """An error."""

    success: Literal[False] = False
    message: str
    code: str


class Refusal(BaseModel):
    """A refusal by authentication: the same whatever was wrong with the credential."""

    success: Literal[False] = False
    message: str


class AccountLink(BaseModel):
    """Which account to link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"calcom_account_id": "0199d3a0-0000-7000-8000-00000000ca1c"}]}
    )

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
        {"agent_id": _AGENT, "agent_name": "Dr. Rivera", "calcom_account_id": _ACCOUNT},
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


class ConnectRequest(BaseModel):
    """A Cal.com account to connect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e",
                    "api_key": "cal_live_0123456789abcdef",
                    "account_name": "Front desk",
                }
            ]
        }
    )

    org_id: Uuid
    api_key: str = Field(min_length=1, max_length=512, description="An API key of Cal.com, proved with one live call.")
    account_name: AccountName = None
    api_base_url: str = Field(
        default="", max_length=255, description="Where this Cal.com is, if not at the deployment's default."
    )


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
        {
            "provider_id": _ACCOUNT,
            "calcom_account_id": _ACCOUNT,
            "org_id": _ORG,
            "account_name": "Front desk",
            "status": "active",
            "connected_at": "2026-03-20T08:00:00Z",
        },
    )

    data: ConnectedAccount


class AppointmentRow(BaseModel):
    """One appointment of a list."""

    id: str = Field(description="The booking's uid at Cal.com.")
    organization_id: str
    agent_id: str
    attendee_name: str
    attendee_email: str
    attendee_phone: str
    attendee_timezone: str
    start_time: str
    end_time: str
    duration_minutes: int
    status: str


class AppointmentList(BaseModel):
    """Appointments of the organization's primary account."""

    appointments: list[AppointmentRow]
    count: int
    org_id: str
    agent_id: str


class AppointmentListAnswer(Envelope):
    """A list of appointments."""

    model_config = answered(
        "Appointments retrieved",
        {
            "appointments": [
                {
                    "id": _UID,
                    "organization_id": _ORG,
                    "agent_id": _AGENT,
                    "attendee_name": "Jane Doe",
                    "attendee_email": "jane@example.com",
                    "attendee_phone": "+442079460958",
                    "attendee_timezone": "Europe/London",
                    "start_time": "2026-03-25T14:00:00Z",
                    "end_time": "2026-03-25T14:30:00Z",
                    "duration_minutes": 30,
                    "status": "accepted",
                }
            ],
            "count": 1,
            "org_id": _ORG,
            "agent_id": _AGENT,
        },
    )

    data: AppointmentList


class AppointmentDetail(BaseModel):
    """One appointment."""

    id: str
    organization_id: str
    ghl_appointment_id: str = ""
    contact_id: str = ""
    agent_id: str
    agent_name: str
    contact_name: str
    contact_email: str
    contact_phone: str
    appointment_time: str
    end_time: str
    status: str


class RetrievedAppointment(BaseModel):
    """One appointment, and whose it is."""

    appointment: AppointmentDetail
    org_id: str
    agent_id: str


class AppointmentAnswer(Envelope):
    """One appointment."""

    model_config = answered(
        "Appointment retrieved",
        {
            "appointment": {
                "id": _UID,
                "organization_id": _ORG,
                "ghl_appointment_id": "",
                "contact_id": "",
                "agent_id": _AGENT,
                "agent_name": "Dr. Rivera",
                "contact_name": "Jane Doe",
                "contact_email": "jane@example.com",
                "contact_phone": "+442079460958",
                "appointment_time": "2026-03-25T14:00:00Z",
                "end_time": "2026-03-25T14:30:00Z",
                "status": "accepted",
            },
            "org_id": _ORG,
            "agent_id": _AGENT,
        },
    )

    data: RetrievedAppointment
