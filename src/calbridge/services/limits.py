"""How often somebody without a credential may try: a sliding window a key, kept in this process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from calbridge.domain.errors import RateLimitedError


class Limit:
    """At most ``count`` events in ``seconds`` for each key; the least recently seen keys are forgotten first."""

    def __init__(
        self, count: int, seconds: float, *, keys: int = 10_000, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = count
        self._seconds = seconds
        self._keys = keys
        self._timer = timer
        self._events: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def check(self, key: Hashable) -> None:
        """Raise RateLimitedError if the key has used up its events."""
        events = self._recent(key)
        if events is not None and len(events) >= self._count:
            raise RateLimitedError(max(1.0, self._seconds - (self._timer() - events[0])))

    def count(self, key: Hashable) -> None:
        """Note one event."""
        events = self._recent(key)
        if events is None:
            events = self._events[key] = deque(maxlen=self._count)
        events.append(self._timer())
        self._events.move_to_end(key)
        while len(self._events) > self._keys:
            self._events.popitem(last=False)

    def _recent(self, key: Hashable) -> deque[float] | None:
        events = self._events.get(key)
        if events is not None:
            horizon = self._timer() - self._seconds
            while events and events[0] <= horizon:
                events.popleft()
        return events
