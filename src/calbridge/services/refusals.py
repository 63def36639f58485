"""What a definite refusal of Cal.com means to a caller: something to ask for, another time, or a plain no."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from calbridge.domain.actions import Asked, Detail, Obstacle, Outcome, Prevented, TimeFault, WhyNot, WrongTime
from calbridge.domain.appointments import Booking, Question
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarError,
    CalendarUnreachableError,
    RateLimitedError,
    Refusal,
)

NO_ANSWER = (CalendarError, RateLimitedError)  # of a look-up that follows on a write: it tells nothing of the write
ANOTHER_TIME: Mapping[Refusal, WhyNot | None] = {
    Refusal.SLOT_TAKEN: None,  # or never open: Cal.com says the same of both
    Refusal.TOO_SOON_OR_FAR: WhyNot.NOT_OFFERED,
    Refusal.SEATS_FULL: WhyNot.TAKEN,
}

_OBSTACLES = {
    Refusal.LIMIT_REACHED: Obstacle.LIMIT_REACHED,
    Refusal.ALREADY_SIGNED_UP: Obstacle.ALREADY_SIGNED_UP,
    Refusal.TOO_LATE_TO_MOVE: Obstacle.TOO_LATE_TO_MOVE,
    Refusal.ALREADY_CANCELLED: Obstacle.CANCELLED,
    Refusal.OVER: Obstacle.OVER,
    Refusal.EMAIL_UNVERIFIED: Obstacle.EMAIL_UNVERIFIED,
    Refusal.BLOCKED: Obstacle.BLOCKED,
}
_SEPARATORS = re.compile(r"[-_]+")
_DETAILS = {
    "name": Detail.NAME,
    "email": Detail.EMAIL,
    "attendeePhoneNumber": Detail.CONTACT,
    "phone": Detail.CONTACT,
}


def outcome_of(
    error: BookingRefusedError,
    wanted: datetime,
    booking: Booking | None = None,
    questions: Iterable[Question] = (),
) -> Outcome:
    """Turn a refusal into what the caller is told; one that is a fault of the set-up, not of the wish, is raised.

    ``booking``: the one that was to be changed. ``questions``: those of the event type.
    """
    if error.refusal in _OBSTACLES:
        return Prevented(_OBSTACLES[error.refusal], booking)
    match error.refusal:
        case Refusal.IN_THE_PAST:
            return WrongTime(TimeFault.PAST, wanted)
        case Refusal.CONTACT_REQUIRED:
            return Asked(Detail.CONTACT)
        case Refusal.MISSING_FIELD | Refusal.BAD_FIELD if booking is not None:
            return Prevented(Obstacle.DETAILS_DEMANDED, booking)
        case Refusal.MISSING_FIELD | Refusal.BAD_FIELD if error.fields:
            detail = _DETAILS.get(error.fields[0], Detail.DETAILS)
            slugs = error.fields if detail is Detail.DETAILS else ()
            known = {question.slug: question for question in questions}
            asked = tuple(known.get(slug) or Question(slug, _SEPARATORS.sub(" ", slug), "") for slug in slugs)
            return Asked(detail, refused=error.refusal is Refusal.BAD_FIELD, questions=asked)
        case _:
            raise error


def reason_of(error: BookingRefusedError) -> str:
    """Write a refusal down in a word, with the fields that it is about."""
    return ":".join((error.refusal.value, *error.fields))


def refusal_of(reason: str) -> BookingRefusedError:
    """Read what ``reason_of`` wrote. Raises CalendarUnreachableError for what was not refused but not carried out."""
    refusal, *fields = reason.split(":")
    if refusal not in set(Refusal):
        raise CalendarUnreachableError
    return BookingRefusedError(Refusal(refusal), tuple(fields))
