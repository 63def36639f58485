"""What came of a tool call, for machines: flat fields that a path reaches in one step, all of them, ``""`` for none.

Beside them only what there is: ``slot_1``, ``slot_1_start`` and so on for the times that were spoken, in their order,
and ``appointment_1``, ``appointment_1_id``, ``appointment_1_start`` for appointments that were found. Instants are UTC.
"""

from collections.abc import Sequence

from calbridge.domain.actions import (
    Action,
    Asked,
    Booked,
    Cancelled,
    Choose,
    Detail,
    Found,
    NoneFound,
    Obstacle,
    Outcome,
    Prevented,
    Reply,
    Rescheduled,
    SlotTaken,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.appointments import Booking
from calbridge.domain.errors import CalbridgeError, InvalidRequestError
from calbridge.tools import speech
from calbridge.tools.apologies import WHAT_DAY_AND_TIME, WHAT_EMAIL, WHAT_NAME, WHICH_APPOINTMENT, say_error
from calbridge.tools.clock import iso, moment
from calbridge.tools.offers import offers

MOST_APPOINTMENTS = 3  # as many as are spoken
# What to ask for where a model has filled a parameter in wrongly, and how: no caller knows of ISO 8601.
TO_ASK_AGAIN: dict[str, tuple[str, str]] = {
    "name": (Detail.NAME, WHAT_NAME),
    "email": (Detail.EMAIL, WHAT_EMAIL),
    "phone": (Detail.CONTACT, "What is the phone number, with its country code?"),
    **dict.fromkeys(("appointment_datetime", "date", "time"), (Detail.DATETIME, WHAT_DAY_AND_TIME)),
    "appointment_id": (Detail.APPOINTMENT_ID, WHICH_APPOINTMENT),
    "details": (Detail.DETAILS, "I didn't get those details. What were they, one by one?"),
    "timezone": ("provide_timezone", "Which city are you in, so that I get the time right?"),
    "days_ahead": ("", "How many days ahead should I look?"),
    "notes": ("", "That's more than I can note down. What is it about, in a few words?"),
    "confirm": ("", "Shall I go ahead, yes or no?"),
}

Fields = dict[str, bool | str]


def of_reply(reply: Reply) -> Fields:
    """Tell an outcome."""
    booking = booking_of(reply.outcome)
    withheld = isinstance(reply.outcome, Booked | Prevented) and reply.outcome.uid_withheld
    required = action_required(reply.outcome)
    return {
        **_told(success=not required and not isinstance(reply.outcome, Prevented), message=speech.say(reply)),
        "action_required": required,
        "appointment_id": booking.uid if booking and not withheld else "",
        "date_time": date_time_of(reply.outcome, booking),
        "status": booking.status if booking else "",
        "timezone": reply.timezone.key,
        **_slots(reply),
        **_appointments(reply),
    }


def of_error(error: CalbridgeError, action: Action | None) -> Fields:
    """Tell what stopped a tool call. ``action`` is what was wanted, as far as that was understood."""
    field = error.field if isinstance(error, InvalidRequestError) else ""
    required, question = TO_ASK_AGAIN.get(field, ("", ""))
    told = _told(success=False, message=question or say_error(error, action))
    return {**told, "code": error.code.value, "action_required": required}


def _told(*, success: bool, message: str) -> Fields:
    nothing = dict.fromkeys(("code", "action_required", "appointment_id", "date_time", "status", "timezone"), "")
    return {"success": success, "message": message, **nothing}


def action_required(outcome: Outcome) -> str:  # noqa: PLR0911 - one case for each outcome
    """Return what the agent should ask or do next; "" for nothing."""
    match outcome:
        case Asked(detail=detail):
            return detail.value
        case TwoTimes():
            return Detail.CLARIFY_DATETIME.value
        case WrongTime():
            return Detail.DATETIME.value
        case NoneFound():
            return Detail.CONTACT.value
        case Choose():
            return "choose_appointment"
        case SlotTaken():
            return "reschedule"
        case Prevented(obstacle=Obstacle.CANCELLED_LATELY | Obstacle.MOVED_LATELY | Obstacle.AT_ANOTHER_TIME):
            return "confirm_rebook"
        case Unconfirmed():
            return "verify"
        case _:
            return ""


def booking_of(outcome: Outcome) -> Booking | None:
    """Return the one appointment that an outcome is about."""
    match outcome:
        case Booked(booking=booking) | Rescheduled(booking) | Cancelled(booking) | Prevented(booking=booking):
            return booking
        case Found(bookings=(booking,)):
            return booking
        case SlotTaken(kept=kept):
            return kept
        case _:
            return None


def date_time_of(outcome: Outcome, booking: Booking | None) -> str:
    """Return the instant that an outcome is about; "" for none."""
    match outcome:
        case SlotTaken(wanted=wanted) | Unconfirmed(wanted=wanted) if wanted is not None:
            return iso(wanted)
        case _:
            return iso(booking.start) if booking else ""


def _slots(reply: Reply) -> Fields:
    fields: Fields = {}
    for number, start in enumerate(offers(reply), 1):
        fields[f"slot_{number}"] = moment(start, reply)
        fields[f"slot_{number}_start"] = iso(start)
    return fields


def _appointments(reply: Reply) -> Fields:
    match reply.outcome:
        case Found(bookings) | Choose(bookings):
            return _listed(bookings[:MOST_APPOINTMENTS], reply)
        case _:
            return {}


def _listed(bookings: Sequence[Booking], reply: Reply) -> Fields:
    fields: Fields = {}
    for number, booking in enumerate(bookings, 1):
        fields[f"appointment_{number}"] = moment(booking.start, reply)
        fields[f"appointment_{number}_id"] = booking.uid
        fields[f"appointment_{number}_start"] = iso(booking.start)
    return fields
