"""Sees to what was left behind: intents whose sender is gone, and look-ups that are due. Any number may run."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from calbridge.domain.intents import NOBODY_LOOKED, Intent, State
from calbridge.services.connections import Connections
from calbridge.services.resolver import GIVE_UP, Resolver
from calbridge.services.together import together
from calbridge.storage.intents import Intents

EVERY_SECONDS = 5.0
PER_SETTLE = 1 / 24  # of the settle time, where that is shorter
BATCH = 20
LEASE = timedelta(seconds=30)  # for looking into one batch
WITHOUT_ACCOUNT = timedelta(minutes=15)  # until one asks again whether it is connected

log = structlog.get_logger()


class Sweeper:
    """Sweeps every few seconds, in every process."""

    def __init__(
        self,
        intents: Intents,
        connections: Connections,
        resolver: Resolver,
        settle: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._intents = intents
        self._connections = connections
        self._resolver = resolver
        self._every = min(EVERY_SECONDS, settle.total_seconds() * PER_SETTLE)
        self._sleep = sleep

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                while await self.sweep() == BATCH:
                    pass
            except Exception as error:  # noqa: BLE001 - whatever it is this time, the next one must be tried
                log.warning("sweeper.failed", error=type(error).__name__)
            await self._sleep(self._every)

    async def sweep(self) -> int:
        """See to what is due now, one batch of it; return how many intents that were."""
        due = await self._intents.due(BATCH, lease=LEASE)
        await together(*(self._try(intent) for intent in due))
        return len(due)

    async def _try(self, intent: Intent) -> None:
        """See to one; what goes wrong with it does not stop the others, and it comes up again."""
        try:
            await self._see_to(intent)
        except Exception as error:  # noqa: BLE001 - the others must be tried
            log.warning("sweeper.failed", intent_id=str(intent.id), error=type(error).__name__)

    async def _see_to(self, intent: Intent) -> None:
        connection = await self._connections.of(intent)
        if connection is None:  # disconnected, or its key is refused or another user's: nobody can look
            await self._intents.postpone(intent, look_in=WITHOUT_ACCOUNT)
        else:
            intent = await self._resolver.resolve(intent, connection)
        if intent.state.is_open and intent.since_attempt > GIVE_UP:
            log.error("intent.needs_human", intent_id=str(intent.id), errand=intent.errand.value)
            await self._intents.settle(intent, State.NEEDS_HUMAN, reason=NOBODY_LOOKED)
