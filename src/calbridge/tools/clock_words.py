"""Times of day in English: "3 pm", "half past two", "15:30", "noon"; and a bare "at 3", which can be two."""

import re
from collections.abc import Callable, Iterator
from datetime import time

from calbridge.domain.loose import Clock

MARK = " | "  # stands where something was understood, so that what was apart does not grow together
NOON = 12
UNDOUBTED = range(13, 24)  # hours that no face of a clock shows

_ALONE = r"(?<![\d:./-])"  # no part of a longer number, a date or a range
_ENDED = r"(?![\d:/-]|\.\d|th|st|nd|rd)"
_BLANK = r" (?=\d[05])"  # between hour and minutes: "10 11" may be two hours
_HOUR = r"(?P<h>1[0-2]|0?[1-9])"
_NO_COUNT = "".join(rf"(?<!\b{words} )" for words in ("for", "for about", "for around", "for approximately"))
_PAST, _TO = ("past", "after"), ("to", "till", "before", "of")
_NAMED_MINUTES = {"half": 30, "quarter": 15}

Read = Callable[[re.Match[str]], Clock | None]


def find(text: str, *, alone: bool) -> tuple[Clock | None, str]:
    """Find a time of day and return it with the rest of the text.

    ``alone``: a number with nothing before it may be an hour; next to a weekday it may as well be a date, and where
    there is no day, anything.
    """
    for pattern, read in _patterns(alone=alone):
        if (match := pattern.search(text)) and (clock := read(match)) is not None:
            return clock, f"{text[: match.start()]}{MARK}{text[match.end() :]}"
    return None, text


def exact(hour: int, minute: int = 0) -> Clock | None:
    """Return a time of day by 24 hours; None if no day has it."""
    try:
        return Clock(time(hour, minute))
    except ValueError:
        return None


def by_face(hour: int, minute: int = 0) -> Clock | None:
    """Return a time of day by the face of a clock, unless its hour tells which half of the day it is."""
    if hour in UNDOUBTED or hour == 0:
        return exact(hour, minute)
    clock = exact(hour % NOON, minute) if hour <= NOON else None
    return None if clock is None else Clock(clock.time, bare=True)


def _named(match: re.Match[str]) -> Clock:
    return Clock(time(), midnight=True) if match["name"] == "midnight" else Clock(time(NOON))


def _with_meridiem(match: re.Match[str]) -> Clock | None:
    hour, minute, afternoon = int(match["h"]), int(match["m"] or 0), match["ap"] == "pm"
    if hour in UNDOUBTED:  # 15:30 pm
        return exact(hour, minute) if afternoon else None
    return exact(hour % NOON + (NOON if afternoon else 0), minute) if 0 < hour <= NOON else None


def _relative(match: re.Match[str]) -> Clock | None:
    """Read "ten past three" and "a quarter to four"; nobody says "half to"."""
    minutes = _NAMED_MINUTES.get(match["rel"]) or int(match["rel"])
    if match["dir"] in _TO and match["rel"] == "half":
        return None
    past = minutes if match["dir"] in _PAST else -minutes
    hour, minute = divmod(int(match["h"]) * 60 + past, 60)
    if not match["ap"]:
        return by_face(hour % NOON or NOON, minute)
    return exact(hour % NOON + (NOON if match["ap"] == "pm" else 0), minute)


def _digital(match: re.Match[str]) -> Clock | None:
    """Read "15:30", "08:30" as they are written, "8:30" by the face of a clock."""
    hour, minute = int(match["h"]), int(match["m"] or 0)
    return exact(hour, minute) if match["h"].startswith("0") else by_face(hour, minute)


_NAMES = (re.compile(r"\b(?:12 )?(?P<name>noon|midday|midnight)\b"), _named)
_RELATIVE = (
    re.compile(
        # Not "10 to 4" nor "5 to 6", which are ranges to others.
        r"\b(?:a )?(?P<rel>half|quarter|\d{1,2}(?= min| past| after))(?: min(?:ute)?s?)?"
        rf" (?P<dir>past|after|to|till|before|of) {_HOUR}{_ENDED}(?: o'? ?clock)?(?: ?(?P<ap>am|pm)\b)?"
    ),
    _relative,
)
_MERIDIEM = (
    re.compile(rf"{_ALONE}(?P<h>\d{{1,2}})(?:(?:[:.]|{_BLANK})(?P<m>[0-5]\d)(?::[0-5]\d)?)? ?(?P<ap>am|pm)\b"),
    _with_meridiem,
)
_OTHERS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(rf"{_ALONE}(?P<h>\d{{1,2}}):(?P<m>[0-5]\d)(?::00)?{_ENDED}"), _digital),
    (re.compile(rf"{_ALONE}{_HOUR}(?P<m>)(?: hundred)? o'? ?clock\b"), _digital),
    (re.compile(r"\bat (?P<h>\d{1,2})\.(?P<m>[0-5]\d)(?![\d.])"), _digital),
    (re.compile(r"\bat (?P<h>\d{1,2})(?P<m>[0-5]\d)(?: ?h(?:ou)?rs)?\b(?![:./-])"), _digital),
    (re.compile(rf"{_ALONE}(?P<h>\d{{2}})(?P<m>[0-5]\d) ?h(?:ou)?rs\b"), _digital),
    (re.compile(rf"{_ALONE}(?P<h>\d{{1,2}}) ?(?:h|uhr|hs|horas?)(?: ?(?P<m>[0-5]\d))?\b"), _digital),
    (re.compile(rf"{_ALONE}{_HOUR}{_BLANK}(?P<m>[0-5]\d){_ENDED}"), _digital),
    (re.compile(rf"(?:\b(?:at|around|about)|@) ?{_NO_COUNT}(?P<h>\d{{1,2}})(?P<m>){_ENDED}\b"), _digital),
)
# Not "I'd like one tomorrow", nor "tomorrow for 2".
_BARE = (re.compile(rf"{_ALONE}{_NO_COUNT}(?!1\b)(?P<h>\d{{1,2}})(?P<m>){_ENDED}\b"), _digital)


def _patterns(*, alone: bool) -> Iterator[tuple[re.Pattern[str], Read]]:
    yield from (_NAMES, _RELATIVE, _MERIDIEM, *_OTHERS)
    if alone:
        yield _BARE
