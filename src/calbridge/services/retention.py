"""Callers' data is kept for as long as the operator says, and not longer: old records are erased in the background."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from calbridge.storage.bookings import Bookings

FIRST_SECONDS = 10  # after the start: requests come first
EVERY_SECONDS = 3600
BATCH = 500

log = structlog.get_logger()


class Retention:
    """Erases callers from the records of appointments that ended longer ago than ``keep``."""

    def __init__(
        self,
        bookings: Bookings,
        keep: timedelta,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bookings = bookings
        self._keep = keep
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Sweep soon after the start, and every hour from then on, until cancelled."""
        await self._sleep(FIRST_SECONDS)
        while True:
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - whatever it is this hour, the next one must be tried
                log.warning("retention.failed", error=type(error).__name__)
            await self._sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """Erase what is due now, batch by batch; return from how many records."""
        before = self._clock() - self._keep
        erased = 0
        while (count := await self._bookings.erase_older_than(before, batch=BATCH)) > 0:
            erased += count
        if erased:
            log.info("retention.erased", records=erased)
        return erased
