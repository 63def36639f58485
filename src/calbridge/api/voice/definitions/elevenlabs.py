"""ElevenLabs Agents: webhook tools, each as ``POST /v1/convai/tools`` takes it.

https://elevenlabs.io/docs/eleven-agents/customization/tools/server-tools · .../tools/tool-configuration/interruptions;
SDK elevenlabs/elevenlabs-python, ``types/webhook_tool_config_input.py``,
``types/webhook_tool_api_schema_config_input.py``, read 2026-11-20.

A property has exactly one source: a description for the model, a constant, or a dynamic variable. Those of the
platform begin with ``system__`` and are not shown to the model. Tool calls are not signed, hence the key in a header,
which names a secret of the workspace. ``disable_interruptions`` and ``force_pre_tool_speech`` are deprecated.
"""

from calbridge.api.voice.definitions.definition import KEY, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import Tool

CALL = {
    "call_id": {"type": "string", "dynamic_variable": "system__conversation_id"},
    "caller_number": {"type": "string", "dynamic_variable": "system__caller_id"},
}


class ElevenLabs(Definition):
    """ElevenLabs' webhook tools."""

    name = "elevenlabs"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array of bodies, one a tool."""
        return [{"tool_config": _tool(tool, toolbox)} for tool in toolbox.tools]


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    asked = {parameter.name: parameter.literal_schema() for parameter in tool.parameters}
    return {
        "type": "webhook",
        "name": tool.name,
        "description": tool.description,
        "response_timeout_secs": toolbox.patience,
        "execution_mode": "immediate",
        "pre_tool_speech": "force" if tool.changes else "auto",
        "interruption_mode": "disable_during_tool_and_turn" if tool.changes else "allow",
        "tool_error_handling_mode": "passthrough",
        "assignments": [{"source": "response", "dynamic_variable": field, "value_path": field} for field in tool.keeps],
        "api_schema": {
            "url": toolbox.url("elevenlabs", tool.action),
            "method": "POST",
            "content_type": "application/json",
            "request_headers": {"X-Api-Key": {"secret_id": KEY}},
            "request_body_schema": {
                "type": "object",
                "properties": {**asked, **CALL},
                "required": [*tool.required, *CALL],
            },
        },
    }
