"""Open times in words: which three of many are spoken, and how."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from calbridge.domain.actions import (
    Asked,
    Availability,
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
    Suggest,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.times import by_day, spread
from calbridge.tools.clock import moment, on, spoken_clock, spoken_day, today, zone_note
from calbridge.tools.wording import listed

SPOKEN_OFFERS = 3
OFFERS_OF_A_DAY = 2  # as long as another day has some


def offers(reply: Reply) -> tuple[datetime, ...]:
    """Return the open times that are spoken, in UTC and in the order in which they are heard; at most three."""
    match reply.outcome:
        case Openings(starts, widened=widened):
            days = [day.starts for day in by_day(_told_apart(starts, reply), reply.timezone)]
            return _picked(days[:1] if widened else days)
        case SlotTaken(nearest=nearest):
            return tuple(sorted(_told_apart(nearest or (), reply)[:SPOKEN_OFFERS]))
        case (
            Booked()
            | Rescheduled()
            | Cancelled()
            | Found()
            | Choose()
            | NoneFound()
            | NothingOpen()
            | Asked()
            | TwoTimes()
            | WrongTime()
            | Prevented()
            | Unconfirmed()
        ):
            return ()
        case _:
            assert_never(reply.outcome)


def say_openings(openings: Openings, reply: Reply) -> str:
    """Offer open times: all that there are, or the first after a window that has none."""
    told = offers(reply)
    if not told:
        return "I don't see any open times."
    if openings.widened:
        return f"{_nothing_sooner(reply)} {_next_opening(told, reply)}"
    if isinstance(reply.action, Availability) and len(openings.starts) > len(told):
        return f"There are {len(openings.starts)} open times. For example, {say_offers(told, reply)}"
    return capital(say_offers(told, reply))


def say_offers(told: Sequence[datetime], reply: Reply) -> str:
    """Name open times by day, without a capital: "on Wednesday I have 11 AM or 2:30 PM; on Thursday, 9 AM."."""
    note = zone_note(told, reply)
    days = by_day(told, reply.timezone)
    first, *later = (
        (on(spoken_day(day.date, today(reply))), listed([spoken_clock(start) for start in day.starts], "or"))
        for day in days
    )
    # A date has a comma of its own, and wants one behind it too.
    opening = f"{first[0]}{',' if ',' in first[0] else ''} I have {first[1]}"
    rest = "".join(f"; {day}, {clocks}" for day, clocks in later)
    return f"{opening}{rest}{f', all in{note}' if later and note else note}."


def capital(sentence: str) -> str:
    """Begin a sentence."""
    return sentence[:1].upper() + sentence[1:]


def _picked(days: Sequence[Sequence[datetime]]) -> tuple[datetime, ...]:
    """Choose from two days rather than from one, and from its whole length rather than from its morning."""
    picked: list[datetime] = []
    for index, starts in enumerate(days[:SPOKEN_OFFERS]):
        last = index == len(days) - 1
        wanted = SPOKEN_OFFERS - len(picked)
        picked += spread(starts, wanted if last else min(wanted, OFFERS_OF_A_DAY))
    return tuple(start.astimezone(UTC) for start in picked[:SPOKEN_OFFERS])


def _told_apart(starts: Sequence[datetime], reply: Reply) -> tuple[datetime, ...]:
    """Keep one of two times that sound alike: clocks that go back repeat an hour, and the first is meant."""
    again = {start: local for start in starts if (local := start.astimezone(reply.timezone)).fold}
    if not again:
        return tuple(starts)
    all_of_them = frozenset(starts)
    alike = {start for start, local in again.items() if local.replace(fold=0).astimezone(UTC) in all_of_them}
    return tuple(start for start in starts if start not in alike)


def _nothing_sooner(reply: Reply) -> str:
    match reply.action:
        case Suggest(days) | Availability(days) if days > 1:
            return f"Nothing is free in the next {days} days."
        case Suggest() | Availability():
            return "Nothing is free today or tomorrow."
        case _:
            return "Nothing is free that soon."


def _next_opening(told: Sequence[datetime], reply: Reply) -> str:
    first, *more = (start.astimezone(reply.timezone) for start in told)
    also = f"; that day I also have {listed([spoken_clock(start) for start in more], 'or')}" if more else ""
    return f"The next opening is {moment(first, reply)}{also}."
