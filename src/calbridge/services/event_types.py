"""Which event types an account offers, remembered for a few minutes, and which one a booking uses."""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from cachetools import TTLCache

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Assignment, Connection
from calbridge.domain.appointments import EventType
from calbridge.domain.errors import ConflictError, RepeatingEventTypeError

REMEMBERED_SECONDS = 300
REMEMBERED_ACCOUNTS = 1_000


class EventTypes:
    """Event types by account. An account that was changed is asked anew."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._known: TTLCache[tuple[UUID, object], tuple[EventType, ...]] = TTLCache(
            REMEMBERED_ACCOUNTS, REMEMBERED_SECONDS, timer
        )

    async def offered(self, connection: Connection, calendar: Calendar) -> tuple[EventType, ...]:
        """Return the account's own event types in Cal.com's order, hidden ones included."""
        key = (connection.account.id, connection.account.updated_at)
        known: tuple[EventType, ...] | None = self._known.get(key)
        if known is None:
            known = self._known[key] = await calendar.event_types()
        return known

    def forget(self, connection: Connection) -> None:
        """Ask anew next time: Cal.com no longer knows what is remembered."""
        self._known.pop((connection.account.id, connection.account.updated_at), None)

    async def chosen(self, assignment: Assignment, connection: Connection, calendar: Calendar) -> EventType:
        """Return the event type that the agent books: its own, else the account's default, else the first suitable.

        Raises ConflictError where the one that was set does not exist or repeats, or nothing suitable exists.
        """
        offered = await self.offered(connection, calendar)
        settings = connection.account.settings
        wanted = assignment.agent.event_type or settings.default_event_type_id or settings.default_event_type_slug
        if wanted:
            return _named(offered, str(wanted))
        for event_type in offered:
            if not event_type.hidden and not event_type.recurring:
                return event_type
        raise ConflictError("The Cal.com account has no event type that can be booked.")


def _named(offered: Iterable[EventType], wanted: str) -> EventType:
    for event_type in offered:
        if wanted in {str(event_type.id), event_type.slug}:
            if event_type.recurring:
                raise RepeatingEventTypeError
            return event_type
    raise ConflictError("The event type set for this agent does not exist in its Cal.com account.")
