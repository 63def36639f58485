"""Moving and cancelling: prove whose appointment it is, follow it to where it stands now, change it once."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta

from calbridge.domain.actions import (
    Asked,
    Cancel,
    Cancelled,
    Detail,
    Obstacle,
    Outcome,
    Prevented,
    Replayed,
    Reschedule,
    Rescheduled,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.appointments import Booking, EventType
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarError,
    ConflictError,
    IdempotencyKeyReusedError,
    NotConnectedError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    Refusal,
)
from calbridge.domain.intents import MOVED_OTHERWISE, Draft, Errand, Intent, State
from calbridge.services import naming
from calbridge.services.alternatives import Alternatives
from calbridge.services.chains import Chains
from calbridge.services.event_types import EventTypes
from calbridge.services.evidence import has_gone
from calbridge.services.once import LEASE, Doubtful, Once, Plan
from calbridge.services.records import Records
from calbridge.services.refusals import ANOTHER_TIME, NO_ANSWER, outcome_of, reason_of, refusal_of
from calbridge.services.resolver import CANCELLED_BY_CALLER, Resolver, Settled
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit
from calbridge.storage.intents import Intents

TRIES = 2  # somebody else may move an appointment between a look and a change
MOVED_BY_CALLER = "Moved by the caller by phone"
CHANGED_BY_OTHERS = frozenset({Refusal.ALREADY_MOVED, Refusal.ALREADY_CANCELLED})


class _ChangedByOthersError(Exception):
    """Cal.com changed it at the same moment, at somebody else's wish: look again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Moves and cancels appointments that are provably the account's own."""

    event_types: EventTypes
    slots: Slots
    alternatives: Alternatives
    intents: Intents
    once: Once
    resolver: Resolver
    chains: Chains
    records: Records

    async def reschedule(self, visit: Visit, wish: Reschedule) -> Outcome | Replayed:
        """Move an appointment. It gets a new uid; the old time stands until the new one is certain."""
        start = visit.begun_for or (visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME))
        if isinstance(start, WrongTime | Asked):
            return start
        for _ in range(TRIES):
            booking = await self.chains.head(visit.connection, visit.lookup, wish.appointment_id)
            if booking.is_live and booking.start == start:  # there already: perhaps moved there, and nobody heard of it
                await self._insist_on_own_key(visit, wish)
                await self.resolver.noticed(visit.connection, booking)
                return Replayed(Rescheduled(booking))
            event_type = await self._event_type_of(visit, booking)
            if (obstacle := _obstacle(visit, booking, moving=event_type)) is not None:
                return Prevented(obstacle, booking)
            try:
                return await self.once.do(visit, _Move(self, visit, wish, booking, event_type, start))
            except _ChangedByOthersError:
                continue
        raise ConflictError("Somebody else changes the appointment at the same moment.")

    async def cancel(self, visit: Visit, wish: Cancel) -> Outcome | Replayed:
        """Cancel an appointment; one that is cancelled already is a success, too."""
        for _ in range(TRIES):
            booking = await self.chains.head(visit.connection, visit.lookup, wish.appointment_id)
            if not booking.is_live:
                await self._insist_on_own_key(visit, wish)
                await self.resolver.noticed(visit.connection, booking)
                return Replayed(Cancelled(booking))
            event_type = await self._event_type_of(visit, booking)
            seat = await self._seat(visit, wish, booking) if booking.seated else None
            if (obstacle := _obstacle(visit, booking, cancelling=event_type, seat=seat)) is not None:
                return Prevented(obstacle, booking)
            if seat is not None and has_gone(booking, seat):
                return Replayed(Cancelled(booking))
            try:
                return await self.once.do(visit, _Cancellation(self, visit, wish, booking, seat))
            except _ChangedByOthersError:
                continue
        raise ConflictError("Somebody else changes the appointment at the same moment.")

    async def _seat(self, visit: Visit, wish: Cancel, booking: Booking) -> str | None:
        """Return the caller's seat in a booking of many: the one that was taken in this call or under this contact.

        None if that is not certain: it must not become somebody else's, let alone everybody's. All who share a booking
        know its uid, and a contact is no secret: without a credential it says nothing. A seat that was given up counts
        only where no other stands.
        """
        session = visit.call.session
        phone, email = ("", "") if visit.anonymous else (wish.phone, wish.email)
        seats = await self.records.seats(visit.account_id, booking)
        theirs = {
            seat.seat_uid
            for seat in seats
            if (session and seat.call_session_id == session)
            or (phone and seat.phone == phone)
            or (email and seat.email == email)
        }
        standing = {seat for seat in theirs if not has_gone(booking, seat)}
        return min(standing or theirs, default=None) if len(standing) <= 1 else None

    async def _insist_on_own_key(self, visit: Visit, wish: Reschedule | Cancel) -> None:
        """Refuse a key that the client chose for another wish, also where there is nothing to be done for this one."""
        key = visit.call.idempotency_key
        if key and await self.intents.clashes(naming.explicit_name(visit.call, wish)):
            raise IdempotencyKeyReusedError

    async def _event_type_of(self, visit: Visit, booking: Booking) -> EventType | None:
        offered = await self.event_types.offered(visit.connection, visit.calendar)
        return next((event_type for event_type in offered if event_type.id == booking.event_type_id), None)


class _Change(Plan):
    """One wish to change an appointment; ``booking`` is where it stands."""

    def __init__(
        self,
        desk: Changes,
        visit: Visit,
        wish: Reschedule | Cancel,
        booking: Booking,
        *,
        start: datetime | None = None,
        seat: str | None = None,
    ) -> None:
        self._desk = desk
        self._visit = visit
        self._booking = booking
        self.wanted = start or booking.start
        call = visit.call
        self.draft = Draft(
            organization_id=call.organization_id,
            account_id=visit.account_id,
            user=visit.connection.account.user,
            agent_id=call.agent_id,
            call_session_id=call.call_session_id,
            errand=Errand.CANCEL if start is None else Errand.RESCHEDULE,
            name=naming.name_of_change(call, wish, seat or booking.uid, start),
            wisher=naming.wisher_of(wish),
            claim=f"chain {seat or booking.uid}",
            lease=timedelta(seconds=visit.deadline.remaining) + LEASE,
            event_type_id=booking.event_type_id,
            start=start,
            uid=booking.uid,
            seat_uid=seat,
        )

    def is_same(self, _intent: Intent) -> bool:
        return True  # a name tells the errand, but for a key that the client chose, and that is compared

    async def retell(self, _settled: Settled) -> Outcome:
        return await self._stand()

    async def _stand(self) -> Outcome:
        """Tell where the appointment stands, if that is what was wished; else it was changed again since."""
        try:
            return self._told(await self._head())
        except (*NO_ANSWER, NotFoundError):
            return Unconfirmed(self.wanted)

    async def refuse_again(self, intent: Intent) -> Outcome:
        error = refusal_of(intent.reason)
        return await (self._stand() if error.refusal in CHANGED_BY_OTHERS else self._tell(error))

    async def give_way(self, settled: Settled) -> Outcome | None:
        if settled.intent.state is not State.CONFIRMED:
            return Unconfirmed(self.wanted) if settled.intent.state is State.NEEDS_HUMAN else None
        return await self.retell(settled)

    @abstractmethod
    def _told(self, head: Booking) -> Outcome:
        """Tell of the appointment as it stands at the end of its chain."""

    @abstractmethod
    async def _tell(self, error: BookingRefusedError) -> Outcome:
        """Tell of a refusal."""

    async def _head(self) -> Booking:
        return await self._desk.chains.head(self._visit.connection, self._visit.lookup, self._booking.uid)

    async def find_out(self, settled: Settled) -> Outcome:
        self._desk.slots.forget(self._visit.account_id)
        if settled.intent.state is not State.CONFIRMED:
            return Unconfirmed(self.wanted)
        return await self.retell(settled)

    async def _doubt(self, intent: Intent) -> Doubtful:
        return Doubtful(await self._desk.resolver.doubt(intent, "no answer that can be trusted"))

    async def _refused(self, intent: Intent, error: BookingRefusedError) -> Outcome:
        await self._settle(intent, State.REJECTED, reason=reason_of(error))
        if error.refusal in CHANGED_BY_OTHERS:
            raise _ChangedByOthersError
        return await self._tell(error)

    async def _settle(self, intent: Intent, state: State, booking: Booking | None = None, reason: str = "") -> None:
        await self._desk.resolver.settle(intent, self._visit.connection, state, booking=booking, reason=reason)


class _Move(_Change):
    def __init__(
        self,
        desk: Changes,
        visit: Visit,
        wish: Reschedule,
        booking: Booking,
        event_type: EventType | None,
        start: datetime,
    ) -> None:
        super().__init__(desk, visit, wish, booking, start=start)
        self._event_type = event_type
        self._start = start
        self._reason = wish.notes or MOVED_BY_CALLER

    async def carry_out(self, intent: Intent) -> Outcome | Doubtful:
        try:
            if await self._is_not_offered():
                return await self._refused(intent, BookingRefusedError(Refusal.SLOT_TAKEN))
            new = await self._visit.writer.reschedule(self._booking.uid, self._start, self._reason)
        except OutcomeUnknownError:
            return await self._doubt(intent)
        except BookingRefusedError as error:
            return await self._refused(intent, error)
        except (CalendarError, RateLimitedError, NotConnectedError) as error:  # it was not carried out
            await self._settle(intent, State.ABANDONED, reason=type(error).__name__)
            raise
        self._desk.slots.forget(self._visit.account_id)
        if not new.is_live or new.uid == self._booking.uid:
            return await self._doubt(intent)
        if new.start != self._start:
            await self._settle(intent, State.NEEDS_HUMAN, new, reason=MOVED_OTHERWISE)
            return Unconfirmed(self._start)
        await self._settle(intent, State.CONFIRMED, new)
        return Rescheduled(new)

    async def _is_not_offered(self) -> bool:
        if self._event_type is None:
            return False
        return await self._desk.alternatives.are_needed(self._visit, self._event_type, self._start, self._booking)

    def _told(self, head: Booking) -> Outcome:
        if not head.is_live:
            return Prevented(Obstacle.CANCELLED, head)
        return Rescheduled(head) if head.start == self._start else Prevented(Obstacle.CHANGED_MEANWHILE, head)

    async def _tell(self, error: BookingRefusedError) -> Outcome:
        """Tell of a refusal, and where the appointment stays; "taken" may mean taken by itself."""
        if error.refusal is Refusal.SWITCHED_OFF:
            return Prevented(Obstacle.RESCHEDULING_OFF, self._booking)
        if error.refusal not in ANOTHER_TIME:
            return outcome_of(error, self._start, self._booking)
        try:
            head = await self._head()
        except (*NO_ANSWER, NotFoundError):
            return Unconfirmed(self._start)
        if not head.is_live or head.start == self._start:
            return self._told(head)
        why = ANOTHER_TIME[error.refusal]
        return await self._desk.alternatives.to(self._visit, self._event_type, self._start, kept=head, why=why)


class _Cancellation(_Change):
    def __init__(self, desk: Changes, visit: Visit, wish: Cancel, booking: Booking, seat: str | None) -> None:
        super().__init__(desk, visit, wish, booking, seat=seat)
        self._seat = seat
        self._reason = wish.notes or CANCELLED_BY_CALLER

    async def carry_out(self, intent: Intent) -> Outcome | Doubtful:
        try:
            cancelled = await self._visit.writer.cancel(self._booking.uid, self._reason, seat_uid=self._seat)
        except OutcomeUnknownError:
            return await self._doubt(intent)
        except BookingRefusedError as error:
            return await self._refused(intent, error)
        except (CalendarError, RateLimitedError, NotConnectedError) as error:  # it was not carried out
            await self._settle(intent, State.ABANDONED, reason=type(error).__name__)
            raise
        if cancelled.is_live and not has_gone(cancelled, self._seat):
            return await self._doubt(intent)
        self._desk.slots.forget(self._visit.account_id)
        await self._settle(intent, State.CONFIRMED, cancelled)
        return Cancelled(cancelled)

    def _told(self, head: Booking) -> Outcome:
        if head.is_live and not has_gone(head, self._seat):
            return Prevented(Obstacle.CHANGED_MEANWHILE, head)
        return Cancelled(head)

    async def _tell(self, error: BookingRefusedError) -> Outcome:
        if error.refusal is Refusal.SWITCHED_OFF:
            return Prevented(Obstacle.CANCELLING_OFF, self._booking)
        return outcome_of(error, self._booking.start, self._booking)


def _obstacle(
    visit: Visit,
    booking: Booking,
    *,
    moving: EventType | None = None,
    cancelling: EventType | None = None,
    seat: str | None = None,
) -> Obstacle | None:
    """Why the booking cannot be changed as things stand. Cal.com enforces only some of these through its API."""
    event_type = moving or cancelling
    obstacles = {
        Obstacle.CANCELLED: not booking.is_live,
        Obstacle.OVER: booking.end <= visit.now,
        Obstacle.RECURRING: booking.is_series,
        Obstacle.SEATED: seat is None and (booking.seated or (event_type is not None and event_type.has_seats)),
        Obstacle.RESCHEDULING_OFF: moving is not None and moving.rescheduling_disabled,
        Obstacle.CANCELLING_OFF: cancelling is not None and cancelling.cancelling_disabled,
    }
    return next((obstacle for obstacle, applies in obstacles.items() if applies), None)
