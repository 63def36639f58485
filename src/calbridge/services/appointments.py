"""Reading appointments: the list of an organization's primary account, and one wherever it is."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import AccountStatus, Connection
from calbridge.domain.appointments import Booking, BookingQuery, Whereabouts
from calbridge.domain.errors import (
    CalendarError,
    CalendarUnreachableError,
    InvalidRequestError,
    KeyRefusedError,
    NotConnectedError,
    RateLimitedError,
    UnknownBookingError,
)
from calbridge.services.connections import Connections
from calbridge.services.directory import Directory
from calbridge.services.event_types import EventTypes
from calbridge.services.ownership import is_own
from calbridge.services.refusals import NO_ANSWER
from calbridge.services.together import together
from calbridge.storage.bookings import Bookings

FILTERS = ("upcoming", "recurring", "past", "cancelled", "unconfirmed")
# Cal.com's filter that is nearest to a status, and the status by which rows are then kept.
STATUSES = {"accepted": ("upcoming", "past"), "pending": ("unconfirmed",), "rejected": ("cancelled",)}
ASKED_AT_ONCE = 5  # accounts, while one appointment is looked for
SOONEST_FIRST = frozenset({"upcoming", "unconfirmed", "pending"})


class _FoundError(Exception):
    """No more accounts need be asked."""


@dataclass(frozen=True, slots=True)
class _Search:
    """One look for a booking: until when, what was found, and which accounts gave no answer."""

    uid: str
    deadline: Deadline
    found: list[Booking] = field(default_factory=list)
    failures: list[CalendarError | RateLimitedError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """An appointment, and what our own records say of it."""

    booking: Booking
    agent_id: UUID | None
    agent_name: str


class Appointments:
    """Reads live from Cal.com. ``timeout``: seconds that a question may take altogether."""

    def __init__(
        self,
        directory: Directory,
        bookings: Bookings,
        connections: Connections,
        calendars: Calendars,
        event_types: EventTypes,
        *,
        clock: Callable[[], datetime],
        timeout: float,
    ) -> None:
        self._directory = directory
        self._bookings = bookings
        self._connections = connections
        self._calendars = calendars
        self._event_types = event_types
        self._clock = clock
        self._timeout = timeout

    async def list(self, organization_id: UUID, statuses: Sequence[str], limit: int) -> tuple[Booking, ...]:
        """List the bookings of the primary account's own calendar, paging on until ``limit`` are kept.

        ``statuses``: Cal.com's filters and the words accepted, pending, rejected; none for all. Soonest first for
        what lies ahead, else newest first. A booking that was moved appears at its old time under cancelled only.
        """
        for status in statuses:
            if status not in FILTERS and status not in STATUSES:
                raise InvalidRequestError("status", f"must be among {', '.join((*FILTERS, *STATUSES))}")
        primary = next(iter(await self._connections.usable(organization_id)), None)
        if primary is None:
            raise NotConnectedError
        calendar = self._calendars.open(primary.access, Deadline.after(self._timeout))
        kept: list[Booking] = []
        async with self._connections.watching(primary):
            async for booking in calendar.bookings(_query(statuses, limit)):
                if _wanted(booking, statuses, self._clock()) and await is_own(
                    booking, primary, calendar, self._event_types
                ):
                    kept.append(booking)
                if len(kept) == limit:
                    break
        return tuple(kept)

    async def get(self, organization_id: UUID, uid: str) -> Retrieved:
        """Find a booking in any account of the organization: in the one that our record names, then in all others.

        An agent's private account is asked only if our record names it. Raises UnknownBookingError when every account
        was asked and none has it, and another CalendarError or RateLimitedError when one could not be asked: then
        nobody knows.
        """
        record = await self._bookings.whereabouts(organization_id, uid)
        usable = await self._connections.usable(organization_id)
        named = None if record is None else await self._connections.one(organization_id, record.account_id)
        others = [each for each in usable if named is None or each.account.id != named.account.id]
        if named is None and not others:
            raise NotConnectedError
        search = _Search(uid, Deadline.after(self._timeout))
        if named is not None:  # if it hangs, half of the time is left to the others
            first = Deadline.after(self._timeout / 2) if others else search.deadline
            await self._ask(named, replace(search, deadline=first))
        if not search.found:
            await self._among(others, search)
        if search.found:
            return await self._retrieved(organization_id, search.found[0], record)
        asked = [each.account.id for each in ((named, *others) if named else others)]
        for account in await self._connections.out_of_reach(organization_id, asked):
            if account.agent_id is None or (record is not None and account.id == record.account_id):
                refused = account.status is AccountStatus.NEEDS_REAUTH
                search.failures.append(KeyRefusedError() if refused else CalendarUnreachableError())
        raise search.failures[0] if search.failures else UnknownBookingError

    async def _among(self, connections: Sequence[Connection], search: "_Search") -> None:
        """Ask these accounts at once, few at a time; those that give no answer do not stop the others."""
        at_once = asyncio.Semaphore(ASKED_AT_ONCE)

        async def ask(connection: Connection) -> None:
            async with at_once:
                if not search.found:
                    await self._ask(connection, search)
            if search.found:
                raise _FoundError  # stops the others

        with suppress(_FoundError):
            await together(*(ask(connection) for connection in connections))

    async def _ask(self, connection: Connection, search: "_Search") -> None:
        calendar = self._calendars.open(connection.access, search.deadline)
        try:
            async with self._connections.watching(connection):
                booking = await calendar.own_booking(search.uid)
                if booking is not None and await is_own(booking, connection, calendar, self._event_types):
                    search.found.append(booking)
        except NO_ANSWER as error:
            search.failures.append(error)

    async def _retrieved(self, organization_id: UUID, booking: Booking, record: Whereabouts | None) -> Retrieved:
        agent = (
            None
            if record is None or record.agent_id is None
            else await self._directory.agent(organization_id, record.agent_id)
        )
        return Retrieved(booking, record.agent_id if record else None, agent.name if agent else "")


def _query(statuses: Sequence[str], limit: int) -> BookingQuery:
    filters = [filter_ for status in statuses for filter_ in STATUSES.get(status, (status,))]
    soonest = bool(statuses) and SOONEST_FIRST.issuperset(statuses)
    return BookingQuery(
        statuses=tuple(dict.fromkeys(filters)), newest_first=not soonest, page_size=min(max(limit, 1), 100)
    )


def _wanted(booking: Booking, statuses: Sequence[str], now: datetime) -> bool:
    """Whether a row is what was asked for: Cal.com's nearest filter may have brought more."""
    if booking.rescheduled_to is not None and "cancelled" not in statuses:
        return False
    return not statuses or any(_is(booking, status, now) for status in statuses)


def _is(booking: Booking, status: str, now: datetime) -> bool:
    """Cal.com's filters and words, as they apply to one row."""
    match status:
        case "upcoming":
            return booking.is_live and booking.end >= now
        case "past":
            return booking.is_live and booking.end <= now
        case "cancelled":
            return not booking.is_live
        case "unconfirmed":
            return booking.is_pending and booking.end >= now
        case "recurring":
            return booking.recurring
        case _:
            return booking.status == status
