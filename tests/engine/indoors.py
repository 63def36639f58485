"""The real application and the sandbox in one process, without sockets: here it can be broken off at any step.

The clock runs as the true one does, but can be put forward; besides, the product's own may be wrong.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from pydantic import SecretStr
from tests.api.clinic import settings
from tests.engine.stage import GIVES_UP_SECONDS, JWT_SECRET, let_pass

from calbridge.api.app import create_app
from calbridge.bootstrap import Container, open_container
from calbridge.sandbox.app import create_app as create_sandbox
from calbridge.storage.patience import FINISHING


@dataclass(frozen=True, slots=True)
class Address:
    """Something that answers HTTP."""

    url: str


class Indoors:
    """A scene for a practice."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.servers = (Address("http://calbridge.test"),)
        self.sandbox = Address("http://sandbox.test:5555")  # where the settings of tests look for Cal.com
        self._ahead = self._wrong = timedelta(0)
        self._calcom = create_sandbox(clock=self.clock)
        usual = settings(database_url, jwt_secret=SecretStr(JWT_SECRET))
        self._settings = replace(
            usual,
            calcom=usual.calcom.model_copy(update={"calcom_rate_limit": 100_000}),
            desk=usual.desk.model_copy(update={"settle_seconds": 120}),
        )
        self._app = create_app(
            partial(
                open_container,
                self._settings,
                transport=httpx.ASGITransport(self._calcom),
                clock=lambda: self.clock() + self._wrong,
                serving=True,
            )
        )
        self._running = AsyncExitStack()

    def clock(self) -> datetime:
        """The true time, and what was put forward."""
        return datetime.now(UTC) + self._ahead

    def client(self) -> httpx.AsyncClient:
        """A client of both."""
        mounts = {
            self.servers[0].url: httpx.ASGITransport(self._app, raise_app_exceptions=False),
            self.sandbox.url: httpx.ASGITransport(self._calcom),
        }
        return httpx.AsyncClient(mounts=mounts, timeout=GIVES_UP_SECONDS)

    def jump(self, by: timedelta) -> None:
        """Put the product's clock forward or back; neither Cal.com nor the database cares."""
        self._wrong += by

    async def advance(self, by: timedelta) -> None:
        """Have time pass for everything."""
        self._ahead += by
        await let_pass(self.database_url, by)

    async def poll(self) -> None:
        """Have the poller take its turn."""
        container: Container = self._app.state.container
        await container.poller.poll_due()

    async def open(self) -> None:
        """Start the application."""
        await self._running.enter_async_context(self._app.router.lifespan_context(self._app))

    async def close(self) -> None:
        """End it in good order."""
        await self._running.aclose()

    async def break_off(self) -> None:
        """Leave everything undone that is under way, then end: the nearest thing to being killed.

        But for single statements on SQLite: of these, whoever is killed has done all or nothing, too.
        """
        for task in _others():
            if task.get_name() != FINISHING:
                task.cancel()
        while others := _others():  # connections that were in use are closed by tasks of their own
            await asyncio.gather(*others, return_exceptions=True)
        await self.close()


def _others() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


@asynccontextmanager
async def open_indoors(database_url: str) -> AsyncIterator[Indoors]:
    """Open a scene in process."""
    scene = Indoors(database_url)
    await scene.open()
    try:
        yield scene
    finally:
        await scene.close()
