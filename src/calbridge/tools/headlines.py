"""The short strings beside the sentence: what became of it, for whoever reads JSON."""

from typing import assert_never

from calbridge.domain.actions import (
    Asked,
    Booked,
    Cancelled,
    Choose,
    Found,
    NoneFound,
    NothingOpen,
    Openings,
    Prevented,
    Reply,
    Rescheduled,
    SlotTaken,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)


def headline(reply: Reply) -> str:
    """Return ``data.message``. What waits for its host is requested, never booked or moved."""
    match reply.outcome:
        case Booked(booking) | Rescheduled(booking) if booking.is_pending:
            return "Appointment requested"
        case Booked():
            return "Booked successfully"
        case Rescheduled():
            return "Rescheduled successfully"
        case Cancelled():
            return "Cancelled successfully"
        case (
            Found()
            | Choose()
            | NoneFound()
            | Openings()
            | NothingOpen()
            | SlotTaken()
            | Asked()
            | TwoTimes()
            | WrongTime()
            | Prevented()
            | Unconfirmed()
        ):
            return summary(reply)
        case _:
            assert_never(reply.outcome)


def summary(reply: Reply) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each outcome
    """Return ``data.summary``: the outcome in a word or two."""
    match reply.outcome:
        case Booked(booking) | Rescheduled(booking) if booking.is_pending:
            return "Appointment requested"
        case Booked():
            return "Appointment confirmed"
        case Rescheduled():
            return "Rescheduled"
        case Cancelled():
            return "Cancelled"
        case Found(()) | NoneFound():
            return "No appointments found"
        case Found() | Choose():
            return "Appointments found"
        case Openings():
            return "Available times"
        case NothingOpen():
            return "No available times"
        case SlotTaken():
            return "Time not available"
        case Asked() | TwoTimes():
            return "More information needed"
        case WrongTime():
            return "Not a possible time"
        case Prevented():
            return "Not possible"
        case Unconfirmed():
            return "Not confirmed yet"
        case _:
            assert_never(reply.outcome)
