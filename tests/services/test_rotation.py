"""Keys are rotated while callers are served: nobody notices, and in the end the old key opens nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import insert, select, text, update
from tests.storage.factories import Store, open_store

from calbridge.domain.appointments import BookingRecord
from calbridge.domain.errors import UnavailableError
from calbridge.services.rotation import EXAMPLES, PASSES, Rotated, Rotation
from calbridge.storage.callers import Caller, Callers
from calbridge.storage.sealed import Sealed, Stretch
from calbridge.storage.secrets import ID_BYTES, KeyRing
from calbridge.storage.tables import accounts, bookings, new_id

OLD, NEW = "11" * 32, "22" * 32  # the store of these tests has the old one
RING = KeyRing.parse(f"{NEW},{OLD}")
CHUNK = 2_000


def uid(number: int) -> str:
    """Name a record; its caller's e-mail address is ``<uid>@example.com``."""
    return f"uid-{number}"


async def fill(store: Store, count: int) -> BookingRecord:
    """Write down many bookings under the old key, and return the first one."""
    first = replace(await store.record(uid(0)), email="uid-0@example.com")
    await store.bookings.record(first)
    callers = Callers(KeyRing.parse(OLD))
    async with store.database.read() as connection:
        row = dict((await connection.execute(select(bookings))).mappings().one())
    rows = []
    for number in range(1, count):
        row_id = new_id()
        caller = Caller("Ada", f"{uid(number)}@example.com", "", "")
        rows.append(row | {"id": row_id, "uid": uid(number)} | callers.columns(row_id, caller))
    async with store.database.write() as connection:
        for start in range(0, len(rows), CHUNK):
            await connection.execute(insert(bookings), rows[start : start + CHUNK])
    return first


@asynccontextmanager
async def served(url: str, first: BookingRecord, count: int) -> AsyncIterator[None]:
    """Have callers served meanwhile by a process of its own: it reads, writes, moves and erases, and must not fail."""
    store = open_store(url, RING)
    chance = random.Random(7)  # noqa: S311 - which rows is no secret
    enough = asyncio.Event()  # to stop between two statements: cancelled within one, a connection would be left behind

    async def read() -> None:
        while not enough.is_set():
            number = chance.randrange(20, count)
            found = await store.bookings.get(first.organization_id, uid(number))
            assert found is not None
            assert found.email == f"{uid(number)}@example.com"
            assert await store.accounts.connections(first.organization_id)
            await asyncio.sleep(0.002)

    async def write() -> None:
        while not enough.is_set():
            number = chance.randrange(20, count)
            again = replace(first, id=new_id(), uid=uid(number), email=f"{uid(number)}@example.com", status="accepted")
            await store.bookings.record(replace(again, status="cancelled"))
            await store.bookings.record(again)
            await asyncio.sleep(0.005)

    async def erase() -> None:
        for number in range(20):
            assert await store.bookings.erase_caller(first.organization_id, email=f"{uid(number)}@example.com") == 1
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        endless = [group.create_task(work) for work in (read(), read(), write(), write())]
        erasing = group.create_task(erase())
        yield
        await erasing
        assert not any(task.done() for task in endless)
        enough.set()
    await store.database.close()


async def rotate_under_load(url: str, store: Store, count: int) -> None:
    first = await fill(store, count)
    steps: list[tuple[int, int]] = []
    rotating = open_store(url, RING)
    async with served(url, first, count):
        rotated = await Rotation(rotating.sealed).run(lambda done, total: steps.append((done, total)))
    assert (rotated.unreadable, rotated.busy) == (0, 0)
    assert count + 1 - 20 <= rotated.checked <= count + 1
    assert steps == sorted(steps)
    assert steps[0][0] == 0
    assert count + 1 - 20 <= steps[0][1] <= count + 1, "some may be erased before all are counted"
    assert (await Rotation(rotating.sealed).run()).renewed == 0
    await rotating.database.close()
    newest = open_store(url, KeyRing.parse(NEW))
    newest_id = KeyRing.parse(NEW).newest_id
    async with newest.database.read() as connection:
        sealed = (await connection.scalars(select(bookings.c.sealed_caller))).all()
        keys = (await connection.scalars(select(accounts.c.sealed_key))).all()
    assert sealed.count(None) == 20, "what was erased meanwhile is not brought back"
    assert {value[:ID_BYTES] for value in (*sealed, *keys) if value is not None} == {newest_id}
    found = await newest.bookings.get(first.organization_id, uid(count - 1))
    assert found is not None
    assert found.email == f"{uid(count - 1)}@example.com"
    assert await newest.bookings.erase_caller(None, email=found.email) == 1
    await newest.database.close()


