"""Days in other languages, by dateparser: the name of a day is all that it is trusted with, and even that is checked.

https://dateparser.readthedocs.io/en/latest/settings.html, version 1.5.0, read 2026-11-20. It is made for web pages, and
prefers some date to none: "13/04 às 15h" is in fifteen hours to it, "terça-feira às 10" the tenth, and "15 de abril
às 10h" in 2110. So times of day are taken out before, by our own rules, and what it finds counts only if
* it is a day in the coming year: not a week, a month or an hour;
* each number in the text is that day or its year, and without them there is no day left;
* each word changes the day if it is left out, but for an article and the day's own weekday: dateparser skips "vor" in
  "morgen vor 11 Uhr" and "zehn" in "morgen um zehn", and looks at no weekday beside a date;
* it behaves on other days as a date, a weekday or "tomorrow" would.
"""

import re
from datetime import date, datetime, time, timedelta

from dateparser.date import DateDataParser

from calbridge.domain.loose import Dated, Day, InDays, Weekday
from calbridge.tools.clock_words import MARK

LANGUAGES = ("pt", "es", "fr", "de", "it")
FARTHEST = timedelta(days=366)
MAX_TEXT = 40
A_DAY, A_WEEK, A_SEASON = timedelta(days=1), timedelta(days=7), timedelta(days=91)

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CLOCK = re.compile(r"\b(?:às|as|a las|a la|um|alle|à|at)\s+(?=\d)")
_GERMAN_ON = re.compile(r"\d ?am (?=\w)")
_FILLERS = frozenset(("de", "del", "le", "em", "en", "cerca", "environ", "etwa", "circa"))
_AROUND_CLOCK = re.compile(r"(?:\b(?:às|as|a las|a la|um|alle|à|at)\s+)?\|(?:\s+(?:uhr|horas?|heures?|ore)\b)?")


def warm() -> None:
    """Have dateparser read what it knows of the languages: half a second, once."""
    _parsed("amanha manana demain morgen domani", date(2026, 3, 20))


def with_at(text: str) -> str:
    """Put "at" for what other languages have before a time of day, so that ours is found."""
    return _CLOCK.sub("at ", text)


def is_before_noon_or_on(text: str) -> bool:
    """Whether "am" can be either: "um 3 am Dienstag" is on Tuesday at three."""
    return _GERMAN_ON.search(text) is not None


def find(text: str, today: date) -> Day | None:
    """Return the day that a text names, and nothing else; None if that is not certain."""
    said = " ".join(_AROUND_CLOCK.sub(" ", text.replace(MARK, " | ")).split())
    if len(said) > MAX_TEXT or not _WORD.search(said):
        return None
    found = _parsed(said, today)
    if found is None or not today <= found <= today + FARTHEST or not _is_whole(said, found, today):
        return None
    moved = [
        None if later is None else later - found
        for later in (_parsed(said, today + A_DAY), _parsed(said, today + A_WEEK))
    ]
    if _NUMBER.search(said):
        return Dated(found.month, found.day, _year(found, said)) if _accounts_for(said, found, today) else None
    if moved == [A_DAY, A_WEEK]:
        return InDays((found - today).days)
    if moved in ([A_DAY * 0, A_WEEK], [A_WEEK, A_WEEK]):
        return Weekday(found.weekday())
    return None


def _is_whole(said: str, found: date, today: date) -> bool:
    """Whether every word has its part in the day, so that none was passed over which says something else."""
    words = said.split()
    return all(
        word in _FILLERS
        or _NUMBER.search(word)
        or _matters(" ".join(words[:place] + words[place + 1 :]), said, today)
        or find(word, today) == Weekday(found.weekday())
        for place, word in enumerate(words)
    )


def _matters(rest: str, said: str, today: date) -> bool:
    """Whether a text means another day without a word, now or later: "30" may just now be "30 de março"."""
    return any(_parsed(rest, present) != _parsed(said, present) for present in (today, today + A_SEASON))


def _year(found: date, said: str) -> int | None:
    return found.year if str(found.year) in _NUMBER.findall(said) else None


def _accounts_for(said: str, found: date, today: date) -> bool:
    numbers = [int(number) for number in _NUMBER.findall(said)]
    rest = " ".join(_NUMBER.sub(" ", said).split())
    return set(numbers) <= {found.day, found.year} and found.day in numbers and _parsed(rest, today) is None


def _parsed(text: str, today: date) -> date | None:
    parser = DateDataParser(
        languages=list(LANGUAGES),
        try_previous_locales=False,
        settings={
            "RELATIVE_BASE": datetime.combine(today, time(12)),
            "PREFER_DATES_FROM": "future",
            "RETURN_TIME_AS_PERIOD": True,
            "TIMEZONE": "UTC",  # else it looks for the machine's
            "PARSERS": ["relative-time", "absolute-time"],
        },
    )
    data = parser.get_date_data(text)
    found: datetime | None = data.date_obj
    if found is None or data.period != "day" or found.tzinfo is not None:
        return None
    return found.date()
