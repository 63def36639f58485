"""What an agent is told before the call, as flat variables of text for the prompt of a model."""

from calbridge.domain.actions import Find, Found, Reply
from calbridge.domain.greeting import Greeting
from calbridge.tools.clock import calendar_day, moment, spoken_clock
from calbridge.tools.wording import name

NAMES = ("now", "today", "timezone", "agent_name", "caller_name", "caller_has_email", "next_appointment")
NONE = "none"


def variables(greeting: Greeting) -> dict[str, str]:
    """Return every variable, always: a template whose variable is missing is read out with its braces.

    "" is for what is not known. ``next_appointment`` is ``none`` where Cal.com has been asked and there is none.
    """
    known = greeting.acquaintance
    told = {
        "agent_name": name(greeting.agent_name),
        "caller_name": name(known.name) if known else "",
        "caller_has_email": ("yes" if known.has_email else "no") if known else "",
        "next_appointment": _next(greeting),
        **_present(greeting),
    }
    return {each: told[each] for each in NAMES}


def _present(greeting: Greeting) -> dict[str, str]:
    """The present where times are read: "tomorrow" is reckoned from it."""
    if greeting.timezone is None:
        return {"now": "", "today": "", "timezone": ""}
    local = greeting.now.astimezone(greeting.timezone)
    now = f"{calendar_day(local.date())}, {local.year}, {spoken_clock(local)}"
    return {"now": now, "today": local.date().isoformat(), "timezone": greeting.timezone.key}


def _next(greeting: Greeting) -> str:
    if greeting.upcoming is None or greeting.timezone is None:
        return ""
    booking = greeting.upcoming.booking
    if booking is None:
        return NONE
    reply = Reply(Find(), Found((booking,)), greeting.agent_name, greeting.timezone, greeting.timezone, greeting.now)
    when = moment(booking.start, reply)
    return f"{when}, not confirmed yet" if booking.is_pending else when
