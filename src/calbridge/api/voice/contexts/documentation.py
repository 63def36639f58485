"""The question before a call on the documentation page: what each platform sends, and what it is told."""

from typing import Any

from calbridge.api.docs import Responses
from calbridge.api.voice import documentation

_NUMBER = "+442079460958"
_VARIABLES = {
    "now": "Friday, March 20, 2026, 8 AM",
    "today": "2026-03-20",
    "timezone": "Europe/London",
    "agent_name": "Dr. Rivera",
    "caller_name": "Jane Doe",
    "caller_has_email": "yes",
    "next_appointment": "Wednesday, March 25 at 10 AM",
}
_QUESTIONS = {
    "vapi": {
        "message": {
            "type": "assistant-request",
            "call": {"id": "7420f27a-30fd-4f49-a995-5549ae7cc00d"},
            "customer": {"number": _NUMBER},
        }
    },
    "retell": {"event": "call_inbound", "call_inbound": {"agent_id": "agent_1", "from_number": _NUMBER}},
    "elevenlabs": {"caller_id": _NUMBER, "agent_id": "agent_1", "called_number": "+12125550123", "call_sid": "CA1"},
    "telnyx": {
        "data": {"event_type": "assistant.initialization", "payload": {"telnyx_end_user_target": _NUMBER}},
    },
    "bland, synthflow, generic": {"caller_number": _NUMBER},
}
_ANSWERS = {
    "vapi": {"assistantId": "your-assistant", "assistantOverrides": {"variableValues": _VARIABLES}},
    "retell": {"call_inbound": {"dynamic_variables": _VARIABLES}},
    "elevenlabs": {"type": "conversation_initiation_client_data", "dynamic_variables": _VARIABLES},
    "telnyx": {"dynamic_variables": _VARIABLES},
    "bland, synthflow, generic": _VARIABLES,
    "to a stranger": {**_VARIABLES, "caller_name": "", "caller_has_email": "", "next_appointment": ""},
}


def _content(examples: dict[str, Any]) -> dict[str, Any]:
    shown = {name: {"value": value} for name, value in examples.items()}
    return {"application/json": {"schema": {"type": "object"}, "examples": shown}}


BODY: dict[str, Any] = {
    "security": documentation.BODY["security"],
    "requestBody": {
        "required": True,
        "description": "What the platform asks before a call.",
        "content": _content(_QUESTIONS),
    },
}
RESPONSES: Responses = {
    **documentation.DOOR,
    200: {"description": "Variables for the model's prompt, all of them texts.", "content": _content(_ANSWERS)},
}
