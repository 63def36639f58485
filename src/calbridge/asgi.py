"""The application factory that uvicorn imports: settings from the environment, one container, all doors."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from importlib.util import find_spec
from types import FrameType

from fastapi import FastAPI

from calbridge.api.app import create_app
from calbridge.api.drain import Drain
from calbridge.bootstrap import Container, open_container
from calbridge.mcp.door import McpDoor
from calbridge.services.in_flight import InFlight
from calbridge.settings import Settings
from calbridge.telemetry import logs

ENDING = (signal.SIGTERM, signal.SIGINT)
COLLECTED_AFTER = (50_000, 20, 20)  # objects more than there were; then generations, counted in collections


def app() -> FastAPI:
    """Make the application from the environment."""
    settings = Settings.load()
    logs.configure(settings.server.log_level, settings.server.log_format)
    token = settings.server.metrics_token
    drain = Drain(settings.server.drain_delay)
    return compose(
        partial(_open, settings, drain),
        docs=settings.server.docs,
        metrics_token=token.get_secret_value() if token and token.get_secret_value() else None,
        drain=drain,
    )


def compose(
    open_container: Callable[[], AbstractAsyncContextManager[Container]],
    *,
    docs: bool = True,
    metrics_token: str | None = None,
    drain: Drain | None = None,
) -> FastAPI:
    """Make one application of all doors, over one container; ``create_app`` tells what the rest is."""
    mcp = _mcp_door()
    if mcp is None:
        return create_app(open_container, docs=docs, metrics_token=metrics_token, drain=drain)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Container]:
        async with open_container() as container, mcp.opened(container):
            yield container

    return create_app(opened, docs=docs, metrics_token=metrics_token, drain=drain, routes=[mcp.route])


def _mcp_door() -> McpDoor | None:
    """Make the door for the Model Context Protocol, or none where its SDK, an optional extra, is not installed."""
    return None if find_spec("mcp") is None else McpDoor()


@asynccontextmanager
async def _open(settings: Settings, drain: Drain) -> AsyncIterator[Container]:
    async with open_container(settings, serving=True) as container:
        with draining_first(drain, container.in_flight), seldom_collecting():
            yield container


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Have the garbage collector leave alone what is there for good, and look at the rest less often.

    To go through everything that was imported takes longer than to answer a call, and whoever is on the phone waits
    for it. What a request leaves behind is mostly free of cycles, and gone without a collector.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def draining_first(drain: Drain, in_flight: InFlight) -> Iterator[None]:
    """Have the process drain before the server, which handles the signals by now, hears of one and stops.

    uvicorn has no hook for that, and a supervisor of several workers makes each worker's server itself; but in each of
    them the application opens after the server has set its handlers, so they can be put off from here. SIGINT is what
    somebody at a terminal sends, who does not want to wait.
    """
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in ENDING}

    def stop(number: int, frame: FrameType | None) -> None:
        in_flight.hurry()
        handler = servers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    def heard(number: int, frame: FrameType | None) -> None:
        at_once = number == signal.SIGINT
        loop.call_soon_threadsafe(partial(drain.begin, partial(stop, number, frame), at_once=at_once))

    for number in ENDING:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in servers.items():
            signal.signal(number, handler)
