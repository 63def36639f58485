"""The front desk: lets a call in, sees to what the caller wants, and says what came of it."""

from typing import assert_never

from calbridge.domain.access import Credential
from calbridge.domain.actions import (
    Action,
    Availability,
    Book,
    Call,
    Cancel,
    NothingOpen,
    Openings,
    Outcome,
    Reply,
    Reschedule,
    Suggest,
)
from calbridge.domain.errors import BookingRefusedError, Refusal
from calbridge.domain.times import WIDEST_SEARCH_DAYS, suggest
from calbridge.services.booking import Booker
from calbridge.services.changes import Changes
from calbridge.services.connections import Connections
from calbridge.services.event_types import EventTypes
from calbridge.services.reception import Reception
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit


class FrontDesk:
    """Handles calls."""

    def __init__(
        self,
        reception: Reception,
        connections: Connections,
        event_types: EventTypes,
        slots: Slots,
        booker: Booker,
        changes: Changes,
    ) -> None:
        self._reception = reception
        self._connections = connections
        self._event_types = event_types
        self._slots = slots
        self._booker = booker
        self._changes = changes

    async def handle(self, call: Call, credential: Credential | None, client_address: str) -> Reply:
        """See to one call: expected outcomes are in the reply, whatever else stops it is raised."""
        visit = await self._reception.admit(call, credential, client_address)
        async with self._connections.watching(visit.connection):
            try:
                outcome = await self._outcome(visit, call.action)
            except BookingRefusedError as error:
                if error.refusal is Refusal.UNKNOWN_EVENT_TYPE:
                    self._event_types.forget(visit.connection)
                raise
        return Reply(call.action, outcome, visit.agent_name, visit.zone, visit.host_zone, visit.now)

    async def _outcome(self, visit: Visit, action: Action) -> Outcome:
        match action:
            case Book():
                return await self._booker.book(visit, action)
            case Reschedule():
                return await self._changes.reschedule(visit, action)
            case Cancel():
                return await self._changes.cancel(visit, action)
            case Suggest() | Availability():
                return await self._openings(visit, action)
            case _:
                assert_never(action)

    async def _openings(self, visit: Visit, action: Suggest | Availability) -> Outcome:
        event_type = await self._event_types.chosen(visit.assignment, visit.connection, visit.calendar)
        starts, widened = await self._slots.ahead(visit, event_type, action.days_ahead)
        if not starts:
            return NothingOpen(WIDEST_SEARCH_DAYS)
        return Openings(suggest(starts, visit.zone) if isinstance(action, Suggest) else starts, widened)
