"""``manage`` on the documentation page: requests to try, and an answer of every kind."""

import json

from calbridge.api.deps import DEADLINE, IDEMPOTENCY_KEY, api_key_scheme, bearer_scheme
from calbridge.api.docs import ASKS_CALCOM, GUARDED, WITH_BODY, Responses, documented
from calbridge.api.ravan.errors import MANAGE, render
from calbridge.api.ravan.manage_answer import ManageAnswer, ManageError
from calbridge.domain.errors import (
    CalendarError,
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotConnectedError,
    NotFoundError,
    SwitchedOffError,
)


def _header(name: str, description: str) -> dict[str, object]:
    schema = {"type": "string", "description": description, "default": "", "title": name}
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": description}


MANAGE_HEADERS: dict[str, object] = {
    "security": [{bearer_scheme.scheme_name: []}, {api_key_scheme.scheme_name: []}, {}],
    "parameters": [
        _header(IDEMPOTENCY_KEY, "1 to 255 printable ASCII characters, for seven days one wish."),
        _header(
            DEADLINE,
            "How long the caller may wait, in milliseconds: 500 to 30000. The smaller of this and `deadline_ms` "
            "counts.",
        ),
    ],
}
_SLOTS = [
    {
        "date": "2026-03-25",
        "date_label": "Wednesday",
        "slots": ["11:00 AM", "2:30 PM"],
        "start_times": ["2026-03-25T11:00:00Z", "2026-03-25T14:30:00Z"],
    }
]
_BOOKED = {
    "success": True,
    "message": "You're booked with Dr. Rivera for Wednesday, March 25 at 2 PM.",
    "data": {
        "success": True,
        "message": "Booked successfully",
        "summary": "Appointment confirmed",
        "action": "book",
        "appointment_id": "byMva4K7mBrJqtvFvcgbgd",
        "date_time": "2026-03-25T14:00:00Z",
        "agent_name": "Dr. Rivera",
        "action_required": "",
        "available_slots": [],
        "status": "accepted",
        "timezone": "Europe/London",
    },
}
_OFFERED = {
    "success": True,
    "message": "On Wednesday I have 11 AM or 2:30 PM.",
    "data": {
        **_BOOKED["data"],  # type: ignore[dict-item]
        "message": "Available times",
        "summary": "Available times",
        "action": "suggest",
        "appointment_id": "",
        "date_time": "",
        "available_slots": _SLOTS,
        "status": "",
    },
}
_APPOINTMENT = {
    "appointment_id": "byMva4K7mBrJqtvFvcgbgd",
    "date_time": "2026-03-25T14:00:00Z",
    "end_time": "2026-03-25T14:30:00Z",
    "label": "Wednesday, March 25 at 2 PM",
    "status": "accepted",
}
_ANOTHER = {
    **_APPOINTMENT,
    "appointment_id": "pettgthHqtkaWqpftM6msM",
    "date_time": "2026-03-27T09:00:00Z",
    "end_time": "2026-03-27T09:30:00Z",
    "label": "Friday, March 27 at 9 AM",
}
_FOUND = {
    "success": True,
    "message": "You have an appointment with Dr. Rivera on Wednesday, March 25 at 2 PM.",
    "data": {
        **_BOOKED["data"],  # type: ignore[dict-item]
        "message": "Appointments found",
        "summary": "Appointments found",
        "action": "find",
        "appointments": [_APPOINTMENT],
    },
}
_NONE_FOUND = {
    "success": True,
    "message": "I don't see any upcoming appointments under that phone number.",
    "data": {
        **_FOUND["data"],  # type: ignore[dict-item]
        "message": "No appointments found",
        "summary": "No appointments found",
        "appointment_id": "",
        "date_time": "",
        "status": "",
        "appointments": [],
    },
}
_CHOOSE = {
    "success": False,
    "message": "You have two appointments with Dr. Rivera: Wednesday, March 25 at 2 PM; and Friday, March 27 at 9 AM. "
    "Which one shall I cancel?",
    "data": {
        **_NONE_FOUND["data"],  # type: ignore[dict-item]
        "success": False,
        "message": "Appointments found",
        "summary": "Appointments found",
        "action": "cancel",
        "action_required": "choose_appointment",
        "appointments": [_APPOINTMENT, _ANOTHER],
    },
}
_UNKNOWN = {
    "success": False,
    "message": "I'm still confirming that with the calendar. Please ask me again in a moment.",
    "data": {
        **_BOOKED["data"],  # type: ignore[dict-item]
        "success": False,
        "message": "Not confirmed yet",
        "summary": "Not confirmed yet",
        "appointment_id": "",
        "action_required": "verify",
        "status": "",
    },
}
_TAKEN_MESSAGE = "That time is taken. On Wednesday I have 11 AM or 2:30 PM."
_TAKEN = {
    "success": False,
    "message": _TAKEN_MESSAGE,
    "code": "SLOT_UNAVAILABLE",
    "error": {
        "code": "SLOT_UNAVAILABLE",
        "message": _TAKEN_MESSAGE,
        "details": {
            "action": "book",
            "action_required": "reschedule",
            "summary": "Time not available",
            "agent_name": "Dr. Rivera",
            "available_slots": _SLOTS,
            "questions": [],
        },
    },
    "data": {
        **_OFFERED["data"],  # type: ignore[dict-item]
        "success": False,
        "message": "Time not available",
        "summary": "Time not available",
        "action": "book",
        "date_time": "2026-03-25T14:00:00Z",
        "action_required": "reschedule",
    },
}


