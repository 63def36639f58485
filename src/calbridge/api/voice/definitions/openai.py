"""OpenAI: function tools for the Realtime and the Responses API, which your own code carries out.

https://platform.openai.com/docs/guides/realtime-conversations#function-calling, read 2026-11-20.

The model's call comes to your code as an item ``function_call``, whose ``arguments`` are JSON text. Post them to the
generic door, and send what comes back as ``function_call_output``.
"""

from calbridge.api.voice.definitions.definition import Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox


class OpenAi(Definition):
    """OpenAI's function tools."""

    name = "openai"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array for ``session.tools`` or ``tools``."""
        return [
            {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema()}
            for tool in toolbox.tools
        ]
