"""Reading what is not ours: JSON whose shape a vendor may change, so that nothing in it is taken for granted."""

import json
from collections.abc import Mapping


def members(value: object) -> Mapping[str, object]:
    """Return the members of an object, also of one that was sent as text; nothing for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def member(value: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Follow a path of names to an object; nothing where it leads nowhere."""
    for name in path:
        value = members(value.get(name))
    return value


def text(value: Mapping[str, object], name: str) -> str:
    """Return a member that is text; "" for anything else."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def objects(value: object) -> list[Mapping[str, object]]:
    """Return the objects of a list; nothing for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number_of(value: object) -> str:
    """Return a phone number as a platform has it; "" where it has none, as for a call from a browser."""
    return value if isinstance(value, str) else ""
