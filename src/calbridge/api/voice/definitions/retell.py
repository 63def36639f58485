"""Retell: custom functions, as ``PATCH /update-retell-llm/{llm_id}`` takes them in ``general_tools``.

https://docs.retellai.com/build/single-multi-prompt/custom-function; SDK RetellAI/retell-typescript-sdk,
``src/resources/llm.ts``, ``CustomTool``, read 2026-11-20.

The envelope tells the call and the caller, and is signed, so nothing is fixed here. ``max_retry`` (0 to 5, by default
0) repeats a request after any failure: one repetition, since a repeated wish is only told again.
"""

from calbridge.api.voice.definitions.definition import Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import Tool


class Retell(Definition):
    """Retell's custom functions."""

    name = "retell"

    def tools(self, toolbox: Toolbox) -> Json:
        """Return an object with ``general_tools``."""
        return {"general_tools": [_tool(tool, toolbox) for tool in toolbox.tools]}


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    return {
        "type": "custom",
        "name": tool.name,
        "description": tool.description,
        "url": toolbox.url("retell", tool.action),
        "method": "POST",
        "args_at_root": False,
        "parameter_type": "json",
        "parameters": tool.schema(),
        "response_variables": {field: field for field in tool.keeps},
        "speak_during_execution": True,
        "execution_message_type": "static_text",
        "execution_message_description": tool.filler,
        "speak_after_execution": True,
        "timeout_ms": toolbox.patience * 1000,
        "max_retry": 1,
    }
