"""Days in English: "tomorrow", "next Tuesday", "the 16th", "March 5", "in two weeks", "3/4", which can be two."""

import re
from collections.abc import Callable

from calbridge.domain.loose import Dated, Day, DayOfMonth, InDays, InMonths, Weekday, Which
from calbridge.tools.clock_words import MARK

CENTURY = 2000
MONTHS_OF_A_YEAR, LONGEST_MONTH = 12, 31

_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            ("monday", "mon"),
            ("tuesday", "tues", "tue"),
            ("wednesday", "weds", "wed"),
            ("thursday", "thurs", "thur", "thu"),
            ("friday", "fri"),
            ("saturday", "sat"),
            ("sunday", "sun"),
        )
    )
    for word in words
}
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for word in words
}
_NAMED = {
    "day after tomorrow": 2,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "tmrw": 1,
    "yesterday": -1,
}
_WHICH = {
    "this": Which.THIS,
    "this coming": Which.UPCOMING,
    "coming": Which.UPCOMING,
    "next": Which.NEXT,
    "last": Which.LAST,
    "past": Which.LAST,
}
_UNITS = {"day": 1, "week": 7, "fortnight": 14}

_WD = rf"(?P<wd>{'|'.join(_WEEKDAYS)})\b\.?"
_MON = rf"(?P<mon>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_NTH = r"(?:st|nd|rd|th)"
_YEAR = r"(?: (?P<y>20\d\d))?(?![\d:])"
_COUNT = r"(?P<n>an?|\d{1,3})"
_UNIT = r"(?P<unit>day|week|fortnight)s?"

Read = Callable[[re.Match[str]], tuple[Day, ...]]


def find(text: str) -> tuple[tuple[Day, ...], int | None, str]:
    """Find a day and return its readings, the weekday that was said beside a date, and the rest of the text."""
    for pattern, read in _PATTERNS:
        if (match := pattern.search(text)) and (days := read(match)):
            return days, *_beside(days, _without(text, match))
    return (), None, text


def _beside(days: tuple[Day, ...], text: str) -> tuple[int | None, str]:
    if days and not isinstance(days[0], Weekday) and (match := _BESIDE.search(text)):
        return _WEEKDAYS[match["wd"]], _without(text, match)
    return None, text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}{MARK}{text[match.end() :]}"


def _iso(match: re.Match[str]) -> tuple[Day, ...]:
    return (Dated(int(match["mon"]), int(match["d"]), int(match["y"])),)


def _in_digits(match: re.Match[str]) -> tuple[Day, ...]:
    """Read "3/4" as Americans do and as Europeans do; with dots nobody but Europeans writes."""
    one, other, year = int(match["one"]), int(match["other"]), match["y"] or None
    full = None if year is None else int(year) + (CENTURY if len(year) == 2 else 0)  # noqa: PLR2004 - "26"
    orders = [(other, one)] if match["sign"] == "." else [(one, other), (other, one)]
    return tuple(
        dict.fromkeys(
            Dated(month, day, full)
            for month, day in orders
            if 1 <= month <= MONTHS_OF_A_YEAR and 1 <= day <= LONGEST_MONTH
        )
    )


def _month_and_day(match: re.Match[str]) -> tuple[Day, ...]:
    return (Dated(_MONTHS[match["mon"]], int(match["d"]), int(match["y"]) if match["y"] else None),)


def _weekday(match: re.Match[str]) -> tuple[Day, ...]:
    which = match.groupdict().get("which") or ""
    return (Weekday(_WEEKDAYS[match["wd"]], _WHICH.get(which, Which.COMING)),)


def _of_week(match: re.Match[str]) -> tuple[Day, ...]:
    which = Which.NEXT_WEEK if match["week"] == "next" else Which.THIS_WEEK
    return (Weekday(_WEEKDAYS[match["wd"]], which),)


def _week_after(match: re.Match[str]) -> tuple[Day, ...]:
    return (Weekday(_WEEKDAYS[match["wd"]], Which.WEEK_AFTER),)


