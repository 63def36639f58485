"""Bland's custom tools and webhook nodes.

* Request: the body is a template of whoever made the tool: ``"date": "{{input.date}}"``, or all in one as
  ``"slot": "{{input}}"``, which is an object as text. Date and time come apart in Bland's own example.
  https://docs.bland.ai/tutorials/custom-tools (2026-11-20)
* Variables of every call: ``{{phone_number}}`` (always the other party), ``{{call_id}}``, ``{{from}}``, ``{{to}}``.
  https://docs.bland.ai/tutorials/webhooks (2026-11-20)
* No signature on tools: a header of the tool's can hold an API key.
* Answer: any JSON; ``response`` maps fields to variables by JSONPath, as in ``"$.message"``.
"""

from collections.abc import Sequence
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import members


class Bland(Platform):
    """Bland."""

    name: ClassVar[str] = "bland"

    def read(self, request: Received) -> Envelope:
        """Take the body for the arguments."""
        return Envelope((ToolCall("", "", members(request.json)),))

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields, which a JSONPath reaches in one step."""
        return dict(results[0].fields)
