"""Callers can be found by phone and e-mail, and erased from the records, without a trace in the database."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from tests.storage.factories import START, Store, open_store
from tests.storage.raw import holds, sealed_caller

from calbridge.domain.appointments import BookingRecord
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import bookings, new_id

ADA = {"phone": "+442079460000", "email": "ada@example.com"}


def without_caller(written: BookingRecord) -> BookingRecord:
    """What is left of a record."""
    return replace(written, name="", email="", phone="", notes="", call_session_id="")


async def hashes(store: Store) -> list[bytes | None]:
    async with store.database.read() as connection:
        found = (await connection.execute(select(bookings.c.phone_hash, bookings.c.email_hash))).all()
    return [each for row in found for each in row]


@pytest.mark.parametrize(
    "by",
    [
        {"phone": ADA["phone"]},
        {"email": ADA["email"]},
        ADA,
        {"phone": ADA["phone"], "email": "somebody@else.example"},
        {"email": " ADA@Example.com "},
    ],
)
async def test_a_caller_is_erased_and_the_record_stays(store: Store, by: dict[str, str]) -> None:
    written = await store.record()
    assert await store.bookings.erase_caller(None, **by) == 1
    assert await store.bookings.get(written.organization_id, written.uid) == without_caller(written)
    assert await hashes(store) == [None, None]
    assert await store.bookings.erase_caller(None, **by) == 0


async def test_another_caller_is_not(store: Store) -> None:
    written = await store.record()
    for by in ({"phone": "+442079460001"}, {"email": "eve@example.com"}, {"phone": "ada@example.com"}):
        assert await store.bookings.erase_caller(None, **by) == 0
    assert await store.bookings.get(written.organization_id, written.uid) == written


async def test_nobody_in_particular_is_nobody(store: Store) -> None:
    written = replace(await store.record(), id=new_id(), uid="uid-2", phone="", email="")
    await store.bookings.record(written)
    with pytest.raises(ValueError, match="needed"):
        await store.bookings.erase_caller(None)
    assert await store.bookings.erase_caller(None, phone="+", email=" ") == 0
    assert await store.bookings.get(written.organization_id, written.uid) == written


async def test_in_one_organization_or_in_all(store: Store) -> None:
    first, second = await store.record(), await store.record()
    assert await store.bookings.erase_caller(first.organization_id, **ADA) == 1
    assert await store.bookings.get(second.organization_id, second.uid) == second
    await store.bookings.record(replace(first, id=new_id(), uid="uid-2"))
    assert await store.bookings.erase_caller(None, **ADA) == 2


async def test_all_records_of_a_caller(store: Store) -> None:
    first = await store.record()
    for number in range(2, 12):
        await store.bookings.record(replace(first, id=new_id(), uid=f"uid-{number}"))
    assert await store.bookings.erase_caller(first.organization_id, phone=ADA["phone"]) == 11


async def test_a_caller_is_found_under_every_key_of_the_ring(database_url: str, store: Store) -> None:
    written = await store.record()
    old = await hashes(store)
    rotated = open_store(database_url, KeyRing.parse(f"{'22' * 32},{'11' * 32}"))
    await rotated.bookings.record(replace(written, id=new_id(), uid="uid-2"))
    assert len(set(await hashes(store))) == 4, "the newest key writes, and hashes under two keys have nothing in common"
    stranger = open_store(database_url, KeyRing.parse("33" * 32))
    assert await stranger.bookings.erase_caller(None, **ADA) == 0
    assert set(old) <= set(await hashes(store))
    assert await rotated.bookings.erase_caller(None, **ADA) == 2
    for opened in (rotated, stranger):
        await opened.database.close()


async def test_phone_and_email_are_hashed_apart_and_only_where_there_is_one(store: Store) -> None:
    written = replace(await store.record(), phone="", email="")
    await store.bookings.record(written)
    assert await hashes(store) == [None, None]
    await store.bookings.record(replace(written, phone="1"))
    await store.bookings.record(replace(written, id=new_id(), uid="uid-2", email="1"))
    assert len(set(await hashes(store))) == 3


async def test_records_from_before_there_were_hashes_are_found_by_opening_them(store: Store) -> None:
    written = await store.record()
    other = replace(written, id=new_id(), uid="uid-2", phone="+442079460001", email="eve@example.com")
    broken = replace(written, id=new_id(), uid="uid-3")
    for each in (other, broken):
        await store.bookings.record(each)
    async with store.database.write() as connection:
        await connection.execute(update(bookings).values(phone_hash=None, email_hash=None))
        await connection.execute(update(bookings).where(bookings.c.id == broken.id).values(sealed_caller=b"?"))
    assert await store.bookings.erase_caller(None, email=ADA["email"]) == 1
    assert await sealed_caller(store, written.id) is None
    assert await store.bookings.get(other.organization_id, other.uid) == other


async def test_an_erased_caller_is_nowhere_in_the_database(database_url: str, store: Store) -> None:
    written = await store.record()
    secrets = [each for each in await hashes(store) if each is not None]
    secrets += [await sealed_caller(store, written.id) or b"", written.call_session_id.encode()]
    assert all([await holds(store, database_url, secret) for secret in secrets])
    assert not await holds(store, database_url, written.phone.encode())
    await store.bookings.erase_caller(None, phone=ADA["phone"])
    assert not any([await holds(store, database_url, secret) for secret in secrets])
    assert await holds(store, database_url, written.uid.encode())


async def test_old_records_are_erased_in_batches_the_oldest_first(database_url: str, store: Store) -> None:
    first = await store.record("uid-0")
    sealed = await sealed_caller(store, first.id)
    for number in range(1, 10):
        later = START + timedelta(days=number)
        await store.bookings.record(replace(first, id=new_id(), uid=f"uid-{number}", start=later, end=later))
    before = START + timedelta(days=6)  # an appointment that ends at that very moment is not older
    assert [await store.bookings.erase_older_than(before, batch=4) for _ in range(3)] == [4, 2, 0]
    kept = [await store.bookings.get(first.organization_id, f"uid-{number}") for number in range(10)]
    assert [each.name for each in kept if each is not None] == [""] * 6 + [first.name] * 4
    assert sealed is not None
    assert not await holds(store, database_url, sealed)


async def test_several_processes_that_erase_at_once(store: Store, rival: Store) -> None:
    first = await store.record("uid-0")
    for number in range(1, 20):
        await store.bookings.record(replace(first, id=new_id(), uid=f"uid-{number}"))
    before = START + timedelta(days=1)
    counts = await asyncio.gather(
        *(mine.bookings.erase_older_than(before, batch=5) for mine in (store, rival) * 4),
        store.bookings.erase_caller(None, phone=ADA["phone"]),
    )
    assert await store.bookings.erase_older_than(before, batch=20) == 0
    assert sum(counts) == 20


async def test_what_was_erased_stays_so_whatever_is_written_of_the_booking(store: Store) -> None:
    written = await store.record()
    await store.bookings.erase_caller(None, phone=ADA["phone"])
    again = replace(written, status="pending", start=START + timedelta(hours=1))
    await store.bookings.record(again)
    assert await store.bookings.get(written.organization_id, written.uid) == without_caller(again)
    assert await sealed_caller(store, written.id) is None
    assert await store.bookings.erase_caller(None, phone=ADA["phone"]) == 0


async def move(store: Store, before: BookingRecord, uid: str) -> BookingRecord:
    """Write a booking down as moved, as it was read before it was."""
    after = replace(before, id=new_id(), uid=uid)
    async with store.database.write() as connection:
        await store.bookings.put(connection, [replace(before, status="cancelled"), after])
    return after


async def test_a_booking_that_is_moved_takes_nothing_along_that_was_erased_since_it_was_read(store: Store) -> None:
    written = await store.record()
    await store.bookings.erase_caller(None, phone=ADA["phone"])
    after = await move(store, written, "uid-2")
    seen = replace(written, id=new_id(), uid="uid-3", calcom_updated_at=START)
    await store.bookings.absorb(seen, moved_from="uid-2", moved_to=None)  # and its host has moved it once more
    for each in (written, after, seen):
        assert await sealed_caller(store, each.id) is None
    assert await store.bookings.erase_caller(None, phone=ADA["phone"]) == 0


async def test_bookings_that_are_moved_while_their_caller_is_erased_are_erased(store: Store, rival: Store) -> None:
    first = await store.record("uid-0")
    written = [replace(first, id=new_id(), uid=f"uid-{number}") for number in range(1, 10)]
    for each in written:
        await store.bookings.record(each)
    moves = [move(store, each, f"{each.uid}-moved") for each in written]
    await asyncio.gather(*moves[:5], rival.bookings.erase_caller(None, phone=ADA["phone"]), *moves[5:])
    assert set(await hashes(store)) == {None}


@pytest.mark.parametrize("what", ["news", "a move"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_who_waits_for_a_record_holds_none_that_comes_after_it(store: Store, rival: Store, what: str) -> None:
    """Erasures lock records in the order of their ids: with those that do not, they would wait in a circle."""
    first = await store.record("uid-2")  # the end of a chain was heard of first
    before = replace(first, id=new_id(), uid="uid-1", root_uid="uid-1")
    for each in (replace(first, root_uid="uid-1"), before):
        await store.bookings.record(each)
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    lock = select(bookings.c.id)

    async def write() -> None:
        if what == "news":
            seen = replace(before, id=new_id(), status="cancelled", calcom_updated_at=START)
            await rival.bookings.absorb(seen, moved_from="uid-0", moved_to="uid-2")
        else:
            await move(rival, before, "uid-2")

    async with store.database.write() as connection:
        await connection.execute(lock.where(bookings.c.id == first.id).with_for_update())
        writing = asyncio.create_task(write())
        async with asyncio.timeout(5), rival.database.read() as looking:
            while not await looking.scalar(waiting):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)
        await connection.execute(lock.where(bookings.c.id == before.id).with_for_update(nowait=True))
    await writing
