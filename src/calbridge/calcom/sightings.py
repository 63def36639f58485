"""What an answer of Cal.com tells besides its body: what time it is there, and how much may still be asked."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LIMIT_PREFIX = "x-ratelimit-limit"
_REMAINING_PREFIX = "x-ratelimit-remaining"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One answer, as its headers tell. ``None`` where they do not."""

    clock_skew: timedelta | None  # how far our clock was ahead of theirs; they tell whole seconds
    budget_left: float | None  # the part of the rate limit that is left, 0 to 1


class Sightings:
    """Collects what the answers of one account tell. ``clock`` is ours, aware."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: list[Sighting] = []

    def note(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer that has just come."""
        theirs = _date(headers)
        self._seen.append(Sighting(None if theirs is None else self._clock() - theirs, budget_left(headers)))

    @property
    def clock_skew(self) -> timedelta | None:
        """How far our clock is ahead of Cal.com's: the smallest of what was seen, since answers travel for a while."""
        skews = [seen.clock_skew for seen in self._seen if seen.clock_skew is not None]
        return min(skews, key=abs) if skews else None

    @property
    def budget_left(self) -> float | None:
        """The part of the rate limit that is left after the last answer that told."""
        return next((seen.budget_left for seen in reversed(self._seen) if seen.budget_left is not None), None)


def budget_left(headers: Mapping[str, str]) -> float | None:
    """Return which part of the rate limit is left, 0 to 1; of several limits the scarcest, None where none is told.

    The headers are ``X-RateLimit-Remaining-<name>`` and ``X-RateLimit-Limit-<name>``, one pair a limit.
    """
    named = {name.lower(): value for name, value in headers.items()}
    shares = []
    for name, value in named.items():
        if not name.startswith(_REMAINING_PREFIX):
            continue
        limit = _number(named.get(_LIMIT_PREFIX + name.removeprefix(_REMAINING_PREFIX), ""))
        remaining = _number(value)
        if limit and remaining is not None:
            shares.append(min(1.0, remaining / limit))
    return min(shares, default=None)


def _date(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of RFC 9110's ``Date`` header, in UTC."""
    text = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        told = parsedate_to_datetime(text)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
