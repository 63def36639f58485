"""Judges what callers hear: every sentence has to be fit for the ear, understood as a whole, and true.

Nothing here knows how calbridge makes its sentences or its offers. A sentence is taken apart as a caller understands
it, on the caller's own clock unless a zone is named, and each claim is held against the calendar at Cal.com. What
cannot be understood is no better than a lie: nobody could tell what it promises.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

MOST_CHARACTERS, MOST_OFFERS = 300, 3
LENGTH = timedelta(minutes=30)  # of every appointment
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
ZONES = {"New York time": ZoneInfo("America/New_York"), "London time": ZoneInfo("Europe/London")}
COUNTS = {"two": 2, "three": 3}
UNSPEAKABLE = {
    "a date or time of machines": re.compile(r"\d{4}-\d\d|\dT\d\d|\d\d:\d\d:\d\d|\d{10}"),
    "an address": re.compile(r"://|www\.|@|\b[a-z]+\.(?:com|org|example|test)\b", re.IGNORECASE),
    "an id": re.compile(r"\b(?=\w*\d)\w{12,}|\b\w{20,}|[0-9a-f]{8}-[0-9a-f]{4}|\w+_\w+", re.IGNORECASE),
    "JSON or markup": re.compile(r"[{}\[\]<>`*]"),
}


@dataclass(frozen=True, slots=True)
class Ear:
    """What a caller takes for granted: what time it is, on the clocks of where they are."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Calendar:
    """The truth at Cal.com: the caller's appointments, when anybody's begin, and which times are open to anybody."""

    standing: tuple[datetime, ...] = ()
    cancelled: tuple[datetime, ...] = ()
    busy: frozenset[datetime] = frozenset()
    open: frozenset[datetime] = frozenset()
    uids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence, and the calendar just before and after it. ``wanted``: the time that the caller has asked for.

    ``slots``: the times that the answer gives to the model beside the sentence, in their order.
    """

    sentence: str
    ear: Ear
    before: Calendar
    after: Calendar
    wanted: datetime | None = None
    slots: tuple[datetime, ...] = ()


@dataclass(slots=True)
class Understood:
    """What a sentence says. ``told_change``: whether it tells of something that has been done."""

    lies: list[str] = field(default_factory=list)
    offers: list[datetime] = field(default_factory=list)
    told_change: bool = False


def faults(heard: Heard) -> list[str]:
    """List everything that is wrong with a sentence; each line quotes it."""
    found = [*_unfit(heard), *_untrue(heard)]
    return [f"{what}: {heard.sentence!r}" for what in found]


def _unfit(heard: Heard) -> Iterator[str]:
    said = heard.sentence
    if not said.strip() or said != said.strip():
        yield "nothing, or blanks around it"
    if len(said.splitlines()) > 1 or not said.isprintable():
        yield "more than one line"
    if len(said) > MOST_CHARACTERS:
        yield f"{len(said)} characters"
    yield from (f"it has {what}" for what, pattern in UNSPEAKABLE.items() if pattern.search(said))
    yield from (f"it has the id {uid}" for uid in heard.after.uids if uid in said)


def _untrue(heard: Heard) -> Iterator[str]:
    told = Understood()
    rest = heard.sentence
    while rest:
        match, judge = _next_form(rest)
        if match is None:
            yield f"nobody can tell what this says: {rest!r}"
            return
        judge(match, heard, told)
        rest = rest[match.end() :].lstrip()
    yield from told.lies
    if len(told.offers) > MOST_OFFERS:
        yield f"{len(told.offers)} offers"
    if tuple(told.offers) != heard.slots:
        yield f"the model is told other offers than the caller: {_days(heard.slots)}"
    if heard.before.standing != heard.after.standing and not told.told_change:
        yield f"not a word of the change from {_days(heard.before.standing)} to {_days(heard.after.standing)}"


def _days(starts: Sequence[datetime]) -> str:
    return ", ".join(f"{start:%d %H:%M}Z" for start in starts) or "nothing"


# What is said of times.

_CLOCK = r"(?:noon|1?\d(?::[0-5]\d)? [AP]M)"
_DATE = rf"(?:{'|'.join(WEEKDAYS)})(?:, (?:{'|'.join(MONTHS)}) \d{{1,2}}(?:, \d{{4}})?)?"
_DAY = rf"(?:[Tt]oday|[Tt]omorrow|{_DATE})"
_ZONE = rf"(?: (?:{'|'.join(ZONES)}))"
_MOMENT = rf"{_DAY} at {_CLOCK}{_ZONE}?"
_CLOCKS = rf"{_CLOCK}(?:, {_CLOCK})*(?: or {_CLOCK})?"
_OFFERS = rf"(?:[Oo]n )?{_DAY},? I have {_CLOCKS}(?:; (?:on )?{_DAY}, {_CLOCKS})*(?:, all in)?{_ZONE}?\."
_WITH = r"(?: with Dr\. Rivera)?"


def instant(said: str, ear: Ear) -> datetime | None:
    """Return the instant that a caller understands by "tomorrow at 10 AM New York time"; None if there is none."""
    (clock,) = re.findall(_CLOCK, said)
    return next(iter(_instants(said[: said.index(clock)], [clock], _zone(said, ear), ear)), None)


def _zone(said: str, ear: Ear) -> ZoneInfo:
    return next((zone for name, zone in ZONES.items() if said.rstrip(".?").endswith(name)), ear.zone)


def _instants(day: str, clocks: Sequence[str], zone: ZoneInfo, ear: Ear) -> list[datetime]:
    meant = _date(day, ear.now.astimezone(zone).date())
    if meant is None:
        return []
    return [datetime.combine(meant, _time(clock), zone).astimezone(UTC) for clock in clocks]


def _time(said: str) -> time:
    if said == "noon":
        return time(12)
    hour, _, minute = said[:-3].partition(":")
    return time(int(hour) % 12 + (12 if said.endswith("PM") else 0), int(minute or 0))


def _date(said: str, today: date) -> date | None:
    """Return the date that is meant; None where the weekday that is said is not that of the date."""
    if named := re.search(r"today|tomorrow", said, re.IGNORECASE):
        return today + timedelta(days=named[0].lower() == "tomorrow")
    weekday = next(number for number, name in enumerate(WEEKDAYS) if name in said)
    month = next((number for number, name in enumerate(MONTHS, 1) if f" {name} " in said), 0)
    if not month:
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    number, *year = map(int, re.findall(r"\d+", said))
    days = [date(each, month, number) for each in (year or [today.year, today.year + 1])]
    meant = next((each for each in days if each >= today), days[0])
    return meant if meant.weekday() == weekday else None


# The forms that a sentence can have, each with what makes it true.

Judge = Callable[[re.Match[str], Heard, Understood], None]


def _stands(match: re.Match[str], heard: Heard, told: Understood) -> None:
    if instant(match["at"], heard.ear) not in heard.after.standing:
        told.lies.append(f"{match['at']} is not booked, but {_days(heard.after.standing)}")


def _done(match: re.Match[str], heard: Heard, told: Understood) -> None:
    told.told_change = True
    _stands(match, heard, told)


def _only_one(match: re.Match[str], heard: Heard, told: Understood) -> None:
    _stands(match, heard, told)
    _counted(1, heard, told)


def _several(match: re.Match[str], heard: Heard, told: Understood) -> None:
    zone = _zone(match["list"], heard.ear)
    for said in re.findall(rf"{_DAY} at {_CLOCK}", match["list"]):
        if instant(said, Ear(heard.ear.now, zone)) not in heard.after.standing:
            told.lies.append(f"{said} is not booked, but {_days(heard.after.standing)}")
    _counted(COUNTS[match["count"]], heard, told)


def _counted(count: int, heard: Heard, told: Understood) -> None:
    if len(heard.after.standing) != count:
        told.lies.append(f"not {count} appointments stand, but {len(heard.after.standing)}")


def _none(_: re.Match[str], heard: Heard, told: Understood) -> None:
    _counted(0, heard, told)


def _gone(match: re.Match[str], heard: Heard, told: Understood) -> None:
    told.told_change = True
    at = instant(match["at"], heard.ear)
    if at in heard.after.standing or at not in heard.after.cancelled:
        told.lies.append(f"{match['at']} is not cancelled")


def _offered(match: re.Match[str], heard: Heard, told: Understood) -> None:
    zone = _zone(match[0], heard.ear)
    parts = re.findall(rf"({_DAY}),? (?:I have )?({_CLOCKS})", match[0])
    for day, clocks in parts:
        each = re.findall(_CLOCK, clocks)
        starts = _instants(day, each, zone, heard.ear)
        if not starts or not heard.after.open.issuperset(starts):
            told.lies.append(f"not all of {clocks} is open on {day}")
        told.offers += starts


def _unavailable(_: re.Match[str], heard: Heard, told: Understood) -> None:
    if heard.wanted is None:
        told.lies.append("no certain time was asked for, so none can be missing")
    elif heard.wanted in heard.after.open:
        told.lies.append(f"{_days([heard.wanted])} is open")


def _taken(match: re.Match[str], heard: Heard, told: Understood) -> None:
    _unavailable(match, heard, told)
    if heard.wanted is not None and not any(abs(each - heard.wanted) < LENGTH for each in heard.after.busy):
        told.lies.append(f"nobody has taken {_days([heard.wanted])}")


def _so_many(match: re.Match[str], heard: Heard, told: Understood) -> None:
    """Whoever hears a number of open times takes them for all that there are, up to the end of some day."""
    by_day = Counter(each.astimezone(heard.ear.zone).date() for each in heard.after.open)
    if int(match["count"]) not in accumulate(by_day[day] for day in sorted(by_day)):
        told.lies.append(f"there are not {match['count']} open times up to the end of any day")


def _no_claim(_: re.Match[str], __: Heard, ___: Understood) -> None:
    """Nothing is said of the calendar."""


FORMS: tuple[tuple[re.Pattern[str], Judge], ...] = tuple(
    (re.compile(form + r"(?=\s|$)"), judge)
    for form, judge in (
        (rf"You're booked{_WITH} for (?P<at>{_MOMENT})\.", _done),
        (rf"I've moved your appointment{_WITH} to (?P<at>{_MOMENT})\.", _done),
        (rf"Your appointment{_WITH} (?:on )?(?P<at>{_MOMENT}) is cancelled\.", _gone),
        (rf"Your appointment stays (?:as it is, |on )?(?P<at>{_MOMENT})\.", _stands),
        (rf"You have an appointment{_WITH} (?:on )?(?P<at>{_MOMENT})\.", _only_one),
        (rf"You have (?P<count>two|three) appointments{_WITH}: (?P<list>[^.]*)\.", _several),
        (r"I don't see any upcoming appointments under (?:that phone number|that email address)\.", _none),
        (r"That time is taken\.", _taken),
        (r"That time (?:isn't available|is too soon)\.", _unavailable),
        (r"There are (?P<count>\d+) open times\. For example,", _so_many),
        (_OFFERS, _offered),
        (rf"Do you mean {_DAY}(?: at {_CLOCK})? or (?:{_DAY}(?: at {_CLOCK})?|{_CLOCK}){_ZONE}?\?", _no_claim),
        (rf"What time would you like (?:on )?{_DAY}\?", _no_claim),
        (r"What (?:day and time would you like|other time would suit you)\?", _no_claim),
        (r"What phone number or email address (?:can I use for you|is the appointment under)\?", _no_claim),
        (r"What other phone number or email address could it be under\?", _no_claim),
        (r"I'm not able to do that on this line\.", _no_claim),
    )
)


def _next_form(said: str) -> tuple[re.Match[str] | None, Judge]:
    for pattern, judge in FORMS:
        if match := pattern.match(said):
            return match, judge
    return None, _no_claim
