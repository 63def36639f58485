"""The load generator's own HTTP: requests are bytes that were made before, answers are read just far enough."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

STALE_SECONDS = 2.0  # the server closes a connection that was idle for five
LENGTH = b"content-length:"
AGAIN = "this connection is gone"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether all is done that was asked: 202 says that nobody knows."""
        return self.status in {HTTPStatus.OK, HTTPStatus.CREATED}


def request_of(method: str, path: str, body: object = None, **headers: str) -> bytes:
    """Write a request."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if content:
        lines += ["content-type: application/json", f"content-length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


class _Connection(asyncio.Protocol):
    """One connection: one question at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._whole = -1
        self._answer: asyncio.Future[Answer] | None = None
        self.used_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # of a stream, that is

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        self._buffer.clear()
        self._whole = -1
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._whole < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            at = head.index(LENGTH) + len(LENGTH)  # whoever sends anything else is not measured here
            self._start = end + 4
            self._whole = self._start + int(head[at:].split(b"\r", 1)[0])
        if len(self._buffer) >= self._whole and self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(int(self._buffer[9:12]), bytes(self._buffer[self._start : self._whole])))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError(AGAIN))

    def is_usable(self, now: float) -> bool:
        return not self._transport.is_closing() and now - self.used_at < STALE_SECONDS

    def close(self) -> None:
        self._transport.close()


class Client:
    """Asks one server, over as many connections as there are questions at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections, also those that wait for an answer."""
        for connection in self._open:
            connection.close()

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. Raises OSError."""
        loop = asyncio.get_running_loop()
        connection = await self._connection(loop.time())
        answer = await connection.ask(request)
        connection.used_at = loop.time()
        self._idle.append(connection)
        return answer

    async def _connection(self, now: float) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable(now):
                return connection
            connection.close()
            self._open.discard(connection)
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
        self._open.add(connection)
        return connection
