"""One answer for each row of the table of what Cal.com's errors mean, in the shape in which it comes."""

import httpx
import pytest
from tests.calcom.answers import enveloped, raw, throttled

from calbridge.calcom.errors import (
    MAX_TEXT,
    PHRASES,
    BadKeyError,
    NoSuchBookingError,
    RefusedError,
    ServerFaultError,
    StatusError,
    ThrottledError,
    WrongAddressError,
    classify,
)
from calbridge.domain.errors import Refusal

NOW = 1_795_150_000.0
NOTICE = (
    "The event type can't be booked at the \"start\" time provided. This could be because it's too soon (violating the "
    "minimum booking notice) or too far in the future (outside the event's scheduling window)."
)
NO_CONTACT = (
    "attendee property is wrong, attendee email or phone property is wrong,Attendee must have at least one contact "
    "method (email or phone number) "
)
MOVED = (
    "Can't reschedule booking with uid=byMva4K7 because it has been cancelled and rescheduled already to booking with "
    "uid=pettgthH. You probably want to reschedule pettgthH instead by passing it within the request URL."
)
FORM = "BAD_REQUEST"

REFUSALS: list[tuple[httpx.Response, Refusal, tuple[str, ...]]] = [
    (enveloped(400, "User either already has booking at this time or is not available"), Refusal.SLOT_TAKEN, ()),
    (
        enveloped(400, "One of the hosts either already has booking at this time or is not available"),
        Refusal.SLOT_TAKEN,
        (),
    ),
    (raw(409, "booking_conflict_error"), Refusal.SLOT_TAKEN, ()),
    (raw(409, "round_robin_host_unavailable_for_booking"), Refusal.SLOT_TAKEN, ()),
    (enveloped(409, "No more seats left at this seated booking.", "ConflictException"), Refusal.SEATS_FULL, ()),
    (raw(422, "booking_seats_full_error"), Refusal.SEATS_FULL, ()),
    (raw(409, "already_signed_up_for_this_booking_error"), Refusal.ALREADY_SIGNED_UP, ()),
    (enveloped(400, NOTICE), Refusal.TOO_SOON_OR_FAR, ()),
    (enveloped(400, "Attempting to book a meeting in the past."), Refusal.IN_THE_PAST, ()),
    (
        raw(403, "Rescheduling is not allowed within the minimum notice period before the event"),
        Refusal.TOO_LATE_TO_MOVE,
        (),
    ),
    (raw(401, "booking_limit_reached"), Refusal.LIMIT_REACHED, ()),
    (raw(403, "duration_limit_reached"), Refusal.LIMIT_REACHED, ()),
    (
        enveloped(
            400,
            "Attendee with this email can't book because the maximum number of active bookings has been reached. You "
            "can reschedule your existing booking (uid) to a new timeslot instead.",
        ),
        Refusal.LIMIT_REACHED,
        (),
    ),
    (
        enveloped(
            400,
            "Missing required booking field response: reason-for-visit - it is required by the event type booking "
            "fields, but missing in the bookingFieldsResponses. You can fetch the event type with ID 4 to see the "
            "required fields.",
        ),
        Refusal.MISSING_FIELD,
        ("reason-for-visit",),
    ),
    (enveloped(400, "responses - {email}error_required_field, ", FORM), Refusal.MISSING_FIELD, ("email",)),
    (
        enveloped(400, "responses - {notes}error_required_field, {title}error_required_field, ", FORM),
        Refusal.MISSING_FIELD,
        ("notes", "title"),
    ),
    (
        enveloped(400, "Missing attendee phone number - it is required by the event type."),
        Refusal.MISSING_FIELD,
        ("attendeePhoneNumber",),
    ),
    (raw(400, "Cancellation reason is required when you are the host"), Refusal.MISSING_FIELD, ("cancellationReason",)),
    (
        enveloped(400, "Invalid option 'x' for booking field 'floor'. Allowed options are: a, b."),
        Refusal.BAD_FIELD,
        ("floor",),
    ),
    (
        enveloped(400, "One or more invalid options for booking field 'floor'. Allowed options are: a, b."),
        Refusal.BAD_FIELD,
        ("floor",),
    ),
    (
        enveloped(400, "Invalid type for booking field 'age'. Expected type number, but received string."),
        Refusal.BAD_FIELD,
        ("age",),
    ),
    (
        enveloped(400, "responses - {attendeePhoneNumber}invalid_number, ", FORM),
        Refusal.BAD_FIELD,
        ("attendeePhoneNumber",),
    ),
    (enveloped(400, "responses - {email}email_validation_error, ", FORM), Refusal.BAD_FIELD, ("email",)),
    (enveloped(400, NO_CONTACT), Refusal.CONTACT_REQUIRED, ()),
    (raw(400, "Both Phone and Email are missing"), Refusal.CONTACT_REQUIRED, ()),
    (enveloped(404, "Event type with id 99999 not found.", "NotFoundException"), Refusal.UNKNOWN_EVENT_TYPE, ()),
    (enveloped(404, "Event Type not found", "NotFoundException"), Refusal.UNKNOWN_EVENT_TYPE, ()),
    (enveloped(404, "User with username bob not found", "NotFoundException"), Refusal.UNKNOWN_EVENT_TYPE, ()),
    (enveloped(404, "Team with slug dentists not found", "NotFoundException"), Refusal.UNKNOWN_EVENT_TYPE, ()),
    (
        enveloped(400, "Can't cancel booking with uid=4htqKctJ because it has been cancelled already."),
        Refusal.ALREADY_CANCELLED,
        (),
    ),
    (raw(400, "This booking has already been cancelled."), Refusal.ALREADY_CANCELLED, ()),
    (
        enveloped(400, "Can't reschedule booking with uid=4htqKctJ because it has been cancelled. Please provide uid"),
        Refusal.ALREADY_CANCELLED,
        (),
    ),
    (raw(400, "Cannot cancel a booking that has already ended"), Refusal.OVER, ()),
    (raw(400, "This event type does not allow cancellations"), Refusal.SWITCHED_OFF, ()),
    (enveloped(400, MOVED), Refusal.ALREADY_MOVED, ()),
    (raw(400, "email_verification_required"), Refusal.EMAIL_UNVERIFIED, ()),
    (raw(400, "invalid_verification_code"), Refusal.EMAIL_UNVERIFIED, ()),
    (raw(403, "booker_email_blocked"), Refusal.BLOCKED, ()),
]

