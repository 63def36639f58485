"""Any other platform that sends JSON: the arguments at the root, or under ``args``, ``arguments`` or ``parameters``.

It covers whatever lets one compose an HTTP request: Cartesia, Ultravox, Dograh, HighLevel, Voiceflow and the like. The
call, the caller and the tool call are named in the body, the query or a header; an API key in a header is a credential.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from calbridge.api.voice.line import CALL_ID, CALLER
from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import label, members
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
        tool_call = label(body, "tool_call_id") or only(request.headers, "idempotency-key") or ""
        name = label(body, "tool") or label(body, "tool_name")
        return Envelope((ToolCall(tool_call, name, {**body, **_lifted(body, inner)}),), call_id)

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields."""
        return dict(results[0].fields)


def _lifted(body: Mapping[str, object], inner: Mapping[str, object]) -> dict[str, object]:
    """Choose what of the arguments counts as if it stood at the root, although the root goes before them.

    What the platform knows, where the root tells nothing of the kind; and a name, since one at the root may be the
    tool's.
    """
    kinds = [kind for kind in (CALLER, CALL_ID) if body.keys().isdisjoint(kind)]
    return {name: inner[name] for kind in (*kinds, ("name",)) for name in kind if name in inner}
