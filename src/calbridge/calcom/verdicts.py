"""From this room's errors to the domain's: what a failure means to whoever asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from calbridge.calcom.errors import (
    BadKeyError,
    CalcomError,
    HeldBackError,
    NoAnswerError,
    NoSuchBookingError,
    NotSentError,
    RefusedError,
    ThrottledError,
    WrongAddressError,
)
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarError,
    CalendarUnreachableError,
    KeyRefusedError,
    OutcomeUnknownError,
    RateLimitedError,
    Refusal,
    UnknownBookingError,
)


@contextmanager
def reading() -> Iterator[None]:
    """Turn errors of a request that changes nothing into the domain's."""
    try:
        yield
    except CalcomError as error:
        raise _meaning(error) or _meaning_to_reader(error) from error


@contextmanager
def writing() -> Iterator[None]:
    """Turn errors of a request that changes something into the domain's: no answer is not a no."""
    try:
        yield
    except CalcomError as error:
        raise _meaning(error) or _meaning_to_writer(error) from error


def _meaning(error: CalcomError) -> CalendarError | RateLimitedError | None:
    """Tell what means the same to everybody."""
    match error:
        case NotSentError():
            return CalendarUnreachableError()
        case BadKeyError():
            return KeyRefusedError()
        case ThrottledError() | HeldBackError():
            return RateLimitedError(error.retry_after)
        case NoSuchBookingError():
            return UnknownBookingError()
        case RefusedError() if error.refusal is not Refusal.OTHER:
            return BookingRefusedError(error.refusal, error.fields)
        case _:
            return None


def _meaning_to_reader(error: CalcomError) -> CalendarError:
    match error:
        case NoAnswerError():
            return CalendarUnreachableError()
        case WrongAddressError():
            return CalendarError("Cal.com has no such endpoint: check the base URL and the version of its API.")
        case _:
            return CalendarError()


def _meaning_to_writer(error: CalcomError) -> CalendarError:
    match error:
        case RefusedError() | WrongAddressError():
            return BookingRefusedError(Refusal.OTHER)
        case _:
            return OutcomeUnknownError()
