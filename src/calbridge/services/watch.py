"""Looks several times a second for what other processes have changed, and has it forgotten here."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from calbridge.services.memory import Memories
from calbridge.storage.changes import Changes

EVERY_SECONDS = 0.2
PRUNE_EVERY_SECONDS = 60.0
LAST_SECONDS = 2.0

log = structlog.get_logger()


class Watch:
    """Keeps what this process remembers current, for as long as the database answers.

    After a look that failed it begins anew, with nothing remembered: nobody knows what was missed. ``timer`` is that of
    the memories.
    """

    def __init__(
        self,
        changes: Changes,
        memories: Memories,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changes = changes
        self._memories = memories
        self._sleep = sleep
        self._timer = timer
        self._horizon: int | None = None
        self._failing = False
        self._pruned_at = timer()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await _to_its_end(self.look())
                await _to_its_end(self._prune())
            except Exception as error:  # noqa: BLE001 - whatever it is this time, the next look must be made
                self._lost(error)
            else:
                self._failing = False
            await self._sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look once. Raises UnavailableError."""
        began = self._timer()
        news = await self._changes.since(self._horizon)
        if self._horizon is None or news.horizon < self._horizon:  # the first look, or another database by now
            self._memories.forget_all()
        for change in news.changes:
            self._memories.hear(change.id, change.subject_id)
        self._horizon = news.horizon
        self._memories.now_current(began)

    async def _prune(self) -> None:
        if self._timer() - self._pruned_at >= PRUNE_EVERY_SECONDS:
            self._pruned_at = self._timer()
            await self._changes.prune()

    def _lost(self, error: Exception) -> None:
        self._horizon = None
        if not self._failing:
            log.warning("watch.failed", error=type(error).__name__)
        self._failing = True


async def _to_its_end(statement: Coroutine[None, None, None]) -> None:
    """Let a statement finish, even if this is cancelled: its connection would have to be thrown away otherwise."""
    task = asyncio.create_task(statement)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,), timeout=LAST_SECONDS)
        raise
