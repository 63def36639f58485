"""``manage`` with ``reschedule`` and ``cancel`` for a caller who is known by phone or e-mail alone."""

import pytest
from tests.api import calcom
from tests.api.bodies import Json, asked, cancelled, moved
from tests.api.clinic import Clinic
from tests.api.lookups import (
    BOTH,
    ELEVEN,
    FRIDAY,
    FRIDAY_END,
    GONE,
    HAVE,
    PHONE,
    TEN,
    ask,
    book,
    none_to,
    row,
    to_choose,
    wednesday,
)


async def test_the_only_appointment_is_cancelled(clinic: Clinic) -> None:
    uid = await book(clinic)

    answer = await ask(clinic, "cancel", phone=PHONE)

    assert answer.status_code == 200
    assert answer.json() == cancelled(uid, GONE, TEN)
    assert (await calcom.booking(clinic, uid))["status"] == "cancelled"


async def test_the_only_appointment_is_moved_and_a_repeated_request_is_the_same_success(clinic: Clinic) -> None:
    await book(clinic)
    wish = {"phone": PHONE, "appointment_datetime": ELEVEN}

    answer, again = await ask(clinic, "reschedule", **wish), await ask(clinic, "reschedule", **wish)

    sentence = "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM."
    assert answer.json() == again.json() == moved(calcom.uid_of(answer), sentence, ELEVEN)
    live = [each for each in await calcom.bookings(clinic) if each["status"] == "accepted"]
    assert [each["uid"] for each in live] == [calcom.uid_of(answer)]


async def test_cancelling_again_is_the_same_success(clinic: Clinic) -> None:
    await book(clinic)
    first = await ask(clinic, "cancel", phone=PHONE)

    again = await ask(clinic, "cancel", phone=PHONE)

    assert again.status_code == 200
    assert again.json() == first.json()


async def test_a_lost_answer_to_a_cancellation_is_made_good_by_the_same_request(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)
    await calcom.edit(small_clinic, uid, status="cancelled")  # and our record does not know

    answer = await ask(small_clinic, "cancel", phone=PHONE)

    assert answer.json() == cancelled(uid, GONE, TEN)


@pytest.mark.parametrize(("action", "deed"), [("cancel", "cancel"), ("reschedule", "move")])
async def test_of_several_the_caller_chooses(clinic: Clinic, action: str, deed: str) -> None:
    uid, friday = await book(clinic), await book(clinic, FRIDAY)

    answer = await ask(clinic, action, phone=PHONE)

    assert answer.status_code == 200
    rows = wednesday(uid), row(friday, FRIDAY, FRIDAY_END, "Friday, March 27 at 2 PM")
    assert answer.json() == to_choose(action, f"{BOTH} Which one shall I {deed}?", *rows)
    assert {each["status"] for each in await calcom.bookings(clinic)} == {"accepted"}


async def test_of_several_the_one_at_that_time_is_cancelled_and_no_repetition_takes_another(clinic: Clinic) -> None:
    uid, friday = await book(clinic), await book(clinic, FRIDAY)

    answers = [await ask(clinic, "cancel", phone=PHONE, appointment_datetime="2026-03-25T10:00:00") for _ in range(3)]

    assert [each.json() for each in answers] == [cancelled(uid, GONE, TEN)] * 3
    assert (await calcom.booking(clinic, friday))["status"] == "accepted"


async def test_one_at_another_time_than_was_said_is_asked_about(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)

    for when in ("2026-03-25T15:00:00", "2026-03-29T01:30:00"):  # the second is skipped by the clocks
        answer = await ask(small_clinic, "cancel", phone=PHONE, appointment_datetime=when)
        assert answer.json() == to_choose("cancel", f"{HAVE} Would you like to cancel it?", wednesday(uid))


@pytest.mark.parametrize("action", ["cancel", "reschedule"])
async def test_where_there_is_none_another_contact_is_asked_for(clinic: Clinic, action: str) -> None:
    answer = await ask(clinic, action, phone=PHONE, appointment_datetime=ELEVEN)

    assert answer.status_code == 404
    assert answer.json() == none_to(action)


async def test_what_is_cancelled_cannot_be_moved(small_clinic: Clinic) -> None:
    await book(small_clinic)
    await ask(small_clinic, "cancel", phone=PHONE)

    answer = await ask(small_clinic, "reschedule", phone=PHONE, appointment_datetime=ELEVEN)

    assert answer.json() == none_to("reschedule")


async def test_without_a_new_time_it_is_asked_for(small_clinic: Clinic) -> None:
    await book(small_clinic)

    answer = await ask(small_clinic, "reschedule", phone=PHONE)

    assert answer.json() == asked("reschedule", "What day and time would you like?", "provide_datetime")


@pytest.mark.parametrize(("action", "fields"), [("reschedule", {"appointment_datetime": ELEVEN}), ("cancel", {})])
async def test_a_key_that_the_client_chose_replays_however_the_appointment_was_named(
    small_clinic: Clinic, action: str, fields: Json
) -> None:
    uid = await book(small_clinic)
    wish = {**fields, "phone": PHONE, "idempotency_key": "the client's own"}

    first, again = await ask(small_clinic, action, **wish), await ask(small_clinic, action, **wish)

    assert first.json() == again.json()
    assert [each.headers.get("idempotent-replayed") for each in (first, again)] == [None, "true"]
    assert len(await calcom.sent(small_clinic, "POST", f"/v2/bookings/{uid}/{action}")) == 1
