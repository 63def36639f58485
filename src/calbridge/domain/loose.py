"""Times as people say them: a day and a time of day that mean something only beside a present and a zone.

Nothing here knows words (``tools/`` does), and nothing reads a clock. What was said is taken apart into days and a time
of day; here it is worked out which local times that can mean. More than one is no mistake: then the caller is asked.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum, auto
from typing import assert_never
from zoneinfo import ZoneInfo

from calbridge.domain.actions import Asked, Spoken, TwoTimes, WrongTime

EARLIEST, LATEST = time(7), time(21)  # between these, the second not included, a bare hour is meant
YEARS_AHEAD = 8  # until a February 29 comes again, at most
MONTHS_AHEAD = 3  # until a 31st comes again, at most
LAST_YEAR = 2999
DAYS_OF_A_WEEK = 7
SUNDAY = 6


class PartOfDay(StrEnum):
    """What tells the two halves of a clock's face apart, if it was said."""

    MORNING = auto()
    AFTERNOON = auto()
    EVENING = auto()
    NIGHT = auto()


HOURS = {
    PartOfDay.MORNING: range(1, 12),  # "tomorrow morning at 12" is noon to some
    PartOfDay.AFTERNOON: range(12, 18),
    PartOfDay.EVENING: range(17, 24),
    PartOfDay.NIGHT: range(18, 24),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. ``bare``: by the face of a clock, so that it can be either half of the day."""

    time: time
    bare: bool = False
    midnight: bool = False  # by that name: whose midnight it is, nobody knows


class Which(StrEnum):
    """Which of the weekdays of that name."""

    COMING = auto()  # by its name alone
    UPCOMING = auto()
    THIS = auto()
    THIS_WEEK = auto()
    NEXT = auto()
    NEXT_WEEK = auto()
    WEEK_AFTER = auto()
    LAST = auto()


@dataclass(frozen=True, slots=True)
class InDays:
    """So many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class InMonths:
    """The same day, so many months on."""

    months: int


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """The next day of that number, or the one of the month that is so many months on."""

    day: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A date; without a year, or with a past one, the next such."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday being 0."""

    weekday: int
    which: Which = Which.COMING


Day = InDays | InMonths | DayOfMonth | Dated | Weekday


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was said, taken apart. Several ``days`` are several readings of one; ``weekday`` was said beside a date."""

    days: tuple[Day, ...] = ()
    weekday: int | None = None
    clock: Clock | None = None
    part: PartOfDay | None = None
    after: timedelta | None = None  # "in two hours"


@dataclass(frozen=True, slots=True)
class Present:
    """What it takes to place what was said.

    ``offered``: times that this caller has heard, in that order. ``own``: those of appointments that they do not mean,
    unless they name them by their place. ``wanted``: what another field of the same request says. ``caller_zone``,
    ``host_zone``: where they are, which may be another than ``zone``, in which times are read; None where nobody knows.
    """

    now: datetime
    zone: ZoneInfo
    offered: tuple[datetime, ...] = ()
    own: tuple[datetime, ...] = ()
    wanted: datetime | None = None
    caller_zone: ZoneInfo | None = None
    host_zone: ZoneInfo | None = None

    @property
    def likely(self) -> tuple[datetime, ...]:
        """The times that somebody may mean who tells but a part of one, or one in two readings."""
        return (self.wanted,) if self.wanted else tuple(each for each in self.offered if each not in self.own)

    @property
    def today(self) -> date:
        """The day it is for the caller."""
        return self.now.astimezone(self.zone).date()


Meaning = datetime | TwoTimes | WrongTime | Asked
Understand = Callable[[Spoken, Present], Meaning]


def times_of(phrase: Phrase) -> tuple[tuple[int, time], ...]:
    """Return what a time of day can mean: pairs of days to add and a local time."""
    clock, part = phrase.clock, phrase.part
    if clock is None:
        return ()
    if clock.midnight:
        return ((1, time()),) if part is PartOfDay.NIGHT else ((0, time()), (1, time()))
    if not clock.bare:
        fits = part is None or clock.time.hour in HOURS[part]
        return ((0, clock.time),) if fits else ()
    halves = faces_of(clock)
    if part is not None:
        return tuple((0, each) for each in halves if each.hour in HOURS[part])
    return tuple((0, each) for each in halves if EARLIEST <= each < LATEST)


def faces_of(clock: Clock) -> tuple[time, ...]:
    """Return the local times at which a clock shows this, likely or not."""
    if not clock.bare:
        return (clock.time,)
    hour = clock.time.hour % 12
    return (clock.time.replace(hour=hour), clock.time.replace(hour=hour + 12))


def readings_of(day: Day, today: date) -> tuple[tuple[date, ...], ...]:  # noqa: PLR0911 - one case for each day
    """Return the readings of a day. Each is a row of dates, of which the first that lies ahead is meant."""
    match day:
        case InDays(days):
            return _row(_shifted(today, days))
        case InMonths(months):
            return _row(_in_month(today, months, today.day))
        case DayOfMonth(number, months) if months is not None:
            return _row(_in_month(today, months, number))
        case DayOfMonth(number):
            ahead = (_in_month(today, months, number) for months in range(MONTHS_AHEAD + 1))
            return _row(*(each for each in ahead if each is not None and each >= today))
        case Dated(month, number, year) if year is not None and year >= today.year:
            return _row(_date(year, month, number))
        case Dated(month, number):
            years = range(today.year, today.year + YEARS_AHEAD + 1)
            return _row(*(each for year in years if (each := _date(year, month, number)) and each >= today))
        case Weekday(weekday, which):
            return tuple(_row(each)[0] for each in _weekdays(weekday, which, today))
        case _:
            assert_never(day)


def _weekdays(weekday: int, which: Which, today: date) -> tuple[date, ...]:  # noqa: PLR0911 - one case for each
    """Return the days that can be meant.

    "Next Friday" is the coming one to some and the one of next week to others, and a week begins on Monday or Sunday.
    """
    distance = (weekday - today.weekday()) % DAYS_OF_A_WEEK
    coming = today + timedelta(days=distance)
    a_week_later = coming + timedelta(days=DAYS_OF_A_WEEK)
    match which:
        case Which.COMING | Which.UPCOMING:
            return (coming, a_week_later) if distance == 0 else (coming,)
        case Which.THIS:
            return (coming,)
        case Which.LAST:
            return (coming - timedelta(days=DAYS_OF_A_WEEK),)
        case Which.WEEK_AFTER:
            return (a_week_later,)
        case Which.THIS_WEEK:
            return tuple(sorted(_of_next_week(weekday, today - timedelta(days=DAYS_OF_A_WEEK))))
        case Which.NEXT:
            following = coming if distance else a_week_later
            return tuple(sorted({following, *_of_next_week(weekday, today)}))
        case Which.NEXT_WEEK:
            return tuple(sorted(_of_next_week(weekday, today)))
        case _:
            assert_never(which)


def _of_next_week(weekday: int, today: date) -> set[date]:
    from_monday = today + timedelta(days=DAYS_OF_A_WEEK - today.weekday() + weekday)
    since_sunday = (today.weekday() + 1) % DAYS_OF_A_WEEK
    from_sunday = today + timedelta(days=DAYS_OF_A_WEEK - since_sunday + (weekday + 1) % DAYS_OF_A_WEEK)
    return {from_monday, from_sunday}


def nearest_weekday(day: date, weekday: int) -> date:
    """Return the nearest day of that name."""
    away = (weekday - day.weekday()) % DAYS_OF_A_WEEK
    return day + timedelta(days=away if away <= DAYS_OF_A_WEEK // 2 else away - DAYS_OF_A_WEEK)


def _row(*days: date | None) -> tuple[tuple[date, ...], ...]:
    return (tuple(day for day in days if day is not None),)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year <= LAST_YEAR else None
    except ValueError:
        return None


def _shifted(today: date, days: int) -> date | None:
    try:
        shifted = today + timedelta(days=days)
    except OverflowError:
        return None
    return shifted if shifted.year <= LAST_YEAR else None


def _in_month(today: date, months: int, day: int) -> date | None:
    """Return that day of the month that is so many months on, if it has one."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    if year > LAST_YEAR or day > monthrange(year, month + 1)[1] or day < 1:
        return None
    return date(year, month + 1, day)
