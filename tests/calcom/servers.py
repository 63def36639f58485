"""Servers on real sockets that treat whoever calls as badly as a test wants."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answer = Callable[["Conversation"], Awaitable[None]]


class Conversation:
    """One request, read to its end, and the connection that it came by."""

    def __init__(self, server: "Server", writer: asyncio.StreamWriter, connection: int) -> None:
        self.request = len(server.requests)  # 1 for the first one of the server
        self.connection = connection  # likewise
        self.writer = writer

    async def reply(self, body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> None:
        """Answer; ``length`` promises another length than that of the body."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode() + body)
        await self.writer.drain()

    async def close(self) -> None:
        """Close in good manners: a FIN."""
        self.writer.close()

    async def reset(self) -> None:
        """Tear the connection down: a RST."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Server:
    """Keeps what it was asked, whole requests only."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""
        self.asked = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        connection = self.connections
        try:
            while not writer.is_closing():
                self.requests.append(await _request(reader))
                self.asked.set()
                await self._answer(Conversation(self, writer, connection))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the other side has gone, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        """End all conversations."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    """Serve on a free port of 127.0.0.1; ``answer`` is called for every request that has arrived in full."""
    server = Server(answer)
    listener = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await server.stop()
        await listener.wait_closed()


def port_without_server() -> int:
    """Return a port of 127.0.0.1 where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
