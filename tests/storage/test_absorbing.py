"""What is seen at Cal.com becomes our record: in any order, never older than what is known, and nobody comes back."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from tests.storage.factories import START, Store, record
from tests.storage.raw import sealed_caller

from calbridge.domain.appointments import BookingRecord
from calbridge.storage.tables import new_id

HOUR = timedelta(hours=1)


async def sighting(store: Store, uid: str = "uid-1") -> BookingRecord:
    """What a new record of a booking would be that nobody has heard of yet, in a new organization."""
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    seen = record(organization.id, account.id, agent.id, uid)
    return replace(seen, agent_id=None, call_session_id="", notes="", calcom_updated_at=START)


async def absorb(store: Store, seen: BookingRecord, after: str | None = None, before: str | None = None) -> bool:
    return await store.bookings.absorb(replace(seen, id=new_id()), moved_from=after, moved_to=before)


async def known(store: Store, seen: BookingRecord) -> BookingRecord:
    found = await store.bookings.get(seen.organization_id, seen.uid)
    assert found is not None
    return found


async def test_a_booking_that_nobody_has_heard_of_is_written_down(store: Store) -> None:
    seen = await sighting(store)
    assert await absorb(store, seen)
    assert replace(await known(store, seen), id=seen.id) == seen
    assert await store.bookings.erase_caller(seen.organization_id, phone=seen.phone) == 1


async def test_seen_again_nothing_changes(store: Store) -> None:
    seen = await sighting(store)
    await absorb(store, seen)
    before = await known(store, seen)
    assert not await absorb(store, replace(seen, updated_at=START + HOUR))
    assert await known(store, seen) == before


async def test_of_what_is_known_the_caller_the_agent_and_the_call_stay(store: Store) -> None:
    ours = await store.record()
    later = START + HOUR
    seen = replace(
        ours, agent_id=None, name="Somebody else", email="", phone="", notes="", call_session_id="",
        start=START + HOUR, end=START + 2 * HOUR, status="pending", event_type_id=8,
        created_at=later, updated_at=later, calcom_updated_at=later,
    )  # fmt: skip
    assert await absorb(store, seen)
    assert await known(store, ours) == replace(
        ours, start=seen.start, end=seen.end, status="pending", event_type_id=8,
        updated_at=later, calcom_updated_at=later,
    )  # fmt: skip


async def test_an_agent_that_comes_to_light_later_is_noted(store: Store) -> None:
    seen = await sighting(store)
    agent = await store.agent(seen.organization_id)
    await absorb(store, seen)
    assert await absorb(store, replace(seen, agent_id=agent.id, event_type_id=None))
    found = await known(store, seen)
    assert (found.agent_id, found.event_type_id) == (agent.id, 7)


async def test_older_news_are_dropped(store: Store) -> None:
    seen = await sighting(store)
    await absorb(store, replace(seen, status="cancelled", calcom_updated_at=START + HOUR))
    assert not await absorb(store, seen)
    assert (await known(store, seen)).status == "cancelled"


@pytest.mark.parametrize("told", [START, None])
async def test_what_is_over_revives_only_by_news_that_are_newer(store: Store, told: datetime | None) -> None:
    seen = replace(await sighting(store), calcom_updated_at=told)
    await absorb(store, seen)
    await store.bookings.record(replace(await known(store, seen), status="cancelled"))
    assert not await absorb(store, seen)
    assert (await known(store, seen)).status == "cancelled"
    newer = await absorb(store, replace(seen, calcom_updated_at=START + HOUR))
    assert newer is (told is not None)


async def test_the_answer_to_a_booking_that_comes_after_the_news_of_its_end_does_not_revive_it(store: Store) -> None:
    ours = await sighting(store)
    await absorb(store, replace(ours, status="cancelled"))
    answer = replace(ours, agent_id=(await store.agent(ours.organization_id)).id, calcom_updated_at=None, notes="Tea")
    await store.bookings.record(answer)
    found = await known(store, ours)
    assert (found.status, found.calcom_updated_at, found.notes) == ("cancelled", START, "Tea")
    assert found.agent_id == answer.agent_id


async def test_who_was_erased_does_not_come_back(store: Store) -> None:
    seen = await sighting(store)
    await absorb(store, seen)
    await store.bookings.erase_caller(None, email=seen.email)
    assert await absorb(store, replace(seen, status="cancelled"))
    moved = replace(seen, uid="uid-2")
    assert await absorb(store, moved, after="uid-1")
    for uid, status in (("uid-1", "cancelled"), ("uid-2", "accepted")):
        found = await known(store, replace(seen, uid=uid))
        assert (found.status, found.name, found.email, found.phone) == (status, "", "", "")
        assert await sealed_caller(store, found.id) is None
    assert await store.bookings.erase_caller(None, phone=seen.phone) == 0


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_a_chain_has_one_root_in_whichever_order_it_is_seen(store: Store, order: tuple[int, ...]) -> None:
    seen = await sighting(store)
    uids = ["a", "b", "c", "d"]
    for index in order:
        one = replace(seen, uid=uids[index], root_uid=uids[index], status="accepted" if index == 3 else "cancelled")
        await absorb(store, one, uids[index - 1] if index else None, uids[index + 1] if index < 3 else None)
    assert {(await known(store, replace(seen, uid=uid))).root_uid for uid in uids} == {"a"}


async def test_neighbours_that_are_seen_at_once_find_each_other(store: Store, rival: Store) -> None:
    seen = await sighting(store)
    uids = ["a", "b", "c", "d", "e"]
    chain = list(zip(uids, [None, *uids], strict=False))
    await asyncio.gather(
        *(
            absorb((store, rival)[index % 2], replace(seen, uid=uid, root_uid=uid), after)
            for index, (uid, after) in enumerate(chain)
        )
    )
    assert {(await known(store, replace(seen, uid=uid))).root_uid for uid in uids} == {"a"}


async def test_the_same_booking_seen_by_many_at_once_is_one_record(store: Store, rival: Store) -> None:
    seen = await sighting(store)
    news = [absorb(each, seen) for each in (store, rival) for _ in range(5)]
    assert (await asyncio.gather(*news)).count(True) == 1


async def test_every_seat_follows_its_booking(store: Store) -> None:
    ours = await store.record()
    seats = [replace(ours, id=new_id(), seat_uid=seat) for seat in ("one", "two")]
    for each in seats:
        await store.bookings.record(each)
    later = START + HOUR
    assert await absorb(store, replace(ours, status="cancelled", updated_at=later, calcom_updated_at=later))
    (found,) = {(await store.bookings.get(each.organization_id, each.uid)) for each in seats}
    assert found is not None
    assert (found.status, found.name) == ("cancelled", ours.name)


async def seated(store: Store, *seats: str) -> BookingRecord:
    """A booking of several, with a record for each seat."""
    ours = replace(await store.record(), calcom_updated_at=START)
    for seat in seats:
        await store.bookings.record(replace(ours, id=new_id(), uid="group", root_uid="group", seat_uid=seat))
    return replace(ours, uid="group", root_uid="group")


async def standing(store: Store, of: BookingRecord, *uids: str) -> dict[str, str]:
    """The seats that stand, and where."""
    records = await store.bookings.seats(of.account_id, uids or (of.uid,))
    return {each.seat_uid: each.uid for each in records if each.status == "accepted"}


async def news(store: Store, seen: BookingRecord, *seats: str, after: str | None = None, hours: int = 1) -> bool:
    later = replace(seen, id=new_id(), updated_at=START + hours * HOUR, calcom_updated_at=START + hours * HOUR)
    return await store.bookings.absorb(later, moved_from=after, moved_to=None, seats=seats)


async def test_a_seat_that_is_gone_is_over_and_the_others_stand(store: Store) -> None:
    group = await seated(store, "one", "two")
    assert await news(store, group, "two", "elsewhere")
    assert await standing(store, group) == {"two": "group"}
    assert not await news(store, group, "two", hours=2)
    assert await news(store, group, "one", "two", hours=3)
    assert await standing(store, group) == {"one": "group", "two": "group"}


@pytest.mark.parametrize("old_first", [True, False])
async def test_seats_go_with_their_booking_to_the_next_one(store: Store, old_first: bool) -> None:
    group = await seated(store, "one", "two", "stays behind")
    new = replace(group, uid="moved", start=START + HOUR, end=START + 2 * HOUR)
    old = replace(group, status="cancelled")
    if old_first:
        await news(store, old, "one", "two")
    assert await news(store, new, "one", "two", after="group")
    if not old_first:
        await news(store, old, "one", "two")
    await news(store, group, "one", "two", hours=0)  # older than the move
    assert await standing(store, group, "group", "moved") == {"one": "moved", "two": "moved"}
    moved = await store.bookings.seats(group.account_id, ["moved"])
    assert {(each.root_uid, each.start, each.phone) for each in moved} == {("group", new.start, group.phone)}


async def test_of_two_records_of_one_booking_the_one_of_our_own_agent_counts(store: Store) -> None:
    ours = await store.record()
    other = await store.account(ours.organization_id, 2)
    seen = replace(ours, account_id=other.id, agent_id=None, updated_at=START + HOUR)
    assert await absorb(store, seen)
    assert await store.bookings.get(ours.organization_id, ours.uid) == ours
