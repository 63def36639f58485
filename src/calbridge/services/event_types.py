"""Which event types an account offers, and which one a booking uses.

They are read when an account is connected, and remembered for five minutes by the process that read them. While they
are in use, they are read again before that; whoever needs them in another process reads them there.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cachetools import TTLCache

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Assignment, Connection
from calbridge.domain.appointments import EventType
from calbridge.domain.errors import CalendarUnreachableError, ConflictError, RepeatingEventTypeError
from calbridge.services.inquiries import Inquiries

REMEMBERED_SECONDS = 300
RENEWED_AFTER = 240
REMEMBERED_ACCOUNTS = 2_000

Place = tuple[UUID, datetime]  # an account, and when it was changed last: it may be another Cal.com user's by now


@dataclass(frozen=True, slots=True)
class _Listing:
    event_types: tuple[EventType, ...]
    read_at: float


class EventTypes:
    """Event types by account. An account that was changed is asked anew, once for all who want to know."""

    def __init__(self, inquiries: Inquiries, timer: Callable[[], float] = time.monotonic) -> None:
        self._inquiries = inquiries
        self._timer = timer
        self._known: TTLCache[Place, _Listing] = TTLCache(REMEMBERED_ACCOUNTS, REMEMBERED_SECONDS, timer)
        self._asked: dict[Place, asyncio.Task[tuple[EventType, ...]]] = {}

    async def offered(self, connection: Connection, calendar: Calendar) -> tuple[EventType, ...]:
        """Return the account's own event types in Cal.com's order, hidden ones included: known ones, or read."""
        known: _Listing | None = self._known.get(_place(connection))
        if known is None:
            return await self._together(connection, calendar)
        if self._timer() - known.read_at >= RENEWED_AFTER:
            self._ask(connection, calendar)
        return known.event_types

    async def read(self, connection: Connection, calendar: Calendar) -> tuple[EventType, ...]:
        """Ask Cal.com, whatever is remembered, and remember the answer. Raises what ``Calendar.event_types`` raises."""
        event_types, place = await calendar.event_types(), _place(connection)
        self._known[place] = _Listing(event_types, self._timer())
        return event_types

    def forget(self, connection: Connection) -> None:
        """Ask anew next time: Cal.com no longer knows what is remembered."""
        self._known.pop(_place(connection), None)

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

    async def _together(self, connection: Connection, calendar: Calendar) -> tuple[EventType, ...]:
        """Wait for who asks already, or ask."""
        others = self._asked.get(_place(connection))
        if others is not None:
            with suppress(CalendarUnreachableError):  # perhaps they had less time
                return await asyncio.shield(others)
        return await asyncio.shield(self._ask(connection, calendar))

    def _ask(self, connection: Connection, calendar: Calendar) -> asyncio.Task[tuple[EventType, ...]]:
        place = _place(connection)
        asked = self._asked.get(place)
        if asked is None:
            asked = self._asked[place] = self._inquiries.begin(self.read(connection, calendar))
            asked.add_done_callback(lambda _: self._asked.pop(place, None))
        return asked


def _place(connection: Connection) -> Place:
    return connection.account.id, connection.account.updated_at


def _named(offered: Iterable[EventType], wanted: str) -> EventType:
    for event_type in offered:
        if wanted in {str(event_type.id), event_type.slug}:
            if event_type.recurring:
                raise RepeatingEventTypeError
            return event_type
    raise ConflictError("The event type set for this agent does not exist in its Cal.com account.")