def _counted(match: re.Match[str]) -> tuple[Day, ...]:
    since = _NAMED[match["since"]] if match.groupdict().get("since") else 0
    return (InDays(_number(match["n"]) * _UNITS[match["unit"]] + since),)


def _day_of_month(match: re.Match[str]) -> tuple[Day, ...]:
    months = {"this": 0, "next": 1}.get(match["of"] or "")
    return (DayOfMonth(int(match["d"]), months),)


def _number(word: str) -> int:
    return 1 if word in {"a", "an"} else int(word)


_BESIDE = re.compile(rf"\b{_WD}")
_PATTERNS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(r"(?<!\d)(?P<y>20\d\d)[-/](?P<mon>\d{1,2})[-/](?P<d>\d{1,2})(?!\d)t?"), _iso),
    (
        re.compile(
            r"(?<![\d./-])(?P<one>\d{1,2})(?P<sign>[./-])(?P<other>\d{1,2})(?P=sign)(?P<y>20\d\d|\d\d)(?![\d./-])"
        ),
        _in_digits,
    ),
    (re.compile(r"(?<![\d./-])(?P<one>\d{1,2})(?P<sign>/)(?P<other>\d{1,2})(?P<y>)?(?![\d./-])"), _in_digits),
    # "10 March 5 pm": the second number has something of a clock, so the first is the day.
    (re.compile(rf"(?<!at )(?<![\d:]){_DAY} {_MON}(?= \d{{1,2}}(?::\d\d| ?[ap]m))(?P<y>)?"), _month_and_day),
    (re.compile(rf"(?<![\d:]){_DAY}{_NTH} (?:of )?{_MON}{_YEAR}"), _month_and_day),
    # "10 March 5" can be the fifth at ten, or the tenth at five: neither is taken.
    (re.compile(rf"(?<!\d )\b{_MON} (?:the )?{_DAY}{_NTH}?\b(?![:/]){_YEAR}"), _month_and_day),
    (re.compile(rf"(?<=at \d )\b{_MON} (?:the )?{_DAY}{_NTH}?\b(?![:/]){_YEAR}"), _month_and_day),
    (re.compile(rf"(?<=at \d\d )\b{_MON} (?:the )?{_DAY}{_NTH}?\b(?![:/]){_YEAR}"), _month_and_day),
    (re.compile(rf"(?<![\d:]){_DAY} (?:of )?{_MON}{_YEAR}(?! \d)"), _month_and_day),
    (re.compile(rf"\b{_COUNT} {_UNIT} (?:from|after) (?P<since>today|tomorrow)\b"), _counted),
    (re.compile(rf"\b{_COUNT} {_UNIT} from now\b"), _counted),
    (re.compile(rf"\bin {_COUNT} {_UNIT}(?:'? time)?\b"), _counted),
    (re.compile(r"\bin (?P<n>an?|\d{1,2}) months?(?:'? time)?\b"), lambda match: (InMonths(_number(match["n"])),)),
    (re.compile(rf"\b(?:a|1) week (?:from|after|on) {_WD}"), _week_after),
    (re.compile(rf"\b{_WD} week\b"), _week_after),
    (re.compile(rf"\b{_WD} (?:of |in )?(?P<week>this|next) week\b"), _of_week),
    (re.compile(rf"\b(?P<week>this|next) week (?:on )?{_WD}"), _of_week),
    # "The second Tuesday" is counted in weeks of some month: that is not understood.
    (
        re.compile(
            rf"\b(?P<d>3[01]|[12]?\d){_NTH}\b(?! (?:{'|'.join(_WEEKDAYS)})\b)(?: of (?P<of>this|next) month\b)?"
        ),
        _day_of_month,
    ),
    (
        re.compile(r"\b(?P<since>day after tomorrow|today|tonight|tomorrow|tmrw|yesterday)\b"),
        lambda match: (InDays(_NAMED[match["since"]]),),
    ),
    (re.compile(rf"\b(?P<which>this coming|this|coming|next|last|past) {_WD}"), _weekday),
    (re.compile(rf"\b{_WD} (?P<which>this|coming)\b"), _weekday),
    (re.compile(rf"\b{_WD}"), _weekday),
)
