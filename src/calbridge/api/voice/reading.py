"""Reading what is not ours: JSON whose shape a vendor may change, so that nothing in it is taken for granted."""

import json
import unicodedata
from collections.abc import Mapping

_UNSPEAKABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, line ends, halves of characters that no answer can hold


def members(value: object) -> Mapping[str, object]:
    """Return the members of an object, also of one that was sent as text; nothing for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def enclosed(value: object) -> Mapping[str, object]:
    """Return the members of an object; nothing for anything else, nor for text: that may be of a model's making."""
    return value if isinstance(value, dict) else {}


def member(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the members of an object in an object, as ``enclosed`` does."""
    return enclosed(value.get(name))


def text(value: Mapping[str, object], name: str) -> str:
    """Return a member that is text; "" for anything else."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def label(value: Mapping[str, object], name: str) -> str:
    """Return a member that is text, on one line and without what cannot be sent back; "" for anything else."""
    return speakable(text(value, name))


def speakable(said: str) -> str:
    """Leave out what cannot be sent back, or not on one line."""
    return "".join(each for each in said if unicodedata.category(each) not in _UNSPEAKABLE)


def objects(value: object) -> list[Mapping[str, object]]:
    """Return the objects of a list; nothing for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number_of(value: object) -> str:
    """Return a phone number as a platform has it; "" where it has none, as for a call from a browser."""
    return value if isinstance(value, str) else ""
