"""Reads on at Cal.com what has changed, account by account: what no webhook has told of comes to light here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from random import SystemRandom

import structlog

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking, BookingQuery
from calbridge.domain.errors import CalendarError, NotConnectedError, RateLimitedError
from calbridge.services.connections import Connections
from calbridge.services.mirror import Mirror
from calbridge.services.together import together
from calbridge.storage.polls import Polls, Turn

EVERY = timedelta(minutes=15)
JITTER = 0.1  # of the interval, so that accounts that were connected together drift apart
FIRST_SECONDS = 10  # after the start: requests come first
LOOK_SECONDS = 15  # between looks for accounts that are due
AT_ONCE = 5  # accounts in one process, so that one that hangs does not hold up the others
POLL_SECONDS = 240.0  # for one account
NOT_IN_THIS_ROUND = timedelta(milliseconds=1)
LEASE = timedelta(seconds=2 * POLL_SECONDS)  # then whoever took it is dead
A_DAY = timedelta(days=1)  # what has begun lies ahead, too, as long as it lasts
# A change can become visible after a later one has, if Cal.com took longer to commit it; and the first reading takes as
# long as it takes, while things go on changing.
OVERLAP = timedelta(seconds=POLL_SECONDS + 60)

_chance = SystemRandom()
log = structlog.get_logger()


class Poller:
    """Polls every account that can be used, in whichever process gets to it first.

    Where an account stands is an instant of Cal.com's own clock: the last change that was seen. The first time, all
    that lies ahead is read, cancelled or not: our records may know of some of it as it was.
    """

    def __init__(
        self,
        polls: Polls,
        connections: Connections,
        calendars: Calendars,
        mirror: Mirror,
        clock: Callable[[], datetime],
        *,
        every: timedelta = EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._polls = polls
        self._connections = connections
        self._calendars = calendars
        self._mirror = mirror
        self._clock = clock
        self._every = every
        self._sleep = sleep

    async def run(self) -> None:
        """Poll what is due, from soon after the start until cancelled."""
        await self._sleep(FIRST_SECONDS)
        while True:
            try:
                await self.poll_due()
            except Exception as error:  # noqa: BLE001 - whatever it is this time, the next one must be tried
                log.warning("poll.round_failed", error=type(error).__name__)
            await self._sleep(_jittered(LOOK_SECONDS))

    async def poll_due(self) -> int:
        """Poll all accounts that are due now, each once; return how many that were.

        Raises UnavailableError without the database.
        """
        now = await self._polls.enrol()
        return sum(await together(*(self._work(now) for _ in range(AT_ONCE))))

    async def poll(self, connection: Connection) -> None:
        """Poll one account now, due or not.

        Raises CalendarError and RateLimitedError: then what was read until there is kept, and the next poll goes on.
        """
        turn = await self._polls.turn(connection.account.id)
        await self._read(connection, None if turn is None else turn.seen_until)

    async def _work(self, now: datetime) -> int:
        polled = 0
        while (turn := await self._polls.claim(due_by=now, lease=LEASE)) is not None:
            await self._take(turn)
            polled += 1
        return polled

    async def _take(self, turn: Turn) -> None:
        again = self._every
        connection = await self._connections.one(turn.organization_id, turn.account_id)
        if connection is not None:
            try:
                await self._read(connection, turn.seen_until)
            except RateLimitedError as error:
                again = min(again, timedelta(seconds=max(error.retry_after, LOOK_SECONDS)))
                log.info("poll.broken_off", account_id=str(turn.account_id), seconds=error.retry_after)
            except (CalendarError, NotConnectedError) as error:
                log.warning("poll.failed", account_id=str(turn.account_id), error=type(error).__name__)
        wait = timedelta(seconds=_jittered(again.total_seconds()))
        await self._polls.put_off(turn, max(wait, NOT_IN_THIS_ROUND))

    async def _read(self, connection: Connection, seen_until: datetime | None) -> None:
        """Read on from an instant; what has been dealt with counts, even if the rest cannot be read."""
        calendar = self._calendars.open(connection.access, Deadline.after(POLL_SECONDS))
        reached, seen, new = seen_until, 0, 0
        try:
            async with self._connections.watching(connection):
                async for booking in self._bookings(calendar, seen_until):
                    new += await self._mirror.reflect(connection, calendar, booking)
                    seen += 1
                    if booking.updated_at is not None:
                        # A clock that was wrong for once must not have everything else passed over.
                        latest = min(booking.updated_at, self._clock() + OVERLAP)
                        reached = max(latest, reached or latest)
        except (CalendarError, RateLimitedError):
            if seen_until is not None:  # the first time they come in another order: what is missing may be older
                await self._reached(connection, reached)
            raise
        await self._reached(connection, reached)
        log.info("poll.done", account_id=str(connection.account.id), bookings=seen, changed=new)

    def _bookings(self, calendar: Calendar, seen_until: datetime | None) -> AsyncIterator[Booking]:
        if seen_until is None:
            return calendar.bookings(BookingQuery(starts_from=self._clock() - A_DAY))
        return calendar.changes(seen_until - OVERLAP)

    async def _reached(self, connection: Connection, instant: datetime | None) -> None:
        if instant is not None:
            await self._polls.reached(connection.account, instant)


def _jittered(seconds: float) -> float:
    return seconds * _chance.uniform(1 - JITTER, 1 + JITTER)
