"""English about days and times of day -> what was said, taken apart; everything must be understood, or nothing is.

A word that is not known could be "not", "before" or "every": so a text of which anything is left over is no phrase.
"""

import re
from datetime import timedelta

from calbridge.domain.loose import InDays, PartOfDay, Phrase, Weekday
from calbridge.tools import clock_words, day_words
from calbridge.tools.clock_words import MARK
from calbridge.tools.numerals import in_digits

MAX_TEXT = 100

_AFTER = re.compile(r"\bin (?P<n>half an?|an?|\d{1,3}) (?P<unit>minute|hour)s?(?: from now)?\b")
_TONIGHT = re.compile(r"\btonight\b")
_PRONOUN = re.compile(r"\b(?:the|that) 1\b")  # what is left of "the one on Thursday"
_PART = re.compile(r"\b(?P<this>this )?(?:in the |at )?(?P<part>morning|afternoon|evening|night)\b")
_FILLERS = frozenset(
    (
        *("about", "approximately", "around", "at", "for", "hi", "i", "i'd", "is", "it", "it's", "let's", "like"),
        *("of", "ok", "okay", "on", "please", "prefer", "say", "so", "that", "the", "then", "uh", "um", "well"),
        *("yeah", "yes", "|"),
    )
)


def read(text: str) -> Phrase | None:
    """Take a text apart; None if any of it is not understood, or if it says nothing of a day or a time."""
    if len(text) > MAX_TEXT:
        return None
    rest = in_digits(text)
    if match := _AFTER.search(rest):
        return Phrase(after=_duration(match)) if _is_empty(_without(rest, match)) else None
    tonight = _TONIGHT.search(rest) is not None
    days, weekday, rest = day_words.find(rest)
    part, this, rest = _part_of_day(rest)
    clock, rest = clock_words.find(rest, alone=bool(days) and not isinstance(days[0], Weekday))
    if not _is_empty(_PRONOUN.sub(MARK, rest)) or (tonight and part not in {None, PartOfDay.NIGHT}):
        return None
    if tonight:
        part = PartOfDay.NIGHT if clock and clock.midnight else PartOfDay.EVENING
    if this and not days:
        days = (InDays(0),)
    phrase = Phrase(days, weekday, clock, part)
    return None if phrase == Phrase() else phrase


def _part_of_day(text: str) -> tuple[PartOfDay | None, bool, str]:
    match = _PART.search(text)
    if match is None:
        return None, False, text
    return PartOfDay(match["part"]), match["this"] is not None, _without(text, match)


def _duration(match: re.Match[str]) -> timedelta:
    count = {"a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5}.get(match["n"]) or float(match["n"])
    return timedelta(hours=count) if match["unit"] == "hour" else timedelta(minutes=count)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}{MARK}{text[match.end() :]}"


def _is_empty(rest: str) -> bool:
    return all(word in _FILLERS for word in rest.replace(".", " ").split())
