"""``manage`` with ``book``: times that are not to be had, and the caller who has just got theirs."""

import pytest
from tests.api import calcom, owner
from tests.api.bodies import booked, day, taken
from tests.api.clinic import Clinic

BOB = {"name": "Bob", "email": "bob@example.com"}
SENTENCE = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
TEN = "2026-03-25T10:00:00Z"
CREATE = ("POST", "/v2/bookings")
AROUND_TEN = day(
    "2026-03-25",
    "Wednesday",
    *("9:00 AM 09:00", "9:30 AM 09:30", "10:30 AM 10:30", "11:00 AM 11:00", "11:30 AM 11:30"),
    *("12:00 PM 12:00", "12:30 PM 12:30", "1:00 PM 13:00", "1:30 PM 13:30"),
)


async def test_another_caller_for_the_same_time_hears_what_is_open_instead(small_clinic: Clinic) -> None:
    await small_clinic.book()

    answer = await small_clinic.book(**BOB)

    assert answer.status_code == 422
    sentence = "That time is taken. On Wednesday I have 9:30 AM, 10:30 AM or 11 AM."
    assert answer.json() == taken("book", sentence, TEN, AROUND_TEN)
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_alternatives_are_told_in_the_callers_zone(small_clinic: Clinic) -> None:
    await small_clinic.book("2026-03-20T16:00:00")

    answer = await small_clinic.book("2026-03-20T16:00:00Z", timezone="America/New_York", **BOB)

    body = answer.json()
    assert body["message"] == "That time is taken. Today I have 11 AM, 11:30 AM or 12:30 PM New York time."
    assert body["error"]["details"]["available_slots"] == body["data"]["available_slots"]
    (first,) = body["data"]["available_slots"]
    assert (first["date_label"], first["slots"][-1], first["start_times"][-1]) == (
        "Today",
        "12:30 PM",
        "2026-03-20T16:30:00Z",
    )


@pytest.mark.parametrize("between", ["", "suggest", "availability"])
async def test_the_caller_who_has_just_got_the_time_hears_that_again(small_clinic: Clinic, between: str) -> None:
    first = await small_clinic.book()
    if between:
        await small_clinic.manage(between)

    again = await small_clinic.book()

    assert again.status_code == 200
    assert first.json() == booked(calcom.uid_of(first), SENTENCE, TEN)
    assert again.json() == booked("", SENTENCE, TEN)  # who has no credential gets no uid twice
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_within_one_call_a_name_and_an_address_that_were_misheard_are_the_same_caller(
    small_clinic: Clinic,
) -> None:
    first = await small_clinic.book(call_session_id="call-4711-abc")

    again = await small_clinic.book(name="Jayne Dough", email="jayne@example.com", call_session_id="call-4711-abc")

    assert again.status_code == 200
    assert calcom.uid_of(again) == calcom.uid_of(first)
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_a_session_that_is_an_unrendered_template_makes_no_two_callers_one(small_clinic: Clinic) -> None:
    await small_clinic.book(call_session_id="{{call.id}}")

    again = await small_clinic.book(call_session_id="{{call.id}}", **BOB)

    assert again.status_code == 422


async def test_two_phones_are_two_callers_even_within_one_call(small_clinic: Clinic) -> None:
    await small_clinic.book(call_session_id="call-4711-abc", phone="+442079460958")

    again = await small_clinic.book(call_session_id="call-4711-abc", phone="+442079460999")

    assert again.status_code == 422


