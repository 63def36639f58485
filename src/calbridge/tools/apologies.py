"""What a caller hears when a request was stopped: every error in a plain sentence that promises nothing untrue."""

from typing import assert_never

from calbridge.domain.actions import Action, Availability, Book, Cancel, Find, Reschedule, Suggest
from calbridge.domain.errors import (
    BookingRefusedError,
    CalbridgeError,
    CalendarError,
    CalendarUnreachableError,
    Code,
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    KeyRefusedError,
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
from calbridge.tools.clock import calendar_day, spoken_clock
from calbridge.tools.wording import capped, label, prose

STILL_CONFIRMING = "I'm still confirming that with the calendar. Please ask me again in a moment."
UNKNOWN_APPOINTMENT = "I can't find that appointment."
WHAT_NAME = "What name should I put the appointment under?"
WHAT_EMAIL = "What email address should I use?"
WHAT_DAY_AND_TIME = "What day and time would you like?"
WHICH_APPOINTMENT = "Which appointment is it?"

# What only the protocol knows: another method, too long a body, one that is no JSON.
UNREADABLE = frozenset({Code.METHOD_NOT_ALLOWED, Code.PAYLOAD_TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE})

REFUSALS = {
    Refusal.SLOT_TAKEN: "That time is taken. What other time would suit you?",
    Refusal.TOO_SOON_OR_FAR: "That time is too soon or too far ahead to book. What other time would suit you?",
    Refusal.IN_THE_PAST: "That time has already passed. What other time would suit you?",
    Refusal.TOO_LATE_TO_MOVE: "It's too close to the appointment to move it now.",
    Refusal.LIMIT_REACHED: "No more appointments of this kind can be booked for now.",
    Refusal.SEATS_FULL: "That time is full. What other time would suit you?",
    Refusal.ALREADY_SIGNED_UP: "You're already signed up for that time.",
    Refusal.MISSING_FIELD: "The calendar needs more details than I was given, so nothing was changed.",
    Refusal.BAD_FIELD: "The calendar didn't accept one of the details I gave it, so nothing was changed.",
    Refusal.CONTACT_REQUIRED: "What phone number or email address can I use for you?",
    Refusal.UNKNOWN_EVENT_TYPE: "The calendar doesn't offer that kind of appointment any more.",
    Refusal.ALREADY_CANCELLED: "That appointment is already cancelled.",
    Refusal.ALREADY_MOVED: "That appointment has already been moved to another time.",
    Refusal.OVER: "That appointment is already over, so it can't be changed.",
    Refusal.SWITCHED_OFF: "The calendar doesn't allow that for this kind of appointment.",
    Refusal.EMAIL_UNVERIFIED: "The calendar wants that email address verified first. Is there another one I can use?",
    Refusal.BLOCKED: "The calendar doesn't take appointments under those contact details.",
    Refusal.OTHER: "The calendar didn't accept that, so nothing was changed.",
}


def say_error(error: CalbridgeError, action: Action | None) -> str:
    """Tell the caller why it stopped. ``action`` is what was wanted, as far as the request told.

    ``str(error)`` is for developers and is never read out; only what is wrong with a field is.
    """
    return capped(_about_request(error, action) or _about_calendar(error))


def say_skipped(error: SkippedTimeError) -> str:
    """Tell the caller that the clocks skip the wanted time, by its name."""
    local = error.local
    return (
        f"There is no {spoken_clock(local)} on {calendar_day(local.date())}, because the clocks go forward then. "
        "What other time would suit you?"
    )


def _about_request(  # noqa: C901, PLR0911, PLR0912 - one case for each error
    error: CalbridgeError, action: Action | None
) -> str | None:
    """Say what stopped a request before any calendar was asked; None for the rest."""
    match error:
        case NoActionError():
            return "I didn't get what to do. Would you like to book, move or cancel an appointment?"
        case InvalidRequestError(field=field, problem=problem):
            return prose(f"The {label(field)} {problem}")
        case NotConnectedError():
            return "I can't reach the calendar right now."
        case UnauthorizedError():
            return "I'm not able to do that on this line."
        case SwitchedOffError():
            return f"I'm not able to {_deed(action)} here."
        case ForbiddenError():
            return "I'm not allowed to do that here."
        case NotFoundError(what=what):
            return _unknown(what)
        case RepeatingEventTypeError():
            return "Appointments of that kind repeat, and I can't book those by phone."
        case ConflictError():
            return "That can't be done as things stand."
        case IdempotencyKeyReusedError():
            return "I've already taken another request under that reference, so nothing was done this time."
        case RateLimitedError():
            return "I'm getting too many requests right now. Please try again in a minute."
        case UnavailableError():
            return "I can't do that just now. Please try again in a moment."
        case _ if error.code in UNREADABLE:
            return "I couldn't read that request, so nothing was done."
        case _:
            return None


def _about_calendar(error: CalbridgeError) -> str:  # noqa: PLR0911 - one case for each error
    match error:
        case BookingRefusedError(refusal=refusal):
            return REFUSALS[refusal]
        case UnknownBookingError():
            return UNKNOWN_APPOINTMENT
        case OutcomeUnknownError():
            return STILL_CONFIRMING
        case CalendarUnreachableError():
            return "I can't reach the calendar right now. Nothing was changed; please try again in a moment."
        case KeyRefusedError():
            return "I can't get into the calendar right now."
        case CalendarError():
            return "The calendar isn't working as it should right now. Please try again in a moment."
        case _:
            return "I'm sorry, something went wrong on my side. Please try again in a moment."


def _unknown(what: str) -> str:
    match what.lower():
        case "appointment" | "booking":
            return UNKNOWN_APPOINTMENT
        case "agent" | "organization":
            return "I'm sorry, I can't make appointments on this line."
        case _:
            return "I can't find what you're asking for."


def _deed(action: Action | None) -> str:
    match action:
        case Book():
            return "book appointments"
        case Reschedule():
            return "move appointments"
        case Cancel():
            return "cancel appointments"
        case Find():
            return "look up appointments"
        case Suggest() | Availability():
            return "look up open times"
        case None:
            return "do that"
        case _:
            assert_never(action)
