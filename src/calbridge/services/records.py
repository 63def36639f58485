"""Our own memory of the bookings that went through us: whose agent made them, for whom, in which call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import structlog
import uuid6

from calbridge.domain.actions import Book
from calbridge.domain.appointments import Booking, BookingRecord
from calbridge.services.visit import Visit
from calbridge.storage.bookings import Bookings

LEAST_SECONDS = 0.5  # for writing down, even if the caller has hardly any time left

log = structlog.get_logger()


class Records:
    """Writes down what has happened at Cal.com.

    It has happened, and the caller waits to hear of it: a database that is away, slow, or holds what nobody can read
    any more does not undo it.
    """

    def __init__(self, bookings: Bookings, clock: Callable[[], datetime]) -> None:
        self._bookings = bookings
        self._clock = clock

    async def booked(self, visit: Visit, booking: Booking, wish: Book, *, again: bool = False) -> None:
        """Write down a booking with the contact that the caller gave; ``again``: unless it is known already."""
        async with _at_any_rate(visit):
            if again and await self._bookings.get(visit.call.organization_id, booking.uid) is not None:
                return
            record = self._record(visit, booking, booking.uid)
            await self._bookings.record(
                replace(record, name=wish.name, email=wish.email, phone=wish.phone, notes=wish.notes)
            )

    async def moved(self, visit: Visit, old_uid: str, new: Booking) -> None:
        """Write down that a booking has become another one, of the same chain, unless that is known already."""
        async with _at_any_rate(visit):
            if await self._bookings.get(visit.call.organization_id, new.uid) is not None:
                return
            before = await self._bookings.get(visit.call.organization_id, old_uid)
            fresh = self._record(visit, new, old_uid)
            if before is not None:
                fresh = replace(
                    fresh,
                    root_uid=before.root_uid,
                    agent_id=before.agent_id,
                    name=before.name,
                    email=before.email,
                    phone=before.phone,
                    notes=before.notes,
                )
                await self._bookings.mark(before.account_id, old_uid, "cancelled")
            await self._bookings.record(fresh)

    async def cancelled(self, visit: Visit, booking: Booking) -> None:
        """Write down that a booking is cancelled, or was declined."""
        async with _at_any_rate(visit):
            await self._bookings.mark(visit.account_id, booking.uid, booking.status)

    def _record(self, visit: Visit, booking: Booking, root_uid: str) -> BookingRecord:
        now = self._clock()
        return BookingRecord(
            id=uuid6.uuid7(),
            organization_id=visit.call.organization_id,
            account_id=visit.account_id,
            agent_id=visit.call.agent_id,
            uid=booking.uid,
            root_uid=root_uid,
            event_type_id=booking.event_type_id,
            start=booking.start,
            end=booking.end,
            status=booking.status,
            call_session_id=visit.call.call_session_id,
            name=booking.attendee.name,
            email=booking.attendee.email,
            phone=booking.attendee.phone,
            notes="",
            created_at=now,
            updated_at=now,
        )


@asynccontextmanager
async def _at_any_rate(visit: Visit) -> AsyncIterator[None]:
    """Give up in time, and let nothing that goes wrong here change what the caller is told."""
    try:
        async with asyncio.timeout(max(visit.deadline.remaining, LEAST_SECONDS)):
            yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the booking stands
        log.warning("record.not_kept", account_id=str(visit.account_id), error=type(error).__name__)
