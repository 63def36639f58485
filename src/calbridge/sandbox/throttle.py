"""Counts requests per key and refuses the ones above the limit, as Cal.com does: a window of 60 s, a block of 60 s."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)


@dataclass(slots=True)
class Counter:
    """Requests of one caller in the window that ends at `until`; blocked means that it ends a block."""

    until: datetime
    count: int = 0
    blocked: bool = False


class Throttle:
    """All counters. The first request opens a window; asking while blocked does not extend the block."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.counters: dict[str, Counter] = {}

    def clear(self) -> None:
        """Start all over."""
        self.counters.clear()

    def count(self, caller: str, limit: int) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it may pass, and the headers of its answer."""
        now = self.clock()
        counter = self.counters.get(caller)
        if counter is None or now >= counter.until:
            counter = self.counters[caller] = Counter(now + WINDOW)
        if not counter.blocked:
            counter.count += 1
            if counter.count > limit:
                counter.blocked, counter.until = True, now + WINDOW
        return not counter.blocked, {
            "X-RateLimit-Limit-Default": str(limit),
            "X-RateLimit-Remaining-Default": str(max(0, limit - counter.count)),
            "X-RateLimit-Reset-Default": str(math.ceil((counter.until - now).total_seconds())),
        }
