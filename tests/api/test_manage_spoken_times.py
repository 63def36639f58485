"""``manage``: times in words, addresses as they are spelled, and what was offered in the same call."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.api import calcom, lookups, owner
from tests.api.bodies import asked, booked
from tests.api.clinic import Clinic

from calbridge.domain.actions import Book, Booked, Call, Reply, Spoken
from calbridge.tools.speech import say
from calbridge.tools.zones import zone_of

SESSION = "a-call-of-its-own"
OVER = "What other time would suit you?"


@pytest.mark.parametrize(
    ("when", "instant", "spoken"),
    [
        ("next Wednesday at 10am", "2026-03-25T10:00:00Z", "Wednesday, March 25 at 10 AM"),
        ("Wednesday at half past two", "2026-03-25T14:30:00Z", "Wednesday, March 25 at 2:30 PM"),
        ("the 31st at 3", "2026-03-31T14:00:00Z", "Tuesday, March 31 at 3 PM"),  # the clocks have changed
        ("today at 3", "2026-03-20T15:00:00Z", "today at 3 PM"),
        ("April 1st at noon", "2026-04-01T11:00:00Z", "Wednesday, April 1 at noon"),
        ("in two weeks at 11", "2026-04-03T10:00:00Z", "Friday, April 3 at 11 AM"),
        ("2026-03-25 2:30 PM", "2026-03-25T14:30:00Z", "Wednesday, March 25 at 2:30 PM"),
    ],
)
async def test_a_time_in_words_is_booked_and_told_by_its_date(
    small_clinic: Clinic, when: str, instant: str, spoken: str
) -> None:
    answer = await small_clinic.book(when)

    assert answer.json() == booked(calcom.uid_of(answer), f"You're booked with Dr. Rivera for {spoken}.", instant)


async def test_words_are_read_in_the_callers_zone(small_clinic: Clinic) -> None:
    answer = await small_clinic.book("Wednesday at 10", timezone="America/New_York")

    assert answer.json()["data"]["date_time"] == "2026-03-25T14:00:00Z"
    assert answer.json()["message"].endswith("Wednesday, March 25 at 10 AM New York time.")


async def test_the_zone_of_the_callers_number_counts_before_the_accounts_and_is_named(small_clinic: Clinic) -> None:
    reply = await _handled(small_clinic, spoken=Spoken("Wednesday at 10"), number_zone=zone_of("+12125550123"))

    assert isinstance(reply.outcome, Booked)
    assert reply.outcome.booking.start == datetime(2026, 3, 25, 14, tzinfo=UTC)
    assert say(reply).endswith("Wednesday, March 25 at 10 AM New York time.")


async def test_the_agents_zone_goes_before_that_of_the_callers_number(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, timezone="Europe/Paris")

    reply = await _handled(small_clinic, spoken=Spoken("Wednesday at 10"), number_zone=zone_of("+12125550123"))

    assert isinstance(reply.outcome, Booked)
    assert reply.outcome.booking.start == datetime(2026, 3, 25, 9, tzinfo=UTC)


async def test_a_day_and_a_time_of_day_may_come_apart(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage(
        "book", name="Jane Doe", email="jane@example.com", date="2026-03-25", time="2:30 PM"
    )

    assert answer.json()["data"]["date_time"] == "2026-03-25T14:30:00Z"


async def test_of_a_past_year_the_next_such_date_is_meant(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage(
        "book", name="Jane Doe", email="jane@example.com", date="2024-03-25", time="10:00"
    )

    spoken = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
    assert answer.json() == booked(calcom.uid_of(answer), spoken, "2026-03-25T10:00:00Z")


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("Wednesday at 8", "Do you mean Wednesday, March 25 at 8 AM or 8 PM?"),
        ("Friday at 3", "Do you mean today or Friday, March 27 at 3 PM?"),
        ("at 7:30", "Do you mean today at 7:30 PM or tomorrow at 7:30 AM?"),
        ("Tuesday, March 25 at 10 AM", "Do you mean Tuesday, March 24 or Wednesday, March 25 at 10 AM?"),
        ("5/6/2026 at 10 AM", "Do you mean Wednesday, May 6 or Friday, June 5 at 10 AM?"),
    ],
)
@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_of_two_readings_the_caller_is_asked_which(
    small_clinic: Clinic, action: str, when: str, sentence: str
) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    who = {"name": "Jane Doe", "phone": "+442079460958"} if action == "book" else {"appointment_id": uid}
    answer = await small_clinic.manage(action, appointment_datetime=when, **who)

    assert answer.status_code == 400
    assert answer.json() == asked(action, sentence, "clarify_datetime")
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_both_readings_name_the_callers_zone(small_clinic: Clinic) -> None:
    answer = await small_clinic.book("Wednesday at 8", timezone="America/New_York")

    assert answer.json()["message"] == "Do you mean Wednesday, March 25 at 8 AM or 8 PM New York time?"


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("next Tuesday", "What time would you like on Tuesday, March 24?"),
        ("tomorrow afternoon", "What time would you like tomorrow?"),
        ("7am", "What day and time would you like?"),
    ],
)
async def test_what_is_missing_is_asked_for(small_clinic: Clinic, when: str, sentence: str) -> None:
    answer = await small_clinic.book(when)

    assert answer.status_code == 400
    assert answer.json() == asked("book", sentence, "provide_datetime")


async def test_words_for_a_time_that_is_over_or_skipped_are_told_so(small_clinic: Clinic) -> None:
    over = await small_clinic.book("today at 7am")
    skipped = await small_clinic.book("March 29 at 1:30am")

    assert over.json()["message"] == f"Today at 7 AM has already passed. {OVER}"
    clocks = "There is no 1:30 AM on Sunday, March 29, because the clocks go forward then."
    assert skipped.json()["message"] == f"{clocks} {OVER}"


async def test_which_appointment_to_cancel_may_be_told_in_words(small_clinic: Clinic) -> None:
    await small_clinic.book("2026-03-25T10:00:00")
    thursday = await small_clinic.book("2026-03-26T10:00:00")

    answer = await lookups.ask(small_clinic, "cancel", email="jane@example.com", appointment_datetime="Thursday at 10")

    assert answer.json()["data"]["appointment_id"] == calcom.uid_of(thursday)
    assert answer.json()["data"]["status"] == "cancelled"


async def test_what_was_offered_in_a_call_can_be_named_by_its_place(clinic: Clinic) -> None:
    offered = await clinic.manage("suggest", call_session_id=SESSION)
    told = [start for day in offered.json()["data"]["available_slots"] for start in day["start_times"]]

    answer = await clinic.book("the second one", call_session_id=SESSION)

    assert answer.status_code == 200
    assert answer.json()["data"]["date_time"] in told
    spoken = answer.json()["message"].rpartition(" at ")[2].rstrip(".")
    assert spoken in offered.json()["message"]


async def test_of_their_own_appointments_one_can_be_named_by_its_place(small_clinic: Clinic) -> None:
    await small_clinic.book("2026-03-25T10:00:00")
    thursday = await small_clinic.book("2026-03-26T10:00:00")
    await lookups.ask(small_clinic, "suggest", call_session_id=SESSION)
    who = {"email": "jane@example.com", "call_session_id": SESSION}
    await lookups.ask(small_clinic, "cancel", **who)

    answer = await lookups.ask(small_clinic, "cancel", appointment_datetime="the second one", **who)

    assert answer.json()["data"]["appointment_id"] == calcom.uid_of(thursday)
    assert answer.json()["data"]["status"] == "cancelled"


@pytest.mark.parametrize("day", ["2026-03-25", "Wednesday", "next Wednesday"])
async def test_an_appointment_datetime_may_be_but_the_day(small_clinic: Clinic, day: str) -> None:
    answer = await small_clinic.book(day, time="2:30 PM")

    assert answer.json()["data"]["date_time"] == "2026-03-25T14:30:00Z"


@pytest.mark.parametrize(
    ("when", "apart"),
    [
        ("2026-03-25T10:00:00", {"date": "2026-03-25", "time": "10:00"}),
        ("2026-03-25T10:00:00", {"date": "Wednesday"}),
        ("2026-03-25T10:00:00Z", {"time": "10 AM"}),
        ("Wednesday at 10", {"date": "March 25", "time": "10"}),
    ],
)
async def test_what_is_told_twice_may_agree(small_clinic: Clinic, when: str, apart: dict[str, str]) -> None:
    answer = await small_clinic.book(when, **apart)

    assert answer.json()["data"]["date_time"] == "2026-03-25T10:00:00Z"


@pytest.mark.parametrize(
    ("when", "apart"),
    [
        ("2026-03-25T10:00:00", {"date": "2026-03-30", "time": "15:00"}),
        ("2026-03-25T10:00:00", {"date": "Thursday"}),
        ("2026-03-25T10:00:00Z", {"time": "3 PM"}),
        ("Wednesday at 10", {"date": "March 26", "time": "10"}),
        ("Wednesday at 10", {"time": "11"}),
    ],
)
async def test_where_the_fields_differ_the_time_is_asked_for(
    small_clinic: Clinic, when: str, apart: dict[str, str]
) -> None:
    answer = await small_clinic.book(when, **apart)

    assert answer.json() == asked("book", "What day and time would you like?", "provide_datetime")


async def test_a_reading_can_be_named_by_its_place_too(small_clinic: Clinic) -> None:
    await small_clinic.book("Friday at 3", call_session_id=SESSION)

    answer = await small_clinic.book("the second", call_session_id=SESSION)

    assert answer.json()["data"]["date_time"] == "2026-03-27T15:00:00Z"


async def test_in_another_call_and_without_one_it_says_nothing(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest", call_session_id=SESSION)

    for session in ("another-call", ""):
        answer = await small_clinic.book("the second one", call_session_id=session)
        assert answer.json() == asked("book", "What day and time would you like?", "provide_datetime")


async def test_an_offer_is_checked_not_trusted(small_clinic: Clinic) -> None:
    offered = await small_clinic.manage("suggest", call_session_id=SESSION)
    for day in offered.json()["data"]["available_slots"]:
        for start in day["start_times"]:
            await calcom.book(small_clinic, start)  # somebody else was faster

    answer = await small_clinic.book("slot_1", call_session_id=SESSION)

    assert answer.status_code == 422
    assert answer.json()["data"]["action_required"] == "reschedule"


async def test_of_the_times_offered_instead_one_can_be_named(small_clinic: Clinic) -> None:
    await calcom.book(small_clinic, "2026-03-25T10:00:00Z")
    taken = await small_clinic.book("Wednesday at 10", call_session_id=SESSION)

    answer = await small_clinic.book("the last one", call_session_id=SESSION)

    assert taken.status_code == 422
    assert answer.status_code == 200


@pytest.mark.parametrize("said", ["jane at example dot com", "J A N E at example dot com", "jane @ example.com"])
async def test_a_spelled_address_is_understood(small_clinic: Clinic, said: str) -> None:
    answer = await small_clinic.book(email=said)

    assert answer.status_code == 200
    (booking,) = await calcom.bookings(small_clinic)
    assert booking["attendees"][0]["email"] == "jane@example.com"


async def test_a_doubtful_address_is_read_back(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(email="jane doe at gmail dot com")

    assert answer.status_code == 400
    assert answer.json() == asked("book", "Is your email address janedoe at gmail dot com?", "confirm_email")


async def test_a_doubtful_address_holds_nobody_up_who_has_a_phone(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(email="jane at gmail dot com dot com", phone="+442079460958")

    assert answer.status_code == 200
    (booking,) = await calcom.bookings(small_clinic)
    assert "gmail" not in booking["attendees"][0]["email"]


async def _handled(clinic: Clinic, **said: Any) -> Reply:  # noqa: ANN401 - any field of a call
    call = Call(clinic.organization.id, clinic.agent.id, Book("Jane Doe", "jane@example.com"), **said)
    return await clinic.services.front_desk.handle(call, None, "a test")


@pytest.mark.parametrize("when", ["Thursday", "Wednesday at 8", "yesterday at 3 PM", "Friday at 3 PM"])
async def test_a_cancellation_whose_time_is_not_certain_is_asked_about(small_clinic: Clinic, when: str) -> None:
    """Even where the caller has but one: it may not be the one that they mean."""
    await small_clinic.book("2026-03-25T10:00:00")

    answer = await lookups.ask(small_clinic, "cancel", email="jane@example.com", appointment_datetime=when)

    assert answer.json()["data"]["action_required"] == "choose_appointment"
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted"]
