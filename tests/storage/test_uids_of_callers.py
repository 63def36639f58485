"""A caller's bookings are found by phone and e-mail, in one account, as far as they are not over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.storage.factories import START, Store, open_store

from calbridge.domain.appointments import BookingRecord
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id

ADA = {"phone": "+442079460000", "email": "ada@example.com"}


async def uids(
    store: Store, of: BookingRecord, by: dict[str, str] | None = None, *, gone_too: bool = False, limit: int = 10
) -> list[str]:
    """The uids of the bookings in the account of a record that are Ada's, or of whom ``by`` tells."""
    who = {"phone": "", "email": "", **(ADA if by is None else by)}
    before = START - timedelta(days=1)
    found = await store.bookings.uids_of_caller(
        of.account_id,
        phone=who["phone"],
        email=who["email"],
        ending_after=before,
        gone_too=gone_too,
        limit=limit,
    )
    return list(found)


async def another(store: Store, first: BookingRecord, uid: str, **changes: object) -> BookingRecord:
    """Write down another booking of the same account."""
    written = replace(first, id=new_id(), uid=uid, **changes)  # type: ignore[arg-type]
    await store.bookings.record(written)
    return written


@pytest.mark.parametrize("by", [{"phone": ADA["phone"]}, {"email": ADA["email"]}, {"email": " ADA@Example.com "}])
async def test_by_phone_or_by_email(store: Store, by: dict[str, str]) -> None:
    first = await store.record()

    assert await uids(store, first, by) == ["uid-1"]


@pytest.mark.parametrize("by", [{"phone": "+442079460001"}, {"email": "eve@example.com"}, {"phone": "+", "email": " "}])
async def test_nobody_else(store: Store, by: dict[str, str]) -> None:
    first = await store.record()

    assert await uids(store, first, by) == []


async def test_either_will_do(store: Store) -> None:
    first = await store.record()
    await another(store, first, "by-phone", email="", updated_at=START + timedelta(hours=1))
    await another(store, first, "by-email", phone="", updated_at=START + timedelta(hours=2))
    await another(store, first, "by-neither", phone="", email="")

    assert await uids(store, first) == ["by-email", "by-phone", "uid-1"]


async def test_what_is_over_or_of_another_account_is_not_found(store: Store) -> None:
    first = await store.record()
    long_ago = START - timedelta(days=2)
    await another(store, first, "over", start=long_ago, end=long_ago + timedelta(minutes=30))
    elsewhere = await store.account(first.organization_id, 2)
    await another(store, first, "elsewhere", account_id=elsewhere.id)

    assert await uids(store, first, gone_too=True) == ["uid-1"]


async def test_what_is_gone_comes_last_if_it_is_wanted_at_all(store: Store) -> None:
    first = await store.record()
    await another(store, first, "cancelled", status="cancelled", updated_at=START + timedelta(hours=2))
    await another(store, first, "declined", status="rejected", updated_at=START + timedelta(hours=1))

    assert await uids(store, first) == ["uid-1"]
    assert await uids(store, first, gone_too=True) == ["uid-1", "cancelled", "declined"]
    assert await uids(store, first, gone_too=True, limit=2) == ["uid-1", "cancelled"]


async def test_several_seats_in_one_booking_are_one_booking(store: Store) -> None:
    first = await store.record()
    await another(store, first, first.uid, seat_uid="seat-1")
    await another(store, first, first.uid, seat_uid="seat-2", status="cancelled")

    assert await uids(store, first, gone_too=True) == ["uid-1"]


async def test_a_caller_who_was_erased_is_not_found(store: Store) -> None:
    first = await store.record()
    await store.bookings.erase_caller(first.organization_id, **ADA)

    assert await uids(store, first) == []


async def test_a_record_from_before_a_new_key_is_found(database_url: str) -> None:
    old, new = "11" * 32, "22" * 32
    before, after = (open_store(database_url, KeyRing.parse(keys)) for keys in (old, f"{new},{old}"))
    first = await before.record()

    assert await uids(after, first) == ["uid-1"]

    await before.database.close()
    await after.database.close()


async def test_the_seats_of_a_caller_are_theirs_alone(store: Store) -> None:
    first = await store.record()
    await another(store, first, "group", seat_uid="ada's", status="cancelled")
    await another(store, first, "group", seat_uid="ada's, again", phone="")
    await another(store, first, "group", seat_uid="eve's", phone="", email="eve@example.com")

    seats = store.bookings.seats_of_caller
    assert await seats(first.account_id, "group", **ADA) == {"ada's", "ada's, again"}
    assert await seats(first.account_id, "group", phone=ADA["phone"], email="") == {"ada's"}
    assert await seats(first.account_id, "uid-1", **ADA) == {""}
    assert await seats(first.account_id, "group", phone="", email="") == frozenset()