OTHERS: list[tuple[httpx.Response, type[StatusError]]] = [
    (enveloped(404, "Booking with uid=x was not found in the database", "NotFoundException"), NoSuchBookingError),
    (enveloped(404, "Booking with uid=x not found", "NotFoundException"), NoSuchBookingError),
    (enveloped(404, "Cannot GET /v2/slots?eventTypeId=1&start=2026-11-24", "NotFoundException"), WrongAddressError),
    (enveloped(404, "Cannot GET /api/v2/slots?eventTypeId=1", "NotFoundException"), WrongAddressError),
    (enveloped(404, "Cannot POST /v2/bookings/Booking with uid=x", "NotFoundException"), WrongAddressError),
    (enveloped(404, "Cannot DELETE /v2/bookings", "NotFoundException"), WrongAddressError),
    (enveloped(401, "CustomThrottlerGuard - Invalid API Key", "UnauthorizedException"), BadKeyError),
    (enveloped(401, "ApiAuthStrategy - api key - Your api key is not valid", "UnauthorizedException"), BadKeyError),
    (enveloped(401, "ApiAuthStrategy - api key - Your api key is expired", "UnauthorizedException"), BadKeyError),
    (enveloped(401, "Invalid Access Token.", "UnauthorizedException"), BadKeyError),
    (throttled(), ThrottledError),
    (raw(500, "Internal server error"), ServerFaultError),
    (raw(500, "booking_conflict_error"), ServerFaultError),
    (httpx.Response(502, text="<html><body>502 Bad Gateway</body></html>"), ServerFaultError),
    (httpx.Response(520), ServerFaultError),
    (httpx.Response(408, text="Request Timeout"), ServerFaultError),
]

