"""A caller's own appointments in words: which they have, and which of them is meant."""

from collections.abc import Sequence

from calbridge.domain.actions import Action, Cancel, Find, Reply, Reschedule
from calbridge.domain.appointments import Booking
from calbridge.tools.clock import moment, on, spoken_clock, spoken_date, today, zone_note
from calbridge.tools.wording import name

SPOKEN_APPOINTMENTS = 3
COUNTS = {2: "two", 3: "three"}


def with_agent(reply: Reply) -> str:
    """Return " with Dr. Rivera", or "" where nobody has a name that can be said."""
    agent = name(reply.agent_name)
    return f" with {agent}" if agent else ""


def say_found(bookings: Sequence[Booking], reply: Reply) -> str:
    """Tell which appointments there are."""
    match bookings:
        case []:
            return f"I don't see any upcoming appointments under {contact_words(reply.action)}."
        case [booking]:
            return _say_one(booking, reply)
        case _:
            return _say_several(bookings, reply)


def say_choice(bookings: Sequence[Booking], reply: Reply) -> str:
    """Ask which appointment is meant; if there is but one, whether it is that."""
    deed = "move" if isinstance(reply.action, Reschedule) else "cancel"
    found = say_found(bookings, reply)
    return f"{found} Would you like to {deed} it?" if len(bookings) == 1 else f"{found} Which one shall I {deed}?"


def say_none(reply: Reply) -> str:
    """Tell that there is nothing to change, which need not mean that nothing is booked."""
    contact = contact_words(reply.action)
    return (
        f"I don't see any upcoming appointments under {contact}. "
        "What other phone number or email address could it be under?"
    )


def say_cancelled(booking: Booking, reply: Reply) -> str:
    """Tell that an appointment is no more, or never came to be."""
    if booking.status == "rejected":
        return f"Your request{with_agent(reply)} for {moment(booking.start, reply)} was declined, so nothing is booked."
    return f"Your appointment{with_agent(reply)} {on(moment(booking.start, reply))} is cancelled."


def contact_words(action: Action) -> str:
    """Return by what an appointment was looked up, without saying it: "that phone number"."""
    match action:
        case Find(phone=phone, email="") | Reschedule(phone=phone, email="") | Cancel(phone=phone, email="") if phone:
            return "that phone number"
        case Find(phone="", email=email) | Reschedule(phone="", email=email) | Cancel(phone="", email=email) if email:
            return "that email address"
        case _:
            return "those contact details"


def _say_one(booking: Booking, reply: Reply) -> str:
    when = on(moment(booking.start, reply))
    if not booking.is_live:
        return say_cancelled(booking, reply)
    if booking.end <= reply.now:
        return f"Your appointment{with_agent(reply)} {when} is already over."
    if booking.is_pending:
        return f"You've asked for an appointment{with_agent(reply)} {when}; it still has to be confirmed."
    return f"You have an appointment{with_agent(reply)} {when}."


def _say_several(bookings: Sequence[Booking], reply: Reply) -> str:
    told = bookings[:SPOKEN_APPOINTMENTS]
    *first, last = (_time(booking, reply) for booking in told)
    note = zone_note([booking.start for booking in told], reply)
    times = f"{'; '.join(first)}; and {last}{f', all in{note}' if note else ''}."
    if len(bookings) in COUNTS:
        return f"You have {COUNTS[len(bookings)]} appointments{with_agent(reply)}: {times}"
    return f"You have more than three appointments{with_agent(reply)}. The next ones are {times}"


def _time(booking: Booking, reply: Reply) -> str:
    local = booking.start.astimezone(reply.timezone)
    when = f"{spoken_date(local.date(), today(reply))} at {spoken_clock(local)}"
    return f"{when}, not confirmed yet" if booking.is_pending else when
