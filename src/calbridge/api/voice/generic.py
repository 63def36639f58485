"""Any other platform that sends JSON: the arguments at the root, or under ``args``, ``arguments`` or ``parameters``.

It covers whatever lets one compose an HTTP request: Cartesia, Ultravox, Dograh, HighLevel, Voiceflow and the like. The
call, the caller and the tool call are named in the body, the query or a header; an API key in a header is a credential.
"""

from collections.abc import Sequence
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import members, text
from calbridge.api.voice.signatures import only

NESTED = ("args", "arguments", "parameters", "input")


class Generic(Platform):
    """Whoever sends JSON."""

    name: ClassVar[str] = "generic"

    def read(self, request: Received) -> Envelope:
        """Take the body for the arguments, or what it calls so."""
        body = members(request.json)
        inner = next((members(body[name]) for name in NESTED if members(body.get(name))), {})
        call_id = only(request.headers, "x-call-id") or ""
        tool_call = text(body, "tool_call_id") or only(request.headers, "idempotency-key") or ""
        name = text(body, "tool") or text(body, "tool_name")
        return Envelope((ToolCall(tool_call, name, {**body, **inner}),), call_id)

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields."""
        return dict(results[0].fields)
