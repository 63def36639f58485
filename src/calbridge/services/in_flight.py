"""Work that must not end with the request that began it: a caller who hangs up does not undo what Cal.com does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import structlog

from calbridge.storage.intents import Intents

Value = TypeVar("Value")

LOOSE_SECONDS = 2.0  # for what nobody waits for
DRAIN_SECONDS = 20.0  # from the moment when nothing new begins

log = structlog.get_logger()


class InFlight:
    """Every intent that this process is carrying out. ``patience``: seconds that are left for them at the end."""

    def __init__(self, intents: Intents, patience: float = DRAIN_SECONDS) -> None:
        self._intents = intents
        self._patience = patience
        self._tasks: dict[asyncio.Task[Any], UUID] = {}
        self._loose: set[asyncio.Task[Any]] = set()
        self._until: float | None = None

    async def see_through(self, intent_id: UUID, work: Coroutine[Any, Any, Value]) -> Value:
        """Carry an intent out to the end, whatever becomes of whoever waits for it."""
        task = asyncio.create_task(work)
        self._tasks[task] = intent_id
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def keep(self, work: Coroutine[Any, Any, object]) -> None:
        """Have something done that nobody waits for."""
        task = asyncio.create_task(work)
        self._loose.add(task)
        task.add_done_callback(self._loosely_done)

    def hurry(self) -> None:
        """Count the seconds from now on: the end has been announced, and requests under way have as long."""
        self._until = asyncio.get_running_loop().time() + self._patience

    async def drain(self) -> None:
        """Wait for what is under way, as long as there is patience, and give up the rest.

        What is given up ends here, and its lease with it: others may find out at once what became of it.
        """
        if self._loose:
            await asyncio.wait(self._loose, timeout=LOOSE_SECONDS)
        if not self._tasks:
            return
        if self._until is None:
            self.hurry()
        left = (self._until or 0) - asyncio.get_running_loop().time()
        _, unfinished = await asyncio.wait(self._tasks, timeout=max(0, left))
        if not unfinished:
            return
        given_up = [self._tasks[task] for task in unfinished]
        log.warning("in_flight.given_up", intents=[str(each) for each in given_up])
        for task in unfinished:
            task.cancel()
        await asyncio.wait(unfinished)
        try:
            await self._intents.release(given_up)
        except Exception as error:  # noqa: BLE001 - whatever it is: then the leases end by themselves
            log.warning("in_flight.not_released", error=type(error).__name__)

    def _loosely_done(self, task: asyncio.Task[Any]) -> None:
        self._loose.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("in_flight.failed", error=type(task.exception()).__name__)

    def _done(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]
        if not task.cancelled() and task.exception() is not None:  # asked for, so that asyncio does not complain
            log.debug("in_flight.failed", error=type(task.exception()).__name__)
