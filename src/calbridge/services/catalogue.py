"""What can be booked in an organization: the event types of all its accounts, in one list."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import EventType
from calbridge.domain.errors import KeyRefusedError, NotConnectedError, NotFoundError
from calbridge.services.connections import Connections
from calbridge.services.event_types import EventTypes


@dataclass(frozen=True, slots=True)
class Offer:
    """An event type and the name of the account that has it."""

    event_type: EventType
    account_name: str


class Catalogue:
    """Lists event types. ``timeout``: seconds that all accounts together may take."""

    def __init__(self, connections: Connections, event_types: EventTypes, calendars: Calendars, timeout: float) -> None:
        self._connections = connections
        self._event_types = event_types
        self._calendars = calendars
        self._timeout = timeout

    async def all(self, organization_id: UUID) -> tuple[Offer, ...]:
        """Return the event types of the organization's usable accounts, the primary's first.

        An account whose key Cal.com refuses is left out and marked. Raises NotConnectedError where none is left, and
        another CalendarError where one could not be asked: a list that silently lacks something would mislead.
        """
        return tuple([offer async for offer in self._offers(organization_id)])

    async def find(self, organization_id: UUID, platform_id: str) -> Offer:
        """Return the event type with this number or slug; accounts after the first that has it are not asked.

        Raises NotFoundError, and what ``all`` raises.
        """
        async with aclosing(self._offers(organization_id)) as offers:
            async for offer in offers:
                if platform_id in {str(offer.event_type.id), offer.event_type.slug}:
                    return offer
        raise NotFoundError("Event type")

    async def _offers(self, organization_id: UUID) -> AsyncGenerator[Offer, None]:
        asked = False
        deadline = Deadline.after(self._timeout)
        for connection in await self._connections.usable(organization_id):
            try:
                offered = await self._of(connection, deadline)
            except KeyRefusedError:
                continue
            asked = True
            for event_type in offered:
                yield Offer(event_type, connection.account.settings.name)
        if not asked:
            raise NotConnectedError

    async def _of(self, connection: Connection, deadline: Deadline) -> Sequence[EventType]:
        async with self._connections.watching(connection):
            return await self._event_types.offered(connection, self._calendars.open(connection.access, deadline))
