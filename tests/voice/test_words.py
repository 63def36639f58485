"""Words at the doors: what is not understood whole is asked for, and nothing is booked."""

from datetime import timedelta

import pytest
from tests.api import calcom, owner
from tests.api.clinic import Clinic
from tests.voice.envelopes import Json, Spoken, tell

WHEN = "What day and time would you like?"


async def book(clinic: Clinic, when: str, **beside: str) -> Json:
    """Ask for an appointment for Jane."""
    return await tell(clinic, "generic", Spoken("book", {"name": "Jane Doe", "appointment_datetime": when, **beside}))


@pytest.mark.parametrize("said", ["heute vor 11 Uhr", "aujourd'hui après 10h", "Dienstag, 25. März um 10 Uhr"])
async def test_a_word_in_another_language_is_not_passed_over(small_clinic: Clinic, said: str) -> None:
    told = await book(small_clinic, said)

    assert (told["message"], told["action_required"]) == (WHEN, "provide_datetime")
    assert not await calcom.bookings(small_clinic)


@pytest.mark.parametrize("said", ["morgen um zehn", "demain à dix"])
async def test_another_time_of_day_is_not_the_only_offer_of_that_day(small_clinic: Clinic, said: str) -> None:
    small_clinic.clock.advance(timedelta(days=-1))
    suggested = await tell(small_clinic, "generic", Spoken("suggest"))
    assert suggested["message"].endswith("tomorrow, 9 AM.")

    assert (await book(small_clinic, said))["action_required"] == "provide_datetime"
    assert not await calcom.bookings(small_clinic)


async def test_a_day_in_another_language_is_its_only_offer(small_clinic: Clinic) -> None:
    small_clinic.clock.advance(timedelta(days=-1))
    await tell(small_clinic, "generic", Spoken("suggest"))

    assert (await book(small_clinic, "demain"))["date_time"] == "2026-03-20T09:00:00Z"


async def test_your_time_is_not_the_callers(small_clinic: Clinic) -> None:
    """The clinic is in London."""
    told = await book(small_clinic, "Monday at 10 am your time", timezone="America/New_York")

    assert (told["message"], told["action_required"]) == (WHEN, "provide_datetime")
    assert not await calcom.bookings(small_clinic)


@pytest.mark.parametrize("said", ["Monday at 10 am my time", "Monday at 10 am here"])
async def test_my_time_is_not_the_agents(small_clinic: Clinic, said: str) -> None:
    await owner.change_agent(small_clinic, timezone="America/New_York")

    assert (await book(small_clinic, said))["action_required"] == "provide_datetime"  # from a number in London
    assert not await calcom.bookings(small_clinic)


@pytest.mark.parametrize("whose", ["my time", "your time", "here", "local time"])
async def test_where_all_are_in_one_zone_it_may_be_anybodys(small_clinic: Clinic, whose: str) -> None:
    assert (await book(small_clinic, f"Monday at 10 am {whose}"))["date_time"] == "2026-03-23T10:00:00Z"


async def test_my_time_is_in_the_zone_that_was_named(small_clinic: Clinic) -> None:
    told = await book(small_clinic, "Monday at 10 am my time", timezone="America/New_York")

    assert told["date_time"] == "2026-03-23T14:00:00Z"


@pytest.mark.parametrize("caller", ["+12193001234", "+6281234567890"])
async def test_a_number_whose_area_has_several_zones_tells_none(small_clinic: Clinic, caller: str) -> None:
    wish = {"name": "Jane Doe", "appointment_datetime": "Monday at 10"}
    told = await tell(small_clinic, "generic", Spoken("book", wish, caller))

    assert (told["timezone"], told["date_time"]) == ("Europe/London", "2026-03-23T10:00:00Z")


@pytest.mark.parametrize(
    ("action", "filled_in", "sentence", "required"),
    [
        ("book", {"appointment_datetime": 1774436400}, WHEN, "provide_datetime"),
        ("book", {"appointment_datetime": ["Monday at 10"]}, WHEN, "provide_datetime"),
        ("book", {"date": "Monday", "time": ["10"]}, WHEN, "provide_datetime"),
        (
            "book",
            {"appointment_datetime": "Monday at 10", "timezone": "EST"},
            "Which city are you in, so that I get the time right?",
            "provide_timezone",
        ),
        ("book", {"name": ["Jane"]}, "What name should I put the appointment under?", "provide_name"),
        ("book", {"email": "jane"}, "What email address should I use?", "provide_email"),
        ("book", {"phone": "555"}, "What is the phone number, with its country code?", "provide_contact"),
        ("book", {"details": "none yet"}, "I didn't get those details. What were they, one by one?", "provide_details"),
        ("book", {"notes": "n" * 3000}, "That's more than I can note down. What is it about, in a few words?", ""),
        ("book", {"confirm": "perhaps"}, "Shall I go ahead, yes or no?", ""),
        ("cancel", {"appointment_id": "x" * 300}, "Which appointment is it?", "provide_appointment_id"),
        ("suggest", {"days_ahead": "soon"}, "How many days ahead should I look?", ""),
    ],
)
async def test_what_a_model_has_filled_in_wrongly_is_asked_for_in_a_callers_words(
    small_clinic: Clinic, action: str, filled_in: Json, sentence: str, required: str
) -> None:
    wish = {"name": "Jane Doe", **filled_in} if action == "book" else filled_in
    told = await tell(small_clinic, "generic", Spoken(action, wish, caller=""))

    assert (told["message"], told["action_required"], told["code"]) == (sentence, required, "INVALID_REQUEST")
    assert not await calcom.bookings(small_clinic)
