"""Sealed values are sealed anew under the newest key: each once, none that somebody is writing, none that is broken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.storage.factories import Store, open_store
from tests.storage.raw import holds, rows, sealed_caller

from calbridge.storage.bookings import Bookings
from calbridge.storage.sealed import Sealed, Stretch
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import accounts, bookings

OLD, NEW = "11" * 32, "22" * 32  # the store of these tests has the old one
RING = KeyRing.parse(f"{NEW},{OLD}")


async def sealed_key(store: Store, account_id: UUID) -> bytes:
    async with store.database.read() as connection:
        sealed = await connection.scalar(select(accounts.c.sealed_key).where(accounts.c.id == account_id))
    assert sealed is not None
    return bytes(sealed)


async def walk(sealed: Sealed, table: str, batch: int) -> list[Stretch]:
    after, found = None, []
    while (stretch := await sealed.renew(table, after=after, batch=batch)).last is not None:
        found.append(stretch)
        after = stretch.last
    return found


async def test_everything_is_renewed_once_and_opens_under_the_newest_key_alone(database_url: str, store: Store) -> None:
    written = await store.record()
    private = await store.private(await store.agent(written.organization_id))
    erased = await store.account(written.organization_id, 2)
    await store.accounts.disconnect(written.organization_id, erased.id)
    sealed = Sealed(store.database, RING)
    assert sealed.tables == ("accounts", "webhooks", "voice_secrets", "bookings", "intents")
    assert await sealed.count() == 3
    old = [await sealed_key(store, written.account_id), await sealed_caller(store, written.id)]
    assert [(each.seen, each.renewed) for table in sealed.tables for each in await walk(sealed, table, 10)] == [
        (2, 2),
        (1, 1),
    ]
    before = await rows(store)
    assert [(each.seen, each.renewed) for table in sealed.tables for each in await walk(sealed, table, 10)] == [
        (2, 0),
        (1, 0),
    ]
    assert await rows(store) == before
    assert not any([await holds(store, database_url, each) for each in old if each])
    newest = open_store(database_url, KeyRing.parse(NEW))
    assert await newest.bookings.get(written.organization_id, written.uid) == written
    (connection,) = await newest.accounts.connections(written.organization_id)
    assert connection.access.api_key == "cal_live_secret"
    assignment = await newest.agents.assignment(private.organization_id, private.agent_id or private.id)
    assert assignment is not None
    assert assignment.connection is not None
    assert assignment.connection.access.api_key == "cal_live_private"
    assert await newest.bookings.erase_caller(None, phone=written.phone) == 1
    await newest.database.close()


async def test_stretches_follow_one_another(store: Store) -> None:
    organization = await store.organization()
    ids = [(await store.account(organization.id, number)).id for number in range(5)]
    stretches = await walk(Sealed(store.database, RING), "accounts", 2)
    assert [(each.last, each.seen, each.renewed) for each in stretches] == [
        (ids[1], 2, 2),
        (ids[3], 2, 2),
        (ids[4], 1, 1),
    ]


async def test_hashes_that_are_missing_are_made_up_for(store: Store) -> None:
    written = await store.record()
    async with store.database.write() as connection:
        await connection.execute(update(bookings).values(phone_hash=None, email_hash=None))
    assert [each.renewed for _ in range(2) for each in await walk(store.sealed, "bookings", 10)] == [1, 0]
    assert await store.bookings.erase_caller(None, email=written.email) == 1


async def test_a_caller_without_phone_and_email_is_renewed_once(store: Store) -> None:
    await store.bookings.record(replace(await store.record(), phone="", email=""))
    sealed = Sealed(store.database, RING)
    assert [each.renewed for _ in range(2) for each in await walk(sealed, "bookings", 10)] == [1, 0]


async def test_what_opens_under_no_key_is_named_and_left_and_the_rest_is_done(store: Store) -> None:
    organization = await store.organization()
    first, second, third = [await store.account(organization.id, number) for number in range(3)]
    async with store.database.write() as connection:
        broken = update(accounts).where(accounts.c.id == second.id)
        await connection.execute(broken.values(sealed_key=await sealed_key(store, first.id)))
    left = await sealed_key(store, second.id)
    (stretch,) = await walk(Sealed(store.database, RING), "accounts", 10)
    assert stretch == Stretch(third.id, seen=3, renewed=2, unreadable=(f"accounts {second.id}",))
    assert await sealed_key(store, second.id) == left


@pytest.mark.parametrize("what", ["changed", "erased"])
async def test_what_somebody_writes_meanwhile_is_passed_over_and_never_undone(postgres_url: str, what: str) -> None:
    store, rotating = open_store(postgres_url, KeyRing.parse(OLD)), open_store(postgres_url, RING)
    written = await store.record()
    values = {"status": "cancelled"} if what == "changed" else {"sealed_caller": None}
    async with store.database.write() as connection:
        await connection.execute(update(bookings).values(values))
        (stretch,) = await walk(rotating.sealed, "bookings", 10)
        assert (stretch.seen, stretch.renewed, stretch.busy) == (1, 0, 1)
    again = await walk(rotating.sealed, "bookings", 10)
    assert [each.renewed for each in again] == ([1] if what == "changed" else [])
    now = await rotating.bookings.get(written.organization_id, written.uid)
    assert now is not None
    assert (now.status, now.name) == (("cancelled", written.name) if what == "changed" else ("accepted", ""))
    for opened in (store, rotating):
        await opened.database.close()


@pytest.mark.parametrize("gone", ["phone", "everything"])
async def test_what_is_erased_between_reading_and_writing_stays_erased(
    store: Store, rival: Store, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    written = await store.record()
    write = store.database.write

    @asynccontextmanager
    async def late() -> AsyncIterator[AsyncConnection]:
        if gone == "everything":
            await rival.bookings.erase_caller(None, phone=written.phone)
        else:
            await rival.bookings.record(replace(written, phone=""))
        async with write() as connection:
            yield connection

    monkeypatch.setattr(store.database, "write", late)
    (stretch,) = await walk(Sealed(store.database, RING), "bookings", 10)
    assert stretch.renewed == (0 if gone == "everything" else 1)
    monkeypatch.undo()
    now = await open_bookings(store, RING).get(written.organization_id, written.uid)
    assert now is not None
    assert (now.phone, now.name) == ("", "" if gone == "everything" else written.name)
    assert (await sealed_caller(store, written.id) is None) == (gone == "everything")


def open_bookings(store: Store, keys: KeyRing) -> Bookings:
    """Read the records of a store with other keys."""
    return Bookings(store.database, keys)
