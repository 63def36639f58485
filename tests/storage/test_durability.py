"""Which commits wait for the disk. What SQLite does is its own choice."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import ColumnElement, func, insert, literal, text
from tests.storage.factories import START, Store, open_store, record
from tests.storage.wishes import begun, draft

from calbridge.domain.intents import Draft, Name, State
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id, organizations

IS_ON_DISK = "SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()"
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


async def intents_on_disk(store: Store, wish: Draft, *, swift: bool) -> list[bool]:
    """Settle intents with their bookings, and tell of each whether the log was on the disk when that was over."""
    on_disk = []
    for number in range(ATTEMPTS):
        name = Name(f"{swift} {number}", wish.name.lifetime)
        intent = await begun(store, replace(wish, name=name, claim=name.key))
        made = record(wish.organization_id, wish.account_id, wish.agent_id, f"{swift} {number}")
        assert await store.intents.settle(intent, State.CONFIRMED, uid=made.uid, records=[made], swift=swift)
        async with store.database.read() as connection:
            on_disk.append(
                bool(await connection.scalar(text("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()")))
            )
    return on_disk


async def test_an_intent_is_settled_without_waiting_only_if_that_is_said(postgres_url: str, keys: KeyRing) -> None:
    store = open_store(postgres_url, keys)
    wish = await draft(store)

    assert not all(await intents_on_disk(store, wish, swift=True))
    assert any(await intents_on_disk(store, wish, swift=False))  # others write to the log meanwhile
    await store.database.close()


async def test_a_swift_commit_does_not_wait_for_the_disk_and_every_other_does(database: Database) -> None:
    swift = [await waited_for_the_disk(database, database.swift()) for _ in range(ATTEMPTS)]
    usual = [await waited_for_the_disk(database, literal("")) for _ in range(ATTEMPTS)]  # on the same connection

    assert not all(swift)
    assert all(usual)
