"""Times in words: what instants are called on the phone, and in the labels of our JSON.

The names of days and months stand here because ``strftime`` takes them from the machine's locale.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from calbridge.domain.actions import Reply

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NOON = 12
TO_THE_SECOND = len("2026-03-25T14:00:00")
WEEKDAY_ALONE = range(2, 7)  # so many days on, the weekday says enough
NATURAL = range(-180, 331)  # so many days on, a day and a month say enough
# Regions of the zone database whose cities are parts of a country, and say nothing alone.
_COUNTRIES = frozenset({"Brazil", "Chile", "Mexico"})


def iso(instant: datetime) -> str:
    """Write an instant for JSON, in UTC and to the second: "2026-03-25T14:00:00Z"."""
    return f"{instant.astimezone(UTC).isoformat()[:TO_THE_SECOND]}Z"


def clock(start: datetime) -> str:
    """Write a local time of day for JSON: "9:00 AM"."""
    return f"{start.hour % 12 or 12}:{start.minute:02} {'AM' if start.hour < NOON else 'PM'}"


def spoken_clock(start: datetime) -> str:
    """Say a local time of day: "9 AM", "2:30 PM", "noon". Midnight stays "12 AM", for whose midnight is anybody's."""
    return "noon" if (start.hour, start.minute) == (NOON, 0) else clock(start).replace(":00", "")


def calendar_day(day: date) -> str:
    """Name a day by its date: "Monday, March 30"."""
    return f"{DAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}"


def day_label(day: date, today: date) -> str:
    """Name a day for JSON: "Today", "Tomorrow", the weekday within six days, then "Monday, March 30"."""
    ahead = (day - today).days
    if ahead in WEEKDAY_ALONE:
        return DAYS[day.weekday()]
    return {0: "Today", 1: "Tomorrow"}.get(ahead) or calendar_day(day)


def spoken_date(day: date, today: date) -> str:
    """Say a day so that it can be written down: "today", else by its date, with the year where it is in doubt."""
    ahead = (day - today).days
    dated = calendar_day(day) if ahead in NATURAL else f"{calendar_day(day)}, {day.year}"
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(ahead, dated)


def spoken_day(day: date, today: date) -> str:
    """Say a day that is only on offer: as briefly as it stays clear."""
    return DAYS[day.weekday()] if (day - today).days in WEEKDAY_ALONE else spoken_date(day, today)


def on(day: str) -> str:
    """Put a spoken day after a verb: "on Monday, March 30", but "today"."""
    return f"on {day}" if day.startswith(DAYS) else day


def today(reply: Reply) -> date:
    """Return the day it is for the caller."""
    return reply.now.astimezone(reply.timezone).date()


def moment(instant: datetime, reply: Reply) -> str:
    """Say an instant so that it can be written down: "Wednesday, March 25 at 10 AM New York time"."""
    local = instant.astimezone(reply.timezone)
    return f"{spoken_date(local.date(), today(reply))} at {spoken_clock(local)}{zone_note([instant], reply)}"


def zone_note(instants: Iterable[datetime], reply: Reply) -> str:
    """Return " New York time" where the clocks of caller and host differ at one of the instants, else ""."""
    told, host = reply.timezone, reply.host_timezone
    for instant in instants:
        if instant.astimezone(told).utcoffset() != instant.astimezone(host).utcoffset():
            return f" {zone_words(told, instant)}"
    return ""


def zone_words(zone: ZoneInfo, instant: datetime) -> str:
    """Say a zone by its city, as in "New York time"; one that is named after no place, by its distance from UTC."""
    region, _, rest = zone.key.removeprefix("Etc/").partition("/")
    place = (rest.rpartition("/")[2] or region).replace("_", " ").replace("-", " ")
    if any(character.isdigit() for character in place) or place.isupper():
        return _distance(instant.astimezone(zone).utcoffset() or timedelta())
    return f"{region} {place} time" if region in _COUNTRIES else f"{place} time"


def _distance(offset: timedelta) -> str:
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC {'plus' if offset > timedelta() else 'minus'} {hours}{f':{minutes:02}' if minutes else ''}"
