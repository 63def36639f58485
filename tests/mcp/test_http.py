"""The tools over streamable HTTP, called by the SDK's own client: in both eras of the protocol."""

import pytest
from tests.api import calcom
from tests.mcp.line import ERAS, Era, Line, call

JANE = {"name": "Jane Doe", "phone": "+442079460958"}
TEN = "2026-03-25T10:00:00"
NAMES = [
    *("suggest_times", "check_availability", "book_appointment", "reschedule_appointment", "cancel_appointment"),
    "find_appointments",
]


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_lists_the_tools(line: Line, era: Era) -> None:
    async with line.client(era) as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in tools] == NAMES
    book = tools[2]
    assert book.input_schema["required"] == ["name", "appointment_datetime"]
    assert book.annotations is not None
    assert (book.annotations.read_only_hint, book.annotations.destructive_hint) == (False, False)


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_books_finds_moves_and_cancels(any_line: Line, era: Era) -> None:
    async with any_line.client(era) as client:
        offered = await call(client, "suggest_times")
        booked = await call(client, "book_appointment", **JANE, appointment_datetime=TEN)
        found = await call(client, "find_appointments", phone=JANE["phone"])
        moved = await call(
            client, "reschedule_appointment", phone=JANE["phone"], appointment_datetime="2026-03-26T11:00"
        )
        uid = moved.fields["appointment_id"]
        cancelled = await call(client, "cancel_appointment", appointment_id=uid)
        none = await call(client, "find_appointments", phone=JANE["phone"])

    assert offered.fields["slot_1_start"] == "2026-03-20T10:00:00Z"
    assert offered.fields["slot_1"] == "today at 10 AM"
    assert booked.message == "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
    assert booked.fields == {
        "success": True,
        "message": booked.message,
        "code": "",
        "action_required": "",
        "appointment_id": found.fields["appointment_id"],
        "date_time": "2026-03-25T10:00:00Z",
        "status": "accepted",
        "timezone": "Europe/London",
    }
    assert found.fields["appointment_1"] == "Wednesday, March 25 at 10 AM"
    assert found.fields["appointment_1_id"] == found.fields["appointment_id"]
    assert moved.message == "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM."
    assert cancelled.message == "Your appointment with Dr. Rivera on Thursday, March 26 at 11 AM is cancelled."
    assert cancelled.fields["status"] == "cancelled"
    assert none.message == "I don't see any upcoming appointments under that phone number."
    assert not any(told.failed for told in (offered, booked, found, moved, cancelled, none))


async def test_fields_may_have_the_names_of_other_systems(line: Line) -> None:
    told = {"customerName": "Jane Doe", "phone_number": JANE["phone"], "start-time": TEN, "time_zone": "Europe/Paris"}
    async with line.client() as client:
        booked = await call(client, "book_appointment", **told)

    assert booked.message == "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM Paris time."
    (booking,) = await calcom.bookings(line.clinic)
    assert booking["attendees"][0]["phoneNumber"] == JANE["phone"]


async def test_what_was_said_in_a_call_holds_for_the_rest_of_it(line: Line) -> None:
    async with line.client(x_call_id="call-of-jane-doe") as client:
        offered = await call(client, "suggest_times", timezone="America/New_York")
        booked = await call(client, "book_appointment", **JANE, appointment_datetime="the first one")
        moved = await call(client, "reschedule_appointment", phone=JANE["phone"], appointment_datetime="the second one")

    assert booked.fields["date_time"] == offered.fields["slot_1_start"]
    assert moved.fields["date_time"] == offered.fields["slot_2_start"]
    assert moved.fields["timezone"] == "America/New_York"


async def test_a_repeated_booking_is_told_again_and_not_made_again(any_line: Line) -> None:
    async with any_line.client("legacy") as client:
        first = await call(client, "book_appointment", **JANE, appointment_datetime=TEN)
    async with any_line.client("legacy") as another:  # whose ids of requests begin anew
        again = await call(another, "book_appointment", **JANE, appointment_datetime=TEN)

    assert again == first
    assert len(await calcom.bookings(any_line.clinic)) == 1


