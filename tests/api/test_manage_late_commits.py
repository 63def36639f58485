"""Cal.com commits later than anybody waits: what comes to light is adopted, and what was made twice is undone."""

import asyncio
from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import delete
from tests.api import calcom
from tests.api.bodies import unconfirmed
from tests.api.clinic import SETTLE_SECONDS, Clinic

from calbridge.domain.agents import Connection
from calbridge.domain.intents import ABSENT, Intent, State
from calbridge.storage.tables import bookings, intents

TEN = "2026-03-25T10:00:00Z"
CREATE, LIST = ("POST", "/v2/bookings"), ("GET", "/v2/bookings")
NOTHING = {
    "status": "success",
    "data": [],
    "pagination": {"totalItems": 0, "hasNextPage": False, "hasPreviousPage": False},
}
SESSION = {"call_session_id": "call-4711-abc"}


async def connection(clinic: Clinic) -> Connection:
    """The clinic's account with its key."""
    found = await clinic.services.connections.one(clinic.organization.id, clinic.account.id)
    assert found is not None
    return found


async def poll(clinic: Clinic) -> None:
    """Read what has changed at Cal.com."""
    await clinic.services.poller.poll(await connection(clinic))


async def intent(clinic: Clinic) -> Intent:
    """The one intent that there is."""
    (found,) = await clinic.services.intents.list(clinic.organization.id, (), 10)
    return found


async def unseen(clinic: Clinic, **fields: str) -> str:
    """Book without hearing of it, and look in vain until that is conclusive; return the uid at Cal.com."""
    await calcom.fault(clinic, "drop", *CREATE, when="after")
    await calcom.fault(clinic, "status", *LIST, status=200, body=NOTHING, times=99)
    unknown = await clinic.book(**SESSION, **fields)
    await asyncio.sleep(SETTLE_SECONDS)
    assert unknown.json() == unconfirmed("book", TEN)
    await clinic.services.decisions.look((await intent(clinic)).id)
    await clinic.at_calcom("DELETE", "/sandbox/faults")
    return str((await calcom.bookings(clinic))[-1]["uid"])


async def twice(clinic: Clinic, uid: str, **changed: object) -> str:
    """Have Cal.com hold a booking once more, as if it had committed a lost request late; return the other uid."""
    world = clinic.sandbox.state.world
    copy = deepcopy(next(booking for booking in world.bookings.values() if booking.uid == uid))
    copy.uid, copy.id = "lateLateLateLateLate01", copy.id + 1000
    for name, value in changed.items():
        setattr(copy, name, value)
    world.bookings[copy.uid] = copy
    return str(copy.uid)


async def test_what_was_conclusively_absent_and_comes_late_is_adopted(clinic: Clinic) -> None:
    uid = await unseen(clinic)
    absent = await intent(clinic)

    await poll(clinic)
    again = await clinic.book(**SESSION)

    assert (absent.state, absent.reason) == (State.REJECTED, ABSENT)
    assert ((await intent(clinic)).state, (await intent(clinic)).uid) == (State.CONFIRMED, uid)
    assert calcom.uid_of(again) == uid
    assert len(await calcom.bookings(clinic)) == 1


async def test_who_asks_again_after_that_is_told_of_the_one_that_came_late(clinic: Clinic) -> None:
    uid = await unseen(clinic)

    again = await clinic.book(**SESSION)

    assert calcom.uid_of(again) == uid
    assert len(await calcom.sent(clinic, *CREATE)) == 2  # it was sent again, and refused: the time was taken by itself
    assert len(await calcom.bookings(clinic)) == 1


async def test_of_two_bookings_of_one_wish_the_one_that_was_told_stays(clinic: Clinic) -> None:
    told = calcom.uid_of(await clinic.book(**SESSION))
    surplus = await twice(clinic, told)

    await poll(clinic)

    states = {booking["uid"]: booking["status"] for booking in await calcom.bookings(clinic)}
    assert states == {told: "accepted", surplus: "cancelled"}
    assert (await intent(clinic)).uid == told


