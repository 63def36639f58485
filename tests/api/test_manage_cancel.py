"""``manage`` with ``cancel``: an appointment that is no more, and what stands in the way."""

from datetime import timedelta

import pytest
from tests.api import calcom
from tests.api.bodies import NO_APPOINTMENT, cancelled, not_done, stopped
from tests.api.clinic import Clinic

TEN = "2026-03-25T10:00:00Z"
SENTENCE = "Your appointment with Dr. Rivera on Wednesday, March 25 at 10 AM is cancelled."


async def test_an_appointment_is_cancelled(clinic: Clinic) -> None:
    uid = calcom.uid_of(await clinic.book())

    answer = await clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 200
    assert answer.json() == cancelled(uid, SENTENCE, TEN)
    shown = await calcom.booking(clinic, uid)
    assert (shown["status"], shown["cancellationReason"]) == ("cancelled", "Cancelled by the caller by phone")


async def test_the_notes_are_the_reason(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    await small_clinic.manage("cancel", appointment_id=uid, notes="Feeling better.")

    assert (await calcom.booking(small_clinic, uid))["cancellationReason"] == "Feeling better."


async def test_cancelling_twice_is_the_same_success(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    first = await small_clinic.manage("cancel", appointment_id=uid)

    again = await small_clinic.manage("cancel", appointment_id=uid)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(await calcom.sent(small_clinic, "POST", f"/v2/bookings/{uid}/cancel")) == 1


async def test_an_old_uid_is_followed_to_the_live_booking(small_clinic: Clinic) -> None:
    old = calcom.uid_of(await small_clinic.book())
    when = "2026-03-26T11:00:00Z"
    new = calcom.uid_of(await small_clinic.manage("reschedule", appointment_id=old, appointment_datetime=when))

    answer = await small_clinic.manage("cancel", appointment_id=old)

    sentence = "Your appointment with Dr. Rivera on Thursday, March 26 at 11 AM is cancelled."
    assert answer.json() == cancelled(new, sentence, when)
    assert {each["status"] for each in await calcom.bookings(small_clinic)} == {"cancelled"}


async def test_a_request_that_was_declined_counts_as_cancelled(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.edit(small_clinic, uid, status="rejected")

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    sentence = "Your request with Dr. Rivera for Wednesday, March 25 at 10 AM was declined, so nothing is booked."
    assert answer.json() == cancelled(uid, sentence, TEN, status="rejected")


async def test_a_booking_that_is_over_stays_as_it_was(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book("2026-03-20T11:00:00Z"))
    small_clinic.clock.advance(timedelta(days=1))

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 409
    sentence = "Your appointment yesterday at 11 AM is already over, so I can't cancel it."
    assert answer.json() == _prevented(sentence, uid, "2026-03-20T11:00:00Z")


async def test_an_event_type_may_forbid_cancelling(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, disable_cancelling=True)
    uid = calcom.uid_of(await small_clinic.book())

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 409
    stays = "Your appointment stays on Wednesday, March 25 at 10 AM."
    assert answer.json() == _prevented(f"This kind of appointment can't be cancelled. {stays}", uid, TEN)
    assert (await calcom.booking(small_clinic, uid))["status"] == "accepted"


@pytest.mark.parametrize(
    ("event", "kind", "handle"),
    [({"recurring": 3}, "repeating", "recurringBookingUid"), ({"seats": 5}, "group", "uid")],
)
async def test_series_and_groups_are_not_cancelled(
    small_clinic: Clinic, event: dict[str, int], kind: str, handle: str
) -> None:
    (number,) = (await calcom.host(small_clinic, event_types=[{"slug": "visit", "minutes": 30, **event}])).values()
    await calcom.use(small_clinic, "cal_sandbox_new")
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
    await small_clinic.at_calcom("POST", "/v2/bookings", json={"eventTypeId": number, "start": TEN, "attendee": who})
    before = await calcom.bookings(small_clinic)

    answer = await small_clinic.manage(
        "cancel", appointment_id=(await calcom.booking(small_clinic, before[0]["uid"]))[handle]
    )

    assert answer.status_code == 409
    assert answer.json()["code"] == "CONFLICT"
    assert f"That is a {kind} appointment, and I can't cancel" in answer.json()["message"]
    assert await calcom.bookings(small_clinic) == before


async def test_one_of_a_series_is_cancelled_and_the_others_stand(small_clinic: Clinic) -> None:
    _, second, _ = await calcom.series(small_clinic)

    answer = await small_clinic.manage("cancel", appointment_id=second["uid"])

    assert answer.status_code == 200
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted", "cancelled", "accepted"]


async def test_a_series_of_somebody_else_is_not_found(small_clinic: Clinic) -> None:
    first, *_ = await calcom.series(small_clinic, "cal_sandbox_demo")

    answer = await small_clinic.manage("cancel", appointment_id=first["recurringBookingUid"])

    assert answer.status_code == 404
    assert answer.json() == stopped("cancel", "NOT_FOUND", NO_APPOINTMENT)


async def test_a_group_is_not_cancelled_even_if_its_event_type_is_not_listed(small_clinic: Clinic) -> None:
    group = await calcom.unlisted_group(small_clinic)

    answer = await small_clinic.manage("cancel", appointment_id=group["uid"])

    assert answer.status_code == 409
    assert "That is a group appointment" in answer.json()["message"]
    assert (await calcom.booking(small_clinic, group["uid"]))["status"] == "accepted"


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's", "the user's as a guest"])
async def test_what_is_not_provably_the_accounts_own_is_not_found(small_clinic: Clinic, whose: str) -> None:
    uid = await calcom.foreign_uid(small_clinic, whose)

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 404
    assert answer.json() == stopped("cancel", "NOT_FOUND", NO_APPOINTMENT)
    assert not [each for each in await calcom.requests(small_clinic) if each["method"] == "POST"]


@pytest.mark.parametrize("uid", ["../../me", "a/b", "?x=1", "uid with blanks", "x" * 255, "ключ"])
async def test_what_is_no_uid_is_not_found(small_clinic: Clinic, uid: str) -> None:
    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 404
    assert answer.json() == stopped("cancel", "NOT_FOUND", NO_APPOINTMENT)


async def test_a_uid_that_is_too_long_for_any_is_refused(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage("cancel", appointment_id="x" * 256)

    assert answer.status_code == 400
    sentence = "The appointment id must be at most 255 characters long."
    assert answer.json() == stopped("cancel", "INVALID_REQUEST", sentence, "provide_appointment_id")


def _prevented(sentence: str, uid: str, when: str) -> calcom.Json:
    known = {"appointment_id": uid, "date_time": when, "status": "accepted"}
    return not_done("cancel", "CONFLICT", sentence, "Not possible", **known)