async def test_another_caller_does_not_get_what_the_same_request_id_got_before(line: Line) -> None:
    async with line.client("legacy", x_call_id="call-of-jane-doe") as client:
        first = await call(client, "book_appointment", **JANE, appointment_datetime=TEN)
    async with line.client("legacy", x_call_id="call-of-bob-roe") as client:
        other = await call(
            client, "book_appointment", name="Bob Roe", phone="+442079460123", appointment_datetime="2026-03-25T11:00"
        )

    assert other.fields["date_time"] == "2026-03-25T11:00:00Z"
    assert first.fields["appointment_id"] != other.fields["appointment_id"]


async def test_within_one_phone_call_a_name_that_was_misheard_is_the_same_wish(line: Line) -> None:
    async with line.client(x_call_id="call-of-jane-doe") as client:
        await call(client, "book_appointment", **JANE, appointment_datetime=TEN)
        again = await call(client, "book_appointment", name="Jane Dough", phone=JANE["phone"], appointment_datetime=TEN)

    assert again.message == "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
    assert len(await calcom.bookings(line.clinic)) == 1


async def test_what_the_line_says_of_the_caller_goes_before_what_the_model_says(line: Line) -> None:
    async with line.client(x_caller_number=JANE["phone"]) as client:
        tools = (await client.list_tools()).tools
        booked = await call(
            client, "book_appointment", name="Jane Doe", phone="+442079460123", appointment_datetime=TEN
        )
        found = await call(client, "find_appointments")
        others = await call(client, "find_appointments", phone="+442079460123")
        garbled = await call(client, "find_appointments", phone="the one I call from")

    assert "Only if the caller gives another one" in tools[2].input_schema["properties"]["phone"]["description"]
    (made,) = await calcom.sent(line.clinic, "POST", "/v2/bookings")
    assert JANE["phone"] in str(made)
    assert "Another number they gave: +442079460123" in str(made)
    assert found.fields["appointment_id"] == garbled.fields["appointment_id"] == booked.fields["appointment_id"]
    assert (others.fields["success"], others.fields["appointment_id"], others.failed) == (False, "", False)
    assert others.message == "I'm not able to do that on this line."


@pytest.mark.parametrize("withheld", ["anonymous", "{{customer.number}}", ""])
async def test_a_number_that_is_withheld_is_none(line: Line, withheld: str) -> None:
    async with line.client(x_caller_number=withheld) as client:
        asked = await call(client, "book_appointment", name="Jane Doe", appointment_datetime=TEN)

    assert asked.fields["action_required"] == "provide_contact"
    assert not asked.failed


async def test_a_calls_id_that_cannot_be_kept_is_none(line: Line) -> None:
    async with line.client(x_call_id="x" * 300) as client:
        booked = await call(client, "book_appointment", **JANE, appointment_datetime=TEN)

    assert booked.fields["success"]


async def test_models_send_every_field_in_any_way(line: Line) -> None:
    empty = {"email": "null", "notes": "", "timezone": "undefined", "appointment_id": None}
    async with line.client() as client:
        booked = await call(
            client,
            "book_appointment",
            **{**JANE, "phone": 442079460958, **empty},
            appointment_datetime=f"{TEN}Z",
            confirm="false",
            details='{"Insurance": "private"}',
            invented=True,
        )
        offered = await call(client, "suggest_times", days_ahead="3")

    assert booked.fields["action_required"] == "provide_contact"  # no country code: asked for, never guessed
    assert offered.fields["success"]


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ({"appointment_datetime": "next Wednesday at 2 pm"}, "2026-03-25T14:00:00Z"),
        ({"date": "2026-03-25", "time": "10:00 AM"}, "2026-03-25T10:00:00Z"),
        ({"appointment_datetime": "the second one"}, "2026-03-20T16:30:00Z"),
        ({"appointment_datetime": "slot_2"}, "2026-03-20T16:30:00Z"),
    ],
)
async def test_times_are_taken_as_callers_say_them(line: Line, said: dict[str, str], start: str) -> None:
    async with line.client(x_call_id="call-of-jane-doe") as client:
        offered = await call(client, "suggest_times")
        booked = await call(client, "book_appointment", **JANE, **said)

    assert offered.fields["slot_2_start"] == "2026-03-20T16:30:00Z"
    assert booked.fields["date_time"] == start, booked.message