async def test_a_late_one_goes_even_if_the_one_that_was_told_is_cancelled(small_clinic: Clinic) -> None:
    told = calcom.uid_of(await small_clinic.book(**SESSION))
    await small_clinic.manage("cancel", appointment_id=told)
    surplus = await twice(small_clinic, told, status="accepted", cancellation_reason="")

    await poll(small_clinic)

    states = {booking["uid"]: booking["status"] for booking in await calcom.bookings(small_clinic)}
    assert states == {told: "cancelled", surplus: "cancelled"}


@pytest.mark.parametrize("lost", [False, True], ids=["both stand", "the one that was told does not"])
async def test_a_double_that_cannot_be_undone_needs_a_person(small_clinic: Clinic, *, lost: bool) -> None:
    told = calcom.uid_of(await small_clinic.book(**SESSION))
    surplus = await twice(small_clinic, told)
    refused = {"statusCode": 400, "message": "This event type does not allow cancellations"}
    await calcom.fault(small_clinic, "status", "POST", f"/v2/bookings/{surplus}/cancel", status=400, body=refused)

    await poll(small_clinic)

    assert (await intent(small_clinic)).state is State.NEEDS_HUMAN
    assert surplus in (await intent(small_clinic)).history

    if lost:
        await calcom.edit(small_clinic, told, status="cancelled")
    again = await small_clinic.book(**SESSION)

    assert again.status_code == (202 if lost else 200)
    assert lost or calcom.uid_of(again) == told
    assert len(await calcom.sent(small_clinic, *CREATE)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": {"cb_intent": "not one of ours", "cb_sig": "forged"}},
        {"rescheduled_from": "anotherAnotherAnother1"},  # a move copies the metadata, and this one moved back
    ],
    ids=["forged", "moved"],
)
async def test_what_only_looks_like_a_double_is_left_alone(small_clinic: Clinic, changed: dict[str, Any]) -> None:
    told = calcom.uid_of(await small_clinic.book(**SESSION))
    other = await twice(small_clinic, told, **changed)

    await poll(small_clinic)

    states = {booking["uid"]: booking["status"] for booking in await calcom.bookings(small_clinic)}
    assert states == {told: "accepted", other: "accepted"}


async def test_a_signature_for_another_start_is_none(small_clinic: Clinic) -> None:
    told = calcom.uid_of(await small_clinic.book(**SESSION))
    booking = next(one for one in small_clinic.sandbox.state.world.bookings.values() if one.uid == told)
    length = booking.end - booking.start
    other = await twice(small_clinic, told, start=booking.start + length, end=booking.end + length)

    await poll(small_clinic)

    assert (await calcom.booking(small_clinic, other))["status"] == "accepted"


async def test_a_booking_of_ours_that_no_row_knows_is_remembered(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book(**SESSION))
    async with small_clinic.services.database.write() as database:
        await database.execute(delete(intents))
        await database.execute(delete(bookings))

    await poll(small_clinic)

    record = await small_clinic.services.bookings.get(small_clinic.organization.id, uid)
    assert record is not None
    assert record.agent_id == small_clinic.agent.id


@pytest.mark.parametrize("signature", ["", "0" * 64])
async def test_a_booking_that_names_an_intent_and_is_not_signed_is_left_alone(
    small_clinic: Clinic, signature: str
) -> None:
    told = calcom.uid_of(await small_clinic.book(**SESSION))
    named = {"cb_intent": str((await intent(small_clinic)).id), "cb_sig": signature}
    other = await twice(small_clinic, told, metadata=named)

    await poll(small_clinic)

    assert (await calcom.booking(small_clinic, other))["status"] == "accepted"


async def test_one_look_that_finds_nothing_is_not_believed(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "drop", *CREATE, when="after")
    await calcom.fault(small_clinic, "status", *LIST, times=99)
    unknown = await small_clinic.book(**SESSION)
    await asyncio.sleep(SETTLE_SECONDS)
    await small_clinic.at_calcom("DELETE", "/sandbox/faults")
    await calcom.fault(small_clinic, "status", *LIST, status=200, body=NOTHING)

    again = await small_clinic.book(**SESSION)

    (made,) = await calcom.bookings(small_clinic)
    assert unknown.json() == unconfirmed("book", TEN)
    assert calcom.uid_of(again) == made["uid"]
    assert len(await calcom.sent(small_clinic, *CREATE)) == 1
