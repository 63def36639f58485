"""How each platform wraps a tool call, written from its own pages, and how its answer is unwrapped."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.api.clinic import Clinic

Json = dict[str, Any]
DOORS = "/api/v1/calcom/voice"
JANE, JOHN = "+442079460958", "+442079460123"
CALL, TOOL_CALL = "call-of-jane-4711", "call_VaJOd8ZeZgWCEHDYomyCPfwN"
TOOLS = {
    "book": "book_appointment",
    "reschedule": "reschedule_appointment",
    "cancel": "cancel_appointment",
    "suggest": "suggest_times",
    "availability": "check_availability",
    "find": "find_appointments",
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A tool call in a phone call. ``caller`` is "" for a call from a browser."""

    action: str
    arguments: Json = field(default_factory=dict)
    caller: str = JANE
    call_id: str = CALL
    tool_call_id: str = TOOL_CALL

    @property
    def tool(self) -> str:
        """The name of the tool."""
        return TOOLS.get(self.action, self.action)


def vapi(*spoken: Spoken) -> Json:
    """Vapi's message, as its page on custom tools has it."""
    calls = [{"id": each.tool_call_id, "name": each.tool, "arguments": each.arguments} for each in spoken]
    customer = {"customer": {"number": spoken[0].caller}} if spoken[0].caller else {}
    call = {"id": spoken[0].call_id, "orgId": "org", "type": "inboundPhoneCall"}
    return {
        "message": {
            "timestamp": 1774000800000,
            "type": "tool-calls",
            "toolCallList": calls,
            "toolWithToolCallList": [],
            "artifact": {"messages": []},
            "assistant": {"name": "Clinic"},
            "call": call,
            **customer,
        }
    }


def retell(spoken: Spoken) -> Json:
    """Retell's envelope."""
    numbers = {"from_number": spoken.caller, "to_number": "+442079460000"} if spoken.caller else {}
    kind = "phone_call" if spoken.caller else "web_call"
    call = {"call_id": spoken.call_id, "agent_id": "agent_1", "call_type": kind, "direction": "inbound", **numbers}
    return {"name": spoken.tool, "call": {**call, "transcript": "", "metadata": {}}, "args": spoken.arguments}


def elevenlabs(spoken: Spoken) -> Json:
    """A body whose last two properties are bound to variables of the system."""
    return {**spoken.arguments, "call_id": spoken.call_id, "caller_number": spoken.caller}


def synthflow(spoken: Spoken) -> Json:
    """A body that somebody composed of texts; what the model has left out stays an empty text."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in spoken.arguments.items()}
    return {"email": "", "notes": "", **texts, "call_id": spoken.call_id, "caller_number": spoken.caller}


def bland(spoken: Spoken) -> Json:
    """A template in which the model's input comes as one text."""
    return {"slot": json.dumps(spoken.arguments), "call_id": spoken.call_id, "caller_number": spoken.caller}


def generic(spoken: Spoken) -> Json:
    """The arguments at the root, and the ids beside them."""
    ids = {"call_id": spoken.call_id, "tool_call_id": spoken.tool_call_id}
    return {**spoken.arguments, **ids, **({"caller_number": spoken.caller} if spoken.caller else {})}


WRAPPED: dict[str, Callable[[Spoken], Json]] = {
    "vapi": vapi,
    "retell": retell,
    "elevenlabs": elevenlabs,
    "telnyx": elevenlabs,
    "bland": bland,
    "synthflow": synthflow,
    "generic": generic,
}
PLATFORMS = tuple(WRAPPED)
SIGNING = ("vapi", "retell", "telnyx")


def door(clinic: Clinic, platform: str, action: str = "") -> str:
    """The address of a door."""
    path = f"{DOORS}/{platform}/{clinic.organization.id}/{clinic.agent.id}"
    return f"{path}/{action}" if action else path


def unwrapped(platform: str, answer: httpx.Response) -> Json:
    """The fields of the first answer."""
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    if platform != "vapi":
        return body
    result = body["results"][0]
    fields: Json = json.loads(result.get("result") or result["error"])
    return fields


async def call(clinic: Clinic, platform: str, spoken: Spoken, **headers: str) -> httpx.Response:
    """Make a tool call; platforms without an envelope have an address for each action."""
    action = "" if platform in {"vapi", "retell"} else spoken.action
    async with clinic.client(**headers) as client:
        return await client.post(door(clinic, platform, action), json=WRAPPED[platform](spoken))


async def tell(clinic: Clinic, platform: str, spoken: Spoken, **headers: str) -> Json:
    """Make a tool call, and return the fields of its answer."""
    return unwrapped(platform, await call(clinic, platform, spoken, **headers))


async def key(clinic: Clinic) -> dict[str, str]:
    """The header with a new API key."""
    _, secret = await clinic.services.keys.create(clinic.organization.id, "voice", ["manage"])  # type: ignore[list-item]
    return {"x_api_key": secret}
