"""The SDK's sessions over streamable HTTP. To load them takes a second and sixteen mebibytes: ``door`` does it late."""

from collections.abc import Mapping

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request

from calbridge.bootstrap import Container
from calbridge.mcp.line import SCOPE, Line
from calbridge.mcp.server import Context, make_server


def make_sessions(services: Container) -> StreamableHTTPSessionManager:
    """Make what answers requests, without sessions of the protocol's own."""
    return StreamableHTTPSessionManager(make_server(services, _line_of), stateless=True, json_response=True)


def _line_of(context: Context) -> Line:
    scope: Mapping[str, object] = context.request.scope if isinstance(context.request, Request) else {}
    line = scope[SCOPE]
    if not isinstance(line, Line):  # nothing comes here but through the door
        raise TypeError(SCOPE)
    return line
