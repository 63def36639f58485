"""Moving and cancelling: once, whatever uid the caller has, and truthfully if two change one appointment."""

import asyncio
from typing import Any

import pytest
from tests.engine.history import Book, Exchange
from tests.engine.practice import Practice
from tests.engine.stage import Stage

SESSION = "call-0815-abcdef"
HURRY: dict[str, Any] = {"deadline_ms": 1000}
LOST = {"closed": "drop", "cut off": "cut", "empty": "empty", "an error": "status"}


async def booked(practice: Practice[Stage], slot: int = 0) -> tuple[Book, str]:
    """Somebody who has an appointment."""
    jane = practice.booking(slot)
    heard = await practice.ask(jane, call_session_id=SESSION)
    assert heard.succeeded, heard.body
    return jane, heard.uid


@pytest.mark.parametrize("retried_with", ["the old uid", "the new uid"])
@pytest.mark.parametrize("fault", LOST)
async def test_a_move_whose_answer_is_lost_is_made_once_and_told(
    small_practice: Practice[Stage], fault: str, retried_with: str
) -> None:
    jane, uid = await booked(small_practice)
    move = small_practice.move(jane, 4)
    await small_practice.strike(LOST[fault], path=f"/v2/bookings/{uid}/reschedule", when="after", seconds=0.3)

    asking = asyncio.create_task(small_practice.ask(move, uid, **HURRY))
    while not await moves(small_practice):  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    await small_practice.strike("status", "GET", "/v2/bookings*", times=99)  # nobody can look, either
    unknown = await asking
    await small_practice.at_calcom("DELETE", "/faults")
    (new_uid,) = [one.uid for one in (await small_practice.history()).bookings if one.moved_from == uid]
    final = await small_practice.insist(move, uid if retried_with == "the old uid" else new_uid)

    assert unknown.asks == "verify", unknown.body
    assert (final.status, final.uid) == (200, new_uid)
    assert await moves(small_practice) == 1
    await small_practice.verify()


async def test_a_move_that_never_came_about_is_unknown_until_that_is_certain(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    move = practice.move(jane, 4)
    await practice.strike("drop", path="*/reschedule", when="before")

    unknown = await practice.ask(move, uid, **HURRY)
    sent_by_then = await moves(practice)
    final = await practice.insist(move, uid)

    assert (unknown.asks, sent_by_then) == ("verify", 1)
    assert final.succeeded
    assert await moves(practice) == 2
    await practice.verify()


async def test_a_move_that_comes_late_is_found(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    move = practice.move(jane, 4)
    await practice.strike("delay", path="*/reschedule", when="before", seconds=2.5)

    unknown = await practice.ask(move, uid, **HURRY)
    while not any(one.moved_from for one in (await practice.history()).bookings):  # noqa: ASYNC110 - elsewhere
        await asyncio.sleep(0.05)
    final = await practice.insist(move, uid)

    assert unknown.asks == "verify"
    assert final.succeeded
    assert await moves(practice) == 1
    await practice.verify()


async def test_to_and_fro_in_one_call_is_three_moves(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    heard: list[Exchange] = []
    for slot in (4, 0, 4):
        heard.append(await practice.ask(practice.move(jane, slot), uid, call_session_id=SESSION))
        assert heard[-1].succeeded, heard[-1].body
        uid = heard[-1].uid

    assert [one.data["date_time"] for one in heard] == [_iso(practice, slot) for slot in (4, 0, 4)]
    assert await moves(practice) == 3
    await practice.verify()


async def test_to_and_fro_with_the_first_uid_all_the_time_is_three_moves_too(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    heard = [await practice.ask(practice.move(jane, slot), uid, call_session_id=SESSION) for slot in (4, 0, 4)]

    assert [one.data["date_time"] for one in heard] == [_iso(practice, slot) for slot in (4, 0, 4)]
    assert await moves(practice) == 3
    await practice.verify()


async def test_a_move_that_is_asked_again_is_one_move(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    move = practice.move(jane, 4)

    first = await practice.ask(move, uid, call_session_id=SESSION)
    again = [await practice.ask(move, old, call_session_id=SESSION) for old in (uid, first.uid)]
    at_once = await asyncio.gather(*(practice.ask(move, uid, call_session_id=SESSION) for _ in range(10)))

    assert {one.uid for one in (first, *again, *at_once)} == {first.uid}
    assert await moves(practice) == 1
    await practice.verify()


async def test_ten_identical_moves_at_once_are_one(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    move = practice.move(jane, 4)

    heard = await asyncio.gather(*(practice.ask(move, uid, call_session_id=SESSION) for _ in range(10)))

    assert {one.status for one in heard} == {200}
    assert len({one.uid for one in heard}) == 1
    assert await moves(practice) == 1
    await practice.verify()


async def test_a_move_to_a_time_that_is_taken_leaves_the_old_one(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    await booked(practice, 4)
    move = practice.move(jane, 4)

    heard = await practice.ask(move, uid)

    assert (heard.status, heard.code) == (422, "SLOT_UNAVAILABLE")
    assert practice.slot(5) in heard.offered
    await practice.verify()


@pytest.mark.parametrize("round_", range(3))
async def test_a_move_and_a_cancellation_at_once_are_both_told_the_truth(
    practice: Practice[Stage], round_: int
) -> None:
    jane, uid = await booked(practice)
    move, cancel = practice.move(jane, 4), practice.cancel(jane)
    asking = [practice.ask(move, uid), practice.ask(cancel, uid)]

    heard = await asyncio.gather(*(asking if round_ % 2 else reversed(asking)))

    assert all(one.succeeded or one.refused or one.asks == "verify" for one in heard)
    for wish in (move, cancel):
        await practice.insist(wish, uid)
    await practice.verify()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", LOST)
async def test_a_cancellation_whose_answer_is_lost_is_certain_in_the_end(
    small_practice: Practice[Stage], fault: str, when: str
) -> None:
    jane, uid = await booked(small_practice)
    cancel = small_practice.cancel(jane)
    await small_practice.strike(LOST[fault], path=f"/v2/bookings/{uid}/cancel", when=when)

    heard = await small_practice.insist(cancel, uid)
    again = await small_practice.ask(cancel, uid)

    assert (heard.succeeded, again.succeeded) == (True, True)
    await small_practice.verify()


async def test_a_cancellation_that_nobody_can_look_for_is_unknown(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    cancel = practice.cancel(jane)
    await practice.strike("drop", path="*/cancel", times=9)

    unknown = await practice.ask(cancel, uid, **HURRY)
    await practice.at_calcom("DELETE", "/faults")
    final = await practice.insist(cancel, uid)

    assert unknown.asks == "verify"
    assert final.succeeded
    await practice.verify()


async def test_an_old_uid_cancels_the_appointment_where_it_is_now(practice: Practice[Stage]) -> None:
    jane, uid = await booked(practice)
    await practice.ask(practice.move(jane, 4), uid)
    cancel = practice.cancel(jane)

    heard = [await practice.ask(cancel, uid), await practice.ask(cancel, uid)]

    assert all(one.succeeded for one in heard)
    assert len([one for one in (await practice.history()).bookings if one.stands]) == 0
    await practice.verify()


async def moves(practice: Practice[Stage]) -> int:
    """How many requests to move something have arrived."""
    ledger = await practice.at_calcom("GET", "/ledger")
    mine = [each for each in ledger["requests"] if each["user"] == practice.host]
    return sum(each["path"].endswith("/reschedule") for each in mine)


def _iso(practice: Practice[Stage], slot: int) -> str:
    return practice.slot(slot).isoformat().replace("+00:00", "Z")
