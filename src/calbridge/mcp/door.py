"""The MCP server over streamable HTTP: who calls and which agent is meant, by headers and query.

Facts of the protocol and of those who speak it, read on 2026-11-20:

* https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http: one path that takes POST;
  the newest revision has no sessions. https://py.sdk.modelcontextprotocol.io (mcp 2.3): both eras on one path.
* https://docs.vapi.ai/mcp, https://docs.vapi.ai/tools/mcp/configure: a connection of its own for every execution of a
  tool, so the protocol's session is not the call; each request carries ``X-Call-Id`` (in chats ``X-Chat-Id``), and
  headers may have variables.
* https://docs.retellai.com/build/conversation-flow/mcp-node: headers and query parameters of one's own.

So it is served without sessions, which would bind a client to one worker, and answered with plain JSON: nothing is ever
streamed, and a proxy that buffers does no harm.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from calbridge.bootstrap import Container
from calbridge.domain.access import Scope as Permission
from calbridge.domain.errors import ForbiddenError, InvalidRequestError, UnavailableError
from calbridge.domain.ids import parse_uuid
from calbridge.mcp.line import SCOPE, Line
from calbridge.services.access import shown
from calbridge.tools import understand

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"
AGENT = ("x-agent-id", "agent_id")
CALLER = ("x-caller-number", "caller_number")
CALL = ("x-call-id", "call_id")
CHAT = ("x-chat-id", "chat_id")


class McpDoor:
    """An ASGI application for one path. Errors rise to the application around it, which shapes them.

    It is open while ``opened`` is. A request with an ``Origin`` is a browser's, and is refused: nobody serves pages
    that may call here, and a page that has our name resolve to itself (DNS rebinding) sends one, too. ``Host`` is not
    looked at, since behind a proxy it may be anything; without a credential it opens nothing anyway.
    """

    def __init__(self) -> None:
        self._services: Container | None = None
        self._sessions: _Sessions | None = None
        # Where it is reached. There is no stream to GET and no session to DELETE.
        self.route = Route(PATH, self, methods=["POST"], include_in_schema=False)

    @asynccontextmanager
    async def opened(self, services: Container) -> AsyncIterator[None]:
        """Serve over the container."""
        self._services, self._sessions = services, _Sessions(services)
        try:
            yield
        finally:
            sessions = self._sessions
            self._services = self._sessions = None
            await sessions.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        scope["route"] = self.route  # for the log and the metrics: FastAPI tells them of its own routes only
        if self._services is None or self._sessions is None:
            raise UnavailableError
        line = await _admitted(Request(scope), self._services)
        sessions = await self._sessions.opened()
        await sessions.handle_request({**scope, SCOPE: line}, receive, send)


class _Sessions:
    """The SDK's side, which is there from the first request that was let in: most servers never get one.

    It is loaded in a thread, so that other callers are answered meanwhile, and lives in a task of its own: whoever
    opens its task group has to close it.
    """

    def __init__(self, services: Container) -> None:
        self._services = services
        self._living: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[StreamableHTTPSessionManager] = asyncio.get_running_loop().create_future()

    async def opened(self) -> "StreamableHTTPSessionManager":
        """Return it when it is there."""
        if self._living is None:
            self._living = asyncio.create_task(self._live(), context=Context())  # not the request's
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        """End it, if it has begun."""
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)

    async def _live(self) -> None:
        try:
            sessions = await asyncio.to_thread(_loaded, self._services)
            async with sessions.run():
                self._opened.set_result(sessions)
                await asyncio.Event().wait()
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)
        finally:
            self._opened.cancel()


def _loaded(services: Container) -> "StreamableHTTPSessionManager":
    from calbridge.mcp.sessions import make_sessions  # noqa: PLC0415 - see there

    return make_sessions(services)


async def _admitted(request: Request, services: Container) -> Line:
    """Check who calls; whether the agent is theirs is found out when its calendar is needed."""
    if "origin" in request.headers:
        raise ForbiddenError
    proofs = shown(request.headers.getlist("authorization"), request.headers.getlist("x-api-key"))
    gatekeeper = services.gatekeeper
    credential = gatekeeper.require(await gatekeeper.credential(*proofs), Permission.MANAGE)
    agent = parse_uuid(_told(request, AGENT))
    if agent is None:
        raise InvalidRequestError("agent_id", "must be a UUID: in the query, or as the header X-Agent-Id")
    return Line(
        organization_id=gatekeeper.own(credential),
        agent_id=agent,
        credential=credential,
        call_id=_read(understand.session, _told(request, CALL) or _told(request, CHAT)),
        # Callers who withhold their number come as a word, or as a template that nobody filled in.
        caller=_read(understand.phone, _told(request, CALLER)),
        address=request.client.host if request.client else "",
    )


def _told(request: Request, names: tuple[str, str]) -> str:
    """Return what header and query say. Raises InvalidRequestError where they disagree."""
    header, parameter = names
    # In a query, a plus that nobody has encoded arrives as a blank.
    queried = (f"+{value[1:]}" if value.startswith(" ") else value for value in request.query_params.getlist(parameter))
    said = {value.strip() for value in (*request.headers.getlist(header), *queried)}
    said = {value for value in said if not understand.absent(value) and understand.is_filled_in(value)}
    if len(said) > 1:
        raise InvalidRequestError(parameter, "is told twice, and not the same")
    return said.pop() if said else ""


def _read(reader: Callable[[str], str], text: str) -> str:
    """Read what is good to know and not needed; what cannot be read is not known."""
    try:
        return reader(text) if text else ""
    except ValueError:
        return ""
