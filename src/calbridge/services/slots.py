"""Open times: one question to Cal.com, wider ones while nothing is found, and a short memory of the answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cachetools import TTLCache

from calbridge.domain.appointments import EventType
from calbridge.domain.times import MAX_DAYS_AHEAD, WIDEST_SEARCH_DAYS, Window, start_of_day, window_ahead
from calbridge.services.visit import Visit

NEAREST_DAYS = 7
REMEMBERED_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class _Answer:
    window: Window
    starts: frozenset[datetime]


class Slots:
    """Finds open times.

    ``ttl``: for how many seconds an answer is remembered. It may cast doubt on a wanted time, never vouch for one.
    """

    def __init__(self, ttl: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._answers: TTLCache[UUID, dict[int, _Answer]] = TTLCache(REMEMBERED_ACCOUNTS, ttl, timer)

    async def open(
        self, visit: Visit, event_type: EventType, window: Window, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Ask Cal.com for the open times in a window: ascending, in UTC.

        ``moving``: the uid of a booking that is to be moved: its own time counts as open. Such an answer is nobody
        else's, and not remembered.
        """
        starts = await visit.calendar.open_slots(event_type, window, moving=moving)
        if moving is not None:
            return starts
        answers = self._answers.get(visit.account_id, {})
        self._answers[visit.account_id] = {**answers, event_type.id: _Answer(window, frozenset(starts))}
        return starts

    async def ahead(
        self, visit: Visit, event_type: EventType, days: int, moving: str | None = None
    ) -> tuple[tuple[datetime, ...], bool]:
        """Return the open times of the next ``days`` local days, and whether the search had to look further.

        If those days have none, the next ones that have are looked for, up to 60 days ahead.
        """
        asked = window = window_ahead(visit.now, days, visit.zone)
        starts = await self.open(visit, event_type, window, moving)
        for further in (MAX_DAYS_AHEAD, WIDEST_SEARCH_DAYS):
            wider = Window(window.end, window_ahead(visit.now, further, visit.zone).end)
            if not starts and wider.start < wider.end:
                starts, window = await self.open(visit, event_type, wider, moving), wider
        if window is not asked and starts:
            starts = tuple(start for start in starts if start < starts[0] + timedelta(days=days))
        return starts, window is not asked

    async def of_day(
        self, visit: Visit, event_type: EventType, wanted: datetime, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the open times of the local day of a wanted time."""
        day = wanted.astimezone(visit.zone).date()
        start = max(visit.now, start_of_day(day, visit.zone))
        window = Window(start, start_of_day(day + timedelta(days=1), visit.zone))
        return await self.open(visit, event_type, window, moving)

    async def around(
        self, visit: Visit, event_type: EventType, wanted: datetime, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the open times near a wanted one: from the day before to a week after; failing that, the next."""
        day = wanted.astimezone(visit.zone).date()
        start = max(visit.now, start_of_day(day - timedelta(days=1), visit.zone))
        near = Window(start, start_of_day(day + timedelta(days=NEAREST_DAYS), visit.zone))
        starts = await self.open(visit, event_type, near, moving) if near.start < near.end else ()
        if not starts:
            starts, _ = await self.ahead(visit, event_type, NEAREST_DAYS, moving)
        return starts

    def doubtful(self, visit: Visit, event_type: EventType, wanted: datetime) -> bool:
        """Whether a recent answer covers the wanted time and lacks it."""
        answer = self._answers.get(visit.account_id, {}).get(event_type.id)
        return answer is not None and wanted in answer.window and wanted not in answer.starts

    def forget(self, visit: Visit) -> None:
        """Drop what is remembered of a host: one booking takes time of all of their event types."""
        self._answers.pop(visit.account_id, None)
