"""Vapi: ``assistant-request``, sent to the server URL of a phone number that has no assistant of its own.

https://docs.vapi.ai/server-url/events · https://docs.vapi.ai/webhooks/assistant-request; repository VapiAI/docs, read
2026-11-20. One page gives us 7.5 seconds, the other about 5.

The answer has to name the assistant, or the call ends. Which one it is stands in the address that is configured:
``.../context?assistant_id=...``. All other events come to the same address; they are acknowledged and ignored.
"""

from collections.abc import Mapping

from calbridge.api.voice.contexts.pre_call import PreCall, at
from calbridge.api.voice.platform import Json, Received


class Vapi(PreCall):
    """Vapi's assistant request."""

    name = "vapi"

    def is_asked(self, request: Received) -> bool:
        """Tell the question from the events that need no answer."""
        return at(request.json, "message", "type") == "assistant-request"

    def caller(self, request: Received) -> str:
        """Return the customer's number, which stands in one of two places."""
        return at(request.json, "message", "customer", "number") or at(
            request.json, "message", "call", "customer", "number"
        )

    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Name the assistant, and fill its ``{{variables}}``."""
        assistant = request.query.get("assistant_id", "")
        chosen = {"assistantId": assistant} if assistant else {}
        return {**chosen, "assistantOverrides": {"variableValues": dict(variables)}}