async def test_a_thousand_records_under_load(database_url: str, store: Store) -> None:
    await rotate_under_load(database_url, store, 1_000)


@pytest.mark.long
async def test_a_hundred_thousand_records_under_load(database_url: str, store: Store) -> None:
    await rotate_under_load(database_url, store, 100_000)


async def test_broken_off_it_is_simply_begun_again(database_url: str, store: Store) -> None:
    await fill(store, 500)
    rotating = open_store(database_url, RING)
    batches: list[int] = []

    def power_cut(done: int, _total: int) -> None:
        batches.append(done)
        if done > 200:
            raise UnavailableError

    with pytest.raises(UnavailableError):
        await Rotation(rotating.sealed).run(power_cut)
    rotated = await Rotation(rotating.sealed).run()
    assert rotated == Rotated(checked=501, renewed=500 - batches[-1] + 1, busy=0, unreadable=0, examples=())
    await rotating.database.close()


async def test_what_opens_under_no_key_stops_nothing(database_url: str, store: Store) -> None:
    first = await fill(store, 10)
    async with store.database.write() as connection:
        await connection.execute(update(bookings).where(bookings.c.id != first.id).values(sealed_caller=b"????????"))
    rotating = open_store(database_url, RING)
    rotated = await Rotation(rotating.sealed).run()
    assert (rotated.checked, rotated.renewed, rotated.busy, rotated.unreadable) == (11, 2, 0, 9)
    assert len(rotated.examples) == EXAMPLES
    assert all(example.startswith("bookings ") for example in rotated.examples)
    await rotating.database.close()


async def test_what_is_always_being_written_is_reported(postgres_url: str) -> None:
    store, rotating = open_store(postgres_url, KeyRing.parse(OLD)), open_store(postgres_url, RING)
    await fill(store, 3)
    async with store.database.write() as connection:
        await connection.execute(text("SELECT id FROM bookings LIMIT 1 FOR UPDATE"))
        rotated = await Rotation(rotating.sealed).run()
    assert rotated == Rotated(checked=4, renewed=3, busy=1, unreadable=0, examples=())
    assert (await Rotation(rotating.sealed).run()).renewed == 1
    for opened in (store, rotating):
        await opened.database.close()


async def test_a_table_with_somebody_in_the_way_is_walked_again_and_counted_once() -> None:
    progress: list[int] = []
    rotated = await Rotation(cast("Sealed", Script())).run(lambda done, _total: progress.append(done))
    assert rotated == Rotated(checked=3, renewed=2, busy=0, unreadable=1, examples=("bookings 1",))
    assert progress == [0, 3]


class Script:
    """A table of three values: one is being written until the last pass, one opens under no key."""

    tables = ("bookings",)

    def __init__(self) -> None:
        self.passes = 0

    async def count(self) -> int:
        """Count them."""
        return 3

    async def renew(self, _table: str, *, after: object, batch: int) -> Stretch:
        """Renew one in the first pass, and one in the last."""
        del batch
        if after is not None:
            return Stretch(None)
        self.passes += 1
        first, last = self.passes == 1, self.passes == PASSES
        return Stretch(new_id(), 3, renewed=int(first or last), busy=int(not last), unreadable=("bookings 1",))
