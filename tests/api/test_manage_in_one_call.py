"""``manage``: what was said in a call holds for the rest of it, and in no other."""

import httpx
import pytest
from tests.api import calcom, lookups, owner
from tests.api.clinic import Clinic

SESSION = "a-call-of-its-own"
CALL = {"call_session_id": SESSION}
TEN = "2026-03-25T10:00:00Z"


async def offered(clinic: Clinic) -> None:
    """Have 9:30, 10:30 and 11 on Wednesday offered."""
    await calcom.book(clinic, TEN)
    answer = await clinic.book(TEN, **CALL)
    assert answer.json()["message"].endswith("On Wednesday I have 9:30 AM, 10:30 AM or 11 AM.")


async def moved(clinic: Clinic, made: httpx.Response, when: str) -> httpx.Response:
    """Ask for an appointment to be moved."""
    return await clinic.manage("reschedule", appointment_id=calcom.uid_of(made), appointment_datetime=when, **CALL)


def when(answer: httpx.Response) -> str:
    return str(answer.json()["data"]["date_time"])


async def test_after_a_booking_every_offer_keeps_its_place(clinic: Clinic) -> None:
    await offered(clinic)

    first = await clinic.book("the first one", **CALL)
    second = await moved(clinic, first, "the second one")
    back = await moved(clinic, second, "the first one")

    starts = ["2026-03-25T09:30:00Z", "2026-03-25T10:30:00Z", "2026-03-25T09:30:00Z"]
    assert [when(each) for each in (first, second, back)] == starts


async def test_after_a_cancellation_every_offer_keeps_its_place(small_clinic: Clinic) -> None:
    await offered(small_clinic)
    first = await small_clinic.book("the first one", **CALL)
    await small_clinic.manage("cancel", appointment_id=calcom.uid_of(first), **CALL)

    assert when(await small_clinic.book("the last one", **CALL)) == "2026-03-25T11:00:00Z"


async def test_nobody_moves_an_appointment_to_where_it_is(small_clinic: Clinic) -> None:
    made = await small_clinic.book("2026-03-25T10:00:00")
    await lookups.ask(small_clinic, "find", email="jane@example.com", **CALL)

    answer = await moved(small_clinic, made, "Wednesday")

    assert answer.json()["message"] == "What time would you like on Wednesday, March 25?"
    assert answer.json()["data"]["action_required"] == "provide_datetime"


async def test_a_time_that_was_taken_is_not_where_the_appointment_is_to_be_moved(small_clinic: Clinic) -> None:
    await offered(small_clinic)
    made = await small_clinic.book("the first one", **CALL)

    answer = await moved(small_clinic, made, "Wednesday")

    assert answer.json()["message"] == "Do you mean Wednesday, March 25 at 10:30 AM or 11 AM?"


async def test_who_asks_once_more_to_have_it_moved_to_an_offer_hears_that_it_is(small_clinic: Clinic) -> None:
    await offered(small_clinic)
    made = await small_clinic.book("2026-03-26T10:00:00", **CALL)
    first = await moved(small_clinic, made, "half past ten")

    again = await moved(small_clinic, first, "half past ten")

    assert when(first) == "2026-03-25T10:30:00Z"
    assert again.json()["message"] == first.json()["message"]


async def test_an_appointment_that_was_listed_is_no_offer(small_clinic: Clinic) -> None:
    await offered(small_clinic)
    await small_clinic.book("2026-03-26T10:00:00")
    await lookups.ask(small_clinic, "find", email="jane@example.com", **CALL)

    assert when(await small_clinic.book("the first one", **CALL)) == "2026-03-25T09:30:00Z"


@pytest.mark.parametrize("apart", [{"date": "Thursday"}, {"time": "3 PM"}, {"date": "Thursday", "time": "3"}])
async def test_what_is_told_twice_may_agree_although_other_times_were_offered(
    small_clinic: Clinic, apart: dict[str, str]
) -> None:
    await offered(small_clinic)

    assert when(await small_clinic.book("2026-03-26T15:00:00", **apart, **CALL)) == "2026-03-26T15:00:00Z"


@pytest.mark.parametrize("said", ["a week from Monday", "Monday week", "last Monday"])
async def test_the_offer_of_a_weekday_is_not_that_of_another_week(small_clinic: Clinic, said: str) -> None:
    made = await small_clinic.book()
    suggested = await small_clinic.manage("suggest", **CALL)

    booked, changed = await small_clinic.book(said, **CALL), await moved(small_clinic, made, said)

    assert "on Monday, 9 AM" in suggested.json()["message"]
    assert {each.json()["data"]["action_required"] for each in (booked, changed)} == {"provide_datetime"}
    assert [each["start"] for each in await calcom.bookings(small_clinic)] == ["2026-03-25T10:00:00.000Z"]


