"""``manage`` with ``reschedule``: one appointment, moved, and what stands in the way."""

from datetime import timedelta

import httpx
import pytest
from tests.api import calcom
from tests.api.bodies import NO_APPOINTMENT, NO_TIME, day, moved, not_done, requested, stopped, taken
from tests.api.clinic import Clinic

ELEVEN = "2026-03-26T11:00:00Z"
SENTENCE = "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM."
STAYS = "Your appointment stays on Wednesday, March 25 at 10 AM."
MOVES = "/reschedule"


async def test_an_appointment_is_moved_and_gets_a_new_uid(clinic: Clinic) -> None:
    old = calcom.uid_of(await clinic.book())

    answer = await clinic.manage("reschedule", appointment_id=old, appointment_datetime="2026-03-26T11:00:00")

    assert answer.status_code == 200
    new = calcom.uid_of(answer)
    assert answer.json() == moved(new, SENTENCE, ELEVEN)
    assert new != old
    before, after = await calcom.booking(clinic, old), await calcom.booking(clinic, new)
    assert (before["status"], before["rescheduledToUid"]) == ("cancelled", new)
    assert (after["status"], after["start"]) == ("accepted", "2026-03-26T11:00:00.000Z")


async def test_the_notes_are_the_reason_and_without_any_there_is_one(small_clinic: Clinic) -> None:
    first = calcom.uid_of(await small_clinic.book())
    second = calcom.uid_of(await _move(small_clinic, first, notes="The train is late."))
    await _move(small_clinic, second, "2026-03-27T11:00:00Z")

    assert await calcom.sent(small_clinic, "POST", f"/v2/bookings/{first}{MOVES}") == [
        {"start": ELEVEN, "reschedulingReason": "The train is late."}
    ]
    (again,) = await calcom.sent(small_clinic, "POST", f"/v2/bookings/{second}{MOVES}")
    assert again == {"start": "2026-03-27T11:00:00Z", "reschedulingReason": "Moved by the caller by phone"}


async def test_an_old_uid_is_followed_to_the_live_booking(small_clinic: Clinic) -> None:
    first = calcom.uid_of(await small_clinic.book())
    second = calcom.uid_of(await _move(small_clinic, first, "2026-03-26T09:00:00Z"))
    third = calcom.uid_of(await _move(small_clinic, second, "2026-03-26T10:00:00Z"))

    answer = await _move(small_clinic, first)

    assert answer.json() == moved(calcom.uid_of(answer), SENTENCE, ELEVEN)
    assert (await calcom.booking(small_clinic, third))["rescheduledToUid"] == calcom.uid_of(answer)


@pytest.mark.parametrize("uid", ["old", "new"])
async def test_the_same_request_again_is_the_same_success_without_a_second_move(small_clinic: Clinic, uid: str) -> None:
    old = calcom.uid_of(await small_clinic.book())
    first = await _move(small_clinic, old)

    again = await _move(small_clinic, old if uid == "old" else calcom.uid_of(first))

    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(await calcom.bookings(small_clinic)) == 2


