"""The calendar's writing side: what is sent, and what each answer means to whoever asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError
from tests.calcom.answers import PHONE, START, attendee, booking, enveloped, kind, raw, success, throttled, wish

from calbridge.calcom import wire
from calbridge.calcom.calendar import DEFAULT_CANCELLATION_REASON, Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Access
from calbridge.domain.appointments import Question
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarUnreachableError,
    KeyRefusedError,
    OutcomeUnknownError,
    RateLimitedError,
    Refusal,
    UnknownBookingError,
)

WRITES: dict[str, Callable[[Calendar], Awaitable[object]]] = {
    "book": lambda calendar: calendar.book(wish()),
    "reschedule": lambda calendar: calendar.reschedule("u1", START, "x"),
    "cancel": lambda calendar: calendar.cancel("u1", "x"),
}


@pytest.fixture(params=WRITES)
def write(request: pytest.FixtureRequest) -> Callable[[Calendar], Awaitable[object]]:
    return WRITES[request.param]


@pytest.fixture
def created(calcom: respx.MockRouter) -> respx.Route:
    return calcom.post("/v2/bookings").mock(success(booking(), 201))


def body_of(route: respx.Route) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(route.calls.last.request.content)
    return body


async def test_book_by_email(created: respx.Route, calendar: Calendar) -> None:
    made = await calendar.book(wish(metadata={"cb_intent": "abc"}))
    assert made.uid == "byMva4K7mBrJqtvFvcgbgd"
    assert made.start == START
    assert body_of(created) == {
        "start": "2026-12-01T09:00:00Z",
        "eventTypeId": 1,
        "attendee": {
            "name": "Jane Doe",
            "timeZone": "Europe/London",
            "language": "en",
            "email": "jane@example.com",
        },
        "metadata": {"cb_intent": "abc"},
    }


async def test_book_by_phone_alone(created: respx.Route, calendar: Calendar) -> None:
    await calendar.book(wish(email="", phone=PHONE, event_type=kind(email_required=False, phone_required=True)))
    assert body_of(created)["attendee"] == {
        "name": "Jane Doe",
        "timeZone": "Europe/London",
        "language": "en",
        "phoneNumber": PHONE,
    }


async def test_book_by_phone_where_an_address_is_demanded(calcom: respx.MockRouter, calendar: Calendar) -> None:
    stand_in = "442079460958@callers.example"
    route = calcom.post("/v2/bookings").mock(
        success(booking(attendees=[attendee(email=stand_in, phoneNumber=PHONE)]), 201)
    )
    made = await calendar.book(wish(email="", phone=PHONE))
    sent = body_of(route)["attendee"]
    assert (sent["email"], sent["phoneNumber"]) == (stand_in, PHONE)
    assert (made.attendee.email, made.attendee.phone) == ("", PHONE)


@pytest.mark.parametrize("email_required", [True, False])
async def test_without_any_contact_nothing_is_sent(
    created: respx.Route, calendar: Calendar, *, email_required: bool
) -> None:
    with pytest.raises(BookingRefusedError) as caught:
        await calendar.book(wish(email="", event_type=kind(email_required=email_required)))
    assert caught.value.refusal is Refusal.CONTACT_REQUIRED
    assert not created.called


async def test_the_host_is_told_which_number_to_call(created: respx.Route, calendar: Calendar) -> None:
    call = kind(location_needs_phone=True)
    await calendar.book(wish(phone=PHONE, event_type=call))
    assert body_of(created)["location"] == {"type": "attendeePhone", "phone": PHONE}
    await calendar.book(wish(event_type=call))
    assert "location" not in body_of(created)


async def test_notes_and_answers_have_the_type_of_their_field(created: respx.Route, calendar: Calendar) -> None:
    kinds = {"age": "number", "height": "number", "weight": "number", "terms": "boolean", "pain": "boolean"}
    kinds |= {"days": "multiselect", "why": "text"}
    form = kind(questions=tuple(Question(slug, slug, kind) for slug, kind in kinds.items()))
    answers = {
        "age": "41",
        "height": "1.75",
        "weight": "a lot",
        "terms": "Yes",
        "pain": "it depends",
        "days": "Monday, Friday",
        "why": "41",
    }
    await calendar.book(wish(event_type=form, notes="Bring reports", answers=answers))
    assert body_of(created)["bookingFieldsResponses"] == {
        "notes": "Bring reports",
        "age": 41,
        "height": 1.75,
        "weight": "a lot",
        "terms": True,
        "pain": "it depends",
        "days": ["Monday", "Friday"],
        "why": "41",
    }


@pytest.mark.parametrize("slug", ["email", "guests", "smsReminderNumber", "rescheduledReason", "location", "unasked"])
async def test_what_is_no_question_of_the_event_type_is_not_sent(
    created: respx.Route, calendar: Calendar, slug: str
) -> None:
    await calendar.book(wish(event_type=kind(questions=(Question("why", "Why", "text"),)), answers={slug: "x"}))
    assert "bookingFieldsResponses" not in body_of(created)


@pytest.mark.parametrize(
    "name", ["reason-for-visit", "Reason for your visit?", "reason_for_visit", "REASON FOR YOUR VISIT"]
)
async def test_an_answer_finds_its_question_by_slug_or_label(
    created: respx.Route, calendar: Calendar, name: str
) -> None:
    reason = Question("reason-for-visit", "Reason for your visit?", "text", required=False)
    await calendar.book(wish(event_type=kind(questions=(reason,)), answers={name: "a sore back", "?": "x"}))
    assert body_of(created)["bookingFieldsResponses"] == {"reason-for-visit": "a sore back"}


async def test_the_slug_itself_goes_before_what_is_like_it(created: respx.Route, calendar: Calendar) -> None:
    form = kind(questions=(Question("a", "Age", "text"), Question("age", "How old", "text")))
    await calendar.book(wish(event_type=form, answers={"Age": "by label", "age": "by slug", "how old?": "spare"}))
    assert body_of(created)["bookingFieldsResponses"] == {"age": "by slug", "a": "by label"}


async def test_an_option_may_be_said_in_other_words_than_it_is_written(
    created: respx.Route, calendar: Calendar
) -> None:
    form = kind(
        questions=(
            Question("insurance", "Insurance", "select", ("Private (self)", "Public")),
            Question("days", "Days", "multiselect", ("Mon", "Tue")),
        )
    )
    await calendar.book(wish(event_type=form, answers={"insurance": "private self", "days": "mon, someday"}))
    assert body_of(created)["bookingFieldsResponses"] == {"insurance": "Private (self)", "days": ["Mon", "someday"]}


async def test_labels_are_cut_to_what_cal_com_takes(created: respx.Route, calendar: Calendar) -> None:
    labels = {"x" * 60: "y" * 600, "emoji": "😀" * 300} | {f"k{number}": "v" for number in range(60)}
    await calendar.book(wish(metadata=labels))
    sent = body_of(created)["metadata"]
    assert len(sent) == 50
    assert sent["x" * 40] == "y" * 500
    assert sent["emoji"] == "😀" * 250  # Cal.com counts an emoji as two


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("2026-12-01T09:00:00+00:00", "2026-12-01T09:00:00Z"),
        ("2026-12-01T14:30:00+05:30", "2026-12-01T09:00:00Z"),
        ("2026-12-01T04:00:00.5-05:00", "2026-12-01T09:00:00Z"),
    ],
)
def test_times_are_sent_in_utc(text: str, sent: str) -> None:
    body = wire.RescheduleBooking.model_validate({"start": text}).to_json()
    assert json.loads(body) == {"start": sent}


def test_a_time_without_a_zone_is_not_sent() -> None:
    with pytest.raises(ValidationError):
        wire.RescheduleBooking(start=START.replace(tzinfo=None))


def test_nothing_is_sent_that_cal_com_does_not_know() -> None:
    with pytest.raises(ValidationError):
        wire.RescheduleBooking.model_validate({"start": "2026-12-01T09:00:00Z", "attendee": {}})


async def test_reschedule(calcom: respx.MockRouter, calendar: Calendar) -> None:
    route = calcom.post("/v2/bookings/u1/reschedule").mock(success(booking(uid="u2", rescheduledFromUid="u1"), 201))
    moved = await calendar.reschedule("u1", START, "caller asked")
    assert (moved.uid, moved.rescheduled_from) == ("u2", "u1")
    assert body_of(route) == {"start": "2026-12-01T09:00:00Z", "reschedulingReason": "caller asked"}
    await calendar.reschedule("u1", START, "")
    assert body_of(route) == {"start": "2026-12-01T09:00:00Z"}


@pytest.mark.parametrize(
    ("reason", "sent"), [("ill", "ill"), ("", DEFAULT_CANCELLATION_REASON), (" ", DEFAULT_CANCELLATION_REASON)]
)
async def test_a_cancellation_always_has_a_reason(
    calcom: respx.MockRouter, calendar: Calendar, reason: str, sent: str
) -> None:
    route = calcom.post("/v2/bookings/u1/cancel").mock(success(booking(uid="u1", status="cancelled")))
    assert not (await calendar.cancel("u1", reason)).is_live
    assert body_of(route) == {"cancellationReason": sent}


async def test_a_recurring_answer_of_one_is_that_one(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.post("/v2/bookings").mock(success([booking(recurringBookingUid="series")], 201))
    assert (await calendar.book(wish())).recurring


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(201),
        httpx.Response(201, text="null"),
        httpx.Response(201, text="<html>ok</html>"),
        httpx.Response(201, text='{"status": "success", "data": {"id"'),
        success([], 201),
        success([booking(), booking(uid="u2")], 201),
        success(booking(uid=None), 201),
        httpx.Response(302, headers={"Location": "/v2/bookings"}),
        raw(500, "Internal server error"),
        httpx.Response(504, text="<html>Gateway Time-out</html>"),
        httpx.Response(408),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.text[:30]}",
)
async def test_no_answer_that_can_be_trusted_is_no_outcome(
    calcom: respx.MockRouter,
    calendar: Calendar,
    write: Callable[[Calendar], Awaitable[object]],
    answer: httpx.Response,
) -> None:
    calcom.post(path__startswith="/v2/bookings").mock(answer)
    with pytest.raises(OutcomeUnknownError):
        await write(calendar)
    assert calcom.calls.call_count == 1


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (raw(409, "booking_conflict_error"), Refusal.SLOT_TAKEN),
        (raw(401, "booking_limit_reached"), Refusal.LIMIT_REACHED),
        (raw(400, "something new"), Refusal.OTHER),
        (enveloped(404, "Cannot POST /v2/bookings", "NotFoundException"), Refusal.OTHER),
        (httpx.Response(403, text="<html>go away</html>"), Refusal.OTHER),
    ],
)
async def test_a_definite_no(
    calcom: respx.MockRouter,
    calendar: Calendar,
    write: Callable[[Calendar], Awaitable[object]],
    answer: httpx.Response,
    refusal: Refusal,
) -> None:
    calcom.post(path__startswith="/v2/bookings").mock(answer)
    with pytest.raises(BookingRefusedError) as caught:
        await write(calendar)
    assert caught.value.refusal is refusal


async def test_the_fields_at_fault_are_named(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.post("/v2/bookings").mock(enveloped(400, "responses - {email}error_required_field, ", "BAD_REQUEST"))
    with pytest.raises(BookingRefusedError) as caught:
        await calendar.book(wish())
    assert (caught.value.refusal, caught.value.fields) == (Refusal.MISSING_FIELD, ("email",))


async def test_a_refused_key(
    calcom: respx.MockRouter, calendar: Calendar, write: Callable[[Calendar], Awaitable[object]]
) -> None:
    calcom.post(path__startswith="/v2/bookings").mock(
        enveloped(401, "CustomThrottlerGuard - Invalid API Key", "UnauthorizedException")
    )
    with pytest.raises(KeyRefusedError):
        await write(calendar)


async def test_a_throttled_write_was_not_executed_and_does_not_wait_beyond_the_deadline(
    calcom: respx.MockRouter, calendar: Calendar, write: Callable[[Calendar], Awaitable[object]]
) -> None:
    calcom.post(path__startswith="/v2/bookings").mock(throttled(**{"X-RateLimit-Reset-Burst": "57"}))
    with pytest.raises(RateLimitedError) as caught:
        await write(calendar)
    assert caught.value.retry_after == 57
    assert calcom.calls.call_count == 1


@pytest.mark.parametrize("name", ["reschedule", "cancel"])
async def test_an_unknown_booking(calcom: respx.MockRouter, calendar: Calendar, name: str) -> None:
    calcom.post(path__startswith="/v2/bookings").mock(
        enveloped(404, "Booking with uid=u1 not found", "NotFoundException")
    )
    with pytest.raises(UnknownBookingError):
        await WRITES[name](calendar)


async def test_a_write_after_the_deadline_was_not_sent(
    calcom: respx.MockRouter,
    calendars: Calendars,
    access: Access,
    write: Callable[[Calendar], Awaitable[object]],
) -> None:
    with pytest.raises(CalendarUnreachableError):
        await write(calendars.open(access, Deadline.after(0)))
    assert not calcom.calls


async def test_our_own_cancellation_passes_through(
    calcom: respx.MockRouter, calendar: Calendar, write: Callable[[Calendar], Awaitable[object]]
) -> None:
    arrived = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:  # noqa: ARG001 - respx gives it
        arrived.set()
        await asyncio.sleep(30)
        return success(booking())

    calcom.post(path__startswith="/v2/bookings").mock(side_effect=hang)
    task = asyncio.ensure_future(write(calendar))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
