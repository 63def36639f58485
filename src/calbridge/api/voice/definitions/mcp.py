"""MCP: the entry for a client's list of servers. The client asks the server itself for the tools.

https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http, read 2026-11-20. There is no
standard for such lists; this is the form that most clients read.
"""

from calbridge.api.voice.definitions.definition import KEY, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox


class Mcp(Definition):
    """A server for MCP clients."""

    name = "mcp"

    def tools(self, toolbox: Toolbox) -> Json:
        """Return an object with ``mcpServers``."""
        server = {
            "type": "http",
            "url": f"{toolbox.base_url}/mcp",
            "headers": {"Authorization": f"Bearer {KEY}", "X-Agent-Id": str(toolbox.agent_id)},
        }
        return {"mcpServers": {"calbridge": server}}
