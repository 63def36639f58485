"""Which of the times that were offered is meant: "the second one", "slot_2", "B", "the last one"."""

import re
from dataclasses import replace
from datetime import datetime

from calbridge.domain.actions import Booked, Cancelled, Choose, Found, NoneFound, Reply, Rescheduled, TwoTimes
from calbridge.domain.loose import DayOfMonth, Phrase, Present
from calbridge.domain.said import Said
from calbridge.tools.appointments import SPOKEN_APPOINTMENTS
from calbridge.tools.offers import SPOKEN_OFFERS, offers
from calbridge.tools.placing import fits

_LAST = -1
_NTH = {
    **dict.fromkeys(("first", "1st", "a", "one", "1"), 0),
    **dict.fromkeys(("second", "2nd", "b", "two", "2"), 1),
    **dict.fromkeys(("third", "3rd", "c", "three", "3"), 2),
    **dict.fromkeys(("last", "latest"), _LAST),
    "earliest": 0,
}
_OF_TWO = {"earlier": 0, "sooner": 0, "former": 0, "later": 1, "latter": 1}
_LEAD = r"(?:(?:i'?ll take|i'?d like|let'?s (?:do|take)|give me|yes|ok|okay|please|um|uh)[ ,]+)*"
_BY_LABEL = re.compile(
    rf"{_LEAD}(?:the )?(?:slot|option|choice|number|no\.)[ _#-]*(?P<nth>[1-3abc]|one|two|three)", re.IGNORECASE
)
_BY_LETTER = re.compile(r"(?:the )?(?P<nth>[abc])", re.IGNORECASE)
_BY_ORDER = re.compile(
    rf"{_LEAD}(?:the )?(?P<nth>(?P<number>first|1st|second|2nd|third|3rd)|last|latest|earliest)"
    r"(?P<noun> (?:one|slot|time|option|of (?:those|these|them)))?(?: please)?",
    re.IGNORECASE,
)
_BY_COMPARISON = re.compile(
    rf"{_LEAD}(?:the )?(?P<nth>earlier|sooner|former|later|latter)(?: (?:one|slot|time|option))?(?: please)?",
    re.IGNORECASE,
)


def names_one(text: str) -> bool:
    """Whether a text can only be about what was offered."""
    return any(pattern.fullmatch(_bare(text)) for pattern in (_BY_LABEL, _BY_LETTER, _BY_ORDER, _BY_COMPARISON))


def chosen(text: str, present: Present) -> list[datetime]:
    """Return the offered times that a place can mean; none if there is no such, or if it is not certain which.

    "The 1st" is the first of them, and may be whichever is on the first of a month; "the first one" may not.
    """
    bare, offered = _bare(text), present.offered
    if match := _BY_COMPARISON.fullmatch(bare):
        return [offered[_OF_TWO[match["nth"].lower()]]] if len(offered) == 2 else []  # noqa: PLR2004 - the one or the other
    by_order = _BY_ORDER.fullmatch(bare)
    match = _BY_LABEL.fullmatch(bare) or _BY_LETTER.fullmatch(bare) or by_order
    if match is None:
        return []
    place = _NTH[match["nth"].lower()]
    if by_order and by_order["number"] and not by_order["noun"]:
        return numbered(Phrase((DayOfMonth(place + 1),)), present) or []
    return list(offered[place:][:1])


def numbered(phrase: Phrase, present: Present) -> list[datetime] | None:
    """Return the offered times that "the second, 10 AM" can mean: the second, and those of the second, if they fit.

    None if it can only be about a date, as "Thursday the 2nd" is; then nothing is returned if it could be either.
    """
    match phrase.days:
        case (DayOfMonth(day=number, months=None),) if present.offered and number <= SPOKEN_OFFERS:
            place = replace(phrase, days=())
            heard = [each for each in present.offered[number - 1 : number] if present.wanted in {None, each}]
            nth = [each for each in heard if fits(place, each, present)]
            by_date = [each for each in present.likely if fits(phrase, each, present)]
            if phrase.weekday is None:
                return list(dict.fromkeys(nth + by_date))
            return [] if nth and nth != by_date else None
        case _:
            return None


def told(reply: Reply) -> Said:
    """Return what a caller has heard: what "the second one" can mean from now on.

    An offer keeps its place, whatever is booked: "the first one after all" must not mean another. An appointment that
    was moved is not told as their own: who asks to move it there once more means the same.
    """
    match reply.outcome:
        case TwoTimes(first, second):
            return Said(offered=(first, second))
        case Found(bookings) | Choose(bookings):
            return Said(own=tuple(booking.start for booking in bookings[:SPOKEN_APPOINTMENTS]))
        case Booked(booking):
            return Said(own=(booking.start,))
        case NoneFound() | Rescheduled() | Cancelled():
            return Said(own=())
        case _:
            return Said(offered=offers(reply) or None)


def _bare(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").strip().rstrip(".!?").split())
