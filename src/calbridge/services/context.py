"""What an agent is told before the call: found out while the phone rings, and never at the cost of the call.

A platform waits for the answer with the caller on the line, and drops the call or the answer if it takes too long
(Telnyx after 1.5 seconds, unless it is told otherwise). So there is one budget for all of it, what is not known by then
is left out, and nothing that Cal.com does makes it fail.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import structlog

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.access import Credential
from calbridge.domain.actions import Call, Find, Found
from calbridge.domain.agents import Assignment
from calbridge.domain.errors import CalbridgeError, NotConnectedError, UnauthorizedError
from calbridge.domain.greeting import Acquaintance, Greeting, Upcoming
from calbridge.domain.times import zone_named
from calbridge.services.connections import Connections
from calbridge.services.lookup import Lookup
from calbridge.services.reception import Reception
from calbridge.services.visit import Visit
from calbridge.services.warm_up import WarmUp
from calbridge.storage.bookings import Bookings

BUDGET_SECONDS = 1.1  # the promise is 1.5; the rest is for our database, a busy machine and the way back

Value = TypeVar("Value")

log = structlog.get_logger()


class Contexts:
    """Tells what is known when a call begins, and has warmed up what the call will need."""

    def __init__(
        self,
        reception: Reception,
        connections: Connections,
        calendars: Calendars,
        lookup: Lookup,
        bookings: Bookings,
        warm_up: WarmUp,
        clock: Callable[[], datetime],
    ) -> None:
        self._reception = reception
        self._connections = connections
        self._calendars = calendars
        self._lookup = lookup
        self._bookings = bookings
        self._warm_up = warm_up
        self._clock = clock
        self._late: set[asyncio.Task[Any]] = set()

    async def of(self, call: Call, credential: Credential | None, client_address: str) -> Greeting:
        """Return what is known of a call that begins.

        ``call`` finds the caller's appointments by the number that they call from, "" for a number that is withheld.
        Who has not proved to be the platform, or somebody of the organization, hears nothing about a caller. Raises
        NotFoundError for the agent, ForbiddenError for a foreign credential, and UnauthorizedError where there is none
        and the organization wants to see one.
        """
        until = Deadline.after(BUDGET_SECONDS)
        trusted = self._reception.trusts(call, credential)
        assignment = await self._reception.recognize(call, None if trusted else client_address)
        if assignment.organization.require_key and not trusted:
            raise UnauthorizedError
        visit = self._visit(call, assignment, until)
        if visit is None:
            agent = assignment.agent
            return Greeting(agent.name, self._clock(), zone_named(agent.timezone))
        self._warm_up.begin(visit)
        phone = call.action.phone if isinstance(call.action, Find) else ""
        if not (trusted and phone):
            return Greeting(visit.agent_name, visit.now, visit.zone)
        known, upcoming = await asyncio.gather(
            self._in_time(self._acquaintance(visit, phone), until), self._in_time(self._upcoming(visit, phone), until)
        )
        return Greeting(visit.agent_name, visit.now, visit.zone, known, upcoming)

    async def settled(self) -> None:
        """Wait for what is still under way."""
        await asyncio.gather(self._warm_up.settled(), *self._late, return_exceptions=True)

    async def close(self) -> None:
        """Stop what nobody waits for any more."""
        tasks = tuple(self._late)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _visit(self, call: Call, assignment: Assignment, until: Deadline) -> Visit | None:
        """Open the calendar, or return None where there is none to open or nobody knows its zone."""
        if assignment.connection is None:
            return None
        try:
            return Visit(
                call=call,
                assignment=assignment,
                connection=assignment.connection,
                calendars=self._calendars,
                deadline=until,
                now=self._clock(),
                anonymous=False,
            )
        except NotConnectedError:
            return None

    async def _in_time(self, work: Coroutine[Any, Any, Value], until: Deadline) -> Value | None:
        """Wait for an answer as long as there is time. What comes later ends by itself, and nobody hears it."""
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._done)
        await asyncio.wait([task], timeout=until.remaining)
        if not task.done() or isinstance(task.exception(), CalbridgeError):
            return None
        return task.result()

    async def _acquaintance(self, visit: Visit, phone: str) -> Acquaintance:
        """Look in our own records: they are there when Cal.com is not."""
        last = await self._bookings.last_of_caller(visit.account_id, phone=phone)
        return Acquaintance() if last is None else Acquaintance(last.name, bool(last.email))

    async def _upcoming(self, visit: Visit, phone: str) -> Upcoming:
        """Look for the next appointment; only what Cal.com shows now is told."""
        async with self._connections.watching(visit.connection):
            found = await self._lookup.find(visit, Find(phone=phone))
        ahead = [booking for booking in found.bookings if booking.is_live] if isinstance(found, Found) else []
        return Upcoming(ahead[0] if ahead else None)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._late.discard(task)
        if not task.cancelled() and task.exception() is not None:  # asked for, so that asyncio does not complain
            log.info("context.incomplete", error=type(task.exception()).__name__)
