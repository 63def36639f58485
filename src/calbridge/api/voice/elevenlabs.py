"""ElevenLabs Agents' webhook tools ("server tools").

* Request: exactly the schema that was declared, at the root of the body; there is no envelope and no tool's name. What
  the model must not fill in is bound to ``system__caller_id``, ``system__conversation_id`` and the like.
  https://elevenlabs.io/docs/eleven-agents/customization/tools/server-tools (2026-11-20)
* No signature: the HMAC header of ElevenLabs belongs to post-call webhooks. A tool can send a secret header, so what
  counts here is an API key.
* Answer: any JSON of a 2xx; a 4xx or 5xx is kept from the model by default (``tool_error_handling_mode: auto``), and
  the agent would go on knowing nothing. ``assignments`` lift fields out by dot path.
"""

from collections.abc import Sequence
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import members, number_of, text


class ElevenLabs(Platform):
    """ElevenLabs."""

    name: ClassVar[str] = "elevenlabs"

    def read(self, request: Received) -> Envelope:
        """Take the body for the arguments; the variables of the system count where they have kept their names."""
        body = members(request.json)
        call_id = text(body, "system__conversation_id") or text(body, "system__call_sid")
        return Envelope((ToolCall("", "", body),), call_id, number_of(body.get("system__caller_id")))

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields."""
        return dict(results[0].fields)
