"""``manage`` with ``book``: what the caller hears, and what has happened at Cal.com."""

import pytest
from tests.api import calcom, owner
from tests.api.bodies import asked, booked, question, requested
from tests.api.clinic import Clinic

JANE = "jane@example.com"
PHONE = "+442079460958"
SENTENCE = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
TEN = "2026-03-25T10:00:00Z"
REASON = question("reason-for-visit", "Reason for visit")
LOOKUP = "/api/v1/calcom/appointments"


async def test_a_booking_is_made_and_told(clinic: Clinic) -> None:
    answer = await clinic.book()

    assert answer.status_code == 200
    body = answer.json()
    uid = body["data"].pop("appointment_id")
    assert body == {
        "success": True,
        "message": "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM.",
        "data": {
            "success": True,
            "message": "Booked successfully",
            "summary": "Appointment confirmed",
            "action": "book",
            "date_time": "2026-03-25T10:00:00Z",
            "agent_name": "Dr. Rivera",
            "action_required": "",
            "available_slots": [],
            "status": "accepted",
            "timezone": "Europe/London",
        },
    }
    booking = await calcom.booking(clinic, uid)
    assert booking["start"] == "2026-03-25T10:00:00.000Z"
    assert booking["attendees"][0]["email"] == JANE


async def test_a_plain_book_with_warm_caches_is_one_request_to_calcom(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")
    before = await small_clinic.requests_at_calcom()

    assert (await small_clinic.book()).status_code == 200

    assert (await small_clinic.requests_at_calcom())[len(before) :] == [("POST", "/v2/bookings")]


async def test_what_is_sent_to_calcom_is_what_the_caller_said(small_clinic: Clinic) -> None:
    await small_clinic.book(
        phone="+44 20 7946 0958", notes="First visit.", call_session_id="call-4711-abc", timezone="Europe/Paris"
    )

    (body,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    (intent,) = await small_clinic.services.intents.list(small_clinic.organization.id, (), 10)
    assert body["metadata"].pop("cb_intent") == str(intent.id)
    assert len(body["metadata"].pop("cb_sig")) == 64
    assert body == {
        "start": "2026-03-25T09:00:00Z",
        "eventTypeId": await calcom.event_type(small_clinic, "consultation"),
        "attendee": {
            "name": "Jane Doe",
            "timeZone": "Europe/Paris",
            "language": "en",
            "email": JANE,
            "phoneNumber": PHONE,
        },
        "bookingFieldsResponses": {"notes": "First visit."},
        "metadata": {"agent_id": str(small_clinic.agent.id), "call_session_id": "call-4711-abc"},
    }


async def test_a_caller_with_a_phone_alone_is_booked_under_a_placeholder_that_nobody_sees(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(email="", phone="0044 20 7946 0958")

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    booking = await calcom.booking(small_clinic, calcom.uid_of(answer))
    assert booking["attendees"][0]["email"] == "442079460958@phone.invalid"
    async with small_clinic.authorized() as client:
        listed = await client.get(LOOKUP, params={"org_id": str(small_clinic.organization.id)})
        one = await client.get(f"{LOOKUP}/{calcom.uid_of(answer)}")
    (row,) = listed.json()["data"]["appointments"]
    assert (row["attendee_email"], row["attendee_phone"]) == ("", PHONE)
    shown = one.json()["data"]["appointment"]
    assert (shown["contact_email"], shown["contact_phone"]) == ("", PHONE)
    assert "phone.invalid" not in answer.text + listed.text + one.text


async def test_an_event_type_that_takes_phones_gets_the_phone_and_no_address(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="phone-only")

    answer = await small_clinic.book(email="", phone=PHONE)

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    (body,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    assert body["attendee"] == {
        "name": "Jane Doe",
        "timeZone": "Europe/London",
        "language": "en",
        "phoneNumber": PHONE,
    }
    async with small_clinic.authorized() as client:
        listed = await client.get(LOOKUP, params={"org_id": str(small_clinic.organization.id)})
        one = await client.get(f"{LOOKUP}/{calcom.uid_of(answer)}")
    (row,) = listed.json()["data"]["appointments"]
    assert (row["attendee_email"], row["attendee_phone"]) == ("", PHONE)
    assert one.json()["data"]["appointment"]["contact_email"] == ""
    assert "sms.cal.com" not in answer.text + listed.text + one.text


async def test_what_its_host_must_confirm_is_requested_and_never_called_booked(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="needs-approval")

    answer = await small_clinic.book()

    sentence = "I've asked for Wednesday, March 25 at 10 AM with Dr. Rivera; it still has to be confirmed."
    assert answer.status_code == 200
    assert answer.json() == requested(calcom.uid_of(answer), sentence, TEN)


async def test_a_question_that_the_event_type_demands_is_asked_and_its_answer_sent(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="intake")

    answer = await small_clinic.book()

    assert answer.status_code == 400
    sentence = "I need a little more to book this. Reason for visit?"
    assert answer.json() == asked("book", sentence, "provide_details", REASON)
    assert await calcom.bookings(small_clinic) == []

    answer = await small_clinic.book(details={"reason-for-visit": "a sore back"})

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    shown = await calcom.booking(small_clinic, calcom.uid_of(answer))
    assert shown["bookingFieldsResponses"]["reason-for-visit"] == "a sore back"


async def test_answers_may_come_as_the_text_of_an_object(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="intake")

    answer = await small_clinic.book(details='{"reason-for-visit": 7}')

    assert answer.status_code == 200
    shown = await calcom.booking(small_clinic, calcom.uid_of(answer))
    assert shown["bookingFieldsResponses"]["reason-for-visit"] == "7"


@pytest.mark.parametrize("slug", ["phone-consultation", "phone-only"])
async def test_where_the_host_calls_or_texts_the_caller_a_phone_number_is_asked_for(
    small_clinic: Clinic, slug: str
) -> None:
    await owner.change_agent(small_clinic, event_type=slug)

    answer = await small_clinic.book()

    assert answer.status_code == 400
    assert answer.json() == asked("book", "What phone number can I use for you?", "provide_contact")
    assert await calcom.sent(small_clinic, "POST", "/v2/bookings") == []


async def test_where_the_host_calls_the_caller_the_number_is_the_place(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="phone-consultation")

    answer = await small_clinic.book(phone=PHONE)

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    (body,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    assert body["location"] == {"type": "attendeePhone", "phone": PHONE}


async def test_a_number_that_calcom_does_not_take_is_asked_for_again(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="phone-only")
    error = {"code": "BAD_REQUEST", "message": "responses - {attendeePhoneNumber}invalid_number, "}
    await calcom.fault(
        small_clinic, "status", "POST", "/v2/bookings", status=400, body={"status": "error", "error": error}
    )

    answer = await small_clinic.book(phone=PHONE)

    assert answer.status_code == 400
    sentence = "The calendar didn't accept those contact details. What phone number or email address can I use for you?"
    assert answer.json() == asked("book", sentence, "provide_contact")


async def test_an_agent_without_a_name_books_with_the_calendars_owner(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, name="")

    answer = await small_clinic.book()

    sentence = "You're booked with Demo Clinic for Wednesday, March 25 at 10 AM."
    assert answer.json() == booked(calcom.uid_of(answer), sentence, TEN, agent_name="Demo Clinic")
