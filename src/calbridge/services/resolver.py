"""What became of an intent that nobody heard of: Cal.com's own truth, found by looking, and never by assuming.

A booking is found by the signature that it carries, a move by the chain of the old booking, a cancellation by its
status; a cancellation that is not there is sent again, which does no harm. That nothing is there counts only after the
settle time, because Cal.com may commit late, and after two complete looks.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking
from calbridge.domain.errors import (
    BookingRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    Refusal,
    UnavailableError,
)
from calbridge.domain.intents import ABSENT, NOBODY_LOOKED, Errand, Intent, State
from calbridge.services.chains import Chains
from calbridge.services.connections import Connections
from calbridge.services.doubles import Doubles
from calbridge.services.evidence import Evidence, has_gone
from calbridge.services.records import Records
from calbridge.services.refusals import NO_ANSWER
from calbridge.storage.intents import Intents

LOOK_SECONDS = 5.0  # for one look, all its pages
POLL_SECONDS = 0.1  # how often one asks the database whether another process has heard
CLOSING_SECONDS = 1.0
PATIENCE_SECONDS = 30.0  # for waiting until somebody else has heard
LOOKS_AT_ONCE = 2  # while a caller waits
LOOK_AT = (1 / 24, 1 / 4, 9 / 8, 5)  # of the settle time, since it became doubtful: 5, 30, 135 and 600 of 120 seconds
THEN_EVERY = 15 / 2
BETWEEN_LOOKS = 1 / 120  # of the settle time, while a caller waits
LOOKS_NEEDED, LOOKS_APART = 2, 1 / 12  # so many, so much of the settle time apart
GIVE_UP = timedelta(hours=24)
CANCELLED_BY_CALLER = "Cancelled by the caller by phone"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settled:
    """An intent that is not open any more, and the booking that came of it as it is now, if one did."""

    intent: Intent
    booking: Booking | None = None


class Resolver:
    """Finds out. ``settle``: how long Cal.com may take to commit what was sent."""

    def __init__(
        self,
        intents: Intents,
        calendars: Calendars,
        connections: Connections,
        chains: Chains,
        records: Records,
        evidence: Evidence,
        doubles: Doubles,
        settle: timedelta,
    ) -> None:
        self._evidence = evidence
        self._doubles = doubles
        self._intents = intents
        self._calendars = calendars
        self._connections = connections
        self._chains = chains
        self._records = records
        self._settle = settle
        self._waits: dict[UUID, asyncio.Task[Settled | None]] = {}
        self._closing = asyncio.Event()

    async def settled(self, intent: Intent) -> Settled | None:
        """Wait until it is known what became of an intent; None if it is not to be found out for now.

        All who wait in this process wait together: one asks the database, one looks at Cal.com, in the account in which
        it was sent. The booking is read after they came, so that it is the present that each is told.
        """
        task = self._waits.get(intent.id)
        if task is None:
            task = self._waits[intent.id] = asyncio.create_task(self._await(intent))
            task.add_done_callback(lambda _: self._waits.pop(intent.id, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop waiting: not in the midst of a statement, which could leave SQLite locked."""
        self._closing.set()
        if self._waits:
            _, unfinished = await asyncio.wait(self._waits.values(), timeout=CLOSING_SECONDS)
            for wait in unfinished:
                wait.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def doubt(self, intent: Intent, note: str) -> Intent:
        """Note that nobody knows what became of an attempt; return it as it is then.

        If that fails, the end of its lease says the same.
        """
        await self._records.at_any_rate(
            self._intents.doubt(intent, note, look_in=self._settle * LOOK_AT[0]), intent.account_id
        )
        return replace(intent, state=State.UNKNOWN)

    async def settle(
        self, intent: Intent, connection: Connection, state: State, *, booking: Booking | None = None, reason: str = ""
    ) -> None:
        """Write down what became of an attempt, with the booking. If that fails, the end of its lease brings a look.

        Whoever carried it out knows best: what others have concluded of this attempt meanwhile is corrected.
        """
        # What a look finds again need not be on the disk: the intent itself is, and leads to a look if this is lost.
        swift = state is State.CONFIRMED and booking is not None and self._evidence.is_found_again(intent, booking)
        writing = self._write_down(
            intent, connection, state, booking=booking, reason=reason, correcting=True, swift=swift
        )
        await self._records.at_any_rate(writing, intent.account_id)

    async def present(self, intent: Intent) -> Booking | None:
        """Read what came of an intent, as it is now; None if nothing did, or one cannot look."""
        if not intent.is_told or intent.uid is None:
            return None
        connection = await self._connections.of(intent)
        if connection is None:
            return None
        calendar = self._calendars.open(connection.access, Deadline.after(LOOK_SECONDS), urgent=True)
        try:
            return await self._chains.own(connection, calendar, intent.uid)
        except NO_ANSWER:
            return None

    async def head(self, booking: Booking, intent: Intent) -> Booking:
        """Return what has become of a booking that came of an intent and was moved, as far as one can look."""
        connection = await self._connections.of(intent)
        if connection is None:
            return booking
        calendar = self._calendars.open(connection.access, Deadline.after(LOOK_SECONDS), urgent=True)
        try:
            return await self._chains.head(connection, calendar, booking.uid)
        except (*NO_ANSWER, NotFoundError):
            return booking

    async def resolve(self, intent: Intent, connection: Connection) -> Intent:
        """Look once, and settle the intent if it can be told; return it as it is then."""
        calendar = self._calendars.open(connection.access, Deadline.after(LOOK_SECONDS), urgent=True)
        try:
            async with self._connections.watching(connection):
                match intent.errand:
                    case Errand.BOOK:
                        await self._resolve_booking(intent, connection, calendar)
                    case Errand.RESCHEDULE:
                        await self._resolve_move(intent, connection, calendar)
                    case Errand.CANCEL:
                        await self._resolve_cancellation(intent, connection, calendar)
        except NO_ANSWER as error:
            log.info("intent.not_looked", intent_id=str(intent.id), error=type(error).__name__)
            await self._intents.postpone(intent, look_in=self._next_look(intent))
        return await self._intents.get(intent.id) or intent

    async def noticed(self, connection: Connection, booking: Booking) -> None:
        """Do what ``saw`` does for somebody who waits: not for long, and whatever goes wrong is not theirs."""
        await self._records.at_any_rate(self.saw(connection, booking), connection.account.id)

    async def saw(self, connection: Connection, booking: Booking) -> None:
        """Take note of a booking that was seen at Cal.com: settle what waits for it, adopt it, repair a double.

        Raises UnavailableError without the database: then it has to be seen once more.
        """
        made_by = self._evidence.intent_of(booking)
        intent = None if made_by is None else await self._intents.get(made_by)
        if intent is not None and intent.account_id == connection.account.id:
            await self._seen(intent, connection, booking)
        uids = filter(None, (booking.uid, booking.rescheduled_from))
        for waiting in await self._intents.open_on(connection.account.id, [f"chain {uid}" for uid in uids]):
            if waiting.state is State.UNKNOWN:
                await self.resolve(waiting, connection)

    async def _await(self, intent: Intent) -> Settled | None:
        try:
            return await self._awaited(intent)
        except UnavailableError:  # of the database: what was sent stays sent
            return None

    async def _awaited(self, intent: Intent) -> Settled | None:
        until = Deadline.after(PATIENCE_SECONDS)
        while intent.state is State.SENDING and not intent.overdue:
            if until.passed or self._closing.is_set():
                return None
            await self._pause(POLL_SECONDS)
            intent = await self._intents.get(intent.id) or intent
        if intent.state is State.SENDING:
            await self._intents.doubt(intent, "whoever sent it is gone", look_in=self._settle * LOOK_AT[0])
            intent = await self._intents.get(intent.id) or intent
        connection = await self._connections.of(intent)
        for look in range(LOOKS_AT_ONCE):
            if intent.state is not State.UNKNOWN or connection is None:
                break
            if look:
                await self._pause((self._settle * BETWEEN_LOOKS).total_seconds())
            intent = await self.resolve(intent, connection)
        if intent.state.is_open:
            return None
        return Settled(intent, await self.present(intent))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _resolve_booking(self, intent: Intent, connection: Connection, calendar: Calendar) -> None:
        found = await self._evidence.made_by(calendar, intent)
        if not found:
            await self._not_there(intent, connection)
            return
        live = sorted((booking for booking in found if booking.is_live), key=lambda booking: booking.uid != intent.uid)
        kept = (live or found)[0]
        if await self._write_down(intent, connection, State.CONFIRMED, booking=kept):
            for surplus in live[1:]:
                await self._doubles.repair(replace(intent, uid=kept.uid), connection, calendar, surplus)

    async def _resolve_move(self, intent: Intent, connection: Connection, calendar: Calendar) -> None:
        old = None if intent.uid is None else await self._chains.own(connection, calendar, intent.uid)
        if old is None or old.is_live:
            await self._not_there(intent, connection)
            return
        if old.rescheduled_to is None:
            await self._write_down(intent, connection, State.REJECTED, reason=Refusal.ALREADY_CANCELLED)
            return
        new = await self._chains.own(connection, calendar, old.rescheduled_to)
        if new is None:  # not to be seen yet
            await self._not_there(intent, connection)
        elif new.start == intent.start:
            await self._write_down(intent, connection, State.CONFIRMED, booking=new)
        else:
            await self._write_down(intent, connection, State.REJECTED, reason=Refusal.ALREADY_MOVED)

    async def _resolve_cancellation(self, intent: Intent, connection: Connection, calendar: Calendar) -> None:
        booking = None if intent.uid is None else await self._chains.own(connection, calendar, intent.uid)
        if booking is None:
            await self._not_there(intent, connection)
        elif has_gone(booking, intent.seat_uid):
            await self._write_down(intent, connection, State.CONFIRMED, booking=booking)
        elif booking.is_live:
            await self._cancel_again(intent, connection, calendar, booking)
        elif booking.rescheduled_to is not None:
            await self._write_down(intent, connection, State.REJECTED, reason=Refusal.ALREADY_MOVED)
        else:
            await self._write_down(intent, connection, State.CONFIRMED, booking=booking)

    async def _cancel_again(self, intent: Intent, connection: Connection, calendar: Calendar, booking: Booking) -> None:
        reason = (intent.wisher.notes if intent.wisher else "") or CANCELLED_BY_CALLER
        try:
            cancelled = await calendar.cancel(booking.uid, reason, seat_uid=intent.seat_uid)
        except OutcomeUnknownError:
            cancelled = booking
        except BookingRefusedError as error:
            await self._write_down(intent, connection, State.REJECTED, reason=error.refusal)
            return
        if cancelled.is_live and not has_gone(cancelled, intent.seat_uid):
            await self._intents.postpone(intent, look_in=self._next_look(intent))
        else:
            await self._write_down(intent, connection, State.CONFIRMED, booking=cancelled)

    async def _not_there(self, intent: Intent, connection: Connection) -> None:
        """Take a complete look that found nothing for what it is: the truth only once nothing can come any more."""
        looked = await self._intents.looked(intent, apart=self._settle * LOOKS_APART) or intent
        if looked.looks >= LOOKS_NEEDED and looked.since_attempt >= self._settle:
            await self._write_down(looked, connection, State.REJECTED, reason=ABSENT)
        else:
            await self._intents.postpone(looked, look_in=self._next_look(looked))

    async def _seen(self, intent: Intent, connection: Connection, booking: Booking) -> None:
        """Compare a booking with what is known of the intent that made it; Cal.com may have committed minutes late."""
        if intent.state is State.SENDING and not intent.overdue:
            return  # whoever sends it will tell, and be seen again
        if intent.state is State.CONFIRMED:
            if booking.is_live and booking.uid != intent.uid:
                calendar = self._calendars.open(connection.access, Deadline.after(LOOK_SECONDS), urgent=True)
                await self._doubles.repair(intent, connection, calendar, booking)
        elif intent.state.is_open or intent.state is State.ABANDONED or intent.reason in {ABSENT, NOBODY_LOOKED}:
            # Nobody was told that it is not booked: who asked again had it sent again.
            await self._write_down(intent, connection, State.CONFIRMED, booking=booking, correcting=True)
        elif booking.is_live and intent.state is State.REJECTED:
            await self._write_down(
                intent, connection, State.NEEDS_HUMAN, booking=booking, reason="booked_though_refused", correcting=True
            )

    async def _write_down(
        self,
        intent: Intent,
        connection: Connection,
        state: State,
        *,
        booking: Booking | None = None,
        reason: str = "",
        correcting: bool = False,
        swift: bool = False,
    ) -> bool:
        records = () if booking is None else await self._records.of(intent, connection, booking)
        written = await self._intents.settle(
            intent,
            state,
            uid=booking.uid if booking else None,
            reason=reason,
            records=records,
            correcting=correcting,
            swift=swift,
        )
        log.info("intent.settled", intent_id=str(intent.id), state=state.value, reason=reason, written=written)
        return written

    def _next_look(self, intent: Intent) -> timedelta:
        upcoming = (self._settle * part - intent.since_attempt for part in LOOK_AT)
        return next((wait for wait in upcoming if wait > timedelta(0)), self._settle * THEN_EVERY)
