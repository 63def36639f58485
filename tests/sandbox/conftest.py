"""A sandbox in process with a clock that stands still, and one behind a real socket."""

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock

from calbridge.sandbox.app import create_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Starlette:
    return create_app(clock=clock)


@pytest.fixture
async def call(app: Starlette) -> AsyncIterator[Caller]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        yield Caller(http)


@pytest.fixture(scope="session")
def address() -> Iterator[tuple[str, int]]:
    """Serve a sandbox, with the true clock, as `calbridge sandbox` does."""
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    server = uvicorn.Server(uvicorn.Config(create_app(), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield host, port
    server.should_exit = True
    thread.join(5)


@pytest.fixture
async def served(address: tuple[str, int]) -> AsyncIterator[Caller]:
    """Call the served sandbox, which is reset before."""
    host, port = address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=5) as http:
        await http.post("/sandbox/reset")
        yield Caller(http)
