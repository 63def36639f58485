"""What a caller hears: every outcome in a sentence or two, to be read out as they are."""

from datetime import datetime
from typing import assert_never

from calbridge.domain.actions import (
    Action,
    Asked,
    Availability,
    Book,
    Booked,
    Cancel,
    Cancelled,
    Choose,
    Detail,
    Find,
    Found,
    NoneFound,
    NothingOpen,
    Obstacle,
    Openings,
    Prevented,
    Reply,
    Reschedule,
    Rescheduled,
    SlotTaken,
    Suggest,
    TimeFault,
    TwoTimes,
    Unconfirmed,
    WhyNot,
    WrongTime,
)
from calbridge.domain.appointments import Booking, Question
from calbridge.domain.times import SkippedTimeError
from calbridge.tools.apologies import (
    STILL_CONFIRMING,
    WHAT_DAY_AND_TIME,
    WHAT_EMAIL,
    WHAT_NAME,
    WHICH_APPOINTMENT,
    say_skipped,
)
from calbridge.tools.appointments import say_cancelled, say_choice, say_found, say_none, with_agent
from calbridge.tools.clock import moment, on, spoken_clock, spoken_date, today, zone_note
from calbridge.tools.emails import say_email
from calbridge.tools.offers import capital, offers, say_offers, say_openings
from calbridge.tools.wording import capped, label, listed, name

SPOKEN_QUESTIONS = 3
SPOKEN_OPTIONS = 4
MAX_SPOKEN_CHOICE = 60
WHY_NOT = {
    WhyNot.TAKEN: "That time is taken",
    WhyNot.TOO_SOON: "That time is too soon",
    WhyNot.NOT_OFFERED: "That time isn't available",
}
LEFT_AS_IT_IS = frozenset(
    {
        Obstacle.RECURRING,
        Obstacle.CANCELLING_OFF,
        Obstacle.RESCHEDULING_OFF,
        Obstacle.TOO_LATE_TO_MOVE,
        Obstacle.LIMIT_REACHED,
        Obstacle.DETAILS_DEMANDED,
        Obstacle.SEATED,
    },
)


def say(reply: Reply) -> str:
    """Tell the caller what came of it: plain words on one line, at most 300 characters, at most three offers."""
    return capped(_told(reply))


def _told(reply: Reply) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each outcome
    match reply.outcome:
        case Booked(booking, guest=guest):
            return _say_booked(booking, name(guest), reply)
        case Rescheduled(booking):
            return _say_rescheduled(booking, reply)
        case Cancelled(booking):
            return say_cancelled(booking, reply)
        case Found(bookings):
            return say_found(bookings, reply)
        case Choose(bookings):
            return say_choice(bookings, reply)
        case NoneFound():
            return say_none(reply)
        case Openings() as openings:
            return say_openings(openings, reply)
        case NothingOpen(days):
            return f"I'm sorry, nothing is open in the next {days} days."
        case SlotTaken() as taken:
            return _say_taken(taken, reply)
        case Asked() as asked:
            return _say_asked(asked, reply)
        case TwoTimes(first, second):
            return _say_both(first, second, reply)
        case WrongTime(fault, wanted):
            return _say_wrong_time(fault, wanted, reply)
        case Prevented() as prevented:
            return _say_prevented(prevented, reply)
        case Unconfirmed():
            return STILL_CONFIRMING
        case _:
            assert_never(reply.outcome)


def _say_booked(booking: Booking, guest: str, reply: Reply) -> str:
    when = moment(booking.start, reply)
    if booking.is_pending:
        whose = f", for {guest}" if guest else ""
        return f"I've asked for {when}{with_agent(reply)}{whose}; it still has to be confirmed."
    who = f"{capital(guest)} is" if guest else "You're"
    return f"{who} booked{with_agent(reply)} for {when}."


def _say_rescheduled(booking: Booking, reply: Reply) -> str:
    when = moment(booking.start, reply)
    if booking.is_pending:
        return f"I've asked to move your appointment{with_agent(reply)} to {when}; it still has to be confirmed."
    return f"I've moved your appointment{with_agent(reply)} to {when}."


