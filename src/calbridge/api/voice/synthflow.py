"""Synthflow's custom actions.

* Request: composed by whoever made the action, with ``{call_id}``, ``{user_phone_number}`` (the caller of an inbound
  call, the callee of an outbound one), ``{from_phone_number}`` and ``{to_phone_number}`` wherever they want them.
  https://docs.synthflow.ai/variables, https://docs.synthflow.ai/about-custom-actions (2026-11-20)
* No signature on actions (its HMAC belongs to post-call webhooks): a header can hold an API key.
* Answer: any JSON; its fields become result variables of the action.
"""

from collections.abc import Sequence
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import members


class Synthflow(Platform):
    """Synthflow."""

    name: ClassVar[str] = "synthflow"

    def read(self, request: Received) -> Envelope:
        """Take the body for the arguments."""
        return Envelope((ToolCall("", "", members(request.json)),))

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields."""
        return dict(results[0].fields)
