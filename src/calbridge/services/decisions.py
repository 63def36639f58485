"""What operators do with an intent that is not settled: have Cal.com asked once more, or decide it themselves."""

from datetime import timedelta
from uuid import UUID

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.access import Actor
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking, BookingRecord
from calbridge.domain.errors import ConflictError, NotConnectedError, NotFoundError
from calbridge.domain.intents import ABSENT, BOOKED_OTHERWISE, MOVED_OTHERWISE, Errand, Intent, State
from calbridge.services.chains import Chains
from calbridge.services.connections import Connections
from calbridge.services.records import Records
from calbridge.services.resolver import Resolver
from calbridge.services.signatures import Signatures
from calbridge.storage.intents import Intents

LOOK_SECONDS = 10.0
AT_ONCE = timedelta(0)
DECIDED = "decided by an operator"


class Decisions:
    """Settles single intents.

    All methods raise NotFoundError for an unknown one, and ConflictError for one that is settled already, or that
    somebody is carrying out at this moment.
    """

    def __init__(
        self,
        intents: Intents,
        connections: Connections,
        calendars: Calendars,
        resolver: Resolver,
        chains: Chains,
        records: Records,
        signatures: Signatures,
    ) -> None:
        self._intents = intents
        self._connections = connections
        self._calendars = calendars
        self._resolver = resolver
        self._chains = chains
        self._records = records
        self._signatures = signatures

    async def look(self, intent_id: UUID) -> Intent:
        """Look at Cal.com now; return the intent as it is then, which may still be open.

        Raises NotConnectedError where the account cannot be used.
        """
        intent = await self._unsettled(intent_id)
        connection = await self._connection(intent)
        if intent.state is State.SENDING:  # whoever sent it is gone: its lease has ended
            await self._intents.doubt(intent, "an operator looks", look_in=AT_ONCE)
            intent = await self._unsettled(intent_id)
        return await self._resolver.resolve(intent, connection)

    async def confirm(self, intent_id: UUID, uid: str, *, by: Actor) -> Intent:
        """Decide that this booking came of it, after it has been read at Cal.com.

        Raises NotFoundError if it is not there, or not the account's own, and ConflictError if it cannot be what came
        of the intent; NotConnectedError, CalendarError and RateLimitedError where one cannot look.
        """
        intent = await self._unsettled(intent_id)
        connection = await self._connection(intent)
        calendar = self._calendars.open(connection.access, Deadline.after(LOOK_SECONDS), urgent=True)
        async with self._connections.watching(connection):
            booking = await self._chains.own(connection, calendar, uid)
        if booking is None:
            raise NotFoundError("Booking")
        # What Cal.com has answered with came of it, whenever it is, and its record was made then.
        is_answer = intent.reason in {BOOKED_OTHERWISE, MOVED_OTHERWISE} and booking.uid == intent.uid
        if not is_answer and (objection := self._objection(intent, booking)) is not None:
            raise ConflictError(objection)
        records = () if is_answer else await self._records.of(intent, connection, booking)
        return await self._settle(intent, State.CONFIRMED, by=by, uid=booking.uid, records=records)

    async def reject(self, intent_id: UUID, *, by: Actor) -> Intent:
        """Decide that nothing came of it; Cal.com is not asked. Whoever wishes it again has it carried out."""
        return await self._settle(await self._unsettled(intent_id), State.REJECTED, by=by)

    async def _unsettled(self, intent_id: UUID) -> Intent:
        intent = await self._intents.get(intent_id)
        if intent is None:
            raise NotFoundError("Intent")
        if intent.state is State.SENDING and not intent.overdue:
            raise ConflictError("The intent is being carried out at this moment: look again in a minute.")
        if not intent.state.is_open and intent.state is not State.NEEDS_HUMAN:
            raise ConflictError(f"The intent is settled already: {intent.state.value}.")
        return intent

    async def _connection(self, intent: Intent) -> Connection:
        connection = await self._connections.of(intent)
        if connection is None:
            raise NotConnectedError
        return connection

    def _objection(self, intent: Intent, booking: Booking) -> str | None:
        """Why a booking cannot be what came of an intent; None if it can."""
        not_then = {"The booking is at another time than was wished for.": booking.start != intent.start}
        made_by = self._signatures.intent_of(booking)
        objections = {
            Errand.BOOK: {"The booking came of another intent.": made_by not in {None, intent.id}} | not_then,
            Errand.RESCHEDULE: {
                "The booking was not moved from the one that was to be moved.": booking.rescheduled_from != intent.uid,
            }
            | not_then,
            Errand.CANCEL: {
                "The booking is not the one that was to be cancelled.": booking.uid != intent.uid,
                "The booking is not cancelled.": booking.is_live,
            },
        }
        return next((objection for objection, applies in objections[intent.errand].items() if applies), None)

    async def _settle(
        self,
        intent: Intent,
        state: State,
        *,
        by: Actor,
        uid: str | None = None,
        records: tuple[BookingRecord, ...] = (),
    ) -> Intent:
        reason = "" if state is State.CONFIRMED else ABSENT
        if not await self._intents.settle(intent, state, uid=uid, reason=reason, note=DECIDED, records=records, by=by):
            raise ConflictError("Somebody else has settled the intent at the same moment.")
        return await self._intents.get(intent.id) or intent
