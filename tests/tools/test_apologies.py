"""Every error, read aloud."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from calbridge.domain.actions import Action, Availability, Book, Cancel, Find, Reschedule, Suggest
from calbridge.domain.errors import (
    AgentKeyedError,
    AgentLinkedError,
    AnotherUserError,
    BookingRefusedError,
    CalbridgeError,
    CalendarError,
    CalendarUnreachableError,
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    KeyErasedError,
    KeyRefusedError,
    LookUpRefusedError,
    NoActionError,
    NotConnectedError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    Refusal,
    RepeatingEventTypeError,
    SwitchedOffError,
    UnauthorizedError,
    UnavailableError,
    UnknownBookingError,
)
from calbridge.domain.times import SkippedTimeError
from calbridge.tools.apologies import REFUSALS, say_error, say_skipped

SENTENCES: list[tuple[CalbridgeError, str]] = [
    (
        InvalidRequestError("phone", "must include the country code, such as +1 212 555 0123"),
        "The phone must include the country code, such as +1 212 555 0123.",
    ),
    (
        InvalidRequestError("appointment_datetime", "must have a time of day, such as 2026-03-25T14:00:00Z"),
        "The appointment datetime must have a time of day.",
    ),
    (
        InvalidRequestError("timezone", "must be an IANA time zone, such as America/New_York"),
        "The timezone must be an IANA time zone, such as America New York.",
    ),
    (
        InvalidRequestError("notes", "must be at most 2,000 characters long"),
        "The notes must be at most 2,000 characters long.",
    ),
    (InvalidRequestError("agent_id", "must be a UUID"), "The agent id must be a UUID."),
    (NoActionError("book, cancel"), "I didn't get what to do. Would you like to book, move or cancel an appointment?"),
    (NotConnectedError(), "I can't reach the calendar right now."),
    (UnauthorizedError(), "I'm not able to do that on this line."),
    (LookUpRefusedError(), "I'm not able to do that on this line."),
    (ForbiddenError(), "I'm not allowed to do that here."),
    (SwitchedOffError("x"), "I'm not able to do that here."),
    (NotFoundError("Appointment"), "I can't find that appointment."),
    (NotFoundError("booking"), "I can't find that appointment."),
    (NotFoundError("Agent"), "I'm sorry, I can't make appointments on this line."),
    (NotFoundError("organization"), "I'm sorry, I can't make appointments on this line."),
    (NotFoundError("Cal.com account"), "I can't find what you're asking for."),
    (ConflictError("agent has a private key"), "That can't be done as things stand."),
    (AgentLinkedError(), "That can't be done as things stand."),
    (AgentKeyedError(), "That can't be done as things stand."),
    (KeyErasedError(), "That can't be done as things stand."),
    (AnotherUserError(), "That can't be done as things stand."),
    (RepeatingEventTypeError(), "Appointments of that kind repeat, and I can't book those by phone."),
    (
        IdempotencyKeyReusedError(),
        "I've already taken another request under that reference, so nothing was done this time.",
    ),
    (RateLimitedError(30), "I'm getting too many requests right now. Please try again in a minute."),
    (UnavailableError(), "I can't do that just now. Please try again in a moment."),
    (CalendarError(), "The calendar isn't working as it should right now. Please try again in a moment."),
    (
        CalendarUnreachableError(),
        "I can't reach the calendar right now. Nothing was changed; please try again in a moment.",
    ),
    (OutcomeUnknownError(), "I'm still confirming that with the calendar. Please ask me again in a moment."),
    (KeyRefusedError(), "I can't get into the calendar right now."),
    (UnknownBookingError(), "I can't find that appointment."),
    (BookingRefusedError(Refusal.OTHER), "The calendar didn't accept that, so nothing was changed."),
    (CalbridgeError("inside"), "I'm sorry, something went wrong on my side. Please try again in a moment."),
]


def kinds(error: type[CalbridgeError] = CalbridgeError) -> Iterator[type[CalbridgeError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds(kind)


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda value: value if isinstance(value, str) else "")
def test_errors_are_told(error: CalbridgeError, sentence: str) -> None:
    assert say_error(error, None) == sentence


def test_no_error_is_forgotten() -> None:
    ours = {kind for kind in kinds() if kind.__module__.startswith("calbridge.domain")}
    assert {type(error) for error, _ in SENTENCES} == ours


@pytest.mark.parametrize("refusal", Refusal)
def test_refusals_are_told(refusal: Refusal) -> None:
    sentence = say_error(BookingRefusedError(refusal), Book())
    assert sentence == REFUSALS[refusal]
    assert sentence.endswith((".", "?"))


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        (Book(), "book appointments"),
        (Reschedule(), "move appointments"),
        (Cancel(), "cancel appointments"),
        (Suggest(7), "look up open times"),
        (Availability(7), "look up open times"),
        (Find(), "look up appointments"),
    ],
)
def test_what_is_switched_off_is_named(action: Action, deed: str) -> None:
    assert say_error(SwitchedOffError(), action) == f"I'm not able to {deed} here."


def test_a_skipped_time_is_refused_by_name() -> None:
    skipped = SkippedTimeError(datetime(2026, 3, 29, 1, 30), ZoneInfo("Europe/London"))  # noqa: DTZ001 - it never was
    assert say_skipped(skipped) == (
        "There is no 1:30 AM on Sunday, March 29, because the clocks go forward then. What other time would suit you?"
    )
