"""Any other platform that composes an HTTP request: what to send where, in plain words of JSON Schema.

``fixed`` is what the platform should fill in by itself, never the model: the braces stand for its own templates.
"""

from calbridge.api.voice.definitions.definition import KEY, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import Tool


class Generic(Definition):
    """Tools for whoever sends JSON."""

    name = "generic"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array of tools."""
        return [_tool(tool, toolbox) for tool in toolbox.tools]


def _tool(tool: Tool, toolbox: Toolbox) -> Json:
    return {
        "name": tool.name,
        "description": tool.description,
        "method": "POST",
        "url": toolbox.url("generic", tool.action),
        "headers": {"Content-Type": "application/json", "X-Api-Key": KEY},
        "parameters": tool.schema(),
        "fixed": {"call_id": "{{call_id}}", "caller_number": "{{caller_number}}"},
        "timeout_seconds": toolbox.patience,
        "speech": tool.filler,
        "interruptible": not tool.changes,
    }
