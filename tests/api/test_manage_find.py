"""``manage`` with ``find``: a caller's appointments, as Cal.com has them now."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.api import calcom
from tests.api.bodies import NO_APPOINTMENT, Json, asked, cancelled, stopped
from tests.api.clinic import Clinic
from tests.api.lookups import (
    AWAY,
    BOTH,
    ELEVEN,
    EMAIL,
    FRIDAY,
    FRIDAY_END,
    GONE,
    HAVE,
    LOOKUPS,
    NONE,
    PHONE,
    TEN,
    TEN_THIRTY,
    ask,
    book,
    found,
    row,
    wednesday,
)


@pytest.mark.parametrize("phone", [PHONE, "+44 20 7946 0958", "0044 (20) 7946-0958", "tel:+44-20-7946-0958"])
async def test_an_appointment_is_found_by_phone_however_it_is_written(small_clinic: Clinic, phone: str) -> None:
    uid = await book(small_clinic)

    answer = await ask(small_clinic, "find", phone=phone)

    assert answer.status_code == 200
    assert answer.json() == found(HAVE, wednesday(uid))


async def test_what_is_found_is_told_and_listed(clinic: Clinic) -> None:
    uid = await book(clinic)
    friday = await book(clinic, FRIDAY, name="Jane Do", email=EMAIL)

    by_phone, by_email = await ask(clinic, "find", phone=PHONE), await ask(clinic, "find", email="Jane@Example.com")

    later = row(friday, FRIDAY, FRIDAY_END, "Friday, March 27 at 2 PM")
    assert by_phone.json() == found(BOTH, wednesday(uid), later)
    only = "You have an appointment with Dr. Rivera on Friday, March 27 at 2 PM."
    assert by_email.json() == found(only, later)
    assert (await ask(clinic, "find", phone=PHONE, email=EMAIL)).json() == by_phone.json()


async def test_nothing_is_found_where_there_is_nothing(clinic: Clinic) -> None:
    await book(clinic)

    answer = await ask(clinic, "find", phone="+442079460959")

    assert answer.status_code == 200
    assert answer.json() == found(NONE)
    assert (await ask(clinic, "find", email="other@example.com")).json()["data"]["appointments"] == []


async def test_an_appointment_is_found_by_its_id_and_by_an_old_one(clinic: Clinic) -> None:
    old = await book(clinic)
    new = calcom.uid_of(await clinic.manage("reschedule", appointment_id=old, appointment_datetime=ELEVEN))

    sentence = "You have an appointment with Dr. Rivera on Thursday, March 26 at 11 AM."
    for uid in (old, new):
        answer = await ask(clinic, "find", appointment_id=uid, phone="nobody reads this beside an id")
        assert answer.json() == found(sentence, row(new, ELEVEN, "2026-03-26T11:30:00Z", "Thursday, March 26 at 11 AM"))


async def test_an_appointment_that_was_named_is_told_as_it_is(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)
    await small_clinic.manage("cancel", appointment_id=uid)

    answer = await ask(small_clinic, "find", appointment_id=uid)

    assert answer.json() == found(GONE, wednesday(uid, "cancelled"))


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's", "the user's as a guest"])
async def test_what_is_not_the_accounts_own_is_not_found(small_clinic: Clinic, whose: str) -> None:
    uid = await calcom.foreign_uid(small_clinic, whose)

    answer = await ask(small_clinic, "find", appointment_id=uid)

    assert answer.status_code == 404
    assert answer.json() == stopped("find", "NOT_FOUND", NO_APPOINTMENT)


async def test_a_request_that_waits_for_its_host_is_not_called_an_appointment(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, confirmation=True)
    uid = await book(small_clinic)

    answer = await ask(small_clinic, "find", phone=PHONE)

    sentence = (
        "You've asked for an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM; it still has to be confirmed."
    )
    assert answer.json() == found(sentence, wednesday(uid, "pending"))


async def test_the_label_is_in_the_callers_zone(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)

    answer = await ask(small_clinic, "find", phone=PHONE, timezone="America/New_York")

    (listed,) = answer.json()["data"]["appointments"]
    assert listed == row(uid, TEN, TEN_THIRTY, "Wednesday, March 25 at 6 AM New York time")


@pytest.mark.parametrize("action", ["find", "cancel", "reschedule"])
async def test_whose_appointment_it_is_is_asked_for(small_clinic: Clinic, action: str) -> None:
    answer = await ask(small_clinic, action, phone="null")

    assert answer.status_code == 400
    question = "What phone number or email address is the appointment under?"
    assert answer.json() == asked(action, question, "provide_contact")


async def test_a_number_without_its_country_is_not_guessed_at(small_clinic: Clinic) -> None:
    answer = await ask(small_clinic, "find", phone="020 7946 0958")

    assert answer.status_code == 400
    assert answer.json()["data"]["action_required"] == "provide_contact"


async def test_what_was_cancelled_behind_our_back_is_not_told(clinic: Clinic) -> None:
    uid = await book(clinic)
    await clinic.at_calcom("POST", f"/v2/bookings/{uid}/cancel", json={"cancellationReason": "Ill"})

    assert (await ask(clinic, "find", phone=PHONE)).json() == found(NONE)


async def test_what_was_moved_behind_our_back_is_followed(clinic: Clinic) -> None:
    old = await book(clinic)
    done = await clinic.at_calcom("POST", f"/v2/bookings/{old}/reschedule", json={"start": FRIDAY})

    answer = await ask(clinic, "find", phone=PHONE)

    sentence = "You have an appointment with Dr. Rivera on Friday, March 27 at 2 PM."
    assert answer.json() == found(sentence, row(done["data"]["uid"], FRIDAY, FRIDAY_END, "Friday, March 27 at 2 PM"))


async def test_what_is_over_is_not_told(small_clinic: Clinic) -> None:
    await book(small_clinic, "2026-03-20T11:00:00Z")
    assert "today at 11 AM" in (await ask(small_clinic, "find", phone=PHONE)).json()["message"]

    small_clinic.clock.advance(timedelta(hours=3, minutes=30))

    assert (await ask(small_clinic, "find", phone=PHONE)).json() == found(NONE)


async def test_an_address_is_looked_for_at_cal_com_too(clinic: Clinic) -> None:
    uid = await calcom.book(clinic, TEN, email="web@example.com")

    answer, gone = (
        await ask(clinic, "find", email="web@example.com"),
        await ask(clinic, "cancel", email="web@example.com"),
    )
    again = await ask(clinic, "cancel", email="web@example.com")

    assert answer.json() == found(HAVE, wednesday(uid))
    assert gone.json() == again.json() == cancelled(uid, GONE, TEN)


async def test_a_booking_of_another_host_under_that_address_is_not_theirs_to_tell(small_clinic: Clinic) -> None:
    uid = await calcom.foreign_uid(small_clinic, "the user's as a guest")

    answer = await ask(small_clinic, "find", email="owner@clinic.example")

    assert uid not in answer.text
    assert answer.json()["data"]["appointments"] == []


async def test_a_stand_in_address_is_nobodys(small_clinic: Clinic) -> None:
    await book(small_clinic)

    answer = await ask(small_clinic, "find", email="442079460958@sms.cal.com")

    assert answer.json()["data"]["appointments"] == []


@pytest.mark.parametrize(("action", "fields"), LOOKUPS)
async def test_what_cannot_be_verified_is_not_told(small_clinic: Clinic, action: str, fields: Json) -> None:
    uid = await book(small_clinic, email=EMAIL)
    await calcom.fault(small_clinic, "drop", "GET", "/v2/bookings", times=99)

    answer = await ask(small_clinic, action, **fields, deadline_ms=800)

    assert answer.status_code == 502
    assert answer.json() == stopped(action, "CALCOM_API_ERROR", AWAY)
    assert (await calcom.booking(small_clinic, uid))["status"] == "accepted"


async def test_of_many_at_most_ten_are_verified_and_three_are_said(small_clinic: Clinic) -> None:
    days = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (24, 25, 26, 27) for hour in (9, 11, 14)]
    for day in days:
        await book(small_clinic, day.isoformat(), name=f"Jane {day:%d %H}")

    answer = await ask(small_clinic, "find", phone=PHONE)

    assert len(answer.json()["data"]["appointments"]) == 10
    assert answer.json()["message"].startswith(
        "You have more than three appointments with Dr. Rivera. The next ones are "
    )
