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
from calbridge.tools.apologies import say_error
from calbridge.tools.clock import iso, moment
from calbridge.tools.offers import offers

MOST_APPOINTMENTS = 3  # as many as are spoken
TO_ASK = {
    "name": Detail.NAME,
    "email": Detail.EMAIL,
    "phone": Detail.CONTACT,
    "appointment_datetime": Detail.DATETIME,
    "appointment_id": Detail.APPOINTMENT_ID,
    "details": Detail.DETAILS,
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
    asked = TO_ASK.get(error.field) if isinstance(error, InvalidRequestError) else None
    told = _told(success=False, message=say_error(error, action))
    return {**told, "code": error.code.value, "action_required": asked or ""}


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
