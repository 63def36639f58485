"""Making an appointment: ask the caller for what is missing, send one POST, tell the truth about what came of it."""

from datetime import datetime, timedelta

from calbridge.domain.actions import Asked, Book, Booked, Detail, Outcome, SlotTaken, Unconfirmed, WrongTime
from calbridge.domain.appointments import Booking, BookingQuery, EventType, NewBooking
from calbridge.domain.errors import BookingRefusedError, OutcomeUnknownError, Refusal
from calbridge.domain.times import nearest
from calbridge.services import marks
from calbridge.services.event_types import EventTypes
from calbridge.services.marks import Marks
from calbridge.services.records import Records
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

OFFERED_TIMES = 9
MINUTE = timedelta(minutes=1)


class Booker:
    """Makes appointments."""

    def __init__(self, event_types: EventTypes, slots: Slots, marks: Marks, records: Records) -> None:
        self._event_types = event_types
        self._slots = slots
        self._marks = marks
        self._records = records

    async def book(self, visit: Visit, wish: Book) -> Outcome:
        """Make an appointment, if everything that it takes is known: with warm caches, one request to Cal.com."""
        if (missing := _missing(wish)) is not None:
            return missing
        start = visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME)
        if isinstance(start, WrongTime | Asked):
            return start
        event_type = await self._event_types.chosen(visit.assignment, visit.connection, visit.calendar)
        if (demanded := _demanded(event_type, wish)) is not None:
            return demanded
        if await self.is_gone(visit, event_type, start):
            return await self._ours_or_taken(visit, wish, event_type, start)
        return await self._send(visit, wish, event_type, start)

    async def is_gone(self, visit: Visit, event_type: EventType, start: datetime) -> bool:
        """Whether a time is not offered: only what a recent answer lacks is asked for again, and that decides."""
        if not self._slots.doubtful(visit, event_type, start):
            return False
        return start not in await self._slots.of_day(visit, event_type, start)

    async def taken(
        self, visit: Visit, event_type: EventType, start: datetime, kept: Booking | None = None
    ) -> SlotTaken:
        """Tell that a time is not to be had, with the open times nearest to it."""
        self._slots.forget(visit)
        try:
            around = await self._slots.around(visit, event_type, start)
        except NO_ANSWER:
            around = ()  # the refusal is certain, and worth telling without alternatives
        return SlotTaken(start, nearest(around, start, OFFERED_TIMES), kept)

    async def _send(self, visit: Visit, wish: Book, event_type: EventType, start: datetime) -> Outcome:
        try:
            booking = await visit.writer.book(self._new_booking(visit, wish, event_type, start))
        except OutcomeUnknownError:
            found = await self._ours(visit, wish, event_type, start)
            return await self._booked(visit, wish, found) if isinstance(found, Booking) else Unconfirmed(start)
        except BookingRefusedError as error:
            if error.refusal is Refusal.SLOT_TAKEN:
                return await self._ours_or_taken(visit, wish, event_type, start)
            if error.refusal in ANOTHER_TIME:
                return await self.taken(visit, event_type, start)
            return outcome_of(error, start)
        if booking.start != start or not booking.is_live:
            return Unconfirmed(start)
        return await self._booked(visit, wish, booking)

    async def _ours_or_taken(self, visit: Visit, wish: Book, event_type: EventType, start: datetime) -> Outcome:
        """Tell of a time that is not free any more: "taken" may mean taken by this very wish."""
        found = await self._ours(visit, wish, event_type, start)
        if isinstance(found, Booking):
            return await self._booked(visit, wish, found)
        return found or await self.taken(visit, event_type, start)

    async def _booked(self, visit: Visit, wish: Book, booking: Booking) -> Booked:
        self._slots.forget(visit)
        await self._records.booked(visit, booking, phone=wish.phone, email=wish.email, notes=wish.notes)
        return Booked(booking)

    async def _ours(
        self, visit: Visit, wish: Book, event_type: EventType, start: datetime
    ) -> Booking | Unconfirmed | None:
        """Look for a live booking that came of this very wish; Unconfirmed if one cannot look: then nobody knows."""
        end = start + timedelta(minutes=max(event_type.minutes, *event_type.minutes_options, 0))
        query = BookingQuery(event_type_id=event_type.id, starts_from=start - MINUTE, ends_by=end + MINUTE)
        try:
            async for booking in visit.calendar.bookings(query):
                is_wanted = booking.is_live and booking.start == start
                if is_wanted and self._marks.made(booking, visit.call, wish, event_type):
                    return booking
        except NO_ANSWER:
            return Unconfirmed(start)
        return None

    def _new_booking(self, visit: Visit, wish: Book, event_type: EventType, start: datetime) -> NewBooking:
        call = visit.call
        metadata = {
            marks.FIELD: self._marks.of(call, wish, event_type, start),
            "agent_id": str(call.agent_id),
            "call_session_id": call.call_session_id,
        }
        return NewBooking(
            event_type=event_type,
            start=start,
            name=wish.name,
            email=wish.email,
            phone=wish.phone,
            timezone=visit.zone.key,
            notes=wish.notes,
            answers=wish.answers,
            metadata={key: value for key, value in metadata.items() if value},
        )


def _missing(wish: Book) -> Asked | None:
    """What every booking takes: a name, a way to reach the caller, a time."""
    if not wish.name:
        return Asked(Detail.NAME)
    if not wish.email and not wish.phone:
        return Asked(Detail.CONTACT)
    return None if wish.when else Asked(Detail.DATETIME)


def _demanded(event_type: EventType, wish: Book) -> Asked | None:
    """What this event type takes besides."""
    if not wish.phone and (event_type.phone_required or event_type.location_needs_phone):
        return Asked(Detail.CONTACT, questions=("phone number",))
    given = {*wish.answers, *(["notes"] if wish.notes else [])}
    unanswered = tuple(question.label for question in event_type.questions if question.slug not in given)
    return Asked(Detail.DETAILS, questions=unanswered) if unanswered else None
