"""Bland: custom tools, each as ``POST /v1/tools`` takes it.

https://docs.bland.ai/api-v1/post/tools · https://docs.bland.ai/tutorials/custom-tools ·
https://docs.bland.ai/agents/sip-headers (the names of the built-in variables), read 2026-11-20. Bland calls these tools
"legacy" by now, beside those of its visual builder; the API is the same.

The body is a template: ``{{input.name}}`` is what the model gives, other braces are variables of the call. The model
writes its own filler in ``speech``, which is part of its input; the tool's ``speech`` is for when it does not. Tool
calls are not signed, hence the key in a header.
"""

from calbridge.api.voice.definitions.definition import KEY, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import Tool

ANSWER = ("message", "action_required")  # what the agent needs of every answer; the rest is for code


class Bland(Definition):
    """Bland's custom tools."""

    name = "bland"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array of bodies, one a tool."""
        return [_tool(tool, toolbox) for tool in toolbox.tools]


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    asked = {parameter.name: parameter.literal_schema() for parameter in tool.parameters}
    speech = {"type": "string", "description": "What to say to the caller while the tool runs."}
    return {
        "name": tool.name,
        "description": tool.description,
        "speech": tool.filler,
        "url": toolbox.url("bland", tool.action),
        "method": "POST",
        "headers": {"Content-Type": "application/json", "X-Api-Key": KEY},
        "body": {
            **{name: f"{{{{input.{name}}}}}" for name in asked},
            "call_id": "{{call_id}}",
            "caller_number": "{{phone_number}}",
        },
        "input_schema": {
            "type": "object",
            "properties": {"speech": speech, **asked},
            "required": tool.required,
            "example": {
                "speech": tool.filler,
                **{parameter.name: parameter.example for parameter in tool.parameters if parameter.required},
            },
        },
        "response": {field: f"$.{field}" for field in (*ANSWER, *tool.keeps)},
        "timeout": toolbox.patience * 1000,
    }
