"""What Cal.com tells us through webhooks: taken for a hint, answered at once, and looked into afterwards."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.webhook import bookings_named, is_signed
from calbridge.domain.errors import CalbridgeError, RateLimitedError, UnauthorizedError
from calbridge.services.connections import Connections
from calbridge.services.mirror import Mirror
from calbridge.services.together import together
from calbridge.storage.polls import Polls
from calbridge.storage.webhooks import Webhooks

MOST_WAITING = 1_000  # bookings that are to be read; of more, the accounts are polled
AT_ONCE = 4
POLL_WITHIN = timedelta(seconds=60)

Hint = tuple[UUID, UUID, str]  # organization, account, and the uid of the booking to be read

log = structlog.get_logger()


class Inbox:
    """Takes deliveries in, and reads at Cal.com what they are about.

    Nothing that a delivery says is believed but that there is something to read: so whatever is replayed or comes in
    another order has no effect but a question to Cal.com. What waits is kept in memory: if the process dies, the
    poller makes up for it. ``timeout``: seconds for reading one booking.
    ``count`` is told of each delivery whether it was accepted, a duplicate or forged.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        polls: Polls,
        connections: Connections,
        calendars: Calendars,
        mirror: Mirror,
        *,
        timeout: float,
        most_waiting: int = MOST_WAITING,
        count: Callable[[str], None] = lambda _result: None,
    ) -> None:
        self._count = count
        self._webhooks = webhooks
        self._polls = polls
        self._connections = connections
        self._calendars = calendars
        self._mirror = mirror
        self._timeout = timeout
        self._most_waiting = most_waiting
        self._nobodys_secret = secrets.token_hex(32)
        self._waiting: OrderedDict[Hint, None] = OrderedDict()
        self._arrived = asyncio.Event()

    async def receive(self, token: str, signature: str, body: bytes) -> None:
        """Take a delivery in. Raises UnauthorizedError unless it is signed with the secret that belongs to the token.

        An unknown token costs the same work as a known one, and sounds the same. A body that was delivered before is
        heeded once.
        """
        subscription = await self._webhooks.find(token)
        secret = self._nobodys_secret if subscription is None else subscription.secret
        if not is_signed(body, signature, secret) or subscription is None:
            self._count("forged")
            raise UnauthorizedError
        if not await self._webhooks.is_first(subscription, body):
            self._count("duplicate")
            return
        self._count("accepted")
        for uid in bookings_named(body):
            hint = subscription.organization_id, subscription.account_id, uid
            if hint not in self._waiting and len(self._waiting) >= self._most_waiting:
                await self._leave_to_poller(subscription.account_id, timedelta(0))
                return
            self._waiting[hint] = None
            self._arrived.set()

    async def run(self) -> None:
        """Read what comes in, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            try:
                await self.work_off()
            except Exception as error:  # noqa: BLE001 - whatever it is, what comes next must be read
                log.warning("webhook.failed", error=type(error).__name__)
                self._arrived.set()

    async def work_off(self) -> None:
        """Read everything that waits, several bookings at once."""
        await together(*(self._work() for _ in range(AT_ONCE)))

    async def _work(self) -> None:
        while self._waiting:
            hint, _ = self._waiting.popitem(last=False)
            _, account_id, _ = hint
            try:
                await self._read(*hint)
            except RateLimitedError as error:
                await self._leave_to_poller(account_id, timedelta(seconds=error.retry_after))
            except CalbridgeError as error:
                log.warning("webhook.not_read", account_id=str(account_id), error=type(error).__name__)
                await self._leave_to_poller(account_id, POLL_WITHIN)

    async def _read(self, organization_id: UUID, account_id: UUID, uid: str) -> None:
        connection = await self._connections.one(organization_id, account_id)
        if connection is None:
            return
        calendar = self._calendars.open(connection.access, Deadline.after(self._timeout))
        async with self._connections.watching(connection):
            booking = await calendar.own_booking(uid)
            if booking is not None:
                await self._mirror.reflect(connection, calendar, booking)

    async def _leave_to_poller(self, account_id: UUID, within: timedelta) -> None:
        """Have the account polled soon, and forget what else waits for it: one poll tells more than many looks."""
        for hint in [hint for hint in self._waiting if hint[1] == account_id]:
            del self._waiting[hint]
        try:
            await self._polls.hasten(account_id, within)
        except CalbridgeError as error:  # then it is polled when it is due
            log.warning("webhook.not_left_to_poller", account_id=str(account_id), error=type(error).__name__)
