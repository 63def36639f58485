"""The doors on the documentation page: a payload of every platform to try, and what is answered."""

from typing import Any

from calbridge.api.docs import WITH_BODY, Responses
from calbridge.api.ravan.documentation import problems
from calbridge.domain.errors import InvalidRequestError, NotFoundError

_ARGUMENTS = {"name": "Jane Doe", "appointment_datetime": "2027-03-25T14:00:00"}
_NUMBER = "+442079460958"
BODY: dict[str, Any] = {
    "security": [{}],  # besides the two that FastAPI lists: none at all, or the platform's own signature
    "requestBody": {
        "required": True,
        "description": "The platform's own envelope, or just the arguments.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "examples": {
                    "vapi": {
                        "value": {
                            "message": {
                                "type": "tool-calls",
                                "call": {"id": "7420f27a-30fd-4f49-a995-5549ae7cc00d"},
                                "customer": {"number": _NUMBER},
                                "toolCallList": [
                                    {
                                        "id": "call_VaJOd8ZeZgWCEHDYomyCPfwN",
                                        "name": "book_appointment",
                                        "arguments": _ARGUMENTS,
                                    }
                                ],
                            }
                        }
                    },
                    "retell": {
                        "value": {
                            "name": "book_appointment",
                            "call": {"call_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6", "from_number": _NUMBER},
                            "args": _ARGUMENTS,
                        }
                    },
                    "elevenlabs, telnyx, bland, synthflow, generic": {
                        "value": {**_ARGUMENTS, "call_id": "conv_01jxd5y165f62a0v7gtr6bkg56", "caller_number": _NUMBER}
                    },
                },
            }
        },
    },
}
_FIELDS = {
    "success": True,
    "message": "You're booked with Dr. Rivera for Thursday, March 25, 2027 at 2 PM.",
    "code": "",
    "action_required": "",
    "appointment_id": "byMva4K7mBrJqtvFvcgbgd",
    "date_time": "2027-03-25T14:00:00Z",
    "status": "accepted",
    "timezone": "Europe/London",
}
_TAKEN = {
    **_FIELDS,
    "success": False,
    "message": "That time is taken. On Thursday, March 25, 2027, I have 11 AM.",
    "action_required": "reschedule",
    "appointment_id": "",
    "status": "",
    "slot_1": "Thursday, March 25, 2027 at 11 AM",
    "slot_1_start": "2027-03-25T11:00:00Z",
}
_RESULT = '{"success": true, "message": "You\'re booked with Dr. Rivera for Thursday, March 25, 2027 at 2 PM."}'
_REFUSED = (
    InvalidRequestError("agent_id", "must be a UUID"),
    NotFoundError("Agent"),
    *WITH_BODY,
)
DOOR: Responses = {
    200: {
        "description": "What the caller should hear, and flat fields beside it; in the shape that the platform reads.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "examples": {
                    "booked": {"value": _FIELDS},
                    "taken": {"value": _TAKEN},
                    "vapi": {
                        "value": {
                            "results": [
                                {
                                    "toolCallId": "call_VaJOd8ZeZgWCEHDYomyCPfwN",
                                    "name": "book_appointment",
                                    "result": _RESULT,
                                }
                            ]
                        }
                    },
                },
            }
        },
    },
    **problems(*_REFUSED),
}
ECHO: Responses = problems(*_REFUSED)