NOTHING_IN_PARTICULAR = [
    enveloped(401, "These credentials do not belong to you", "UnauthorizedException"),
    raw(401, "User not a host of this event"),
    enveloped(401, "User is not authorized to confirm this booking", "TRPCError"),
    enveloped(403, "PermissionsGuard - no authentication provided.", "ForbiddenException"),
    enveloped(400, "foo property is wrong,property foo should not exist "),
    enveloped(404, "Webhook (x) not found", "NotFoundException"),
    httpx.Response(403, text="<html>blocked by the edge</html>"),
    httpx.Response(404),
    httpx.Response(400, json=["what", "is", "this"]),
    httpx.Response(400, json={"error": {"message": None}, "message": 5}),
    httpx.Response(400, content=b"\xff\xfe{"),
]


def judged(answer: httpx.Response, *, takes_slot: bool = True) -> StatusError:
    return classify(answer.status_code, answer.headers, answer.content, takes_slot=takes_slot, now=NOW)


@pytest.mark.parametrize(("answer", "refusal", "fields"), REFUSALS, ids=lambda value: getattr(value, "text", None))
def test_every_row_of_the_table(answer: httpx.Response, refusal: Refusal, fields: tuple[str, ...]) -> None:
    error = judged(answer)
    assert isinstance(error, RefusedError)
    assert (error.refusal, error.fields) == (refusal, fields)


def test_no_row_of_the_table_is_without_its_answer() -> None:
    for phrase in PHRASES:
        assert any(
            answer.status_code in phrase.statuses and phrase.text in answer.text.lower().replace('\\"', '"')
            for answer, _, _ in REFUSALS
        ), phrase.text


@pytest.mark.parametrize(("answer", "kind"), OTHERS, ids=lambda value: getattr(value, "text", None))
def test_what_is_no_refusal(answer: httpx.Response, kind: type[StatusError]) -> None:
    assert type(judged(answer)) is kind


@pytest.mark.parametrize("answer", NOTHING_IN_PARTICULAR)
def test_whatever_is_in_no_row_is_refused_without_a_reason(answer: httpx.Response) -> None:
    error = judged(answer)
    assert isinstance(error, RefusedError)
    assert error.refusal is Refusal.OTHER


@pytest.mark.parametrize("message", ["already HAS booking at THIS time or is not available", "BOOKING_CONFLICT_ERROR"])
def test_phrases_are_found_in_any_case(message: str) -> None:
    error = judged(raw(400 if "time" in message else 409, message))
    assert isinstance(error, RefusedError)
    assert error.refusal is Refusal.SLOT_TAKEN


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_phrase_counts_only_under_its_status(status: int) -> None:
    error = judged(raw(status, "booking_conflict_error"))
    assert isinstance(error, RefusedError)
    assert error.refusal is Refusal.OTHER


def test_a_database_error_on_a_create_is_the_unique_key_that_a_cancelled_booking_left() -> None:
    answer = enveloped(400, "There was an error, please try again later. error occurred while querying the database")
    taken = judged(answer)
    assert isinstance(taken, RefusedError)
    assert taken.refusal is Refusal.SLOT_TAKEN
    assert isinstance(judged(answer, takes_slot=False), ServerFaultError)


def test_the_error_of_the_token_endpoint() -> None:
    body = {"error": "invalid_grant", "error_description": "code_invalid_or_expired"}
    error = judged(httpx.Response(400, json=body))
    assert (error.evidence.code, error.evidence.text) == ("invalid_grant", "code_invalid_or_expired")


def test_messages_that_come_as_a_list() -> None:
    error = judged(httpx.Response(400, json={"statusCode": 400, "message": ["Both Phone and Email are missing", "x"]}))
    assert isinstance(error, RefusedError)
    assert error.refusal is Refusal.CONTACT_REQUIRED


def test_the_wait_is_told() -> None:
    error = judged(throttled(**{"X-RateLimit-Reset-Default": "57"}))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 57


def test_what_cal_com_wrote_is_bounded_and_in_no_message() -> None:
    error = judged(enveloped(400, "Jane Doe " * 10_000))
    assert len(error.evidence.text) == MAX_TEXT
    assert str(error) == ("Cal.com answered 400 BadRequestException (request ff951e65-4561-4607-b856-d1752fa04a37)")
    assert str(judged(httpx.Response(400))) == "Cal.com answered 400  (request without id)"
