"""Work on the database that is cancelled at any instant leaves nothing locked and nothing open."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select
from tests.storage.factories import START

from calbridge.domain.errors import UnavailableError
from calbridge.storage import database as storage
from calbridge.storage.database import Database
from calbridge.storage.patience import finished
from calbridge.storage.tables import new_id, organizations

ROUNDS = 80


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """An SQLite file: PostgreSQL's driver knows how to cancel."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


async def write(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(
            organizations.insert().values(id=new_id(), name="Clinic", require_key=False, created_at=START)
        )
        await connection.execute(select(func.count()).select_from(organizations))


async def read(database: Database) -> None:
    async with database.read() as connection:
        await connection.execute(select(func.count()).select_from(organizations))


@pytest.mark.parametrize("seed", range(3))
async def test_a_cancelled_statement_leaves_the_database_to_the_others(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(ROUNDS):
        work = [asyncio.create_task(chance.choice([write, read])(database)) for _ in range(chance.randint(1, 12))]
        if chance.random() < 0.5:
            for _ in range(chance.randint(0, 40)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(chance.random() * 0.004)
        for task in work:
            task.cancel()
        if chance.random() < 0.3:  # and some are in a hurry
            await asyncio.sleep(0)
            for task in work:
                task.cancel()
        done = await asyncio.gather(*work, return_exceptions=True)
        assert {type(each) for each in done} <= {type(None), asyncio.CancelledError}
        async with asyncio.timeout(4):
            await write(database)


async def test_a_cancellation_waits_for_what_it_would_interrupt() -> None:
    steps = []

    async def work() -> None:
        for step in range(5):
            await asyncio.sleep(0)
            steps.append(step)

    task = asyncio.create_task(finished(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == [0, 1, 2, 3, 4]


async def test_what_fails_while_it_is_waited_for_is_not_louder_than_the_cancellation() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError

    task = asyncio.create_task(finished(fail()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closing_waits_for_what_nobody_waits_for_any_more(database: Database) -> None:
    work = [asyncio.create_task(write(database)) for _ in range(5)]
    await asyncio.sleep(0)
    await database.close()
    assert [task.done() for task in work] == [True] * 5
    assert await asyncio.gather(*work) == [None] * 5


async def test_what_is_closed_opens_no_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.close()
    monkeypatch.setattr(storage, "POOL_SECONDS", 0.01)
    with pytest.raises(UnavailableError):
        await read(database)
