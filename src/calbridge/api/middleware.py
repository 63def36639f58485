"""Around every request, as plain ASGI: its id, its size, its media type, one log line, and never a bare 500."""

import json
import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calbridge.api.problems import InternalError, PayloadTooLargeError, UnsupportedMediaTypeError
from calbridge.domain.errors import CalbridgeError, InvalidRequestError

MAX_BODY_BYTES = 64 * 1024
MAX_VOICE_BODY_BYTES = 1024 * 1024  # voice platforms send what was said so far along, and the agent's own setup
SENT_BODY = "calbridge.sent_body"
_numbers = random.Random()  # noqa: S311 - names for requests, which need only differ
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
_JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.ASCII | re.IGNORECASE)

Render = Callable[[str, CalbridgeError, Request], Response]
Observe = Callable[[str, str, int, float], None]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = structlog.get_logger()


class Envelope:
    """Gives every answer its ``X-Request-Id``, logs it, and turns what nobody handled into the dialect's 500.

    A path counts the same with and without a trailing slash: voice platforms drop the body of a redirected request.
    ``render`` shapes an error for a path and the request to it; ``observe`` is told of every answer: method, route,
    status, seconds.
    """

    def __init__(self, app: ASGIApp, render: Render, observe: Observe) -> None:
        self._app = app
        self._render = render
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path = path.rstrip("/") or "/"
        sent = _header(scope, b"x-request-id")
        request_id = sent if _SANE_ID.fullmatch(sent) else f"{_numbers.getrandbits(128):032x}"
        started, status = time.perf_counter(), 0

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            return send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            log.exception("request.failed", method=scope["method"], route=_route(scope))
            if status:
                raise
            await self._render(path, InternalError(), Request(scope))(scope, receive, send_with_id)
        finally:
            seconds, method, route = time.perf_counter() - started, _method(scope), _route(scope)
            self._observe(method, route, status, seconds)
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
            structlog.contextvars.reset_contextvars(**bound)


class BodyLimit:
    """Reads the whole body before the application does: at most 64 KiB of JSON, whatever length was declared.

    Where ``is_long`` says so of a path, it may be a megabyte.

    Python's parser takes more than JSON (NaN, UTF-16), and of a name that comes twice the last: what a gateway in front
    of us has checked must be what we read. The body is kept as ``SENT_BODY`` in the scope. Below ``unread`` bodies are
    measured only: they are signed, and nothing of them is to be read before the signature.
    """

    def __init__(self, app: ASGIApp, render: Render, unread: str, is_long: Callable[[str], bool]) -> None:
        self._app = app
        self._render = render
        self._unread = unread
        self._is_long = is_long

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle one request."""
        has_body = scope["type"] == "http" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}
        return (self._limited if has_body else self._app)(scope, receive, send)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = _header(scope, b"content-length", absent="0")
        limit = MAX_VOICE_BODY_BYTES if self._is_long(scope["path"]) else MAX_BODY_BYTES
        fits = _LENGTH.fullmatch(declared) and int(declared) <= limit
        body = await _read(receive, limit) if fits else None
        if body is None:
            await self._refuse(PayloadTooLargeError(limit), scope, receive, send)
        elif scope["path"].startswith(self._unread):
            await self._app(scope, _replay(body, receive), send)
        elif body and not _JSON.fullmatch(_header(scope, b"content-type")):
            await self._refuse(UnsupportedMediaTypeError(), scope, receive, send)
        else:
            try:
                scope[SENT_BODY] = _strictly_parsed(body) if body else None
            except (ValueError, RecursionError):
                await self._refuse(InvalidRequestError("body", "is not valid JSON"), scope, receive, send)
                return
            await self._app(scope, _replay(body, receive), send)

    async def _refuse(self, error: CalbridgeError, scope: Scope, receive: Receive, send: Send) -> None:
        await self._render(scope["path"], error, Request(scope))(scope, receive, send)


def _header(scope: Scope, name: bytes, absent: str = "") -> str:
    """The first value of a header."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return absent


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Return the body, or None if it is too large or its sender has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _strictly_parsed(body: bytes) -> object:
    """Parse JSON as RFC 8259 has it. Raises ValueError, and RecursionError for what is nested too deeply."""
    return _strict.decode(body.decode())


def _with_each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name comes twice")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


_strict = json.JSONDecoder(object_pairs_hook=_with_each_name_once, parse_constant=_refuse)


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[MutableMapping[str, Any]]]:
    replayed = False

    async def again() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _method(scope: Scope) -> str:
    """The method, if it is one: a stranger may send any word, and each would be a label of its own."""
    return scope["method"] if scope["method"] in METHODS else "-"


def _route(scope: Scope) -> str:
    """The route's template, never the path: paths hold ids."""
    return str(getattr(scope.get("route"), "path", "-"))
