"""Local time, windows and offers: which slots to offer, and what "today" means to a caller.

All instants are aware datetimes; zones are IANA zones. Nothing here reads a clock: the present is passed in.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_DAYS_AHEAD = 7
MAX_DAYS_AHEAD = 30
WIDEST_SEARCH_DAYS = 60
NOON = time(12)
NO_ZONES_UNDER = ("/", ".", "posix/", "right/")  # the last two: copies of the zone database, one with leap seconds

SUGGESTED_DAYS = 3
SUGGESTED_TIMES_A_DAY = 3


class SkippedTimeError(ValueError):
    """A local time that does not exist: the clocks were put forward over it."""

    def __init__(self, local: datetime, zone: ZoneInfo) -> None:
        super().__init__(f"{local:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks go forward over it")
        self.local = local
        self.zone = zone


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, ``start`` included, ``end`` not; both aware."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def cut(self, instants: Sequence[datetime]) -> tuple[datetime, ...]:
        """Return those of some instants in ascending order that are in the window."""
        return tuple(instants[bisect_left(instants, self.start) : bisect_left(instants, self.end)])


@dataclass(frozen=True, slots=True)
class Day:
    """A local day and the open times in it, ascending and in its zone."""

    date: date
    starts: tuple[datetime, ...]


def zone_named(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None when there is none.

    Only names of regions and cities count, spelled as IANA does, and UTC: no file of the zone database that is not a
    zone, no path, no offset, and no abbreviation, such as EST, which knows no summer.
    """
    if not name or name.startswith(NO_ZONES_UNDER) or ".." in name or ("/" not in name and name != "UTC"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def parse_when(text: str) -> datetime:
    """Read an ISO 8601 date and time, to the second; the answer is naive when ``text`` has no offset.

    Raises ValueError with a reason that completes "appointment_datetime ...": not ISO 8601, a date without a time of
    day, or a date that no calendar has.
    """
    # Python takes any character for the T: in 2026-03-25-05:00 it would read five o'clock. And it overlooks what
    # follows on a NUL behind the Z.
    day, _, clock = text.strip().upper().replace("\0", "?").replace(" ", "T", 1).partition("T")
    try:
        parsed = datetime.fromisoformat(f"{date.fromisoformat(day)}T{clock or '00'}")
    except ValueError as error:
        raise ValueError("must be an ISO 8601 date and time, such as 2026-03-25T14:00:00Z") from error
    if not clock:
        raise ValueError("must have a time of day, such as 2026-03-25T14:00:00Z")
    if not 2000 <= parsed.year < 3000:  # noqa: PLR2004 - beyond these, zones and clients overflow
        raise ValueError("must be a date that a calendar can hold")
    return parsed.replace(microsecond=0)  # what is sent to Cal.com has whole seconds, and what comes back must equal it


def place(when: datetime, zone: ZoneInfo) -> datetime:
    """Turn a time that was wanted into an instant in UTC: an offset is honoured, a local time is read in ``zone``.

    A local time that the clocks repeat means the first of the two. Raises SkippedTimeError for one that they skip.
    """
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    instant = when.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != when:
        raise SkippedTimeError(when, zone)
    return instant


def clamp_days_ahead(days: int) -> int:
    """Bring a wish for "so many days ahead" into what is served: 1 to 30; nothing sensible means 7."""
    return DEFAULT_DAYS_AHEAD if days <= 0 else min(days, MAX_DAYS_AHEAD)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def window_ahead(now: datetime, days: int, zone: ZoneInfo) -> Window:
    """From now to the end of the local day ``days`` days after today."""
    today = now.astimezone(zone).date()
    return Window(now, start_of_day(today + timedelta(days=days + 1), zone))


def by_day(starts: Iterable[datetime], zone: ZoneInfo) -> tuple[Day, ...]:
    """Group open times by local day, ascending."""
    # In order as instants: local times are compared by their clocks, which go back once a year.
    local = [start.astimezone(zone) for start in sorted(start.astimezone(UTC) for start in starts)]
    return tuple(Day(day, tuple(times)) for day, times in groupby(local, key=datetime.date))


def spread(starts: Sequence[datetime], count: int) -> tuple[datetime, ...]:
    """Pick ``count`` times that are far apart: the first, the last and evenly between."""
    if len(starts) <= count:
        return tuple(starts)
    if count == 1:
        return (starts[0],)
    return tuple(starts[round(index * (len(starts) - 1) / (count - 1))] for index in range(count))


def suggest(starts: Iterable[datetime], zone: ZoneInfo) -> tuple[datetime, ...]:
    """Pick times to offer: at most three days with three times each, from the morning and the afternoon.

    They are in UTC: in one zone, the two hours that its clocks repeat are equal.
    """
    picked: list[datetime] = []
    for day in by_day(starts, zone)[:SUGGESTED_DAYS]:
        morning = [start for start in day.starts if start.time() < NOON]
        afternoon = [start for start in day.starts if start.time() >= NOON]
        from_afternoon = min(len(afternoon), SUGGESTED_TIMES_A_DAY - min(len(morning), 1))
        picked += [*spread(morning, SUGGESTED_TIMES_A_DAY - from_afternoon), *spread(afternoon, from_afternoon)]
    return tuple(start.astimezone(UTC) for start in picked)


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> tuple[datetime, ...]:
    """Pick the open times closest to the wanted one, the closest first; of two equally close, the later."""
    return tuple(sorted(starts, key=lambda start: (abs(start - wanted), start < wanted))[:count])
