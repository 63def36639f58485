"""The MCP server on standard input and output, for one agent: whoever starts the process is who it trusts."""

from mcp.server.stdio import stdio_server

from calbridge.bootstrap import Container
from calbridge.mcp.line import Line
from calbridge.mcp.server import make_server


async def serve(services: Container, line: Line) -> None:
    """Serve until standard input ends."""
    server = make_server(services, lambda _context: line)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
