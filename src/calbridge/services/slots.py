"""Open times: one question to Cal.com for all who want to know, and a short memory of the answers.

What is remembered is offered for a while, although others book meanwhile: an offer is no promise, and whoever books
hears from Cal.com itself. But what was booked through us, or was heard to be, is never offered any more.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from cachetools import LRUCache, TTLCache

from calbridge.calcom.calendar import Calendar
from calbridge.calcom.deadline import Deadline
from calbridge.domain.appointments import EventType
from calbridge.domain.times import MAX_DAYS_AHEAD, WIDEST_SEARCH_DAYS, Window, start_of_day, window_ahead
from calbridge.services.inquiries import Inquiries, answer_to
from calbridge.services.memory import CURRENT_SECONDS, Memories
from calbridge.services.visit import Visit

NEAREST_DAYS = 7
REMEMBERED_ACCOUNTS = 2_000
KEPT_SECONDS = 900
EVENT_TYPES_OF_ONE = 20
ANSWERS_OF_ONE = 3  # for windows that are apart
REASONS = 10_000

FRESH_SECONDS = 10.0  # for so long an answer is as good as a new one
RENEWED_SECONDS = 2.0  # from one attempt to renew an answer to the next: the last may have failed at once
ASKING_SECONDS = 15.0  # for one question, whoever waits for it
WARM = 3 / 4  # of its time, an answer is not asked for again before somebody wants it

# Whoever asked for some days asks for those after them next. Cal.com works longer for longer stretches.
FURTHER = timedelta(days=7)
LONG = timedelta(days=15)
A_DAY = timedelta(days=1)
A_LITTLE = timedelta(minutes=1)


@dataclass(slots=True, eq=False)
class _Answer:
    window: Window
    starts: tuple[datetime, ...]
    asked_at: float
    renewed_at: float = -math.inf  # when that was tried last


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    window: Window
    asking: asyncio.Task[_Answer]


@dataclass(slots=True, eq=False)
class _Page:
    """What is known of one event type, the newest answer first, and what is being asked."""

    answers: tuple[_Answer, ...] = ()
    answered_at: float = -math.inf  # if only for those who waited for it
    questions: list[_Question] = field(default_factory=list)


class Slots:
    """Finds open times.

    ``ttl``: for how many seconds an answer is remembered. It may be offered for as long, and casts doubt on a wanted
    time that it lacks; it vouches for none.
    """

    def __init__(
        self, ttl: float, memories: Memories, inquiries: Inquiries, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl = ttl
        self._memories = memories
        self._inquiries = inquiries
        self._timer = timer
        self._pages: TTLCache[UUID, LRUCache[object, _Page]] = TTLCache(REMEMBERED_ACCOUNTS, KEPT_SECONDS, timer)
        self._reasons: TTLCache[tuple[UUID, UUID], None] = TTLCache(REASONS, max(ttl, ASKING_SECONDS), timer)
        memories.add(self.forget, self._pages.clear)

    async def open(
        self, visit: Visit, event_type: EventType, window: Window, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the open times in a window: ascending, in UTC; a minute old at most, or whatever the setting says.

        ``moving``: the uid of a booking that is to be moved: its own time counts as open. Such an answer is nobody
        else's, and not remembered.
        """
        if moving is not None:
            return await visit.calendar.open_slots(event_type, window, moving=moving)
        answer = self._remembered(visit, event_type, window)
        if answer is None:
            answer = await self._asked(visit, event_type, window, _with_neighbours(window))
        elif self._age(answer) >= FRESH_SECONDS:
            self._renew(visit, event_type, window, answer)
        return window.cut(answer.starts)

    async def ahead(
        self, visit: Visit, event_type: EventType, days: int, moving: str | None = None
    ) -> tuple[tuple[datetime, ...], bool]:
        """Return the open times of the next ``days`` local days, and whether the search had to look further.

        If those days have none, the next ones that have are looked for, up to 60 days ahead.
        """
        asked = window = window_ahead(visit.now, days, visit.zone)
        starts = await self.open(visit, event_type, window, moving)
        for further in (MAX_DAYS_AHEAD, WIDEST_SEARCH_DAYS):
            if starts:
                break
            wider = Window(window.end, window_ahead(visit.now, further, visit.zone).end)
            if wider.start < wider.end:
                starts, window = await self.open(visit, event_type, wider, moving), wider
        if window is not asked and starts:
            starts = tuple(start for start in starts if start < starts[0] + timedelta(days=days))
        return starts, window is not asked

    async def of_day(
        self, visit: Visit, event_type: EventType, wanted: datetime, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the open times of the local day of a wanted time as they are now: what is remembered is in doubt."""
        day = wanted.astimezone(visit.zone).date()
        start = max(visit.now, start_of_day(day, visit.zone))
        window = Window(start, start_of_day(day + timedelta(days=1), visit.zone))
        if moving is not None:
            return await self.open(visit, event_type, window, moving)
        return window.cut((await self._asked(visit, event_type, window, window)).starts)

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

    async def keep_warm(self, visit: Visit, event_type: EventType, days: int) -> bool:
        """Ask for the next days before what is remembered of them is too old to be offered; whether that was asked."""
        window = window_ahead(visit.now, days, visit.zone)
        answer = self._remembered(visit, event_type, window)
        if answer is not None and self._age(answer) < self._ttl * WARM:
            return False
        await self._asked(visit, event_type, window, _with_neighbours(window))
        return True

    def doubtful(self, visit: Visit, event_type: EventType, wanted: datetime) -> bool:
        """Whether the last answer that covers the wanted time lacks it."""
        for answer in self._known(visit, event_type):
            if wanted in answer.window:
                return wanted not in answer.starts
        return False

    @property
    def forgets_at_once(self) -> bool:
        """Whether answers serve nobody but those who wait for them."""
        return self._ttl <= 0

    def remembers(self, account_id: UUID) -> bool:
        """Whether a host was asked about lately, and answered: what there is of it need not be asked for again yet."""
        pages, since = self._pages.get(account_id), self._timer() - max(FRESH_SECONDS, self._ttl * WARM)
        return pages is not None and any(page.answered_at > since for page in pages.values())

    def forget(self, account_id: UUID, because: UUID | None = None) -> None:
        """Drop what is remembered of a host: one booking takes time of all of their event types.

        Nor is what is being asked remembered, or shared with those who ask from now on. ``because``: of an intent; for
        the same one, nothing is dropped twice.
        """
        if because is not None:
            if (account_id, because) in self._reasons:
                return
            self._reasons[account_id, because] = None
        self._pages.pop(account_id, None)

    def _known(self, visit: Visit, event_type: EventType) -> Iterator[_Answer]:
        pages = self._pages.get(visit.account_id)
        page = None if pages is None else pages.get(_place(visit, event_type))
        if page is not None:
            oldest = self._timer() - self._ttl
            for each in page.answers:
                if each.asked_at > oldest:
                    yield each

    def _remembered(self, visit: Visit, event_type: EventType, window: Window) -> _Answer | None:
        """Return an answer that may be offered."""
        if not self._memories.are_current:
            return None
        return next((each for each in self._known(visit, event_type) if _covers(each.window, window)), None)

    async def _asked(self, visit: Visit, event_type: EventType, window: Window, wide: Window) -> _Answer:
        """Ask, or wait for who asks already. If something was booked meanwhile, ask anew: it must not be offered."""
        while True:
            page = self._page(visit, event_type)
            answer = await answer_to(self._question(visit, event_type, window, wide), visit.deadline)
            if self._age(answer) >= CURRENT_SECONDS:
                await self._memories.count()  # a look that is late may tell of such a booking
            if self._page(visit, event_type) is page:
                return answer
            newer = self._remembered(visit, event_type, window)
            if newer is not None:
                return newer

    def _renew(self, visit: Visit, event_type: EventType, window: Window, answer: _Answer) -> None:
        """Ask behind the caller's back, unless that was tried just now."""
        if self._timer() - answer.renewed_at >= RENEWED_SECONDS:
            answer.renewed_at = self._timer()
            self._question(visit, event_type, window, _with_neighbours(window))

    def _question(self, visit: Visit, event_type: EventType, window: Window, wide: Window) -> asyncio.Task[_Answer]:
        """Return the question that somebody asks already about a window, or ask about a wider one."""
        page = self._page(visit, event_type)
        for question in page.questions:
            if _covers(question.window, window):
                return question.asking
        calendar = visit.calendars.open(visit.connection.access, Deadline.after(ASKING_SECONDS))
        asking = self._inquiries.begin(self._answer(calendar, event_type, wide, page))
        question = _Question(wide, asking)
        page.questions.append(question)
        asking.add_done_callback(lambda _: page.questions.remove(question))
        return asking

    async def _answer(self, calendar: Calendar, event_type: EventType, window: Window, page: _Page) -> _Answer:
        asked_at = self._timer()
        answer = _Answer(window, await calendar.open_slots(event_type, window), asked_at)
        page.answered_at = self._timer()
        known = (answer, *(each for each in page.answers if not _covers(window, each.window)))
        # Of a page that was dropped, nobody reads it; and a fortnight's times are 12 KiB that others could do with.
        page.answers = tuple(each for each in known if self._age(each) < self._ttl)[:ANSWERS_OF_ONE]
        return answer

    def _page(self, visit: Visit, event_type: EventType) -> _Page:
        pages = self._pages.get(visit.account_id)
        if pages is None:
            pages = self._pages[visit.account_id] = LRUCache(EVENT_TYPES_OF_ONE)
        page = pages.get(_place(visit, event_type))
        if page is None:
            page = pages[_place(visit, event_type)] = _Page()
        return page

    def _age(self, answer: _Answer) -> float:
        return self._timer() - answer.asked_at


def _place(visit: Visit, event_type: EventType) -> object:
    """An account that was changed may be another Cal.com user's."""
    return event_type.id, visit.connection.account.updated_at


def _covers(wide: Window, window: Window) -> bool:
    return wide.start <= window.start and window.end <= wide.end


def _with_neighbours(window: Window) -> Window:
    """Widen a window to what will be asked for next.

    Backwards by a little, so that those who ask at the same moment ask the same.
    """
    further = FURTHER if window.end - window.start < LONG else A_DAY
    return Window(window.start.replace(second=0, microsecond=0) - A_LITTLE, window.end + further)