@pytest.mark.parametrize(
    ("arguments", "required", "code"),
    [
        ({"name": "Jane Doe"}, "provide_contact", ""),
        ({"name": "Jane Doe", "email": "jane"}, "provide_email", "INVALID_REQUEST"),
        ({**JANE, "appointment_datetime": "2026-01-05T10:00:00"}, "provide_datetime", ""),
        ({**JANE, "appointment_datetime": "3/4 at 10"}, "clarify_datetime", ""),
        ({**JANE, "date": "2026-03-25"}, "provide_datetime", ""),
        ({"name": "Jane Doe", "email": "jane at gmial dot com", "appointment_datetime": TEN}, "confirm_email", ""),
        ({**JANE, "appointment_datetime": TEN, "details": "[1]"}, "provide_details", "INVALID_REQUEST"),
        ({**JANE, "appointment_datetime": TEN, "confirm": "perhaps"}, "", "INVALID_REQUEST"),
        ({**JANE, "name": ["Jane"]}, "provide_name", "INVALID_REQUEST"),
    ],
)
async def test_what_is_missing_or_wrong_is_asked_for_and_is_no_failure(
    line: Line, arguments: dict[str, object], required: str, code: str
) -> None:
    async with line.client() as client:
        asked = await call(client, "book_appointment", **arguments)

    assert (asked.fields["action_required"], asked.fields["code"], asked.failed) == (required, code, False)
    assert not asked.fields["success"]


async def test_a_time_that_is_taken_is_no_failure(line: Line) -> None:
    await line.clinic.book()
    async with line.client() as client:
        taken = await call(client, "book_appointment", **JANE, appointment_datetime=TEN)

    assert taken.message == "That time is taken. On Wednesday I have 9:30 AM, 10:30 AM or 11 AM."
    assert (taken.failed, taken.fields["action_required"]) == (False, "reschedule")
    assert [taken.fields[f"slot_{number}_start"] for number in (1, 2, 3)] == [
        f"2026-03-25T{clock}:00Z" for clock in ("09:30", "10:30", "11:00")
    ]


async def test_which_of_several_is_asked(line: Line) -> None:
    async with line.client() as client:
        await call(client, "book_appointment", **JANE, appointment_datetime=TEN)
        await call(client, "book_appointment", **JANE, appointment_datetime="2026-03-27T10:00:00")
        asked = await call(client, "cancel_appointment", phone=JANE["phone"])
        done = await call(
            client, "cancel_appointment", phone=JANE["phone"], appointment_datetime=asked.fields["appointment_2_start"]
        )

    assert asked.fields["action_required"] == "choose_appointment"
    assert done.fields["appointment_id"] == asked.fields["appointment_2_id"]


async def test_what_cannot_be_mended_on_the_phone_is_a_failure_with_a_sentence(line: Line) -> None:
    await calcom.fault(line.clinic, "status", path="/v2/slots*", status=500, times=99)
    async with line.client() as client:
        told = await call(client, "suggest_times")

    assert told.message == "The calendar isn't working as it should right now. Please try again in a moment."
    assert (told.failed, told.fields["code"]) == (True, "CALCOM_API_ERROR")


async def test_an_agent_without_a_calendar_is_a_failure_with_a_sentence(line: Line) -> None:
    await line.clinic.services.assignments.link(line.clinic.organization.id, line.clinic.agent.id, None)
    async with line.client() as client:
        told = await call(client, "suggest_times")

    assert (told.message, told.failed) == ("I can't reach the calendar right now.", True)
    assert told.fields["code"] == "NOT_CONNECTED"
