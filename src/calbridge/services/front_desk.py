"""The front desk: lets a call in, sees to what the caller wants, and says what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from calbridge.domain.access import Credential
from calbridge.domain.actions import (
    Action,
    Asked,
    Availability,
    Book,
    Call,
    Cancel,
    Find,
    Outcome,
    Replayed,
    Reply,
    Reschedule,
    Suggest,
    TwoTimes,
    WrongTime,
)
from calbridge.domain.errors import BookingRefusedError, Refusal
from calbridge.services.booking import Booker
from calbridge.services.changes import Changes
from calbridge.services.connections import Connections
from calbridge.services.event_types import EventTypes
from calbridge.services.hearing import Hearing, Unclear
from calbridge.services.in_time import InTime
from calbridge.services.lookup import Lookup
from calbridge.services.openings import OpenTimes
from calbridge.services.reception import Reception
from calbridge.services.visit import Visit

# Whoever waits for Cal.com notices by themselves that time is up, and knows more to tell.
LAST_WORDS = 0.25


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """Handles calls. ``on_replay`` is told of every wish that was carried out before, and is only told again."""

    reception: Reception
    connections: Connections
    event_types: EventTypes
    booker: Booker
    changes: Changes
    lookup: Lookup
    hearing: Hearing
    open_times: OpenTimes
    on_replay: Callable[[str], None] = lambda _action: None

    async def handle(self, call: Call, credential: Credential | None, client_address: str) -> Reply:
        """See to one call: expected outcomes are in the reply, whatever else stops it is raised.

        It takes no longer than the caller may wait. Raises UnavailableError where the database takes that long; what
        was sent to Cal.com is seen through all the same.
        """
        visit = await self.reception.admit(call, credential, client_address)
        async with self.connections.watching(visit.connection):
            try:
                async with InTime(visit.deadline, LAST_WORDS):
                    visit = await self.hearing.recalled(visit)
                    self.hearing.heeded(visit)
                    if isinstance(call.action, Book | Reschedule | Cancel):
                        visit = replace(visit, before=await self.booker.once.before(call))
                    retried = _as_before(visit, call.action)
                    outcome = await self._outcome(visit, retried or self.hearing.definite(visit, call.action))
            except BookingRefusedError as error:
                if error.refusal is Refusal.UNKNOWN_EVENT_TYPE:
                    self.event_types.forget(visit.connection)
                raise
        replayed = isinstance(outcome, Replayed)
        if replayed:
            self.on_replay(type(call.action).__name__.lower())
        told = outcome.outcome if isinstance(outcome, Replayed) else outcome
        reply = Reply(call.action, told, visit.agent_name, visit.zone, visit.host_zone, visit.now, replayed)
        self.hearing.heard(visit, reply)
        return reply

    async def _outcome(self, visit: Visit, action: Action | Unclear) -> Outcome | Replayed:
        match action:
            case Asked() | TwoTimes() | WrongTime():
                return action
            case Book():
                return await self.booker.book(visit, action)
            case Reschedule() | Cancel():
                return await self._changed(visit, action)
            case Find():
                return await self.lookup.find(visit, action)
            case Suggest() | Availability():
                return await self.open_times.tell(visit, action)
            case _:
                assert_never(action)

    async def _changed(self, visit: Visit, action: Reschedule | Cancel) -> Outcome | Replayed:
        named = await self.lookup.name(visit, action)
        match named:
            case Reschedule():
                return await self.changes.reschedule(visit, named)
            case Cancel():
                return await self.changes.cancel(visit, named)
            case _:
                return named


def _as_before(visit: Visit, action: Action) -> Action | None:
    """Read a retry as it was read the first time; None for what is no retry.

    It is for the same time, though "tomorrow" may be another day by now, and about the same appointment, whichever is
    the caller's next one by now. That is for callers who have been let in to look theirs up: who names neither an
    appointment nor themselves is given none by repeating somebody's words.
    """
    if visit.before is None:
        return None
    start = visit.before.start
    match action:
        case Book():
            return replace(action, when=start)
        case Reschedule() | Cancel():
            uid = action.appointment_id or (visit.before.uid if action.phone or action.email else None)
            if not uid:
                return None
            named = replace(action, appointment_id=uid)
            return replace(named, when=start) if isinstance(named, Reschedule) else named
        case _:
            return None
