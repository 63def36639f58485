"""Records of bookings: written once a uid, sealed, found by their organization."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from tests.storage.factories import Store, open_store, record

from calbridge.domain.appointments import BookingRecord, Whereabouts
from calbridge.storage.secrets import KeyRing, SealError
from calbridge.storage.tables import bookings, new_id


async def a_record(store: Store, organization_id: UUID) -> BookingRecord:
    account, agent = await store.account(organization_id), await store.agent(organization_id)
    return record(organization_id, account.id, agent.id)


async def test_record_and_get(store: Store) -> None:
    organization = await store.organization()
    written = await a_record(store, organization.id)
    await store.bookings.record(written)
    assert await store.bookings.get(organization.id, written.uid) == written
    assert await store.bookings.get(organization.id, "uid-2") is None
    assert await store.bookings.get((await store.organization()).id, written.uid) is None
    expected = Whereabouts(written.account_id, written.agent_id)
    assert await store.bookings.whereabouts(organization.id, written.uid) == expected
    assert await store.bookings.whereabouts(organization.id, "uid-2") is None
    assert await store.bookings.whereabouts((await store.organization()).id, written.uid) is None


async def test_recorded_again_it_is_the_same_row(store: Store) -> None:
    organization = await store.organization()
    first = await a_record(store, organization.id)
    later = first.created_at + timedelta(hours=1)
    second = replace(first, id=new_id(), name="Grace Hopper", created_at=later, updated_at=later)
    await store.bookings.record(first)
    await store.bookings.record(second)
    expected = replace(second, id=first.id, created_at=first.created_at)
    assert await store.bookings.get(organization.id, first.uid) == expected


async def test_the_same_booking_recorded_by_many_at_once(store: Store) -> None:
    organization = await store.organization()
    first = await a_record(store, organization.id)
    await asyncio.gather(*(store.bookings.record(replace(first, id=new_id())) for _ in range(10)))
    kept = await store.bookings.get(organization.id, first.uid)
    assert kept is not None
    assert replace(kept, id=first.id) == first


async def test_of_two_accounts_that_see_one_booking_the_last_record_counts(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    older = record(organization.id, (await store.account(organization.id, 1)).id, agent.id)
    newer = record(organization.id, (await store.account(organization.id, 2)).id, agent.id)
    newer = replace(newer, updated_at=older.updated_at + timedelta(seconds=1))
    await store.bookings.record(newer)
    await store.bookings.record(older)
    assert await store.bookings.get(organization.id, older.uid) == newer
    expected = Whereabouts(newer.account_id, newer.agent_id)
    assert await store.bookings.whereabouts(organization.id, older.uid) == expected


async def test_a_record_of_an_unknown_account_is_refused(store: Store) -> None:
    organization = await store.organization()
    written = await a_record(store, organization.id)
    with pytest.raises(IntegrityError):
        await store.bookings.record(replace(written, account_id=new_id()))


async def test_after_a_rotation_old_records_still_open(database_url: str, store: Store) -> None:
    organization = await store.organization()
    written = await a_record(store, organization.id)
    await store.bookings.record(written)
    rotated = open_store(database_url, KeyRing.parse(f"{'22' * 32},{'11' * 32}"))
    assert await rotated.bookings.get(organization.id, written.uid) == written
    await rotated.bookings.record(replace(written, notes="Changed"))
    with pytest.raises(SealError):
        await store.bookings.get(organization.id, written.uid)
    await rotated.database.close()


async def test_what_is_sealed_for_one_row_does_not_open_in_another(store: Store) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    mine, hers = (record(organization.id, account.id, agent.id, uid) for uid in ("uid-1", "uid-2"))
    await store.bookings.record(mine)
    await store.bookings.record(hers)
    async with store.database.write() as connection:
        sealed = bookings.select().where(bookings.c.id == hers.id)
        stolen = (await connection.execute(sealed)).mappings().one()["sealed_caller"]
        await connection.execute(update(bookings).where(bookings.c.id == mine.id).values(sealed_caller=stolen))
    with pytest.raises(SealError):
        await store.bookings.get(organization.id, mine.uid)
