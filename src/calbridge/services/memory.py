"""What a process remembers, so that it need not ask again; and how it knows that it is still so.

Whoever changes something notes it in the database, and every process looks for such notes several times a second. What
it remembers counts only while the last look is recent: a process that is cut off from the database does not know who
was disconnected meanwhile, and remembers nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar
from uuid import UUID

from cachetools import LRUCache, TTLCache

# A credential that was revoked must not be used a second later. A look tells what was so when it began.
CURRENT_SECONDS = 0.9
# In a process that is busy a look may come late. To wait for it costs less than that all who come read by themselves,
# which keeps the process busier still. One that is later than that is not to be expected.
LATE_SECONDS = 2.0
WAIT_SECONDS = 0.5
HEARD = 2_000  # changes that need not be heeded again, if they are told twice, which is within a second or so
SUBJECTS = 10_000
OF_ONE_SUBJECT = 1_000
# What nobody noted, because it was changed by hand in the database, shows after that.
KEPT_SECONDS = 60

Value = TypeVar("Value")


class Memories:
    """All that a process remembers, by the id of what it is about. ``timer`` in seconds, never put back."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._as_of: float | None = None
        self._looked = asyncio.Event()  # at the next look
        self._heard: LRUCache[tuple[UUID, UUID], None] = LRUCache(HEARD)
        self._forgetters: list[tuple[Callable[[UUID], None], Callable[[], None]]] = []

    def add(self, forget: Callable[[UUID], None], forget_all: Callable[[], None]) -> None:
        """Take in something that remembers: how it forgets one subject, and how everything."""
        self._forgetters.append((forget, forget_all))

    @property
    def are_current(self) -> bool:
        """Whether every change that is older than a second has been heard of."""
        return self._as_of is not None and self._timer() - self._as_of < CURRENT_SECONDS

    async def count(self) -> bool:
        """Whether what is remembered counts: it is current, or is so after a look that is a little late."""
        late = LATE_SECONDS if self._as_of is None else self._timer() - self._as_of - CURRENT_SECONDS
        if 0 <= late < LATE_SECONDS:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._looked.wait()
        return self.are_current

    def now_current(self, since: float) -> None:
        """Note that all changes have been heard of that were made before an instant of the timer."""
        self._as_of = since
        self._looked.set()
        self._looked = asyncio.Event()

    def hear(self, change_id: UUID, subject_id: UUID) -> None:
        """Forget a subject because of a change; once, however often that is told."""
        if (change_id, subject_id) not in self._heard:
            self._heard[change_id, subject_id] = None
            self.forget(subject_id)

    def forget(self, subject_id: UUID) -> None:
        """Forget a subject: what is being read just now will not be remembered, either."""
        for forget, _ in self._forgetters:
            forget(subject_id)

    def forget_all(self) -> None:
        """Forget everything: nobody knows what was missed."""
        for _, forget_all in self._forgetters:
            forget_all()


class Memory(Generic[Value]):
    """Remembers values of one kind, each under a subject.

    What there is of a subject stands on one page, and to forget it is to tear the page out: whoever began to read
    before that writes on the torn page, where nobody looks.
    """

    def __init__(self, memories: Memories, timer: Callable[[], float] = time.monotonic) -> None:
        self._memories = memories
        self._pages: TTLCache[UUID, dict[Hashable, Value]] = TTLCache(SUBJECTS, KEPT_SECONDS, timer)
        memories.add(self.forget, self._pages.clear)

    def known(self, subject_id: UUID, key: Hashable) -> Value | None:
        """Return what is remembered, if it counts just now."""
        page = self._pages.get(subject_id) if self._memories.are_current else None
        return None if page is None else page.get(key)

    async def recall(
        self, subject_id: UUID, key: Hashable, read: Callable[[], Awaitable[Value | None]]
    ) -> Value | None:
        """Return what is remembered, or read it and remember it; that there is nothing is not remembered."""
        if not (self._memories.are_current or await self._memories.count()):
            return await read()
        page = self._pages.get(subject_id)
        if page is not None and key in page:
            return page[key]
        if page is None:
            page = self._pages[subject_id] = {}
        value = await read()
        if value:
            if len(page) >= OF_ONE_SUBJECT:  # so many are seldom: which are dropped need not be weighed at every look
                page.clear()
            page[key] = value
        elif not page:  # ids that somebody made up must not crowd out those that exist
            self._discard(subject_id, page)
        return value

    def forget(self, subject_id: UUID) -> None:
        """Forget what is remembered of a subject, and what is being read."""
        self._pages.pop(subject_id, None)

    def _discard(self, subject_id: UUID, page: dict[Hashable, Value]) -> None:
        if self._pages.get(subject_id) is page:
            del self._pages[subject_id]
