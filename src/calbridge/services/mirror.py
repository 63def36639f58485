"""Our records as a mirror of Cal.com: whatever happened there, by whomever, in whichever order it comes to light."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
import uuid6

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Attendee, Booking, BookingRecord
from calbridge.domain.errors import KeyRefusedError, RateLimitedError, UnavailableError
from calbridge.domain.ids import parse_uuid
from calbridge.services.event_types import EventTypes
from calbridge.services.ownership import is_own
from calbridge.services.slots import Slots
from calbridge.storage.agents import Agents
from calbridge.storage.bookings import Bookings

AGENT_LABEL = "agent_id"
NOBODY = Attendee("", "", "", "")

# What concerns all bookings, not only the one that was being looked at.
OF_ALL = (UnavailableError, RateLimitedError, KeyRefusedError)

Saw = Callable[[Connection, Booking], Awaitable[None]]

log = structlog.get_logger()


class Mirror:
    """Keeps records true, also of bookings that others made: a caller may ring up about those, too.

    ``saw`` is told of every booking afterwards, whether or not its record was new.
    """

    def __init__(
        self,
        bookings: Bookings,
        agents: Agents,
        event_types: EventTypes,
        slots: Slots,
        saw: Saw,
        clock: Callable[[], datetime],
    ) -> None:
        self._bookings = bookings
        self._agents = agents
        self._event_types = event_types
        self._slots = slots
        self._saw = saw
        self._clock = clock

    async def reflect(self, connection: Connection, calendar: Calendar, booking: Booking) -> bool:
        """Absorb a booking of the key's own list if it is of the account's calendar; whether anything was new.

        One that cannot be dealt with does not stand in the way of the others: that is logged. Raises only what
        concerns all of them: UnavailableError, RateLimitedError, and CalendarError where Cal.com cannot be asked.
        """
        if not await is_own(booking, connection, calendar, self._event_types):
            return False
        try:
            return await self.absorb(connection, booking)
        except OF_ALL:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep all later news from coming in
            log.warning("mirror.failed", account_id=str(connection.account.id), error=type(error).__name__)
            return False

    async def absorb(self, connection: Connection, booking: Booking) -> bool:
        """Write down how a booking of the account stands at Cal.com; whether that was new."""
        account_id = connection.account.id
        seen = await self._record(connection, booking)
        is_new = await self._bookings.absorb(
            seen,
            moved_from=_other(booking, booking.rescheduled_from),
            moved_to=_other(booking, booking.rescheduled_to),
            seats={seat.uid for seat in booking.seats},
        )
        self._slots.forget(account_id)
        await self._saw(connection, booking)
        return is_new

    async def _record(self, connection: Connection, booking: Booking) -> BookingRecord:
        # Of several people who share a booking, nobody can say whose record this would be.
        attendee = NOBODY if booking.seated else booking.attendee
        organization_id, now = connection.account.organization_id, self._clock()
        return BookingRecord(
            id=uuid6.uuid7(),
            organization_id=organization_id,
            account_id=connection.account.id,
            agent_id=await self._agent(organization_id, booking),
            uid=booking.uid,
            root_uid=booking.uid,
            event_type_id=booking.event_type_id,
            start=booking.start,
            end=booking.end,
            status=booking.status,
            call_session_id="",
            name=attendee.name,
            email=attendee.email,
            phone=attendee.phone,
            notes="",
            created_at=now,
            updated_at=now,
            calcom_updated_at=booking.updated_at,
        )

    async def _agent(self, organization_id: UUID, booking: Booking) -> UUID | None:
        """Return the agent that a booking says made it, if the organization has it: anybody can write labels."""
        named = parse_uuid(booking.metadata.get(AGENT_LABEL))
        agent = None if named is None else await self._agents.get(organization_id, named)
        return None if agent is None else agent.id


def _other(booking: Booking, uid: str | None) -> str | None:
    return None if uid == booking.uid else uid
