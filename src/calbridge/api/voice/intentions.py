"""Which action a tool stands for: models and those who set tools up call them as they like."""

import re

from calbridge.tools.catalog import ACTIONS

WORDS = {
    "reschedule": {"reschedule", "move", "change", "postpone"},
    "cancel": {"cancel", "delete"},
    "suggest": {"suggest", "suggestions", "offer", "recommend"},
    "availability": {"availability", "available", "availabilities", "slots", "openings", "free", "times"},
    "book": {"book", "schedule", "create", "make", "reserve"},
    "find": {"find", "lookup", "look", "search", "list", "get", "show"},
}
NAMES = frozenset(WORDS)
CHANGES = ("reschedule", "cancel", "book")
LOOKS = ("suggest", "availability", "find")  # of several, the first: "find_available_slots" looks for slots
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z]+")


def words_of(name: str) -> list[str]:
    """Take a name apart: "bookAppointment", "book_appointment" and "Book appointment" have the same words."""
    return _WORD.findall(_HUMP.sub(" ", name).lower())


def action_of(name: str) -> str:
    """Return the action that a name stands for; "" where it stands for none, or for more than one change.

    "manage_appointment" says nothing, and "cancel_or_reschedule" does not say which.
    """
    words = words_of(name)
    plain = "_".join(words)
    if plain in NAMES or plain in ACTIONS:
        return ACTIONS.get(plain, plain)
    meant = [action for action in (*CHANGES, *LOOKS) if WORDS[action].intersection(words)]
    changes = [action for action in meant if action in CHANGES]
    if len(changes) > 1:
        return ""
    return (changes or meant or [""])[0]
