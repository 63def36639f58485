"""When is meant: what was said, in ISO 8601 or loosely, becomes an instant, two readings, or a question.

Never a guess, never the past, never another zone than the caller's. What is read, in this order:

| said | meant |
|---|---|
| a place among the offers: "the second one", "slot_2", "B" | that one; where there is none such, it is asked for |
| "the 2nd", "the 2nd at 10", after offers | the second, if it fits, and one that is on the 2nd: if they differ, which |
| ISO 8601, alone or as a day and a time of day | what it says; with an offset, that instant |
| ISO 8601 of a past year | the next such date: models do not know the year |
| part of it, after offers: "Thursday", "2:30", "the afternoon" | the offer that fits; of two, which; else as below |
| "in two hours" | that much later, to the minute |
| a day without a time of day | the time of day is asked for |
| a time of day alone, if nothing was offered | today's, if ahead; else the day is asked for |
| the same where one of two readings is over | the other today, or that one tomorrow: which |
| am, pm, noon, 13 to 23 o'clock, "08:30" | just that, at any hour |
| a bare hour with a part of the day: "8 in the evening" | the one of the two that is in it |
| "12 in the morning" | not understood: midnight, or noon? |
| a number after "for": "tomorrow for 2" | no hour: it may count people |
| a bare hour: "at 3", "8:30" | the one from 7 AM to before 9 PM: 3 PM, 10 AM, noon; both (7, 8): which |
| "one" without "at", "o'clock", am or pm | no hour: in "the one on Thursday" it stands for an appointment |
| "midnight" | the day's beginning or its end: which; "tonight at midnight": its end |
| "Friday" | the coming one; on a Friday: today, if ahead, or in a week: which |
| "this Friday", "Friday this week", "next week Friday", "a week from Friday" | that one |
| "next Friday" | the coming one or next week's (from Monday, from Sunday): if they differ, which |
| "the 16th", "March 5", "March 5, 2024" | the next such that is ahead |
| "3/4" | as month and day, as day and month, as far as there is such a date: which |
| "Tuesday the 25th", and the next 25th is no Tuesday | that date or the nearest Tuesday: which; asked if one is over |
| "the second Tuesday" | not understood: of which month? |
| two readings of which one was offered, "tomorrow at 10:30" for 10:30 PM | the one that was offered |
| more than two readings, or a text that is not understood whole | asked for anew |

A time of day that the clocks skip is refused by its name, one that they repeat means the first. What ISO 8601 says was
this year and is over, is over. The days of other languages: see ``foreign_days``.
"""

import re
from datetime import date, datetime, time, timedelta

from calbridge.domain.actions import Asked, Detail, Spoken, TimeFault, WrongTime
from calbridge.domain.loose import (
    Dated,
    Meaning,
    Phrase,
    Present,
    readings_of,
    times_of,
)
from calbridge.domain.times import SkippedTimeError, parse_when, place
from calbridge.tools import choices, clock_words, foreign_days, phrases
from calbridge.tools.numerals import in_digits
from calbridge.tools.placing import UNCLEAR, fits, instants_of, is_misnamed, placed, rows_of, told
from calbridge.tools.zones import without_zone

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T\S*)?", re.IGNORECASE)
A_MINUTE = timedelta(minutes=1)
MIDNIGHT = time()
LENGTH_OF_A_DATE = len("2026-03-25")


def when(text: str) -> datetime | Spoken:
    """Read a time where no present is known yet: ISO 8601 at once, English to be placed later.

    Raises ValueError as ``parse_when`` does, for everything else and for ISO 8601 that is wrong or lacks a time of day.
    """
    try:
        return parse_when(text)
    except ValueError:
        if _is_iso(text) or (phrases.read(text) is None and not choices.names_one(text)):
            raise
        return Spoken(text)


def is_day(text: str) -> bool:
    """Whether a text names a day and no time of day."""
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        phrase = phrases.read(text)
        return phrase is not None and bool(phrase.days) and phrase.clock is None
    return True


