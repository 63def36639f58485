"""The front desk: lets a call in, sees to what the caller wants, and says what came of it."""

from collections.abc import Callable
from typing import assert_never

from calbridge.domain.access import Credential
from calbridge.domain.actions import (
    Action,
    Availability,
    Book,
    Call,
    Cancel,
    Find,
    Outcome,
    Replayed,
    Reply,
    Reschedule,
    Suggest,
)
from calbridge.domain.errors import BookingRefusedError, Refusal
from calbridge.services.booking import Booker
from calbridge.services.changes import Changes
from calbridge.services.connections import Connections
from calbridge.services.event_types import EventTypes
from calbridge.services.in_time import in_time
from calbridge.services.lookup import Lookup
from calbridge.services.openings import OpenTimes
from calbridge.services.reception import Reception
from calbridge.services.visit import Visit

# Whoever waits for Cal.com notices by themselves that time is up, and knows more to tell.
LAST_WORDS = 0.25


class FrontDesk:
    """Handles calls. ``on_replay`` is told of every wish that was carried out before, and is only told again."""

    def __init__(
        self,
        reception: Reception,
        connections: Connections,
        event_types: EventTypes,
        booker: Booker,
        changes: Changes,
        lookup: Lookup,
        open_times: OpenTimes,
        on_replay: Callable[[str], None] = lambda _action: None,
    ) -> None:
        self._reception = reception
        self._connections = connections
        self._event_types = event_types
        self._booker = booker
        self._changes = changes
        self._lookup = lookup
        self._open_times = open_times
        self._on_replay = on_replay

    async def handle(self, call: Call, credential: Credential | None, client_address: str) -> Reply:
        """See to one call: expected outcomes are in the reply, whatever else stops it is raised.

        It takes no longer than the caller may wait. Raises UnavailableError where the database takes that long; what
        was sent to Cal.com is seen through all the same.
        """
        visit = await self._reception.admit(call, credential, client_address)
        async with self._connections.watching(visit.connection):
            try:
                async with in_time(visit.deadline, LAST_WORDS):
                    outcome = await self._outcome(visit, call.action)
            except BookingRefusedError as error:
                if error.refusal is Refusal.UNKNOWN_EVENT_TYPE:
                    self._event_types.forget(visit.connection)
                raise
        replayed = isinstance(outcome, Replayed)
        if replayed:
            self._on_replay(type(call.action).__name__.lower())
        told = outcome.outcome if isinstance(outcome, Replayed) else outcome
        return Reply(call.action, told, visit.agent_name, visit.zone, visit.host_zone, visit.now, replayed)

    async def _outcome(self, visit: Visit, action: Action) -> Outcome | Replayed:
        match action:
            case Book():
                return await self._booker.book(visit, action)
            case Reschedule() | Cancel():
                return await self._changed(visit, action)
            case Find():
                return await self._lookup.find(visit, action)
            case Suggest() | Availability():
                return await self._open_times.tell(visit, action)
            case _:
                assert_never(action)

    async def _changed(self, visit: Visit, action: Reschedule | Cancel) -> Outcome | Replayed:
        named = await self._lookup.name(visit, action)
        match named:
            case Reschedule():
                return await self._changes.reschedule(visit, named)
            case Cancel():
                return await self._changes.cancel(visit, named)
            case _:
                return named
