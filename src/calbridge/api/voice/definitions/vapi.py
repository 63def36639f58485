"""Vapi: function tools, as ``POST /tool`` takes them one by one and an assistant's ``model.tools`` all together.

https://docs.vapi.ai/tools/custom-tools · https://docs.vapi.ai/tools/static-variables-and-aliases/static-parameters ·
https://docs.vapi.ai/tools/custom-tools-troubleshooting; repository VapiAI/docs, read 2026-11-20.

``parameters`` beside ``function`` are merged after the model's arguments and win over them: the model can neither see
nor change who calls. ``maxTokens`` belongs to the assistant's model; inside a tool, Vapi refuses it. There is no
``request-failed`` message: it would be said instead of the reason that an answer gives.
"""

from calbridge.api.voice.definitions.definition import LATE_MS, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import STILL_WAITING, Tool


class Vapi(Definition):
    """Vapi's function tools."""

    name = "vapi"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array of function tools."""
        return [_tool(tool, toolbox) for tool in toolbox.tools]


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    fixed = {
        "org_id": str(toolbox.organization_id),
        "agent_id": str(toolbox.agent_id),
        "call_id": "{{ call.id }}",
        "caller_number": "{{ customer.number }}",
    }
    return {
        "type": "function",
        "async": False,
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema()},
        "parameters": [{"key": key, "value": value} for key, value in fixed.items()],
        "server": {"url": toolbox.url("vapi", tool.action), "timeoutSeconds": toolbox.patience},
        "messages": [
            {"type": "request-start", "content": tool.filler},
            {"type": "request-response-delayed", "content": STILL_WAITING, "timingMilliseconds": LATE_MS},
        ],
    }
