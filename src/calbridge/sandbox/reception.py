"""The way in and out: writes every request down, plays faults, and ends connections for real.

An ASGI middleware around the API; `/sandbox/` passes by untouched.
"""

import asyncio
import os
import socket
import struct
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, cast

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calbridge.sandbox.faults import Fault, Faults
from calbridge.sandbox.ledger import Entry, Ledger
from calbridge.sandbox.world import World

ENTRY = "calbridge.sandbox.entry"  # where the entry of the ledger stands in the scope
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger on, for no time: the kernel sends an RST


@dataclass(slots=True)
class Line:
    """A connection with a client, from the side of the server."""

    receive: Receive
    send: Send

    async def read(self) -> bytes:
        """Take the whole body of the request."""
        body, more = b"", True
        while more:
            message = await self.receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return body

    async def start(self, status: int, headers: MutableMapping[str, str], length: int) -> None:
        """Send the head of an answer that announces a body of that length."""
        headers["content-length"] = str(length)
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})

    async def write(self, part: bytes, *, more: bool) -> None:
        """Send a part of the body."""
        await self.send({"type": "http.response.body", "body": part, "more_body": more})

    async def hang_up(self, *, reset: bool) -> None:
        """End the connection here and now. Without a server in between, raise what its client would see.

        ASGI has no word for it, so this reaches for uvicorn's transport, whose cycle owns `receive`.
        """
        transport = getattr(getattr(self.receive, "__self__", None), "transport", None)
        if transport is None:
            raise httpx.ReadError("The sandbox ended the connection.")
        if reset:
            twin = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
            with twin:
                twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
        while (await self.receive())["type"] != "http.disconnect":
            pass


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reception:
    """The middleware."""

    def __init__(self, app: ASGIApp, world: World, ledger: Ledger, faults: Faults) -> None:
        self.app, self.world, self.ledger, self.faults = app, world, ledger, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request in and let its answer out, struck or not."""
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self.app(scope, receive, send)
            return
        line = Line(receive, send)
        raw = await line.read()
        entry = scope[ENTRY] = self._written_down(scope, raw)
        entry.user = self._owner_of_key(scope)
        fault = self.faults.pick(scope["method"], scope["path"], entry.user or "")
        answer = None
        if fault is None or fault.when == "after" or fault.kind == "delay":
            if fault and fault.when == "before":
                await asyncio.sleep(fault.seconds)
            answer = await self._effect(scope, raw)
            entry.status = answer.status
        if fault is None:
            await self._deliver(line, answer or Answer(500, {}, b""))
        else:
            await self._play(line, entry, fault, answer)

    def _written_down(self, scope: Scope, raw: bytes) -> Entry:
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        return self.ledger.write(scope["method"], scope["path"], query, headers, raw, self.world.now())

    def _owner_of_key(self, scope: Scope) -> str | None:
        sent = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        key = self.world.keys.get(sent.removeprefix("Bearer ").strip())
        return self.world.users[key.user_id].username if key else None

    async def _effect(self, scope: Scope, raw: bytes) -> Answer:
        """Let the API answer, and keep what it says."""
        answer = Answer(500, {}, b"")

        async def hand_over() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                pairs = cast("list[tuple[bytes, bytes]]", message["headers"])
                answer.status = message["status"]
                answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
            else:
                answer.body += cast("dict[str, Any]", message).get("body", b"")

        await self.app(scope, hand_over, keep)
        return answer

    async def _deliver(self, line: Line, answer: Answer) -> None:
        await line.start(answer.status, answer.headers, len(answer.body))
        await line.write(answer.body, more=False)

    async def _play(self, line: Line, entry: Entry, fault: Fault, answer: Answer | None) -> None:
        entry.fault = f"{fault.kind} {fault.when}"
        if not (fault.kind == "delay" and fault.when == "before"):
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drop":
            await line.hang_up(reset=fault.reset)
            return
        given = answer or Answer(200, {"content-type": "application/json; charset=utf-8"}, b"")
        if fault.replaces:
            given = Answer(*fault.struck(given.status, given.headers, given.body))
            entry.status = given.status
        if fault.kind == "cut":
            await line.start(given.status, given.headers, len(given.body))
            await line.write(given.body[: len(given.body) // 2], more=True)
            await line.hang_up(reset=fault.reset)
        elif fault.kind == "slow":
            await line.start(given.status, given.headers, len(given.body))
            at_once = max(1, int(fault.bytes_per_second / 10))
            for index in range(0, len(given.body), at_once):
                await line.write(given.body[index : index + at_once], more=True)
                await asyncio.sleep(at_once / fault.bytes_per_second)
            await line.write(b"", more=False)
        else:
            await self._deliver(line, given)
