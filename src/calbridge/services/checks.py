"""Whether keys still work: one live call each, all within one deadline, and not again for half a minute."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cachetools import TTLCache

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Account, AccountStatus, Connection
from calbridge.domain.errors import CalendarError, KeyRefusedError, NotConnectedError, RateLimitedError
from calbridge.services.assignments import Assignments
from calbridge.services.connections import Connections
from calbridge.services.together import together

REMEMBERED_SECONDS = 30
REMEMBERED_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Checked:
    """An account, and what became of asking Cal.com; ``error`` is "" when all is well."""

    account: Account
    status: AccountStatus
    error: str = ""


class KeyChecks:
    """Checks keys. ``timeout``: seconds for all of one request's checks together."""

    def __init__(
        self,
        connections: Connections,
        assignments: Assignments,
        calendars: Calendars,
        timeout: float,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections
        self._assignments = assignments
        self._calendars = calendars
        self._timeout = timeout
        self._known: TTLCache[tuple[UUID, datetime], Checked] = TTLCache(REMEMBERED_ACCOUNTS, REMEMBERED_SECONDS, timer)

    async def organization(self, organization_id: UUID) -> tuple[Checked, ...]:
        """Check the organization's accounts: those that work in their order, then those that have to be connected anew.

        One that was disconnected or switched off is left out.
        """
        usable = await self._connections.read(organization_id)
        asked = {connection.account.id for connection in usable}
        useless = [
            _useless(account)
            for account in await self._connections.list(organization_id)
            if account.has_key and account.status is not AccountStatus.INACTIVE and account.id not in asked
        ]
        checked = [*await self._check(usable), *useless]
        return tuple(sorted(checked, key=lambda each: each.status is not AccountStatus.ACTIVE))

    async def agent(self, organization_id: UUID, agent_id: UUID) -> Checked | None:
        """Check an agent's private key, if it has one. Raises NotFoundError for the agent."""
        private = await self._assignments.private(organization_id, agent_id)
        if private is None:
            return None
        usable = await self._connections.read(organization_id, private.id)
        return next(iter(await self._check(usable)), _useless(private))

    async def _check(self, connections: Sequence[Connection]) -> tuple[Checked, ...]:
        deadline = Deadline.after(self._timeout)
        return await together(*(self._one(connection, deadline) for connection in connections))

    async def _one(self, connection: Connection, deadline: Deadline) -> Checked:
        key = (connection.account.id, connection.account.updated_at)
        known: Checked | None = self._known.get(key)
        if known is None:
            known = self._known[key] = await self._asked(connection, deadline)
        return known

    async def _asked(self, connection: Connection, deadline: Deadline) -> Checked:
        """A Cal.com that is away or has had enough of us is an error to tell, not a bad key."""
        try:
            async with self._connections.watching(connection):
                await self._calendars.open(connection.access, deadline).me()
        except KeyRefusedError as error:
            return Checked(connection.account, AccountStatus.NEEDS_REAUTH, str(error))
        except (CalendarError, RateLimitedError) as error:
            return Checked(connection.account, AccountStatus.ACTIVE, str(error))
        return Checked(connection.account, AccountStatus.ACTIVE)


def _useless(account: Account) -> Checked:
    """What nobody asks Cal.com about: the key was refused, does not open, or its address may not be called."""
    error = KeyRefusedError() if account.status is AccountStatus.NEEDS_REAUTH else NotConnectedError()
    return Checked(account, AccountStatus.NEEDS_REAUTH, str(error))
