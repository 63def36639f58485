"""Telnyx AI Assistants: webhook tools, as ``POST /v2/ai/assistants/{assistant_id}`` takes them in ``tools``.

https://developers.telnyx.com/docs/inference/ai-assistants/dynamic-variables; SDK team-telnyx/telnyx-python,
``types/ai/inference_embedding_webhook_tool_params.py``, read 2026-11-20.

``preset_body_fields`` are never shown to the model and win over what it gives. Telnyx signs every request by itself,
which proves who sends, and not whose number the configuration has put into the body: hence the key, which is an
integration secret. Not ``async``: the assistant would go on after 300 ms without having heard the answer.
"""

from calbridge.api.voice.definitions.definition import LATE_MS, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import STILL_WAITING, Tool

KEY = "{{#integration_secret}}calbridge_api_key{{/integration_secret}}"


class Telnyx(Definition):
    """Telnyx's webhook tools."""

    name = "telnyx"

    def tools(self, toolbox: Toolbox) -> Json:
        """Return an object with ``tools``."""
        return {"tools": [{"type": "webhook", "webhook": _tool(tool, toolbox)} for tool in toolbox.tools]}


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    return {
        "name": tool.name,
        "description": tool.description,
        "url": toolbox.url("telnyx", tool.action),
        "method": "POST",
        "headers": [{"name": "X-Api-Key", "value": KEY}],
        "async": False,
        "timeout_ms": toolbox.patience * 1000,
        "body_parameters": tool.schema(),
        "preset_body_fields": {
            "org_id": str(toolbox.organization_id),
            "agent_id": str(toolbox.agent_id),
            "call_id": "{{call_control_id}}",
            "caller_number": "{{telnyx_end_user_target}}",
        },
        "messages": [
            {"type": "request_start", "content": tool.filler},
            {"type": "request_response_delayed", "content": STILL_WAITING, "timing_ms": LATE_MS},
        ],
        "store_fields_as_variables": [{"name": field, "value_path": field} for field in tool.keeps],
    }
