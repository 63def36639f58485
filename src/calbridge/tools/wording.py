"""Foreign text made fit for the ear: names, labels and problems without what only a screen can show."""

import re
import unicodedata
from collections.abc import Sequence

MAX_SPOKEN = 300
MAX_NAME = 60
MAX_PROBLEM = 200

_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "&": " and ",
        "@": " at ",
    },
)
_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.)", re.IGNORECASE)
_ISO_TIME = re.compile(r"\b\d{4}-\d\d-\d\d\S*|\S*\dT\d\d\S*", re.IGNORECASE)
_LOST_EXAMPLE = re.compile(r",?\s*such as\s*$")
# Punctuation with no space behind it belongs to addresses and paths; but "10:30" and "2,000" are read out well.
_GLUED = re.compile(r"(?<!\d)[.,:](?=\S)|[.,:](?=[^\s\d])|[;?!](?=\S)")
_HYPHEN_OF_NO_WORD = re.compile(r"(?<![^\W\d_])-|-(?![^\W\d_])")
_PLUS_OF_NO_NUMBER = re.compile(r"\+(?!\d)")
_LONELY_SPACE = re.compile(r"\s+(?=[.,;:?!])")


def name(text: str) -> str:
    """Make a name speakable: letters of any script, digits and the little punctuation that names have."""
    return cut(_speakable(text, " .,'-"), MAX_NAME).strip(",'- ")


def label(text: str) -> str:
    """Make the label of a form's field speakable inside a list."""
    return cut(_speakable(text, " .,'-"), MAX_NAME).strip(".,'- ")


def prose(text: str) -> str:
    """Make a sentence speakable, and end it as a sentence ends; "" stays ""."""
    kept = cut(_speakable(text, " .,;:?!'+-"), MAX_PROBLEM).rstrip(",;:'- ")
    return kept if not kept or kept.endswith((".", "?", "!")) else f"{kept}."


def cut(text: str, limit: int) -> str:
    """Shorten a text to the whole words that fit, or to a piece of the first."""
    if len(text) <= limit:
        return text
    return text[: limit + 1].rpartition(" ")[0] or text[:limit]


def capped(text: str) -> str:
    """Keep what is said within what voice platforms take."""
    return text if len(text) <= MAX_SPOKEN else f"{cut(text, MAX_SPOKEN - 1).rstrip('.,;:- ')}."


def listed(words: Sequence[str], conjunction: str) -> str:
    """Say a list: "9 AM", "9 AM or 10 AM", "9 AM, 10 AM or 11 AM"."""
    *init, last = words
    return f"{', '.join(init)} {conjunction} {last}" if init else last


def _speakable(text: str, punctuation: str) -> str:
    typed = unicodedata.normalize("NFKC", text.translate(_TYPED)).translate(_TYPED)
    # First of all, or what is invisible would hide a time or an address from the patterns.
    visible = "".join(character for character in typed if unicodedata.category(character) != "Cf")
    worded = _LOST_EXAMPLE.sub("", _ISO_TIME.sub(" ", _LINK.sub(" ", visible)))
    spoken = "".join(character if _is_spoken(character, punctuation) else " " for character in worded)
    for mark in (_GLUED, _HYPHEN_OF_NO_WORD, _PLUS_OF_NO_NUMBER):
        spoken = mark.sub(" ", spoken)
    words = _LONELY_SPACE.sub("", " ".join(spoken.split()))
    return words if any(map(str.isalnum, words)) else ""


def _is_spoken(character: str, punctuation: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in punctuation
