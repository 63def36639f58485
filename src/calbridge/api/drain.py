"""How a server takes its leave: it says so, waits for the balancer to notice, and then begins nothing new."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from calbridge.api.middleware import Render
from calbridge.domain.errors import UnavailableError

READS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger()


class Drain:
    """Whether the process is about to end. ``delay``: seconds between saying so and turning requests away."""

    def __init__(self, delay: float = 0) -> None:
        self._delay = delay
        self._waiting: asyncio.TimerHandle | None = None
        self._end: Callable[[], None] = lambda: None
        self.has_begun = False  # it is not ready any more, and serves all the same
        self.is_over = False  # nothing new begins

    def begin(self, end: Callable[[], None], *, at_once: bool = False) -> None:
        """Say that the process ends, and call ``end`` once the delay is over.

        Whoever says so again, or ``at_once``, does not want to wait; then, and from then on, it is called at once.
        Needs the running loop.
        """
        hurried = at_once or self.has_begun
        if not self.has_begun:
            log.info("server.draining", delay=0 if at_once else self._delay)
        self.has_begun = True
        self._end = end
        if hurried or not self._delay:
            self._finish()
        else:
            self._waiting = asyncio.get_running_loop().call_later(self._delay, self._finish)

    def _finish(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self.is_over = True
        self._end()


class TurnedAway:
    """Answers whatever would change something with "unavailable", once the server has been told to stop.

    Such a request can only come on a connection that was open already; nothing of it is sent to Cal.com.
    """

    def __init__(self, app: ASGIApp, render: Render, drain: Drain) -> None:
        self._app = app
        self._render = render
        self._drain = drain

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle one request."""
        if self._drain.is_over and scope["type"] == "http" and scope["method"] not in READS:
            return self._render(scope["path"], UnavailableError(), Request(scope))(scope, receive, send)
        return self._app(scope, receive, send)
