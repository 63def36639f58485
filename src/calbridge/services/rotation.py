"""Sealing everything anew under the newest encryption key, in small steps, while the service answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from calbridge.storage.sealed import Sealed, Stretch

BATCH = 200
PASSES = 3  # over a table in which somebody is writing all the time
# SQLite has one writer at a time, and whoever waits looks again every few milliseconds: leave a gap to slip in.
PAUSE_SECONDS = 0.01
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Rotated:
    """How a rotation went."""

    checked: int  # sealed values
    renewed: int
    busy: int  # those that were being written whenever it came to them: rotate again
    unreadable: int  # those that open under none of the keys, and are left as they are
    examples: tuple[str, ...]  # table and id of some that are unreadable


@dataclass(slots=True)
class _Pass:
    """One way over a table, summed up."""

    seen: int = 0
    renewed: int = 0
    busy: int = 0
    unreadable: int = 0
    examples: tuple[str, ...] = ()

    def add(self, stretch: Stretch) -> None:
        self.seen += stretch.seen
        self.renewed += stretch.renewed
        self.busy += stretch.busy
        self.unreadable += len(stretch.unreadable)
        self.examples = (*self.examples, *stretch.unreadable)[:EXAMPLES]


class Rotation:
    """Rotates keys. Broken off, it is simply begun again: what is done already costs next to nothing."""

    def __init__(self, sealed: Sealed, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sealed = sealed
        self._sleep = sleep

    async def run(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Rotated:
        """Seal all that older keys have sealed under the newest one; ``progress`` hears of values done, and of all.

        Raises UnavailableError when the database goes away; what was done until then stays done.
        """
        total = await self._sealed.count()
        progress(0, total)
        checked = renewed = busy = unreadable = 0
        examples: tuple[str, ...] = ()
        for table in self._sealed.tables:
            for number in range(PASSES):
                last = _Pass()
                async for stretch in self._stretches(table):
                    last.add(stretch)
                    if number == 0:
                        progress(checked + last.seen, max(checked + last.seen, total))
                renewed += last.renewed
                if not last.busy:
                    break
            checked += last.seen
            busy += last.busy
            unreadable += last.unreadable
            examples += last.examples
        return Rotated(checked, renewed, busy, unreadable, examples[:EXAMPLES])

    async def _stretches(self, table: str) -> AsyncIterator[Stretch]:
        """Go once over a table."""
        after = None
        while (stretch := await self._sealed.renew(table, after=after, batch=BATCH)).last is not None:
            yield stretch
            after = stretch.last
            if stretch.renewed:
                await self._sleep(PAUSE_SECONDS)
