"""Callers' data is kept for as long as the operator says, and not longer: old records are erased in the background."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from calbridge.storage.bookings import Bookings
from calbridge.storage.intents import Intents
from calbridge.storage.offers import OffersOfCalls

FIRST_SECONDS = 10  # after the start: requests come first
EVERY_SECONDS = 3600
BATCH = 500
# A wish is of use as long as its repetition is recognised, a week at most; the rest is for looking into complaints.
WISHES_AT_MOST = timedelta(days=30)

log = structlog.get_logger()


class Retention:
    """Erases callers from the records of appointments that ended longer ago than ``keep``; None keeps those for good.

    Their wishes are erased as long after they were settled, and in any case after ``WISHES_AT_MOST``. What was said in
    calls is dropped when those are over.
    """

    def __init__(
        self,
        bookings: Bookings,
        intents: Intents,
        offers: OffersOfCalls,
        keep: timedelta | None,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bookings = bookings
        self._intents = intents
        self._offers = offers
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
        """Erase what is due now, batch by batch; return from how many records and wishes."""
        records = 0 if self._keep is None else await self._erase_records(self._clock() - self._keep)
        await self._offers.forget_old()
        wishes = await self._intents.erase_older_than(min(self._keep or WISHES_AT_MOST, WISHES_AT_MOST))
        if records or wishes:
            log.info("retention.erased", records=records, wishes=wishes)
        return records + wishes

    async def _erase_records(self, before: datetime) -> int:
        erased = 0
        while (count := await self._bookings.erase_older_than(before, batch=BATCH)) > 0:
            erased += count
        return erased
