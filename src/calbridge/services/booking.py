"""Making an appointment: ask the caller for what is missing, send one POST, tell the truth about what came of it."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from cachetools import TTLCache

from calbridge.domain.actions import Asked, Book, Booked, Detail, Outcome, Unconfirmed, WrongTime
from calbridge.domain.appointments import Booking, BookingQuery, EventType, NewBooking
from calbridge.domain.errors import BookingRefusedError, OutcomeUnknownError, Refusal
from calbridge.domain.forms import answers_to
from calbridge.services import marks
from calbridge.services.alternatives import Alternatives
from calbridge.services.event_types import EventTypes
from calbridge.services.marks import Marks
from calbridge.services.records import Records
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

MINUTE = timedelta(minutes=1)
# For how long a booking answers a repeated wish: within one call, or by the caller's contact alone.
SAME_CALL, SAME_CONTACT = timedelta(hours=24), timedelta(minutes=10)
SENT_SECONDS = 120
SENT_WISHES = 10_000
CLOCK_SKEW = timedelta(seconds=5)  # between Cal.com and us
# A repeated wish is refused in these ways because it was granted the first time.
PERHAPS_OURS = frozenset(
    {
        Refusal.SLOT_TAKEN,
        Refusal.ALREADY_SIGNED_UP,
        Refusal.SEATS_FULL,
        Refusal.LIMIT_REACHED,
        Refusal.TOO_SOON_OR_FAR,
    }
)


class Booker:
    """Makes appointments.

    A wish that was sent lately is looked for before it is sent again, and one that is being sent is waited for: a voice
    platform repeats what it has no answer to.
    """

    def __init__(
        self,
        event_types: EventTypes,
        slots: Slots,
        alternatives: Alternatives,
        marks: Marks,
        records: Records,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._event_types = event_types
        self._slots = slots
        self._alternatives = alternatives
        self._marks = marks
        self._records = records
        self._sent: TTLCache[str, bool] = TTLCache(SENT_WISHES, SENT_SECONDS, timer)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
        mark = self._marks.of(visit.call, wish, event_type, start)
        turn = self._turns.setdefault(mark, asyncio.Lock())
        try:
            async with asyncio.timeout(visit.deadline.remaining):
                await turn.acquire()
        except TimeoutError:
            return Unconfirmed(start)
        try:
            return await self._in_turn(visit, wish, event_type, start, mark)
        finally:
            turn.release()

    async def _in_turn(self, visit: Visit, wish: Book, event_type: EventType, start: datetime, mark: str) -> Outcome:
        if mark in self._sent or (event_type.needs_confirmation and visit.call.session):
            found = await self._found(visit, wish, event_type, start)
            if found is not None:
                return found
        elif await self._alternatives.are_needed(visit, event_type, start):
            return await self._ours_or_taken(visit, wish, event_type, start)
        return await self._send(visit, wish, event_type, start, mark)

    async def _send(self, visit: Visit, wish: Book, event_type: EventType, start: datetime, mark: str) -> Outcome:
        self._sent[mark] = True
        try:
            booking = await visit.writer.book(_new_booking(visit, wish, event_type, start, mark))
        except OutcomeUnknownError:
            return await self._found(visit, wish, event_type, start, just_sent=True) or Unconfirmed(start)
        except BookingRefusedError as error:
            self._sent.pop(mark, None)
            ours = await self._found(visit, wish, event_type, start) if error.refusal in PERHAPS_OURS else None
            return ours or await self._refused(visit, error, event_type, start)
        if booking.start != start or not booking.is_live:
            return Unconfirmed(start)
        self._slots.forget(visit)
        existed = booking.metadata.get(marks.FIELD) != mark or _is_older(booking, visit.now - MINUTE)
        await self._records.booked(visit, booking, wish, again=existed)
        is_new = event_type.has_seats or not existed  # a new seat is one in a booking that others made
        return Booked(booking, uid_withheld=not is_new and visit.anonymous and not visit.call.session)

    async def _refused(
        self, visit: Visit, error: BookingRefusedError, event_type: EventType, start: datetime
    ) -> Outcome:
        if error.refusal in ANOTHER_TIME:
            offered = error.refusal is not Refusal.TOO_SOON_OR_FAR
            return await self._alternatives.to(visit, event_type, start, offered=offered)
        return outcome_of(error, start, questions=event_type.questions)

    async def _ours_or_taken(self, visit: Visit, wish: Book, event_type: EventType, start: datetime) -> Outcome:
        """Tell of a time that is not free any more: "taken" may mean taken by this very wish."""
        found = await self._found(visit, wish, event_type, start)
        return found or await self._alternatives.to(visit, event_type, start)

    async def _found(
        self, visit: Visit, wish: Book, event_type: EventType, start: datetime, *, just_sent: bool = False
    ) -> Booked | Unconfirmed | None:
        """Look for a live booking that came of this very wish; Unconfirmed if one cannot look: then nobody knows.

        Somebody without a credential hears its uid only within the call that made it: with the uid, one may cancel.
        """
        lately = SAME_CALL if visit.call.session else SAME_CONTACT
        end = start + timedelta(minutes=max(event_type.minutes, *event_type.minutes_options, 0))
        query = BookingQuery(event_type_id=event_type.id, starts_from=start - MINUTE, ends_by=end + MINUTE)
        try:
            async for booking in visit.calendar.bookings(query):
                is_wanted = booking.is_live and booking.start == start and not _is_older(booking, visit.now - lately)
                if is_wanted and self._marks.made(booking, visit.call, wish, event_type):
                    self._slots.forget(visit)
                    await self._records.booked(visit, booking, wish, again=True)
                    is_new = just_sent and not _is_older(booking, visit.now - CLOCK_SKEW)
                    withheld = visit.anonymous and not visit.call.session and not is_new
                    return Booked(booking, uid_withheld=withheld)
        except NO_ANSWER:
            return Unconfirmed(start)
        return None


def _new_booking(visit: Visit, wish: Book, event_type: EventType, start: datetime, mark: str) -> NewBooking:
    call = visit.call
    metadata = {marks.FIELD: mark, "agent_id": str(call.agent_id), "call_session_id": call.call_session_id}
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


def _is_older(booking: Booking, than: datetime) -> bool:
    """Whether a booking was made before some time: Cal.com may answer a request for confirmation with an old one."""
    return booking.created_at is not None and booking.created_at < than


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
        return Asked(Detail.CONTACT, phone_only=True)
    given = {*answers_to(event_type.questions, wish.answers), *(["notes"] if wish.notes else [])}
    unanswered = tuple(question for question in event_type.demanded if question.slug not in given)
    return Asked(Detail.DETAILS, questions=unanswered) if unanswered else None
