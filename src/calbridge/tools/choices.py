"""Which of the times that were offered is meant: "the second one", "slot_2", "B", "the last one"."""

import re
from collections.abc import Sequence
from datetime import datetime

from calbridge.domain.actions import Booked, Cancelled, Choose, Found, Reply, Rescheduled, TwoTimes
from calbridge.tools.appointments import SPOKEN_APPOINTMENTS
from calbridge.tools.offers import offers

_LAST = -1
_NTH = {
    **dict.fromkeys(("first", "1st", "a", "one", "1", "former"), 0),
    **dict.fromkeys(("second", "2nd", "b", "two", "2", "latter"), 1),
    **dict.fromkeys(("third", "3rd", "c", "three", "3"), 2),
    **dict.fromkeys(("last", "latest"), _LAST),
    "earliest": 0,
}
_OF_TWO = {"earlier": 0, "sooner": 0, "former": 0, "later": 1, "latter": 1, "other": 1}
_LEAD = r"(?:(?:i'?ll take|i'?d like|let'?s (?:do|take)|give me|yes|ok|okay|please|um|uh)[ ,]+)*"
_BY_LABEL = re.compile(
    rf"{_LEAD}(?:the )?(?:slot|option|choice|number|no\.?)[ _#-]*(?P<nth>[1-3abc]|one|two|three)", re.IGNORECASE
)
_BY_LETTER = re.compile(r"(?:the )?(?P<nth>[abc])", re.IGNORECASE)
_BY_ORDER = re.compile(
    rf"{_LEAD}(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|last|latest|earliest)"
    r"(?: (?:one|slot|time|option|of (?:those|these|them)))?(?: please)?",
    re.IGNORECASE,
)
_BY_COMPARISON = re.compile(
    rf"{_LEAD}(?:the )?(?P<nth>earlier|sooner|former|later|latter)(?: (?:one|slot|time|option))?(?: please)?",
    re.IGNORECASE,
)


def names_one(text: str) -> bool:
    """Whether a text can only be about what was offered."""
    return any(pattern.fullmatch(_bare(text)) for pattern in (_BY_LABEL, _BY_LETTER, _BY_ORDER, _BY_COMPARISON))


def chosen(text: str, offered: Sequence[datetime]) -> datetime | None:
    """Return the offered time that is named by its place; None if none is, or if it is not certain which."""
    bare = _bare(text)
    if match := _BY_COMPARISON.fullmatch(bare):
        return offered[_OF_TWO[match["nth"].lower()]] if len(offered) == 2 else None  # noqa: PLR2004 - the one or the other
    match = _BY_LABEL.fullmatch(bare) or _BY_LETTER.fullmatch(bare) or _BY_ORDER.fullmatch(bare)
    if match is None:
        return None
    place = _NTH[match["nth"].lower()]
    return offered[place] if offered and place < len(offered) else None


def told(reply: Reply) -> tuple[datetime, ...] | None:
    """Return the times that a caller has heard, in that order: what "the second one" can mean from now on.

    () once something is done, as nothing is open any more; None if what was told before still counts.
    """
    match reply.outcome:
        case TwoTimes(first, second):
            return (first, second)
        case Found(bookings) | Choose(bookings):
            return tuple(booking.start for booking in bookings[:SPOKEN_APPOINTMENTS]) or None
        case Booked() | Rescheduled() | Cancelled():
            return ()
        case _:
            return offers(reply) or None


def _bare(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").strip().rstrip(".!?").split())
