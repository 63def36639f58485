"""Moving and cancelling: prove whose appointment it is, follow it to where it stands now, change it once."""

from datetime import datetime

from calbridge.calcom.calendar import Calendar
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
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    Refusal,
)
from calbridge.services.alternatives import Alternatives
from calbridge.services.event_types import EventTypes
from calbridge.services.ownership import is_own
from calbridge.services.records import Records
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

MOST_MOVES = 20
TRIES = 2  # somebody else may move an appointment between a look and a change
CANCELLED_BY_CALLER = "Cancelled by the caller by phone"
MOVED_BY_CALLER = "Moved by the caller by phone"


class Changes:
    """Moves and cancels appointments that are provably the account's own."""

    def __init__(self, event_types: EventTypes, slots: Slots, alternatives: Alternatives, records: Records) -> None:
        self._event_types = event_types
        self._slots = slots
        self._alternatives = alternatives
        self._records = records

    async def reschedule(self, visit: Visit, wish: Reschedule) -> Outcome:
        """Move an appointment. It gets a new uid; the old time stands until the new one is certain."""
        start = _wanted_start(visit, wish)
        if not isinstance(start, datetime):
            return start
        for _ in range(TRIES):
            booking = await self._head(visit, wish.appointment_id)
            if booking.is_live and booking.start == start:  # there already: perhaps moved there, and nobody heard of it
                return await self._stands(visit, wish.appointment_id, booking)
            event_type = await self._event_type_of(visit, booking)
            if (obstacle := _obstacle(visit, booking, moving=event_type)) is not None:
                return Prevented(obstacle, booking)
            if event_type is not None and await self._alternatives.are_needed(visit, event_type, start, booking):
                return await self._alternatives.to(visit, event_type, start, kept=booking)
            outcome = await self._move(visit, booking, event_type, start, wish.notes or MOVED_BY_CALLER)
            if outcome is not None:
                return outcome
        raise ConflictError("Somebody else changes the appointment at the same moment.")

    async def cancel(self, visit: Visit, wish: Cancel) -> Outcome:
        """Cancel an appointment; one that is cancelled already is a success, too."""
        if not wish.appointment_id:
            return Asked(Detail.APPOINTMENT_ID)
        booking = await self._head(visit, wish.appointment_id)
        if not booking.is_live:
            return await self._gone(visit, booking)
        event_type = await self._event_type_of(visit, booking)
        if (obstacle := _obstacle(visit, booking, cancelling=event_type)) is not None:
            return Prevented(obstacle, booking)
        return await self._converge(visit, booking, wish.notes or CANCELLED_BY_CALLER)

    async def _head(self, visit: Visit, uid: str) -> Booking:
        """Return the live end of the chain that ``uid`` belongs to.

        Every step goes through the key's own list, because Cal.com's reads by uid ask nobody whose the booking is.
        Raises NotFoundError for an unknown booking and for somebody else's alike.
        """
        for _ in range(MOST_MOVES + 1):
            booking = await visit.calendar.own_booking(uid) or await visit.calendar.own_series(uid)
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
    ) -> Outcome | None:
        """Move a booking once; None if somebody else has moved it meanwhile, and one must look again."""
        try:
            new = await visit.writer.reschedule(old.uid, start, reason)
        except OutcomeUnknownError:
            moved = await self._moved_to(visit, old, start)
            if moved is None:
                return Unconfirmed(start)
            new = moved
        except BookingRefusedError as error:
            if error.refusal is Refusal.ALREADY_MOVED:
                return None
            return await self._refused(visit, error, old, event_type, start)
        if new.start != start or not new.is_live:
            return Unconfirmed(start)
        return await self._stands(visit, old.uid, new)

    async def _refused(
        self, visit: Visit, error: BookingRefusedError, old: Booking, event_type: EventType | None, start: datetime
    ) -> Outcome:
        if error.refusal in ANOTHER_TIME:
            return await self._taken(
                visit, old, event_type, start, offered=error.refusal is not Refusal.TOO_SOON_OR_FAR
            )
        if error.refusal is Refusal.SWITCHED_OFF:
            return Prevented(Obstacle.RESCHEDULING_OFF, old)
        if error.refusal is Refusal.ALREADY_CANCELLED:
            return Prevented(Obstacle.CANCELLED, await self._head(visit, old.uid))
        return outcome_of(error, start, old)

    async def _taken(
        self, visit: Visit, old: Booking, event_type: EventType | None, start: datetime, *, offered: bool
    ) -> Outcome:
        """Tell of a time that is not free, and where the appointment stays: "taken" may mean taken by itself."""
        try:
            head = await self._head(visit, old.uid)
        except (*NO_ANSWER, NotFoundError):
            return Unconfirmed(start)
        if head.is_live and head.start == start:
            return await self._stands(visit, old.uid, head)
        if not head.is_live:
            return Prevented(Obstacle.CANCELLED, head)
        return await self._alternatives.to(visit, event_type, start, kept=head, offered=offered)

    async def _stands(self, visit: Visit, old_uid: str, new: Booking) -> Rescheduled:
        self._slots.forget(visit)
        if new.uid != old_uid:
            await self._records.moved(visit, old_uid, new)
        return Rescheduled(new)

    async def _moved_to(self, visit: Visit, old: Booking, start: datetime) -> Booking | None:
        """Look whether a booking has become one at ``start``."""
        try:
            new = await self._head(visit, old.uid)
        except (*NO_ANSWER, NotFoundError):
            return None
        return new if new.is_live and new.uid != old.uid and new.start == start else None

    async def _converge(self, visit: Visit, booking: Booking, reason: str) -> Outcome:
        """Cancel until it is certain, wherever somebody else may move the booking meanwhile.

        Once a request may have arrived, nothing that fails afterwards proves that nothing was changed.
        """
        outcome = await self._cancel(visit, visit.writer, booking, reason)
        try:
            for _ in range(TRIES):
                if outcome is not None:
                    return outcome
                booking = await self._head(visit, booking.uid)
                if not booking.is_live:
                    return await self._gone(visit, booking)
                outcome = await self._cancel(visit, visit.calendar, booking, reason)
        except (*NO_ANSWER, NotFoundError):
            return Unconfirmed(booking.start)
        return outcome or Unconfirmed(booking.start)

    async def _cancel(self, visit: Visit, calendar: Calendar, booking: Booking, reason: str) -> Outcome | None:
        """Cancel a booking once; None if that is not certain, and one must look: cancelling twice does no harm."""
        try:
            cancelled = await calendar.cancel(booking.uid, reason)
        except OutcomeUnknownError:
            return None
        except BookingRefusedError as error:
            if error.refusal is Refusal.ALREADY_CANCELLED:  # or moved by somebody else, and alive under another uid
                return None
            if error.refusal is Refusal.SWITCHED_OFF:
                return Prevented(Obstacle.CANCELLING_OFF, booking)
            return outcome_of(error, booking.start, booking)
        return None if cancelled.is_live else await self._gone(visit, cancelled)

    async def _gone(self, visit: Visit, booking: Booking) -> Cancelled:
        self._slots.forget(visit)
        await self._records.cancelled(visit, booking)
        return Cancelled(booking)


def _wanted_start(visit: Visit, wish: Reschedule) -> datetime | Asked | WrongTime:
    if not wish.appointment_id:
        return Asked(Detail.APPOINTMENT_ID)
    return visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME)


def _obstacle(
    visit: Visit, booking: Booking, *, moving: EventType | None = None, cancelling: EventType | None = None
) -> Obstacle | None:
    """Why the booking cannot be changed as things stand. Cal.com enforces only some of these through its API."""
    event_type = moving or cancelling
    obstacles = {
        Obstacle.CANCELLED: not booking.is_live,
        Obstacle.OVER: booking.end <= visit.now,
        Obstacle.RECURRING: booking.is_series,
        Obstacle.SEATED: booking.seated or (event_type is not None and event_type.has_seats),
        Obstacle.RESCHEDULING_OFF: moving is not None and moving.rescheduling_disabled,
        Obstacle.CANCELLING_OFF: cancelling is not None and cancelling.cancelling_disabled,
    }
    return next((obstacle for obstacle, applies in obstacles.items() if applies), None)
