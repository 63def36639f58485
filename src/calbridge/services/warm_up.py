"""Asking Cal.com beforehand for what a call will need: the event types, and the open times of the coming days."""

import asyncio
from dataclasses import replace
from uuid import UUID

import structlog

from calbridge.calcom.deadline import Deadline
from calbridge.domain.errors import CalbridgeError
from calbridge.domain.times import DEFAULT_DAYS_AHEAD
from calbridge.services.connections import Connections
from calbridge.services.event_types import EventTypes
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

log = structlog.get_logger()


class WarmUp:
    """Fills what this process remembers, in the background; ``deadline``: for how many seconds Cal.com may take."""

    def __init__(self, connections: Connections, event_types: EventTypes, slots: Slots, deadline: float) -> None:
        self._connections = connections
        self._event_types = event_types
        self._slots = slots
        self._deadline = deadline
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def begin(self, visit: Visit) -> None:
        """Begin, unless it is under way for the account, or was a moment ago.

        So many calls at once are one question to Cal.com; and so is a stranger who asks again and again.
        """
        account_id = visit.account_id
        if account_id not in self._tasks and not self._slots.remembers(account_id):
            longer = replace(visit, deadline=Deadline.after(self._deadline))
            task = self._tasks[account_id] = asyncio.create_task(self._warm(longer))
            task.add_done_callback(lambda _: self._tasks.pop(account_id, None))

    async def settled(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Stop what is under way."""
        for task in tuple(self._tasks.values()):
            task.cancel()
        await self.settled()

    async def _warm(self, visit: Visit) -> None:
        try:
            async with self._connections.watching(visit.connection):
                event_type = await self._event_types.chosen(visit.assignment, visit.connection, visit.calendar)
                await self._slots.ahead(visit, event_type, DEFAULT_DAYS_AHEAD)
        except CalbridgeError as error:
            log.info("warm_up.failed", account_id=str(visit.account_id), error=type(error).__name__)
