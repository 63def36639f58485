"""Our own memory of bookings: whose agent made them, for whom, in which call."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
import uuid6

from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking, BookingRecord
from calbridge.domain.intents import Errand, Intent, Wisher
from calbridge.services.naming import is_same_guest, shares_contact
from calbridge.storage.bookings import Bookings
from calbridge.storage.secrets import SealError

SECONDS = 2.0  # for writing down, even if the caller has hardly any time left
CANCELLED = "cancelled"

log = structlog.get_logger()


class Records:
    """Makes the records of what has happened at Cal.com."""

    def __init__(self, bookings: Bookings, clock: Callable[[], datetime]) -> None:
        self._bookings = bookings
        self._clock = clock
        self._writing: set[asyncio.Future[object]] = set()

    async def of(self, intent: Intent, connection: Connection, booking: Booking) -> tuple[BookingRecord, ...]:
        """Return the records that tell what an intent has done: of ``booking`` as it is, and of the one before it."""
        match intent.errand:
            case Errand.BOOK:
                return (self._made(intent, connection, booking),)
            case Errand.RESCHEDULE:
                before = await self._before(intent)
                new = self._made(intent, connection, booking)
                return (new,) if before is None else _moved(before, new)
            case Errand.CANCEL:
                before = await self._before(intent)
                return () if before is None else (self._cancelled(before, booking),)

    async def seats(self, account_id: UUID, booking: Booking) -> tuple[BookingRecord, ...]:
        """Return what is known of the seats in a booking that were taken through us; () if that cannot be read.

        That it was moved may not have come to our records yet.
        """
        try:
            return await self._bookings.seats(account_id, {booking.uid, booking.rescheduled_from or booking.uid})
        except SealError:
            return ()

    async def at_any_rate(self, writing: Awaitable[object], account_id: UUID) -> None:
        """Write something down, but give up in time, and let nothing that goes wrong change what the caller is told.

        It has happened, and the caller waits to hear of it: a database that is away, slow, or holds what nobody can
        read any more does not undo it.
        """
        task = asyncio.ensure_future(writing)
        self._writing.add(task)  # it goes on: to break it off could leave SQLite locked
        task.add_done_callback(self._writing.discard)
        done, _ = await asyncio.wait({task}, timeout=SECONDS)
        error = TimeoutError() if not done else task.exception()
        if error is not None:
            log.warning("record.not_kept", account_id=str(account_id), error=type(error).__name__)

    def _cancelled(self, before: BookingRecord, booking: Booking) -> BookingRecord:
        """Tell that a booking is over, or that one of its seats is, while the others keep theirs."""
        status = CANCELLED if before.seat_uid else booking.status
        return replace(before, status=status, updated_at=self._clock(), calcom_updated_at=booking.updated_at)

    async def _before(self, intent: Intent) -> BookingRecord | None:
        try:
            if intent.seat_uid:
                seats = await self._bookings.seats(intent.account_id, {intent.uid or ""})
                return next((seat for seat in seats if seat.seat_uid == intent.seat_uid), None)
            return await self._bookings.get(intent.organization_id, intent.uid or "")
        except SealError:
            return None

    def _made(self, intent: Intent, connection: Connection, booking: Booking) -> BookingRecord:
        """Tell of a booking with the contact that the caller gave, where it is known."""
        now = self._clock()
        wisher = intent.wisher if intent.errand is Errand.BOOK else None
        return BookingRecord(
            id=uuid6.uuid7(),
            organization_id=intent.organization_id,
            account_id=connection.account.id,
            agent_id=intent.agent_id,
            uid=booking.uid,
            root_uid=booking.uid if intent.errand is Errand.BOOK else intent.uid or booking.uid,
            event_type_id=booking.event_type_id,
            start=booking.start,
            end=booking.end,
            status=booking.status,
            call_session_id=intent.call_session_id,
            name=wisher.name if wisher else booking.attendee.name,
            email=wisher.email if wisher else booking.attendee.email,
            phone=wisher.phone if wisher else booking.attendee.phone,
            notes=wisher.notes if wisher else "",
            created_at=now,
            updated_at=now,
            intent_id=intent.id,
            seat_uid=booking.seat_uid or (seat_of(booking, wisher) if wisher else ""),
            calcom_updated_at=booking.updated_at,
        )


def seat_of(booking: Booking, person: Wisher) -> str:
    """Return the seat that somebody has in a booking of many, by name and contact; "" if they have none."""
    for seat in booking.seats:
        guest = Wisher(seat.attendee.name, seat.attendee.email.lower(), seat.attendee.phone)
        if shares_contact(guest, person) and is_same_guest(guest, person):
            return seat.uid
    return ""


def _moved(before: BookingRecord, new: BookingRecord) -> tuple[BookingRecord, BookingRecord]:
    """Hand down to a moved booking what is known of the one that it was."""
    heir = replace(
        new,
        root_uid=before.root_uid,
        agent_id=before.agent_id,
        name=before.name,
        email=before.email,
        phone=before.phone,
        notes=before.notes,
    )
    return replace(before, status=CANCELLED, updated_at=new.updated_at), heir