def meaning(spoken: Spoken, present: Present) -> Meaning:  # noqa: PLR0911 - one case for each row of the table
    """Tell what was meant, as the table above has it."""
    text = f"{spoken.date} {spoken.time}".strip()
    if choices.names_one(text):
        return told(choices.chosen(text, present), present)
    if (exact := _iso(spoken)) is not None:
        return _placed_exactly(exact, present)
    phrase = _phrase(spoken, present)
    if phrase is None:
        return UNCLEAR
    if phrase.after is not None:
        return _in_a_while(phrase.after, present)
    if (numbered := choices.numbered(phrase, present)) is not None:
        return told(numbered, present)
    complete = phrase.clock is not None and bool(phrase.days)
    if not complete and (fitting := [each for each in present.likely if fits(phrase, each, present)]):
        return told(fitting, present)
    if phrase.clock is None:
        return Asked(Detail.DATETIME, day=_only_day(phrase, present))
    if not phrase.days:
        return UNCLEAR if present.offered else _without_day(phrase, present)
    return placed(rows_of(phrase, present.today), phrase, present)


def _is_iso(text: str) -> bool:
    """Whether a text is written as ISO 8601, be it wrong or incomplete: what a machine wrote is not interpreted."""
    return _ISO.fullmatch(text.strip()) is not None


def _iso(spoken: Spoken) -> datetime | None:
    """Read ISO 8601: whole in either place, or in two parts. A day that comes as its midnight is a day."""
    day, clock = spoken.date.strip(), spoken.time.strip()
    is_told_twice = len(day) >= LENGTH_OF_A_DATE and clock.startswith(day[:LENGTH_OF_A_DATE])
    for text in (f"{day}T{clock}" if clock else day, clock if not day or is_told_twice else ""):
        try:
            return parse_when(text)
        except ValueError:
            continue
    return None


def _phrase(spoken: Spoken, present: Present) -> Phrase | None:
    day, clock = spoken.date, spoken.time
    if clock:
        try:
            midnight = parse_when(day)
        except ValueError:
            pass
        else:
            day = midnight.date().isoformat() if midnight.time() == MIDNIGHT else day
    said = f"{day} at {clock}".strip() if clock else day
    text = without_zone(said, present)
    if text is None or len(text) > phrases.MAX_TEXT:
        return None
    return phrases.read(text) or _foreign(text, present.today)


def _foreign(text: str, today: date) -> Phrase | None:
    plain = in_digits(text)
    if foreign_days.is_before_noon_or_on(plain):
        return None
    clock, rest = clock_words.find(foreign_days.with_at(plain), alone=False)
    day = foreign_days.find(rest, today)
    return None if day is None else Phrase((day,), clock=clock)


def _placed_exactly(exact: datetime, present: Present) -> Meaning:
    try:
        start = place(exact, present.zone)
    except SkippedTimeError as error:
        return WrongTime(TimeFault.SKIPPED, error.local)
    local = start.astimezone(present.zone)
    if start > present.now or local.year >= present.today.year:
        return told([start], present)
    (row,) = readings_of(Dated(local.month, local.day), present.today)
    return placed([row], Phrase(clock=clock_words.exact(local.hour, local.minute)), present)


def _in_a_while(after: timedelta, present: Present) -> Meaning:
    start = present.now + after
    whole = start.replace(second=0, microsecond=0)
    return told([whole if whole == start else whole + A_MINUTE], present)


def _without_day(phrase: Phrase, present: Present) -> Meaning:
    """Place a time of day alone: today's, or tomorrow's beside it where half of the readings are over."""
    tomorrow = present.today + timedelta(days=1)
    times = times_of(phrase)
    rows = [(present.today,)]
    try:
        ahead = [each for each in times if instants_of(rows, [each], present)]
    except SkippedTimeError as error:
        return WrongTime(TimeFault.SKIPPED, error.local)
    meant = placed(rows, phrase, present) if ahead else UNCLEAR
    if not isinstance(meant, datetime) or len(ahead) == len(times):
        return meant
    over = [each for each in times if each not in ahead]
    return told(sorted({meant, *instants_of([(tomorrow,)], over, present)}), present)


def _only_day(phrase: Phrase, present: Present) -> date | None:
    rows = rows_of(phrase, present.today)
    days = {row[0] for row in rows if row and row[0] >= present.today}
    return days.pop() if len(days) == 1 and not is_misnamed(rows, phrase) else None
