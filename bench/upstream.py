"""A Cal.com that costs next to nothing, as a process of its own: it waits as long as it is told to, and counts.

It speaks just enough HTTP/1.1 for clients that keep their connections: no chunked bodies, no pipelining. Under
``/bench/`` it is told what to do: how long to wait, which keys to leave hanging.
"""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import uvloop

from bench import calcom
from bench.processes import LOOPBACK

LIMIT_HEADERS = b"x-ratelimit-limit-default: 120\r\nx-ratelimit-remaining-default: 119\r\nx-ratelimit-reset-default: 60"
HEAD = (
    b"HTTP/1.1 %b\r\ncontent-type: application/json; charset=utf-8\r\n"
    + LIMIT_HEADERS
    + b"\r\ncontent-length: %d\r\n\r\n"
)
NO_SUCH_ROUTE = b'{"status":"error","error":{"code":"NotFoundException","message":"Cannot GET /"}}'
TOKEN = b"authorization: bearer "
LENGTH = b"content-length:"


@dataclass(slots=True)
class State:
    """What is shared by all connections. ``delay`` in seconds."""

    ledger: calcom.Ledger = field(default_factory=calcom.Ledger)
    delay: float = 0.0
    hung: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    listed: set[str] = field(default_factory=set)  # keys with which bookings were listed
    hanging: list[tuple[asyncio.Transport, bytes]] = field(default_factory=list)

    def told(self, orders: object) -> None:
        """Change what was asked to be changed; whoever hung on a key that hangs no more is answered."""
        match orders:
            case {"delay": float() | int() as delay}:
                self.delay = delay
            case {"hung": list() as hung}:
                self.hung = frozenset(hung)
                waiting, self.hanging = self.hanging, []
                for transport, answer in waiting:
                    _write(transport, answer)
            case _:
                raise ValueError("no order looks like that")


class Upstream(asyncio.Protocol):
    """One connection."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # of a stream, that is
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        """Answer when a request is whole."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        line, body = self._buffer.split(b"\r\n", 1)[0], self._buffer[end + 4 :]
        self._buffer = b""
        at = head.find(TOKEN)
        key = head[at + len(TOKEN) :].split(b"\r", 1)[0].decode() if at >= 0 else ""
        method, target, _ = line.decode().split(" ")
        self._handle(method, target, key, body)

    def _handle(self, method: str, target: str, key: str, body: bytes) -> None:
        state = self._state
        path, _, query = target.partition("?")
        if path.startswith("/bench/"):
            if method == "POST":
                state.told(json.loads(body))
            counts = {**state.counts, "accounts that were polled": len(state.listed)}
            _write(self._transport, _answer(b"200 OK", json.dumps(counts).encode()))
            return
        state.counts["total"] += 1
        state.counts[f"{method} {path}"] += 1
        answer = self._calcom(method, path, query, key, body)
        if key in state.hung:
            state.hanging.append((self._transport, answer))
        elif state.delay:
            self._loop.call_later(state.delay, partial(_write, self._transport, answer))
        else:
            self._transport.write(answer)

    def _calcom(self, method: str, path: str, query: str, key: str, body: bytes) -> bytes:
        account = int(key.removeprefix(calcom.KEY_PREFIX) or 0)
        match method, path:
            case "GET", "/v2/slots":
                asked = dict(part.split("=", 1) for part in query.split("&"))
                return _answer(b"200 OK", calcom.open_times(asked["start"][:10], asked["end"][:10]))
            case "GET", "/v2/bookings":
                self._state.listed.add(key)
                uid = next((part[11:] for part in query.split("&") if part.startswith("bookingUid=")), "")
                return _answer(b"200 OK", self._state.ledger.page(uid))
            case "POST", "/v2/bookings":
                return _answer(b"201 Created", self._state.ledger.book(account, body))
            case "GET", "/v2/me":
                return _answer(b"200 OK", calcom.me(account))
            case "GET", "/v2/event-types":
                return _answer(b"200 OK", calcom.event_types(account))
            case _:
                return _answer(b"404 Not Found", NO_SUCH_ROUTE)


def _answer(status: bytes, body: bytes) -> bytes:
    return HEAD % (status, len(body)) + body


def _write(transport: asyncio.Transport, answer: bytes) -> None:
    if not transport.is_closing():
        transport.write(answer)


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    state = State()
    server = await asyncio.get_running_loop().create_server(partial(Upstream, state), LOOPBACK, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