async def test_a_move_to_where_it_is_changes_nothing(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book("2026-03-26T11:00:00Z"))

    answer = await _move(small_clinic, uid)

    assert answer.json() == moved(uid, SENTENCE, ELEVEN)
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_an_appointment_may_move_by_less_than_its_length(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    answer = await _move(small_clinic, uid, "2026-03-25T10:15:00Z")

    assert answer.status_code == 200


async def test_a_taken_time_is_refused_and_the_appointment_stays(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.book(small_clinic, ELEVEN)

    answer = await _move(small_clinic, uid)

    assert answer.status_code == 422
    around = day(
        "2026-03-26",
        "Thursday",
        *("9:00 AM 09:00", "9:30 AM 09:30", "10:00 AM 10:00", "10:30 AM 10:30", "11:30 AM 11:30"),
        *("12:00 PM 12:00", "12:30 PM 12:30", "1:00 PM 13:00", "1:30 PM 13:30"),
    )
    sentence = f"That time is taken. {STAYS} On Thursday I have 10:30 AM, 11:30 AM or noon."
    assert answer.json() == taken("reschedule", sentence, ELEVEN, around, appointment_id=uid, status="accepted")
    assert (await calcom.booking(small_clinic, uid))["status"] == "accepted"


async def test_a_time_that_offers_lack_is_refused_without_a_try(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await small_clinic.manage("suggest")

    answer = await _move(small_clinic, uid, "2026-03-26T20:00:00Z")

    assert answer.status_code == 422
    assert answer.json()["data"]["appointment_id"] == uid
    assert STAYS in answer.json()["message"]
    assert await calcom.sent(small_clinic, "POST", f"/v2/bookings/{uid}{MOVES}") == []


async def test_what_its_host_must_confirm_stays_a_request(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book(ELEVEN))
    await calcom.edit(small_clinic, uid, status="pending")

    answer = await _move(small_clinic, uid)

    sentence = (
        "I've asked to move your appointment with Dr. Rivera to Thursday, March 26 at 11 AM; "
        "it still has to be confirmed."
    )
    assert answer.json() == requested(uid, sentence, ELEVEN, action="reschedule")


async def test_a_booking_that_is_over_stays_as_it_was(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book("2026-03-20T11:00:00Z"))
    small_clinic.clock.advance(timedelta(hours=4))

    answer = await _move(small_clinic, uid)

    assert answer.status_code == 409
    sentence = "Your appointment today at 11 AM is already over, so I can't move it."
    assert answer.json() == _prevented(sentence, uid, "2026-03-20T11:00:00Z")


async def test_a_cancelled_booking_is_not_moved(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await small_clinic.manage("cancel", appointment_id=uid)

    answer = await _move(small_clinic, uid)

    assert answer.status_code == 409
    sentence = "Your appointment on Wednesday, March 25 at 10 AM has been cancelled, so I can't move it."
    assert answer.json() == _prevented(sentence, uid, "2026-03-25T10:00:00Z", status="cancelled")


async def test_an_event_type_may_forbid_moving(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, disable_rescheduling=True)
    uid = calcom.uid_of(await small_clinic.book())

    answer = await _move(small_clinic, uid)

    assert answer.status_code == 409
    sentence = f"This kind of appointment can't be moved to another time. {STAYS}"
    assert answer.json() == _prevented(sentence, uid, "2026-03-25T10:00:00Z")
    assert (await calcom.booking(small_clinic, uid))["status"] == "accepted"


@pytest.mark.parametrize(
    ("event", "kind", "handle"),
    [({"recurring": 3}, "repeating", "recurringBookingUid"), ({"seats": 5}, "group", "uid")],
)
async def test_series_and_groups_are_not_moved(
    small_clinic: Clinic, event: dict[str, int], kind: str, handle: str
) -> None:
    (number,) = (await calcom.host(small_clinic, event_types=[{"slug": "visit", "minutes": 30, **event}])).values()
    await calcom.use(small_clinic, "cal_sandbox_new")
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
    body = {"eventTypeId": number, "start": "2026-03-25T10:00:00Z", "attendee": who}
    await small_clinic.at_calcom("POST", "/v2/bookings", json=body)
    first = (await calcom.bookings(small_clinic))[0]

    answer = await _move(small_clinic, (await calcom.booking(small_clinic, first["uid"]))[handle])

    assert answer.status_code == 409
    assert answer.json()["code"] == "CONFLICT"
    assert f"That is a {kind} appointment, and I can't move" in answer.json()["message"]


async def test_one_of_a_series_is_moved_and_the_others_stand(small_clinic: Clinic) -> None:
    _, second, _ = await calcom.series(small_clinic)

    answer = await _move(small_clinic, second["uid"], "2026-04-02T11:00:00")

    assert answer.status_code == 200
    live = [each for each in await calcom.bookings(small_clinic) if each["status"] == "accepted"]
    starts = ["2026-03-25T10:00:00.000Z", "2026-04-08T10:00:00.000Z", "2026-04-02T10:00:00.000Z"]
    assert [each["start"] for each in live] == starts


async def test_a_group_is_not_moved_even_if_its_event_type_is_not_listed(small_clinic: Clinic) -> None:
    group = await calcom.unlisted_group(small_clinic)

    answer = await _move(small_clinic, group["uid"])

    assert answer.status_code == 409
    assert "That is a group appointment" in answer.json()["message"]
    assert (await calcom.booking(small_clinic, group["uid"]))["status"] == "accepted"


async def test_a_time_in_the_past_and_one_that_the_clocks_skip_are_refused(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    past = await _move(small_clinic, uid, "2026-03-19T10:00:00")
    skipped = await _move(small_clinic, uid, "2026-03-29T01:30:00")

    over = "What other time would suit you?"
    sentences = {
        past: f"Yesterday at 10 AM has already passed. {over}",
        skipped: f"There is no 1:30 AM on Sunday, March 29, because the clocks go forward then. {over}",
    }
    for answer, sentence in sentences.items():
        assert answer.status_code == 400
        expected = not_done("reschedule", "INVALID_REQUEST", sentence, NO_TIME, action_required="provide_datetime")
        assert answer.json() == expected


@pytest.mark.parametrize("whose", ["nobody's", "a stranger's", "the user's as a guest"])
async def test_what_is_not_provably_the_accounts_own_is_not_found(small_clinic: Clinic, whose: str) -> None:
    uid = await calcom.foreign_uid(small_clinic, whose)

    answer = await _move(small_clinic, uid)

    assert answer.status_code == 404
    assert answer.json() == stopped("reschedule", "NOT_FOUND", NO_APPOINTMENT)
    assert not [each for each in await calcom.requests(small_clinic) if each["method"] == "POST"]


async def _move(clinic: Clinic, uid: str, when: str = ELEVEN, **fields: object) -> httpx.Response:
    return await clinic.manage("reschedule", appointment_id=uid, appointment_datetime=when, **fields)


def _prevented(sentence: str, uid: str, when: str, status: str = "accepted") -> calcom.Json:
    return not_done(
        "reschedule", "CONFLICT", sentence, "Not possible", appointment_id=uid, date_time=when, status=status
    )
