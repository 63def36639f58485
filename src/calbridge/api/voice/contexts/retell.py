"""Retell: the inbound webhook of a phone number, for calls (``call_inbound``) and text messages (``chat_inbound``).

https://docs.retellai.com/features/inbound-call-webhook, read 2026-11-20. Retell waits 10 seconds and asks up to three
times more, while the phone rings. Dynamic variables are texts.
"""

from collections.abc import Mapping

from calbridge.api.voice.contexts.pre_call import PreCall, at
from calbridge.api.voice.platform import Json, Received

EVENTS = ("call_inbound", "chat_inbound")


class Retell(PreCall):
    """Retell's inbound webhook."""

    name = "retell"

    def caller(self, request: Received) -> str:
        """Return the number of whoever calls or writes."""
        return at(request.json, _event(request), "from_number")

    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Fill the agent's ``{{variables}}``; the agent stays the one of the number."""
        return {_event(request): {"dynamic_variables": dict(variables)}}


def _event(request: Received) -> str:
    event = at(request.json, "event")
    return event if event in EVENTS else EVENTS[0]