async def test_nor_is_the_appointment_of_a_weekday_cancelled_for_another_week(small_clinic: Clinic) -> None:
    await small_clinic.book()
    who = {"email": "jane@example.com", **CALL}
    await lookups.ask(small_clinic, "find", **who)

    answer = await lookups.ask(small_clinic, "cancel", appointment_datetime="a week from Wednesday", **who)

    assert answer.json()["data"]["action_required"] == "choose_appointment"
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted"]


@pytest.mark.parametrize("said", ["the one on the 23rd", "that one on Monday", "the one on March 23"])
async def test_the_one_that_was_offered_is_at_its_own_time_not_at_one(small_clinic: Clinic, said: str) -> None:
    made = await small_clinic.book()
    suggested = await small_clinic.manage("suggest", **CALL)

    answer = await moved(small_clinic, made, said)

    assert "on Monday, 9 AM" in suggested.json()["message"]
    assert when(answer) == "2026-03-23T09:00:00Z"


@pytest.mark.parametrize(
    "said",
    [
        {"appointment_datetime": "the second, 10:30 am"},
        {"appointment_datetime": "the second at half past ten"},
        {"appointment_datetime": "the second", "time": "10:30"},
        {"appointment_datetime": "", "date": "the second", "time": "10:30"},
    ],
)
async def test_the_second_offer_with_its_time_is_no_second_of_april(small_clinic: Clinic, said: dict[str, str]) -> None:
    await offered(small_clinic)

    assert when(await small_clinic.book(**said, **CALL)) == "2026-03-25T10:30:00Z"


@pytest.mark.parametrize("said", ["the first at 10:30", "the second, 10 am", "the third at 2"])
async def test_an_offer_with_the_time_of_another_is_asked_about(small_clinic: Clinic, said: str) -> None:
    await offered(small_clinic)
    made = await small_clinic.book("2026-03-26T10:00:00")

    booked, changed = await small_clinic.book(said, **CALL), await moved(small_clinic, made, said)

    assert {each.json()["data"]["action_required"] for each in (booked, changed)} == {"provide_datetime"}


async def test_the_1st_may_be_the_first_offer_or_the_first_of_april(small_clinic: Clinic) -> None:
    taken = await small_clinic.book("2026-04-01T00:50:00", **CALL)

    answer = await small_clinic.book("the 1st", **CALL)

    told = "On Tuesday, March 31, I have 4:30 PM; on Wednesday, April 1, 9 AM or 9:30 AM."
    assert taken.json()["message"].endswith(told)
    assert answer.json()["data"]["action_required"] == "provide_datetime"
    assert when(await small_clinic.book("the first one", **CALL)) == "2026-03-31T15:30:00Z"


async def test_a_zone_that_was_named_once_holds_for_the_rest_of_the_call(small_clinic: Clinic) -> None:
    made = await small_clinic.book("Wednesday at 10", timezone="America/New_York", **CALL)

    later = await moved(small_clinic, made, "Thursday at 11")

    assert (when(made), when(later)) == ("2026-03-25T14:00:00Z", "2026-03-26T15:00:00Z")
    assert later.json()["message"].endswith("Thursday, March 26 at 11 AM New York time.")
    assert later.json()["data"]["timezone"] == "America/New_York"


async def test_it_holds_although_nothing_came_of_the_request_that_named_it(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "status", "GET", "/v2/slots", times=3)
    failed = await small_clinic.manage("suggest", timezone="America/New_York", **CALL)

    assert failed.status_code == 502
    assert when(await small_clinic.book("Wednesday at 10", **CALL)) == "2026-03-25T14:00:00Z"


async def test_of_several_zones_the_last_holds_and_goes_before_the_agents(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, timezone="Europe/Berlin")
    for zone in ("America/New_York", "Europe/Paris", "Asia/Tokyo"):
        await small_clinic.manage("suggest", timezone=zone, **CALL)

    assert when(await small_clinic.book("2026-03-25T19:00:00", **CALL)) == "2026-03-25T10:00:00Z"


@pytest.mark.parametrize("session", ["another-call", ""])
async def test_it_is_no_zone_of_another_call(small_clinic: Clinic, session: str) -> None:
    await small_clinic.manage("suggest", timezone="America/New_York", call_session_id=session and SESSION)

    assert when(await small_clinic.book("Wednesday at 10", call_session_id=session)) == TEN