def _say_taken(taken: SlotTaken, reply: Reply) -> str:
    told = offers(reply)
    stays = f" {_say_kept(taken.kept, reply)}" if taken.kept else ""
    gone = WHY_NOT[taken.why]
    if taken.nearest is None:
        return f"{gone}.{stays} What other time would suit you?"
    if not told:
        return f"{gone}, and I don't see another one near it.{stays}"
    return f"{gone}.{stays} {capital(say_offers(told, reply))}"


def _say_kept(kept: Booking, reply: Reply) -> str:
    when = on(moment(kept.start, reply))
    if kept.is_pending:
        return f"Your request stays as it is, {when}, and still has to be confirmed."
    return f"Your appointment stays {when}." if when.startswith("on ") else f"Your appointment stays as it is, {when}."


def _say_wrong_time(fault: TimeFault, wanted: datetime, reply: Reply) -> str:
    match fault:
        case TimeFault.PAST:
            return f"{capital(moment(wanted, reply))} has already passed. What other time would suit you?"
        case TimeFault.SKIPPED:
            return say_skipped(SkippedTimeError(wanted, reply.timezone))
        case _:
            assert_never(fault)


def _say_both(first: datetime, second: datetime, reply: Reply) -> str:
    """Ask which of two times is meant, and say once what they share: the clock, the day or neither."""
    one, other = (instant.astimezone(reply.timezone) for instant in (first, second))
    note = zone_note((first, second), reply)
    days = [spoken_date(each.date(), today(reply)) for each in (one, other)]
    clocks = [spoken_clock(each) for each in (one, other)]
    if clocks[0] == clocks[1]:
        return f"Do you mean {days[0]} or {days[1]} at {clocks[0]}{note}?"
    if days[0] == days[1]:
        return f"Do you mean {days[0]} at {clocks[0]} or {clocks[1]}{note}?"
    return f"Do you mean {days[0]} at {clocks[0]} or {days[1]} at {clocks[1]}{note}?"


def _say_asked(asked: Asked, reply: Reply) -> str:
    thing, question = _question(asked, reply)
    return f"The calendar didn't accept {thing}. {question}" if asked.refused else question


def _question(asked: Asked, reply: Reply) -> tuple[str, str]:  # noqa: PLR0911 - one case for each detail
    """Return what is asked for and how; the first for when it was given and refused."""
    match asked.detail:
        case Detail.NAME:
            return "that name", WHAT_NAME
        case Detail.CONTACT if isinstance(reply.action, Reschedule | Cancel | Find):
            return "those contact details", "What phone number or email address is the appointment under?"
        case Detail.CONTACT:
            wanted = "phone number" if asked.phone_only else "phone number or email address"
            return "those contact details", f"What {wanted} can I use for you?"
        case Detail.CONFIRM_EMAIL if asked.email:
            return "that email address", f"Is your email address {say_email(asked.email)}?"
        case Detail.EMAIL | Detail.CONFIRM_EMAIL:
            return "that email address", WHAT_EMAIL
        case Detail.DATETIME if asked.day is not None:
            return "that time", f"What time would you like {on(spoken_date(asked.day, today(reply)))}?"
        case Detail.DATETIME | Detail.CLARIFY_DATETIME:
            return "that time", WHAT_DAY_AND_TIME
        case Detail.APPOINTMENT_ID:
            return "that reference", WHICH_APPOINTMENT
        case Detail.DETAILS:
            return "one of those answers", _needs(asked.questions)
        case _:
            assert_never(asked.detail)


def _needs(questions: tuple[Question, ...]) -> str:
    """Ask for what an event type demands; what does not fit in one breath is asked next time."""
    asked = " ".join([*filter(None, map(_put, questions))][:SPOKEN_QUESTIONS])
    return f"I need a little more to book this. {asked}" if asked else "I need a few more details to book this."


