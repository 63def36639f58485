"""The JSON of the Ravan dialect, but for ``manage``, which has a module of its own."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict, JsonValue

# Ids of the demo organization and agent, so that examples can be tried.
ORG, AGENT = "1268c1f0-19f3-47db-aefb-c16a7c3ace6e", "019d1fdb-98e9-7c87-86c7-321e2fa98733"
UID = "byMva4K7mBrJqtvFvcgbgd"


def requested(example: JsonDict) -> ConfigDict:
    """Show a request on the documentation page."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def answered(message: str, **rest: JsonValue) -> ConfigDict:
    """Show an answer on the documentation page."""
    return ConfigDict(json_schema_extra={"examples": [{"success": True, "message": message, **rest}]})


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
        data={
            "appointments": [
                {
                    "id": UID,
                    "organization_id": ORG,
                    "agent_id": AGENT,
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
            "org_id": ORG,
            "agent_id": AGENT,
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
        data={
            "appointment": {
                "id": UID,
                "organization_id": ORG,
                "ghl_appointment_id": "",
                "contact_id": "",
                "agent_id": AGENT,
                "agent_name": "Dr. Rivera",
                "contact_name": "Jane Doe",
                "contact_email": "jane@example.com",
                "contact_phone": "+442079460958",
                "appointment_time": "2026-03-25T14:00:00Z",
                "end_time": "2026-03-25T14:30:00Z",
                "status": "accepted",
            },
            "org_id": ORG,
            "agent_id": AGENT,
        },
    )

    data: RetrievedAppointment
