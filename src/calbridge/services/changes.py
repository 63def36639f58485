"""Moving and cancelling: prove whose appointment it is, follow it to where it stands now, change it once."""

from datetime import datetime

from calbridge.domain.actions import (
    Asked,
    Cancel,
    Cancelled,
    Detail,
    Obstacle,
    Outcome,
    Prevented,
    Reschedule,
    Rescheduled,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.appointments import Booking, EventType
from calbridge.domain.errors import (
    BookingRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    Refusal,
)
from calbridge.services.booking import Booker
from calbridge.services.event_types import EventTypes
from calbridge.services.ownership import is_own
from calbridge.services.records import Records
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

MOST_MOVES = 20
CANCELLED_BY_CALLER = "Cancelled by the caller by phone"
MOVED_BY_CALLER = "Moved by the caller by phone"


class Changes:
    """Moves and cancels appointments that are provably the account's own."""

    def __init__(self, event_types: EventTypes, slots: Slots, booker: Booker, records: Records) -> None:
        self._event_types = event_types
        self._slots = slots
        self._booker = booker
        self._records = records

    async def reschedule(self, visit: Visit, wish: Reschedule) -> Outcome:
        """Move an appointment. It gets a new uid; the old time stands until the new one is certain."""
        if not wish.appointment_id:
            return Asked(Detail.APPOINTMENT_ID)
        start = visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME)
        if isinstance(start, WrongTime | Asked):
            return start
        booking = await self._head(visit, wish.appointment_id)
        if booking.is_live and booking.start == start:
            return Rescheduled(booking)
        event_type = await self._event_type_of(visit, booking)
        if (obstacle := _obstacle(visit, booking, moving=event_type)) is not None:
            return Prevented(obstacle, booking)
        if event_type is not None and await self._booker.is_gone(visit, event_type, start):
            return await self._booker.taken(visit, event_type, start, kept=booking)
        return await self._move(visit, booking, event_type, start, wish.notes or MOVED_BY_CALLER)

    async def cancel(self, visit: Visit, wish: Cancel) -> Outcome:
        """Cancel an appointment; one that is cancelled already is a success, too."""
        if not wish.appointment_id:
            return Asked(Detail.APPOINTMENT_ID)
        booking = await self._head(visit, wish.appointment_id)
        if not booking.is_live:
            return Cancelled(booking)
        event_type = await self._event_type_of(visit, booking)
        if (obstacle := _obstacle(visit, booking, cancelling=event_type)) is not None:
            return Prevented(obstacle, booking)
        cancelled = await self._cancelled(visit, booking, wish.notes or CANCELLED_BY_CALLER)
        if isinstance(cancelled, Booking):
            self._slots.forget(visit)
            await self._records.cancelled(visit, cancelled)
            return Cancelled(cancelled)
        return cancelled

    async def _head(self, visit: Visit, uid: str) -> Booking:
        """Return the live end of the chain that ``uid`` belongs to.

        Every step goes through the key's own list, because Cal.com's reads by uid ask nobody whose the booking is.
        Raises NotFoundError for an unknown booking and for somebody else's alike.
        """
        for _ in range(MOST_MOVES):
            booking = await visit.calendar.own_booking(uid)
            if booking is None or not await is_own(booking, visit.connection, visit.calendar, self._event_types):
                raise NotFoundError("Appointment")
            if booking.is_live or booking.rescheduled_to is None:
                return booking
            uid = booking.rescheduled_to
        raise NotFoundError("Appointment")

    async def _event_type_of(self, visit: Visit, booking: Booking) -> EventType | None:
        offered = await self._event_types.offered(visit.connection, visit.calendar)
        return next((event_type for event_type in offered if event_type.id == booking.event_type_id), None)

    async def _move(
        self, visit: Visit, old: Booking, event_type: EventType | None, start: datetime, reason: str
    ) -> Outcome:
        try:
            new = await visit.writer.reschedule(old.uid, start, reason)
        except OutcomeUnknownError:
            moved = await self._moved_to(visit, old, start)
            if moved is None:
                return Unconfirmed(start)
            new = moved
        except BookingRefusedError as error:
            moved = await self._moved_to(visit, old, start) if error.refusal is Refusal.ALREADY_MOVED else None
            if moved is None:
                return await self._refused(visit, error, old, event_type, start)
            new = moved
        if new.start != start:
            return Unconfirmed(start)
        self._slots.forget(visit)
        await self._records.moved(visit, old, new)
        return Rescheduled(new)

    async def _refused(
        self, visit: Visit, error: BookingRefusedError, old: Booking, event_type: EventType | None, start: datetime
    ) -> Outcome:
        if error.refusal in ANOTHER_TIME and event_type is not None:
            return await self._booker.taken(visit, event_type, start, kept=old)
        if error.refusal is Refusal.SWITCHED_OFF:
            return Prevented(Obstacle.RESCHEDULING_OFF, old)
        if error.refusal is Refusal.ALREADY_MOVED:
            return Prevented(Obstacle.CANCELLED, old)
        return outcome_of(error, start, old)

    async def _moved_to(self, visit: Visit, old: Booking, start: datetime) -> Booking | None:
        """Look whether a booking has become one at ``start``."""
        try:
            new = await self._head(visit, old.uid)
        except (*NO_ANSWER, NotFoundError):
            return None
        return new if new.is_live and new.uid != old.uid and new.start == start else None

    async def _cancelled(self, visit: Visit, booking: Booking, reason: str) -> Booking | Outcome:
        """Cancel until it is certain: cancelling twice does no harm."""
        for calendar in (visit.writer, visit.calendar):
            try:
                return await calendar.cancel(booking.uid, reason)
            except BookingRefusedError as error:
                if error.refusal is Refusal.ALREADY_CANCELLED:
                    return booking
                if error.refusal is Refusal.SWITCHED_OFF:
                    return Prevented(Obstacle.CANCELLING_OFF, booking)
                return outcome_of(error, booking.start, booking)
            except OutcomeUnknownError:
                now = await self._seen(visit, booking.uid)
                if now is not None and not now.is_live:
                    return now
        return Unconfirmed(booking.start)

    async def _seen(self, visit: Visit, uid: str) -> Booking | None:
        try:
            return await visit.calendar.own_booking(uid)
        except NO_ANSWER:
            return None


def _obstacle(
    visit: Visit, booking: Booking, *, moving: EventType | None = None, cancelling: EventType | None = None
) -> Obstacle | None:
    """Why the booking cannot be changed as things stand. Cal.com enforces only some of these through its API."""
    event_type = moving or cancelling
    obstacles = {
        Obstacle.CANCELLED: not booking.is_live,
        Obstacle.OVER: booking.end <= visit.now,
        Obstacle.RECURRING: booking.recurring,
        Obstacle.SEATED: event_type is not None and event_type.has_seats,
        Obstacle.RESCHEDULING_OFF: moving is not None and moving.rescheduling_disabled,
        Obstacle.CANCELLING_OFF: cancelling is not None and cancelling.cancelling_disabled,
    }
    return next((obstacle for obstacle, applies in obstacles.items() if applies), None)