def _put(question: Question) -> str:
    """Put one question, with what there is to choose from if it is little: "Insurance: private or public?"."""
    asked = label(question.label)
    options = [*filter(None, map(label, question.options))] if len(question.options) <= SPOKEN_OPTIONS else []
    choice = listed(options, "or") if len(options) > 1 else ""
    if not asked:
        return ""
    return f"{asked}: {choice}?" if choice and len(choice) <= MAX_SPOKEN_CHOICE else f"{asked}?"


def _say_prevented(prevented: Prevented, reply: Reply) -> str:
    reason = _reason(prevented, reply)
    booking = prevented.booking
    if booking and booking.is_live and prevented.obstacle in LEFT_AS_IT_IS and booking.start > reply.now:
        return f"{reason} {_say_kept(booking, reply)}"
    return reason


def _reason(prevented: Prevented, reply: Reply) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each obstacle
    change = _change(reply.action)
    match prevented.obstacle:
        case Obstacle.OVER:
            return f"{_that(prevented.booking, reply)} is already over, so I can't {change} it."
        case Obstacle.CANCELLED:
            ended = "was declined" if _is_declined(prevented.booking) else "has been cancelled"
            return f"{_that(prevented.booking, reply)} {ended}, so I can't {change} it."
        case Obstacle.RECURRING:
            return f"That is a repeating appointment, and I can't {change} those from here."
        case Obstacle.CANCELLING_OFF:
            return "This kind of appointment can't be cancelled."
        case Obstacle.RESCHEDULING_OFF:
            return "This kind of appointment can't be moved to another time."
        case Obstacle.TOO_LATE_TO_MOVE:
            return "It's too close to the appointment to move it now."
        case Obstacle.LIMIT_REACHED:
            return "No more appointments of this kind can be booked for now."
        case Obstacle.ALREADY_SIGNED_UP:
            return "You're already signed up for that time."
        case Obstacle.SEATED:
            return f"That is a group appointment, and I can't {change} a place in it from here."
        case Obstacle.BLOCKED:
            return "The calendar doesn't take appointments under those contact details."
        case Obstacle.EMAIL_UNVERIFIED:
            return "The calendar wants that email address verified first. Is there another one I can use?"
        case Obstacle.DETAILS_DEMANDED:
            return "The calendar wants details for moving it that I can't give from here."
        case Obstacle.CANCELLED_LATELY:
            ended = "declined" if _is_declined(prevented.booking) else "cancelled"
            return f"That appointment was {ended} a moment ago; shall I book it again?"
        case Obstacle.MOVED_LATELY:
            return f"{_changed(prevented.booking, reply)} Shall I book the other time as well?"
        case Obstacle.AT_ANOTHER_TIME:
            return f"{_stands(prevented.booking, reply)} Shall I book the other time as well?"
        case Obstacle.CHANGED_MEANWHILE:
            return f"{_changed(prevented.booking, reply)} Do you still want me to {change} it?"
        case _:
            assert_never(prevented.obstacle)


def _that(booking: Booking | None, reply: Reply) -> str:
    return f"Your appointment {on(moment(booking.start, reply))}" if booking else "That appointment"


def _stands(booking: Booking | None, reply: Reply) -> str:
    if booking is None:
        return "You have an appointment at another time."
    return f"Your appointment is {on(moment(booking.start, reply))}."


def _is_declined(booking: Booking | None) -> bool:
    return booking is not None and booking.status == "rejected"


def _changed(booking: Booking | None, reply: Reply) -> str:
    if booking is None:
        return "That appointment was changed a moment ago."
    if not booking.is_live:
        return "That appointment was moved a moment ago, and has been cancelled since."
    return f"That appointment was moved a moment ago, and is now {on(moment(booking.start, reply))}."


def _change(action: Action) -> str:
    match action:
        case Book() | Suggest() | Availability():
            return "book"
        case Find():
            return "change"
        case Reschedule():
            return "move"
        case Cancel():
            return "cancel"
        case _:
            assert_never(action)
