"""``manage``: what language models make of a form, and every field that they leave out or get wrong."""

from typing import Any

import pytest
from tests.api import calcom, lookups
from tests.api.bodies import Json, asked, booked, stopped
from tests.api.clinic import MANAGE, Clinic

SENTENCE = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
TEN = "2026-03-25T10:00:00Z"
ABSENT = ["", "null", "undefined", None, "NULL", " None "]


@pytest.mark.parametrize("nothing", ABSENT)
async def test_every_way_to_say_nothing_is_nothing(small_clinic: Clinic, nothing: object) -> None:
    optional = ("phone", "timezone", "call_session_id", "notes", "appointment_id", "days_ahead", "deadline_ms")

    absent: Json = dict.fromkeys((*optional, "details"), nothing)
    answer = await small_clinic.book(**absent)

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    (body,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    assert "bookingFieldsResponses" not in body
    assert body["attendee"].keys() == {"name", "timeZone", "language", "email"}


@pytest.mark.parametrize(
    ("field", "question", "required"),
    [
        ("name", "What name should I put the appointment under?", "provide_name"),
        ("email", "What phone number or email address can I use for you?", "provide_contact"),
        ("appointment_datetime", "What day and time would you like?", "provide_datetime"),
    ],
)
async def test_what_a_booking_takes_is_asked_for(
    small_clinic: Clinic, field: str, question: str, required: str
) -> None:
    fields = {"name": "Jane Doe", "email": "jane@example.com", "appointment_datetime": TEN}

    for nothing in ABSENT:
        answer = await small_clinic.manage("book", **{**fields, field: nothing})
        assert answer.status_code == 400
        assert answer.json() == asked("book", question, required)


async def test_what_a_move_takes_is_asked_for(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage("reschedule", appointment_id="some-uid")

    assert answer.status_code == 400
    assert answer.json() == asked("reschedule", "What day and time would you like?", "provide_datetime")


@pytest.mark.parametrize("action", ["reschedule", "cancel"])
async def test_without_a_credential_nobody_is_asked_for_an_id_that_no_caller_knows(
    small_clinic: Clinic, action: str
) -> None:
    answer = await small_clinic.manage(action, appointment_datetime=TEN)

    assert answer.status_code == 401
    assert answer.json() == stopped(action, "UNAUTHORIZED", "I'm not able to do that on this line.")


@pytest.mark.parametrize("action", ["reschedule", "cancel"])
async def test_with_one_the_caller_is_asked_whose_it_is(small_clinic: Clinic, action: str) -> None:
    answer = await lookups.ask(small_clinic, action, appointment_datetime=TEN)

    assert answer.status_code == 400
    question = "What phone number or email address is the appointment under?"
    assert answer.json() == asked(action, question, "provide_contact")


@pytest.mark.parametrize("field", ["action", "agent_id", "org_id"])
async def test_what_every_request_takes_is_named(small_clinic: Clinic, field: str) -> None:
    for nothing in ABSENT:
        changed: Json = {field: nothing}
        answer = await small_clinic.book(**changed)
        assert answer.status_code == 400
        sent = nothing.strip().lower() if isinstance(nothing, str) else ""
        sentence = f"The {field.replace('_', ' ')} is required."
        assert answer.json() == stopped(sent if field == "action" else "book", "INVALID_REQUEST", sentence)


async def test_a_request_without_any_field_asks_for_the_action(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(MANAGE, json={})

    assert answer.status_code == 400
    assert answer.json() == stopped("", "INVALID_REQUEST", "The action is required.")


async def test_fields_of_other_actions_are_ignored_whatever_they_hold(small_clinic: Clinic) -> None:
    book = await small_clinic.book(appointment_id=["x"], days_ahead="soon")
    strange = {"name": 5, "email": [], "phone": {}, "appointment_datetime": False, "notes": 1, "details": "["}
    suggest = await small_clinic.manage("suggest", appointment_id=[], **strange)
    cancel = await small_clinic.manage("cancel", **{**strange, "days_ahead": {}, "appointment_id": calcom.uid_of(book)})

    assert [answer.status_code for answer in (book, suggest, cancel)] == [200, 200, 200]


async def test_fields_that_nobody_knows_are_ignored(small_clinic: Clinic) -> None:
    assert (await small_clinic.book(mood="cheerful", wish="maybe")).status_code == 200


@pytest.mark.parametrize("action", ["BOOK", " Book "])
async def test_the_action_is_understood_in_any_case(small_clinic: Clinic, action: str) -> None:
    answer = await small_clinic.book(action=action)

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)


async def test_a_trailing_slash_changes_nothing(small_clinic: Clinic) -> None:
    body = {"action": "suggest", "agent_id": str(small_clinic.agent.id), "org_id": str(small_clinic.organization.id)}
    async with small_clinic.client() as client:
        plain = await client.post(MANAGE, json=body)
        slashed = await client.post(f"{MANAGE}/", json=body)

    assert plain.status_code == slashed.status_code == 200
    assert plain.json() == slashed.json()


async def test_numbers_without_quotes_and_with_quotes_are_taken(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(name=4711, notes=12, call_session_id=123456789, deadline_ms="8000")

    assert answer.status_code == 200
    (body,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    assert body["attendee"]["name"] == "4711"
    assert body["bookingFieldsResponses"] == {"notes": "12"}
    assert body["metadata"]["call_session_id"] == "123456789"


@pytest.mark.parametrize(
    ("fields", "sentence", "required"),
    [
        ({"action": "dance"}, "The action must be one of book, reschedule, cancel, suggest, availability, find.", ""),
        ({"action": 5}, "The action must be one of book, reschedule, cancel, suggest, availability, find.", ""),
        ({"agent_id": "the agent"}, "The agent id must be a UUID.", ""),
        ({"agent_id": "019d1fdb98e97c8786c7321e2fa98733"}, "The agent id must be a UUID.", ""),
        ({"org_id": 17}, "The org id must be a UUID.", ""),
        ({"name": "x" * 201}, "The name must be at most 200 characters long.", "provide_name"),
        ({"name": "Ja\x00ne"}, "The name must not contain control characters.", "provide_name"),
        ({"name": {"first": "Jane"}}, "The name must be a string.", "provide_name"),
        ({"email": "jane at example"}, "The email must be a complete email address.", "provide_email"),
        ({"email": True}, "The email must be a string.", "provide_email"),
        ({"phone": "020 7946 0958"}, "The phone must include the country code, such as +1 212 555 0123.", None),
        ({"phone": "+44 20"}, "The phone has too few digits.", None),
        (
            {"phone": "my mobile"},
            "The phone must be a phone number with its country code, such as +1 212 555 0123.",
            None,
        ),
        ({"timezone": "Mars/Base"}, "The timezone must be an IANA time zone, such as America New York.", ""),
        ({"timezone": "+02:00"}, "The timezone must be an IANA time zone, such as America New York.", ""),
        ({"notes": "x" * 2001}, "The notes must be at most 2,000 characters long.", ""),
        ({"notes": "a\x1bb"}, "The notes must not contain control characters.", ""),
        ({"call_session_id": "x" * 256}, "The call session id must be at most 255 characters long.", ""),
        ({"deadline_ms": "soon"}, "The deadline ms must be a whole number.", ""),
        (
            {"details": "none of your business"},
            "The details must be an object of answers by question.",
            "provide_details",
        ),
        ({"details": {str(n): "x" for n in range(21)}}, "The details must have at most 20 answers.", "provide_details"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_what_cannot_be_understood_is_named(
    small_clinic: Clinic, fields: dict[str, Any], sentence: str, required: str | None
) -> None:
    answer = await small_clinic.book(**fields)

    assert answer.status_code == 400
    action = fields.get("action", "book")
    named = action if isinstance(action, str) else ""
    expected = stopped(named, "INVALID_REQUEST", sentence, "provide_contact" if required is None else required)
    assert answer.json() == expected
    assert await calcom.bookings(small_clinic) == []


@pytest.mark.parametrize("action", ["suggest", "availability"])
async def test_days_ahead_that_are_no_number_are_refused(small_clinic: Clinic, action: str) -> None:
    answer = await small_clinic.manage(action, days_ahead="soon")

    assert answer.status_code == 400
    assert answer.json() == stopped(action, "INVALID_REQUEST", "The days ahead must be a whole number.")


async def test_the_longest_texts_that_are_allowed_are_taken(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(name="x" * 200, notes="y" * 2000, call_session_id="z" * 255)

    assert answer.status_code == 200
    shown = await calcom.booking(small_clinic, calcom.uid_of(answer))
    assert shown["metadata"]["call_session_id"] == "z" * 255
    assert shown["bookingFieldsResponses"]["notes"] == "y" * 2000


@pytest.mark.parametrize("body", ["[]", '"book"', "5", "true"])
async def test_a_body_that_is_no_object_is_refused(small_clinic: Clinic, body: str) -> None:
    async with small_clinic.client(content_type="application/json") as client:
        answer = await client.post(MANAGE, content=body)

    assert answer.status_code == 400
    assert answer.json() == stopped("", "INVALID_REQUEST", "The body must be a JSON object.")