def _examples(**values: object) -> dict[str, object]:
    return {"application/json": {"examples": {name: {"value": value} for name, value in values.items()}}}


_KEY_REUSED = json.loads(bytes(render(IdempotencyKeyReusedError(), MANAGE, None).body))
MANAGE_RESPONSES: Responses = {
    200: {
        "model": ManageAnswer,
        "description": "Done; or, with `choose_appointment`, nothing is done until the caller has chosen.",
        "content": _examples(
            booked=_BOOKED, offered=_OFFERED, found=_FOUND, none_found=_NONE_FOUND, choose_appointment=_CHOOSE
        ),
    },
    202: {
        "model": ManageAnswer,
        "description": "Asked for, and not known yet whether it happened: the same request again will tell.",
        "content": _examples(verify=_UNKNOWN),
    },
    **documented(
        lambda error: render(error, MANAGE, None),
        lambda _: ManageError,
        *GUARDED,
        InvalidRequestError("agent_id", "must be a UUID"),
        NotConnectedError(),
        SwitchedOffError("Booking is switched off for this calendar."),
        NotFoundError("Agent"),
        NotFoundError("Appointment"),
        ConflictError("The event type set for this agent does not exist in its Cal.com account."),
        *WITH_BODY,
        *ASKS_CALCOM,
        CalendarError(),
    ),
    422: {
        "model": ManageError,
        "description": "The wanted time is taken or not offered; the nearest open times. Or an explicit key of "
        "another wish.",
        "content": _examples(taken=_TAKEN, key_reused=_KEY_REUSED),
    },
}

_CALL = {"agent_id": "019d1fdb-98e9-7c87-86c7-321e2fa98733", "org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e"}
MANAGE_EXAMPLES = {
    "suggest": {"value": {"action": "suggest", **_CALL, "timezone": "America/New_York"}},
    "book": {
        "value": {
            "action": "book",
            **_CALL,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "appointment_datetime": "2027-03-24T14:00:00Z",
        }
    },
    "reschedule": {
        "value": {
            "action": "reschedule",
            **_CALL,
            "appointment_id": "byMva4K7mBrJqtvFvcgbgd",
            "appointment_datetime": "2027-03-25T10:30:00",
            "timezone": "Europe/London",
        }
    },
    "cancel": {"value": {"action": "cancel", **_CALL, "appointment_id": "byMva4K7mBrJqtvFvcgbgd"}},
    "availability": {"value": {"action": "availability", **_CALL, "days_ahead": 14}},
    "find": {"value": {"action": "find", **_CALL, "phone": "+442079460958"}},
    "cancel for a caller who knows no id": {"value": {"action": "cancel", **_CALL, "phone": "+442079460958"}},
}
