"""Telnyx AI Assistants: the dynamic variables webhook, event ``assistant.initialization``.

https://developers.telnyx.com/docs/inference/ai-assistants/dynamic-variables, read 2026-11-20. Telnyx waits
``dynamic_variables_webhook_timeout_ms`` (1 to 10,000, by default 1,500) and then goes on with defaults. An answer that
does not wrap its variables is ignored.
"""

from collections.abc import Mapping

from calbridge.api.voice.contexts.pre_call import PreCall, at
from calbridge.api.voice.platform import Json, Received


class Telnyx(PreCall):
    """Telnyx's dynamic variables."""

    name = "telnyx"

    def caller(self, request: Received) -> str:
        """Return the number at the other end."""
        return at(request.json, "data", "payload", "telnyx_end_user_target")

    def answer(self, variables: Mapping[str, str], request: Received) -> Json:
        """Fill the assistant's ``{{variables}}``."""
        del request
        return {"dynamic_variables": dict(variables)}