async def test_a_request_that_was_answered_with_pending_is_answered_so_again(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="needs-approval")
    first = await small_clinic.book()

    again = await small_clinic.book()

    first_data, again_data = first.json()["data"], again.json()["data"]
    assert again_data == {**first_data, "appointment_id": ""}
    assert first_data["message"] == "Appointment requested"
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_a_time_between_the_offered_ones_is_refused_once_offers_are_known(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")

    answer = await small_clinic.book("2026-03-25T10:10:00")

    assert answer.status_code == 422
    around = day(
        "2026-03-25",
        "Wednesday",
        *("9:00 AM 09:00", "9:30 AM 09:30", "10:00 AM 10:00", "10:30 AM 10:30", "11:00 AM 11:00"),
        *("11:30 AM 11:30", "12:00 PM 12:00", "12:30 PM 12:30", "1:00 PM 13:00"),
    )
    sentence = "That time isn't available. On Wednesday I have 9:30 AM, 10 AM or 10:30 AM."
    assert answer.json() == taken("book", sentence, "2026-03-25T10:10:00Z", around)
    assert await calcom.sent(small_clinic, "POST", "/v2/bookings") == []


async def test_who_rings_again_hears_that_they_are_booked_also_where_the_time_is_known_to_be_gone(
    small_clinic: Clinic,
) -> None:
    await small_clinic.book(call_session_id="call-1111-abc")
    await small_clinic.manage("availability", call_session_id="call-2222-abc")

    another = await small_clinic.book(call_session_id="call-3333-abc", **BOB)
    again = await small_clinic.book(call_session_id="call-2222-abc")

    assert again.json() == booked("", SENTENCE, TEN)
    assert another.status_code == 422
    assert len(await calcom.sent(small_clinic, *CREATE)) == 1


@pytest.mark.parametrize("path", ["/v2/slots", "/v2/bookings"])
async def test_a_time_that_offers_lack_is_not_refused_while_nobody_can_look(small_clinic: Clinic, path: str) -> None:
    await calcom.book(small_clinic, TEN)
    await small_clinic.manage("availability")
    await calcom.fault(small_clinic, "status", "GET", path, times=9)
    unheard = await small_clinic.book(call_session_id="call-1111-abc")
    await small_clinic.at_calcom("DELETE", "/sandbox/faults")

    again = await small_clinic.book(call_session_id="call-1111-abc")

    assert unheard.status_code == 502
    assert again.status_code == 422
    assert await calcom.sent(small_clinic, *CREATE) == []


async def test_a_time_that_was_freed_since_it_was_looked_up_can_be_had(small_clinic: Clinic) -> None:
    uid = await calcom.book(small_clinic, "2026-03-25T10:00:00Z")
    await small_clinic.manage("suggest")
    await calcom.edit(small_clinic, uid, status="cancelled")

    assert (await small_clinic.book()).status_code == 200


async def test_a_time_that_was_taken_since_it_was_looked_up_is_refused(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")
    await calcom.book(small_clinic, "2026-03-25T10:00:00Z")

    answer = await small_clinic.book()

    assert answer.status_code == 422
    assert answer.json()["data"]["available_slots"] == [AROUND_TEN]


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("2026-03-23T20:00:00Z", "That time isn't available. On Monday I have 3:30 PM, 4 PM or 4:30 PM."),
        ("2026-03-22T10:00:00Z", "That time isn't available. On Monday I have 9 AM, 9:30 AM or 10 AM."),
        ("2026-03-20T09:00:00Z", "That time is too soon. Today I have 10 AM, 10:30 AM or 11 AM."),
        ("2026-03-20T09:30:00Z", "That time is too soon. Today I have 10 AM, 10:30 AM or 11 AM."),
    ],
    ids=["after hours", "on a weekend", "too soon", "a little too soon"],
)
@pytest.mark.parametrize("before", ["", "suggest"])
async def test_a_time_that_is_never_offered_is_refused_with_the_nearest(
    small_clinic: Clinic, before: str, when: str, sentence: str
) -> None:
    """Whether Cal.com refuses it or it is known from what was open that it will."""
    if before:
        await small_clinic.manage(before)

    answer = await small_clinic.book(when)

    assert answer.status_code == 422
    body = answer.json()
    assert body == taken("book", sentence, when, *body["data"]["available_slots"])
    (only,) = body["data"]["available_slots"]
    assert len(only["slots"]) == len(only["start_times"]) == 9


async def test_where_nothing_is_near_the_next_opening_is_told(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, notice=10 * 24 * 60)

    answer = await small_clinic.book()

    assert answer.status_code == 422
    assert answer.json()["message"] == "That time is too soon. On Monday, March 30, I have 9 AM, 9:30 AM or 10 AM."


async def test_a_time_in_a_break_is_not_called_taken(small_clinic: Clinic) -> None:
    hours = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("Wednesday", "Thursday")}
    await calcom.host(small_clinic, hours=hours)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.book("2026-03-25T12:30:00Z")

    assert answer.json()["message"].startswith("That time isn't available. On Wednesday I have ")


async def test_to_move_an_appointment_to_is_too_soon_what_is_too_soon_to_book(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    answer = await small_clinic.manage("reschedule", appointment_id=uid, appointment_datetime="2026-03-20T09:30:00Z")

    stays = "Your appointment stays on Wednesday, March 25 at 10 AM."
    assert answer.json()["message"] == f"That time is too soon. {stays} Today I have 10 AM, 10:30 AM or 11 AM."


async def test_where_nothing_is_open_at_all_that_is_said(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, window_days=0, notice=600)

    answer = await small_clinic.book()

    assert answer.status_code == 422
    sentence = "That time isn't available, and I don't see another one near it."
    assert answer.json() == taken("book", sentence, TEN)


async def test_a_refusal_is_told_even_if_the_alternatives_cannot_be_asked_for(small_clinic: Clinic) -> None:
    await small_clinic.book()
    await calcom.fault(small_clinic, "status", "GET", "/v2/slots", times=3)

    answer = await small_clinic.book(**BOB)

    assert answer.status_code == 422
    sentence = "That time isn't available. What other time would suit you?"  # nobody can tell why
    assert answer.json() == taken("book", sentence, TEN)
