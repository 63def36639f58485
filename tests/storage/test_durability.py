"""Which commits wait for the disk. What SQLite does is its own choice."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import ColumnElement, func, insert, literal, text
from tests.storage.factories import START

from calbridge.storage.database import Database
from calbridge.storage.tables import new_id, organizations

ATTEMPTS = 20  # the server writes its log by itself, too, now and then: also that of a commit that did not wait


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def waited_for_the_disk(database: Database, returned: ColumnElement[str]) -> bool:
    """Write a row, and tell whether its place in the log was on the disk when that was over."""
    row = {"id": new_id(), "name": "Smile Dental", "require_key": False, "created_at": START}
    written = insert(organizations).values(row).returning(func.pg_current_wal_insert_lsn().label("place"), returned)
    async with database.write_at_once() as connection:
        place = (await connection.execute(written)).one().place
        flushed = await connection.scalar(text("SELECT pg_current_wal_flush_lsn()"))
    return bool(flushed >= place)


async def test_a_swift_commit_does_not_wait_for_the_disk_and_every_other_does(database: Database) -> None:
    swift = [await waited_for_the_disk(database, database.swift()) for _ in range(ATTEMPTS)]
    usual = [await waited_for_the_disk(database, literal("")) for _ in range(ATTEMPTS)]  # on the same connection

    assert not all(swift)
    assert all(usual)
