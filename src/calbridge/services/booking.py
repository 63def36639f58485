"""Making an appointment: ask the caller for what is missing, send one POST, tell the truth about what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calbridge.domain.actions import (
    Asked,
    Book,
    Booked,
    Detail,
    Obstacle,
    Outcome,
    Prevented,
    Replayed,
    Unconfirmed,
    WhyNot,
    WrongTime,
)
from calbridge.domain.appointments import Booking, EventType, NewBooking
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarError,
    NotConnectedError,
    OutcomeUnknownError,
    RateLimitedError,
    Refusal,
)
from calbridge.domain.forms import answers_to
from calbridge.domain.intents import BOOKED_OTHERWISE, Draft, Errand, Intent, State
from calbridge.services import naming
from calbridge.services.alternatives import Alternatives
from calbridge.services.event_types import EventTypes
from calbridge.services.evidence import Evidence, has_gone
from calbridge.services.once import LEASE, Doubtful, Once, Plan
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of, reason_of, refusal_of
from calbridge.services.resolver import Resolver, Settled
from calbridge.services.signatures import Signatures
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

LATELY = timedelta(minutes=10)
# A wish is refused in these ways also because it was granted already.
PERHAPS_OURS = frozenset(
    {
        Refusal.SLOT_TAKEN,
        Refusal.ALREADY_SIGNED_UP,
        Refusal.SEATS_FULL,
        Refusal.LIMIT_REACHED,
        Refusal.TOO_SOON_OR_FAR,
    }
)
NOT_OFFERED = BookingRefusedError(Refusal.SLOT_TAKEN)  # in one word with what Cal.com says of such a time


@dataclass(frozen=True, slots=True)
class Booker:
    """Makes appointments: with warm caches, one request to Cal.com and two short transactions."""

    event_types: EventTypes
    slots: Slots
    alternatives: Alternatives
    once: Once
    resolver: Resolver
    evidence: Evidence
    signatures: Signatures

    async def book(self, visit: Visit, wish: Book) -> Outcome | Replayed:
        """Make an appointment, if everything that it takes is known."""
        if (lacking := missing(wish)) is not None:
            return lacking
        start = visit.begun_for or (visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME))
        if isinstance(start, WrongTime | Asked):
            return start
        event_type = await self.event_types.chosen(visit.assignment, visit.connection, visit.calendar)
        if (demanded := _demanded(event_type, wish)) is not None:
            return demanded
        return await self.once.do(visit, _Booking(self, visit, wish, event_type, start))


class _Booking(Plan):
    """One wish for an appointment."""

    def __init__(self, desk: Booker, visit: Visit, wish: Book, event_type: EventType, start: datetime) -> None:
        self._desk = desk
        self._visit = visit
        self._wish = wish
        self._event_type = event_type
        self._start = self.wanted = start
        call = visit.call
        self.draft = Draft(
            organization_id=call.organization_id,
            account_id=visit.account_id,
            user=visit.connection.account.user,
            agent_id=call.agent_id,
            call_session_id=call.call_session_id,
            errand=Errand.BOOK,
            name=naming.name_of_booking(call, wish, event_type.id, start),
            wisher=naming.wisher_of(wish),
            claim=None if event_type.has_seats else f"slot {event_type.id} {start.isoformat(timespec='seconds')}",
            lease=timedelta(seconds=visit.deadline.remaining) + LEASE,
            event_type_id=event_type.id,
            start=start,
        )

    def is_same(self, intent: Intent) -> bool:
        return naming.is_same_wish(intent, self._wish, seated=self._event_type.has_seats)

    async def carry_out(self, intent: Intent) -> Outcome | Doubtful:
        try:
            if await self._desk.alternatives.are_needed(self._visit, self._event_type, self._start):
                ours = await self._standing(intent)
                return await (self._made(intent, ours) if ours else self._reject(intent, NOT_OFFERED))
            booking = await self._visit.writer.book(self._new_booking(intent))
        except OutcomeUnknownError:
            return await self._doubt(intent)
        except BookingRefusedError as error:
            return await self._refused(intent, error)
        except (CalendarError, RateLimitedError, NotConnectedError) as error:  # it was not carried out
            await self._settle(intent, State.ABANDONED, reason=type(error).__name__)
            raise
        if not booking.is_live:
            return await self._doubt(intent)
        if booking.start != self._start or booking.event_type_id not in {self._event_type.id, None}:
            await self._settle(intent, State.NEEDS_HUMAN, booking, reason=BOOKED_OTHERWISE)
            return Unconfirmed(self._start)
        return await self._made(intent, booking)

    async def retell(self, settled: Settled) -> Outcome | None:
        """Tell of the appointment if it stands; if it was given up, it takes a word of the caller to book it again."""
        intent = settled.intent
        booking = settled.booking or await self._present(intent)
        if booking is None:
            return Unconfirmed(self._start)
        self._desk.slots.forget(self._visit.account_id)
        stands = booking.is_live and not has_gone(booking, intent.seat_uid)
        call, retried = self._visit.call, self._visit.before is not None
        is_own = intent.seat_uid is not None or self._desk.evidence.intent_of(booking) == intent.id
        may_know = is_own and bool(call.session or call.idempotency_key or retried)
        if stands and booking.start == self._start:
            return self._booked(booking, may_know=may_know, guest=self._other_guest(intent))
        if intent.state is State.NEEDS_HUMAN:  # there is another one, and which of them stands is for a person to say
            return Unconfirmed(self._start)
        if self._wish.confirm or not (stands or self._is_recent(booking)):
            return None
        if stands or booking.rescheduled_to is None:
            obstacle = Obstacle.AT_ANOTHER_TIME if stands else Obstacle.CANCELLED_LATELY
            return self._prevented(obstacle, booking, may_know=may_know)
        head = await self._desk.resolver.head(booking, intent)
        return self._prevented(Obstacle.MOVED_LATELY, head, may_know=may_know)

    async def refuse_again(self, intent: Intent) -> Outcome:
        return await self._tell(refusal_of(intent.reason))

    async def give_way(self, settled: Settled) -> Outcome | None:
        intent = settled.intent
        if intent.wisher and naming.shares_contact(intent.wisher, self.draft.wisher):
            return await self.retell(settled) if intent.state is State.CONFIRMED else None
        if self._event_type.has_seats:
            return None
        was_refused = intent.state is State.REJECTED and intent.reason == Refusal.SLOT_TAKEN
        if was_refused or intent.state is State.CONFIRMED:
            why = None if was_refused else WhyNot.TAKEN
            return await self._desk.alternatives.to(
                self._visit, self._event_type, self._start, why=why, because=intent.id
            )
        return Unconfirmed(self._start) if intent.state is State.NEEDS_HUMAN else None

    async def find_out(self, settled: Settled) -> Outcome:
        booking = settled.booking
        if booking is None:
            return Unconfirmed(self._start)
        if not booking.is_live or booking.start != self._start:
            return await self.retell(settled) or Unconfirmed(self._start)
        self._desk.slots.forget(self._visit.account_id)
        return self._booked(booking, may_know=True)

    async def _doubt(self, intent: Intent, note: str = "no answer that can be trusted") -> Doubtful:
        return Doubtful(await self._desk.resolver.doubt(intent, note))

    async def _refused(self, intent: Intent, error: BookingRefusedError) -> Outcome | Doubtful:
        """Tell of a refusal. "Taken" may mean taken by this very wish, or by an earlier one of the same caller."""
        if error.refusal in PERHAPS_OURS:
            try:
                ours = await self._standing(intent)
            except NO_ANSWER:
                return await self._doubt(intent, f"{error.refusal.value}, perhaps by ourselves")
            if ours is not None:
                return await self._made(intent, ours)
        return await self._reject(intent, error)

    async def _standing(self, intent: Intent) -> Booking | None:
        return await self._desk.evidence.standing_for(self._visit.lookup, intent)

    async def _reject(self, intent: Intent, error: BookingRefusedError) -> Outcome:
        await self._settle(intent, State.REJECTED, reason=reason_of(error))
        return await self._tell(error)

    async def _tell(self, error: BookingRefusedError) -> Outcome:
        if error.refusal in ANOTHER_TIME:
            why = ANOTHER_TIME[error.refusal]
            return await self._desk.alternatives.to(self._visit, self._event_type, self._start, why=why)
        return outcome_of(error, self._start, questions=self._event_type.questions)

    async def _made(self, intent: Intent, booking: Booking) -> Outcome:
        self._desk.slots.forget(self._visit.account_id, because=intent.id)
        await self._settle(intent, State.CONFIRMED, booking)
        # Cal.com may have answered with an older booking, and one that stands already may be of an earlier wish. A new
        # seat is one in a booking that others made.
        is_new = bool(booking.seat_uid) or self._desk.evidence.intent_of(booking) == intent.id
        return self._booked(booking, may_know=is_new)

    def _booked(self, booking: Booking, *, may_know: bool, guest: str = "") -> Booked:
        """Tell of the appointment; its uid only to who may have it, because with it one may cancel.

        ``may_know``: it came of the very wish that asks, and not only of somebody's with the same contact.
        """
        return Booked(booking, uid_withheld=self._visit.anonymous and not may_know, guest=guest)

    def _other_guest(self, intent: Intent) -> str:
        """Return the name that a seat was taken under, where it is not the one that is asked for."""
        name = intent.wisher.name if intent.wisher and self._event_type.has_seats else ""
        return "" if name.casefold() == self._wish.name.casefold() else name

    def _prevented(self, obstacle: Obstacle, booking: Booking, *, may_know: bool) -> Prevented:
        return Prevented(obstacle, booking, uid_withheld=self._visit.anonymous and not may_know)

    def _is_recent(self, booking: Booking) -> bool:
        changed = booking.updated_at
        return changed is None or self._visit.now - changed < LATELY

    async def _present(self, intent: Intent) -> Booking | None:
        return await self._desk.resolver.present(intent)

    async def _settle(self, intent: Intent, state: State, booking: Booking | None = None, reason: str = "") -> None:
        await self._desk.resolver.settle(intent, self._visit.connection, state, booking=booking, reason=reason)

    def _new_booking(self, intent: Intent) -> NewBooking:
        call, wish = self._visit.call, self._wish
        labels: Mapping[str, str] = {"agent_id": str(call.agent_id), "call_session_id": call.call_session_id}
        signed = self._desk.signatures.labels(intent.id, self._event_type.id, self._start)
        return NewBooking(
            event_type=self._event_type,
            start=self._start,
            name=wish.name,
            email=wish.email,
            phone=wish.phone,
            timezone=self._visit.zone.key,
            notes=wish.notes,
            answers=wish.answers,
            metadata={key: value for key, value in {**signed, **labels}.items() if value},
        )


def missing(wish: Book) -> Asked | None:
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
