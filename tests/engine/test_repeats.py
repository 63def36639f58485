"""The same wish, asked again: in parallel, misspelt, under a key, by a stranger; and wishes that only look the same."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from tests.engine.history import Book
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage, let_pass

SESSION = "call-4711-abcdef"
JANE, JANET = "jane@example.com", "janet@example.com"
HER_NUMBER, HIS_NUMBER = "+442079460958", "+442079460123"
MISSPELT = "responses - {email}email_validation_error, "


async def test_fifty_identical_requests_at_once_are_one_booking_and_fifty_same_answers(
    practice: Practice[Stage],
) -> None:
    jane = practice.booking()

    heard = await asyncio.gather(*(practice.ask(jane, call_session_id=SESSION) for _ in range(50)))

    assert {one.status for one in heard} == {200}
    assert len({str(one.body) for one in heard}) == 1
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_fifty_callers_for_one_slot_are_one_booking_and_forty_nine_who_hear_what_is_open(
    practice: Practice[Stage],
) -> None:
    callers = [practice.booking() for _ in range(50)]
    await practice.strike("delay", when="after", seconds=3)  # so that all come while the first is under way

    heard = await asyncio.gather(*(practice.ask(one) for one in callers))

    assert sorted(one.status or 0 for one in heard) == [200] + [422] * 49
    assert all(one.offered for one in heard if one.refused)
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_within_a_call_a_name_and_an_address_that_were_misheard_are_the_same_wish(
    practice: Practice[Stage],
) -> None:
    jane = practice.booking(name="John", contacts=[JANE, JANET])

    first = await practice.ask(jane, name="John", email=JANE, call_session_id=SESSION)
    again = await practice.ask(jane, name="Jon", email=JANET, call_session_id=SESSION)

    assert (again.uid, again.replayed) == (first.uid, True)
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_without_a_session_the_contact_is_known_again_for_ten_minutes(practice: Practice[Stage]) -> None:
    jane = practice.booking(contacts=[HER_NUMBER])

    first = await practice.ask(jane, name="Jane Doe")
    await let_pass(practice.stage.database_url, timedelta(minutes=9))
    again = await practice.ask(jane, name="Jane Dow", phone="+44 20 7946 0958")

    assert (again.uid, again.replayed) == (first.uid, True)
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_a_session_is_known_again_for_a_day(small_practice: Practice[Stage]) -> None:
    jane = small_practice.booking()

    first = await small_practice.ask(jane, call_session_id=SESSION)
    await let_pass(small_practice.stage.database_url, timedelta(hours=23))
    again = await small_practice.ask(jane, call_session_id=SESSION)

    assert (again.uid, again.replayed) == (first.uid, True)
    assert len(await small_practice.requests()) == 1
    await small_practice.verify()


async def test_an_address_that_is_corrected_after_a_refusal_is_booked(practice: Practice[Stage]) -> None:
    jane = practice.booking(contacts=[JANE])
    error = {"code": "BAD_REQUEST", "message": MISSPELT, "details": {"message": MISSPELT}}
    await practice.strike("status", status=400, body={"status": "error", "error": error})

    refused = await practice.ask(jane, email="jane@exmaple.com", call_session_id=SESSION)
    corrected = await practice.ask(jane, call_session_id=SESSION)

    assert (refused.status, corrected.status, corrected.replayed) == (400, 200, False)
    assert len(await practice.requests()) == 2
    await practice.verify()


@pytest.mark.parametrize("where", ["header", "field"])
async def test_a_key_names_one_wish_and_no_other(practice: Practice[Stage], where: str) -> None:
    key = f"key of {practice.host}"
    headers = {"Idempotency-Key": key} if where == "header" else {}
    fields = {"idempotency_key": key} if where == "field" else {}
    jane, bob = practice.booking(0), practice.booking(1)

    first = await practice.ask(jane, headers=headers, **fields)  # type: ignore[arg-type] # fields of the body
    again = await practice.ask(jane, headers=headers, **fields)  # type: ignore[arg-type] # fields of the body
    other = await practice.ask(bob, headers=headers, **fields)  # type: ignore[arg-type] # fields of the body

    assert (first.status, again.status, again.replayed, again.uid) == (200, 200, True, first.uid)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_a_key_replays_a_refusal_where_a_call_tries_again(small_practice: Practice[Stage]) -> None:
    start = small_practice.slot(0)
    taken = await small_practice.book_at_calcom(start)
    jane, bob = small_practice.booking(), small_practice.booking()
    headers = {"Idempotency-Key": "a key of a client"}
    refused = [
        await small_practice.ask(jane, headers=headers),
        await small_practice.ask(bob, call_session_id=SESSION),
    ]
    await small_practice.at_calcom("PATCH", f"/bookings/{taken}", {"status": "cancelled"})

    replayed = await small_practice.ask(jane, headers=headers)
    tried = await small_practice.ask(bob, call_session_id=SESSION)

    assert [one.status for one in refused] == [422, 422]
    assert (replayed.status, replayed.replayed) == (422, True)
    assert (tried.status, tried.replayed) == (200, False)
    await small_practice.verify()


@pytest.mark.parametrize("session", ["{{call.id}}", "${callId}", "<session>", "abc", "call-of-everyone"])
async def test_callers_who_share_a_session_do_not_share_a_booking(practice: Practice[Stage], session: str) -> None:
    jane, bob = practice.booking(contacts=[HER_NUMBER]), practice.booking(contacts=[HIS_NUMBER])
    elsewhere = practice.booking(1, contacts=[HIS_NUMBER])

    first = await practice.ask(jane, name="Jane Doe", call_session_id=session)
    second = await practice.ask(bob, name="Bob Ray", call_session_id=session)
    third = await practice.ask(elsewhere, name="Bob Ray", call_session_id=session)

    assert [one.status for one in (first, second, third)] == [200, 422, 200]
    assert third.uid != first.uid
    await practice.verify()


async def test_two_callers_at_once_in_one_session_are_two_wishes(practice: Practice[Stage]) -> None:
    jane, bob = practice.booking(contacts=[HER_NUMBER]), practice.booking(contacts=[HIS_NUMBER])
    await practice.strike("delay", when="after", seconds=3)  # so that all come while the first is under way

    heard = await asyncio.gather(
        *chain.from_iterable(
            [practice.ask(jane, call_session_id=SESSION), practice.ask(bob, call_session_id=SESSION)] for _ in range(10)
        )
    )

    assert sorted(one.status or 0 for one in heard) == [200] * 10 + [422] * 10
    assert len(await practice.requests()) == 1
    await practice.verify()


@pytest.mark.parametrize("session", ["", SESSION])
async def test_callers_whose_names_sound_alike_are_two(practice: Practice[Stage], session: str) -> None:
    anna, anne = practice.booking(contacts=[JANE]), practice.booking(contacts=[JANET])
    await practice.strike("delay", when="after", seconds=0.5)

    heard = await asyncio.gather(
        practice.ask(anna, name="Anna Smith", call_session_id=session and f"{session}-1"),
        practice.ask(anne, name="Anne Smith", call_session_id=session and f"{session}-2"),
    )

    assert sorted(one.status or 0 for one in heard) == [200, 422]
    await practice.verify()


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_repeat_does_not_take_a_second_seat(stage: Stage, *, at_once: bool) -> None:
    async with open_practice(stage, seats=5) as practice:
        jane = practice.booking(contacts=[JANE, JANET])
        await practice.strike("delay", when="after", seconds=0.5)
        asking = [
            practice.ask(jane, name=name, email=email, call_session_id=SESSION)
            for name, email in (("John", JANE), ("Jon", JANET))
        ]

        heard = await asyncio.gather(*asking) if at_once else [await one for one in asking]

        assert {one.status for one in heard} == {200}
        assert len(await practice.requests()) == 1
        await practice.verify()


async def test_a_lost_seat_is_found(stage: Stage) -> None:
    async with open_practice(stage, seats=5) as practice:
        jane, bob = practice.booking(contacts=[JANE]), practice.booking(contacts=["bob@example.com"])
        booked = await practice.ask(bob, call_session_id=f"{SESSION}-bob")
        await practice.strike("drop", when="after")

        heard = await practice.insist(jane, call_session_id=SESSION)

        assert (booked.succeeded, heard.succeeded) == (True, True)
        assert len(await practice.requests()) == 2


async def test_what_needs_approval_is_requested_once(stage: Stage) -> None:
    async with open_practice(stage, confirmation=True) as asking:
        jane = asking.booking()
        await asking.strike("drop", when="after")

        heard = [await asking.insist(jane, call_session_id=SESSION) for _ in range(2)]

        assert {one.uid for one in heard} == {heard[0].uid}
        assert heard[0].data["message"] == "Appointment requested"
        await asking.verify()


async def test_what_was_cancelled_a_moment_ago_is_booked_again_only_if_the_caller_says_so(
    practice: Practice[Stage],
) -> None:
    jane = practice.booking()
    once_more = practice.wish(replace(jane, name="once more"))
    cancel = practice.cancel(jane)
    same_request = {"call_session_id": SESSION, "name": "Jane Doe"}
    booked = await practice.ask(jane, **same_request)  # type: ignore[arg-type] # fields of the body
    cancelled = await practice.ask(cancel, booked.uid, call_session_id=SESSION)

    asked = await practice.ask(jane, **same_request)  # type: ignore[arg-type] # fields of the body
    confirmed = await practice.ask(once_more, **same_request, confirm=True)  # type: ignore[arg-type] # the same
    repeated = await practice.ask(once_more, **same_request, confirm=True)  # type: ignore[arg-type] # the same

    assert cancelled.succeeded
    assert (asked.status, asked.code, asked.asks) == (409, "CONFLICT", "confirm_rebook")
    assert confirmed.succeeded
    assert (repeated.uid, repeated.replayed) == (confirmed.uid, True)
    assert confirmed.uid != booked.uid
    assert len(await practice.requests()) == 2
    await practice.verify()


async def test_a_repeat_after_a_move_does_not_tell_the_old_time(practice: Practice[Stage]) -> None:
    jane = practice.booking()
    booked = await practice.ask(jane, call_session_id=SESSION)
    moved = await practice.ask(practice.move(jane, 4), booked.uid, call_session_id=SESSION)

    again = await practice.ask(jane, call_session_id=SESSION)

    assert moved.succeeded
    assert again.uid in {moved.uid, ""}
    assert again.data["date_time"] != booked.data["date_time"] or not again.succeeded
    assert len(await practice.requests()) == 1
    await practice.verify()


@pytest.mark.parametrize("session", [SESSION, ""])
async def test_a_stranger_hears_a_uid_again_only_within_the_call(small_practice: Practice[Stage], session: str) -> None:
    jane = small_practice.booking()

    first = await small_practice.ask(jane, anonymous=True, call_session_id=session)
    again = await small_practice.ask(jane, anonymous=True, call_session_id=session)

    assert (first.status, again.status, again.replayed) == (200, 200, True)
    assert again.uid == (first.uid if session else "")
    await small_practice.verify()


async def test_what_somebody_else_took_is_told_as_taken(practice: Practice[Stage]) -> None:
    await practice.book_at_calcom(practice.slot(0))
    jane = practice.booking()

    heard = await practice.ask(jane)

    assert (heard.status, heard.code, heard.asks) == (422, "SLOT_UNAVAILABLE", "reschedule")
    assert practice.slot(1) in heard.offered
    await practice.verify()


@pytest.mark.parametrize("seconds", [0, 0.05, 0.3])
async def test_a_repeat_while_the_first_is_under_way_waits_for_its_answer(
    practice: Practice[Stage], seconds: float
) -> None:
    jane: Book = practice.booking()
    await practice.strike("delay", when="after", seconds=0.5)

    first = asyncio.create_task(practice.ask(jane, call_session_id=SESSION))
    await asyncio.sleep(seconds)
    again = await practice.ask(jane, call_session_id=SESSION)

    assert (again.status, again.uid) == (200, (await first).uid)
    assert len(await practice.requests()) == 1
    await practice.verify()
