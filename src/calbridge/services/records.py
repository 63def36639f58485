"""Our own memory of the bookings that went through us: whose agent made them, for whom, in which call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
import uuid6

from calbridge.domain.appointments import Booking, BookingRecord
from calbridge.domain.errors import UnavailableError
from calbridge.services.visit import Visit
from calbridge.storage.bookings import Bookings

log = structlog.get_logger()


class Records:
    """Writes down what has happened at Cal.com. It has happened: a database that is away does not undo it."""

    def __init__(self, bookings: Bookings, clock: Callable[[], datetime]) -> None:
        self._bookings = bookings
        self._clock = clock

    async def booked(self, visit: Visit, booking: Booking, *, phone: str, email: str, notes: str) -> None:
        """Write down a new booking. The contact is the caller's own, never a placeholder."""
        now = self._clock()
        record = BookingRecord(
            id=uuid6.uuid7(),
            organization_id=visit.call.organization_id,
            account_id=visit.account_id,
            agent_id=visit.call.agent_id,
            uid=booking.uid,
            root_uid=booking.uid,
            event_type_id=booking.event_type_id,
            start=booking.start,
            end=booking.end,
            status=booking.status,
            call_session_id=visit.call.call_session_id,
            name=booking.attendee.name,
            email=email or booking.attendee.email,
            phone=phone or booking.attendee.phone,
            notes=notes,
            created_at=now,
            updated_at=now,
        )
        await self._keep(record)

    async def moved(self, visit: Visit, old: Booking, new: Booking) -> None:
        """Write down that a booking has become another one, of the same chain, for the same caller."""
        try:
            before = await self._bookings.get(visit.call.organization_id, old.uid)
        except UnavailableError:
            before = None
        if before is None:
            await self.booked(visit, new, phone="", email="", notes="")
        else:
            now = self._clock()
            await self._keep(
                replace(
                    before,
                    id=uuid6.uuid7(),
                    uid=new.uid,
                    start=new.start,
                    end=new.end,
                    status=new.status,
                    created_at=now,
                    updated_at=now,
                )
            )
        await self.cancelled(visit, old)

    async def cancelled(self, visit: Visit, booking: Booking) -> None:
        """Write down that a booking is cancelled."""
        try:
            await self._bookings.mark(visit.account_id, booking.uid, "cancelled")
        except UnavailableError:
            log.warning("record.not_marked", account_id=str(visit.account_id))

    async def _keep(self, record: BookingRecord) -> None:
        try:
            await self._bookings.record(record)
        except UnavailableError:
            log.warning("record.not_kept", account_id=str(record.account_id))
