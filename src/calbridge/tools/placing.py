"""Days and a time of day -> instants: which of them lie ahead, which were offered, and what is told if none does."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from calbridge.domain.actions import Asked, Detail, TimeFault, TwoTimes, WrongTime
from calbridge.domain.loose import (
    HOURS,
    Dated,
    Meaning,
    Phrase,
    Present,
    Weekday,
    Which,
    faces_of,
    nearest_weekday,
    readings_of,
    times_of,
)
from calbridge.domain.times import SkippedTimeError, place

UNCLEAR = Asked(Detail.DATETIME)


def rows_of(phrase: Phrase, today: date) -> list[tuple[date, ...]]:
    """Return the dates that a day can mean; beside a weekday, only the first such date ahead is one.

    If that is none of that name, it may be the number that is wrong, or the weekday: both are returned.
    """
    rows = [row for day in phrase.days for row in readings_of(day, today)]
    if phrase.weekday is None:
        return rows
    firsts = sorted(row[0] for row in rows if row)
    of_that_name = [each for each in firsts if each.weekday() == phrase.weekday]
    if of_that_name and firsts[0] in of_that_name:
        return [(each,) for each in of_that_name]
    this_year = [each for day in phrase.days if (each := _this_year(day, today)) and each.weekday() == phrase.weekday]
    if this_year:  # the weekday tells that it is over, not that it comes again
        return [tuple(this_year)]
    if of_that_name:  # "Monday 12/4": April 12 is one, but December 4 comes first
        return [(firsts[0],), *((each,) for each in of_that_name)]
    return [(each,) for first in firsts for each in (first, nearest_weekday(first, phrase.weekday))]


def is_misnamed(rows: Sequence[tuple[date, ...]], phrase: Phrase) -> bool:
    """Whether a date is not of the weekday that was said with it."""
    return phrase.weekday is not None and any(day.weekday() != phrase.weekday for row in rows for day in row)


def _this_year(day: object, today: date) -> date | None:
    if not isinstance(day, Dated) or day.year not in {None, today.year}:
        return None
    (row,) = readings_of(replace(day, year=today.year), today)
    return row[0] if row else None


def placed(rows: Sequence[tuple[date, ...]], phrase: Phrase, present: Present) -> Meaning:
    """Place days and a time of day; where there is nothing ahead, tell why."""
    times = times_of(phrase)
    try:
        instants = instants_of(rows, times, present)
    except SkippedTimeError as error:
        return WrongTime(TimeFault.SKIPPED, error.local)
    if is_misnamed(rows, phrase) and len(instants) < len(rows):
        return UNCLEAR  # one of the two is over, which is no reason to take the other
    offered = [each for each in present.likely if each in instants or _is_of(rows, phrase, each, present)]
    if offered or instants:
        return told(offered or instants, present)
    passed = [
        datetime.combine(day + timedelta(days=days), clock) for row in rows for day in row for days, clock in times
    ]
    try:
        return told([place(each, present.zone) for each in passed[-1:]], present)
    except SkippedTimeError as error:
        return WrongTime(TimeFault.SKIPPED, error.local)


def instants_of(
    rows: Sequence[tuple[date, ...]], times: Iterable[tuple[int, time]], present: Present
) -> list[datetime]:
    """Return the first that lies ahead of each row, once. Raises SkippedTimeError if the very first is skipped."""
    found: set[datetime] = set()
    skipped: SkippedTimeError | None = None
    for row in rows:
        for days, clock in times:
            try:
                ahead = _ahead((datetime.combine(day + timedelta(days=days), clock) for day in row), present)
            except SkippedTimeError as error:
                skipped = error if skipped is None else min(skipped, error, key=lambda each: each.local)
            else:
                found.update(ahead)
    instants = sorted(found)
    if skipped is not None and (not instants or skipped.local < _local(instants[0], present)):
        raise skipped
    return instants


def _ahead(locals_: Iterable[datetime], present: Present) -> list[datetime]:
    """Return the first of several local times that lies ahead. Raises SkippedTimeError where that does not exist."""
    for local in locals_:
        try:
            start = place(local, present.zone)
        except SkippedTimeError:
            if local < _local(present.now, present):
                continue
            raise
        if start > present.now:
            return [start]
    return []


def _local(instant: datetime, present: Present) -> datetime:
    return instant.astimezone(present.zone).replace(tzinfo=None)


def told(instants: Sequence[datetime], present: Present) -> Meaning:
    """Return what so many readings come to: one is meant, of two the caller is asked which, else anew."""
    match list(instants):
        case [one] if one > present.now:
            return one.astimezone(UTC)
        case [one]:
            return WrongTime(TimeFault.PAST, one)
        case [first, second]:
            return TwoTimes(*sorted((first, second)))
        case _:
            return UNCLEAR


def _is_of(rows: Sequence[tuple[date, ...]], phrase: Phrase, offered: datetime, present: Present) -> bool:
    """Whether an offer is on one of the days, and at that time by the clock's face, be it an unlikely one."""
    on_such_a_day = any(_local(offered, present).date() in row for row in rows)
    return on_such_a_day and fits(replace(phrase, days=(), weekday=None), offered, present)


def fits(phrase: Phrase, offered: datetime, present: Present) -> bool:
    """Whether an offer is what somebody may mean who says only the day, or only the time of day.

    "Monday" may be any Monday that was offered; "a week from Monday" and "last Monday" are none but those.
    """
    local = offered.astimezone(present.zone)
    days = {each for day in phrase.days for row in readings_of(day, present.today) for each in row}
    names = {day.weekday for day in phrase.days if isinstance(day, Weekday) and day.which is Which.COMING}
    if offered <= present.now or (phrase.days and local.date() not in days and local.weekday() not in names):
        return False
    if phrase.weekday not in {None, local.weekday()}:
        return False
    if phrase.part is not None and local.hour not in HOURS[phrase.part]:
        return False
    return phrase.clock is None or local.time() in faces_of(phrase.clock)
