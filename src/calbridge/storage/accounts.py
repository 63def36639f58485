"""Cal.com accounts: an organization's, and those private to one agent. Keys are sealed, each to its own row."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import (
    Access,
    Account,
    AccountChange,
    AccountSettings,
    AccountStatus,
    Connection,
    Host,
)
from calbridge.domain.errors import AgentLinkedError, ConflictError, InvalidRequestError, NotFoundError
from calbridge.storage import account_values
from calbridge.storage.account_values import Values
from calbridge.storage.audit import Event, enter
from calbridge.storage.database import Database
from calbridge.storage.links import link_exactly, lock_agent, unlink_all
from calbridge.storage.rows import account_from, connection_from
from calbridge.storage.secrets import KeyRing, SealError
from calbridge.storage.tables import accounts, agents, new_id

HAS_KEY = accounts.c.sealed_key.is_not(None)
OF_ORGANIZATION = accounts.c.agent_id.is_(None)  # not private to an agent

# What the audit log calls a thing that happens to an organization's account, and to a private one.
_CONNECTED = Event.ACCOUNT_CONNECTED, Event.AGENT_KEY_CONNECTED
_CONNECTED_ANEW = Event.ACCOUNT_RECONNECTED, Event.AGENT_KEY_CONNECTED
_CONNECTED_AGAIN = Event.ACCOUNT_RECONNECTED, Event.AGENT_KEY_ROTATED
_DISCONNECTED = Event.ACCOUNT_DISCONNECTED, Event.AGENT_KEY_DISCONNECTED
_KEY_REFUSED = Event.ACCOUNT_KEY_REFUSED, Event.AGENT_KEY_REFUSED

log = structlog.get_logger()


class Accounts:
    """The connected Cal.com accounts. An organization's *primary* is the first of its ``connections``."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def connect(
        self,
        organization_id: UUID,
        *,
        access: Access,
        host: Host,
        name: str | None = None,
        settings: AccountSettings | None = None,
        agent_id: UUID | None = None,
        account_id: UUID | None = None,
        by: Actor = CALBRIDGE,
    ) -> tuple[Account, bool]:
        """Store a proved key; True if the account is new. With ``agent_id`` it becomes the agent's private key.

        The same Cal.com user connected again in the organization, or a second private key of the agent, replaces the
        key and keeps the id. ``settings``, where given, replace everything that the owner may set; else ``name``
        does, and the rest stays as it was or, for a Cal.com user who is new here, comes from Cal.com. ``account_id``
        is the id of a new account, where it matters.

        Raises NotFoundError for an unknown organization or agent, and ConflictError for a private key of an agent
        that is linked to an account.
        """
        now, account_id = self._clock(), account_id or new_id()
        insert = self._database.insert(accounts).on_conflict_do_nothing().returning(accounts)
        insert = insert.values(
            account_values.connected(self._keys, account_id, access, host, settings, name, now)
            | {"id": account_id, "organization_id": organization_id, "agent_id": agent_id}
            | {"connected_at": now, "created_at": now, "updated_at": now}
        )
        async with self._database.write() as connection:
            if agent_id is not None:
                agent = await lock_agent(connection, organization_id, agent_id)
                if agent[agents.c.linked_account_id] is not None:
                    raise AgentLinkedError
            try:
                row = (await connection.execute(insert)).mappings().one_or_none()
            except IntegrityError as error:
                raise NotFoundError("Organization") from error
            if row is not None:
                await _enter(connection, _CONNECTED, [row], by, now)
                return account_from(row), True
            old = await _lock(connection, _same(organization_id, access, host, agent_id))
            values = account_values.connected_again(self._keys, old, access, host, settings, name, now)
            values["updated_at"] = now
            had_key = old[accounts.c.sealed_key] is not None
            if not had_key:
                values["connected_at"] = now  # it had been disconnected: others may have become older meanwhile
            await _enter(connection, _CONNECTED_AGAIN if had_key else _CONNECTED_ANEW, [old], by, now)
            return account_from(await _write(connection, old, values)), False

    async def get(self, organization_id: UUID, account_id: UUID) -> Account | None:
        """Return an account of the organization, whatever its state, or None; a private one is not found."""
        return await self._one(_of(organization_id).where(accounts.c.id == account_id))

    async def private(self, agent_id: UUID) -> Account | None:
        """Return the private account of an agent, or None when there is none or its key is erased."""
        return await self._one(select(accounts).where(accounts.c.agent_id == agent_id, HAS_KEY))

    async def private_ones(self, organization_id: UUID) -> tuple[Account, ...]:
        """Return the private accounts of the organization's agents, but for those whose key is erased."""
        statement = select(accounts).where(
            accounts.c.organization_id == organization_id, accounts.c.agent_id.is_not(None), HAS_KEY
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return tuple(account_from(row) for row in rows)

    async def list(self, organization_id: UUID) -> tuple[Account, ...]:
        """Return the organization's accounts in every state, the oldest first."""
        statement = _of(organization_id).order_by(accounts.c.created_at, accounts.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return tuple(account_from(row) for row in rows)

    async def connections(self, organization_id: UUID) -> tuple[Connection, ...]:
        """Return the organization's usable accounts with their keys: the first is the primary.

        An account whose key does not open is left out, and logged.
        """
        statement = _of(organization_id).order_by(accounts.c.connected_at, accounts.c.created_at, accounts.c.id)
        return await self._usable(statement)

    async def connection(self, organization_id: UUID, account_id: UUID) -> Connection | None:
        """Return one usable account of the organization with its key, be it private to an agent; None for any other."""
        one = select(accounts).where(accounts.c.organization_id == organization_id, accounts.c.id == account_id)
        return next(iter(await self._usable(one)), None)

    async def keyed(self, organization_id: UUID, account_id: UUID | None) -> tuple[Connection, ...]:
        """Return one account of the organization that has a key, or all but the private ones, whatever their status.

        One whose key does not open is left out, and logged.
        """
        one = select(accounts).where(accounts.c.organization_id == organization_id, accounts.c.id == account_id)
        return await self._opened(_of(organization_id) if account_id is None else one)

    async def linked_agents(self, account_id: UUID) -> tuple[UUID, ...]:
        """Return the ids of the agents that are linked to an account, the oldest first."""
        statement = select(agents.c.id).where(agents.c.linked_account_id == account_id, agents.c.deleted_at.is_(None))
        async with self._database.read() as connection:
            return tuple((await connection.scalars(statement.order_by(agents.c.created_at, agents.c.id))).all())

    async def change(
        self, organization_id: UUID, account_id: UUID, change: AccountChange, *, by: Actor = CALBRIDGE
    ) -> Account:
        """Do all of a change, or nothing.

        Raises NotFoundError for an account or an agent that the organization has not. Raises ConflictError for
        activating an account whose key is erased, for a Cal.com user that is connected here already, and for linking
        an agent to an erased account or one that has a private key.
        """
        now = self._clock()
        async with self._database.write() as connection:
            old = await _lock(connection, _of(organization_id).where(accounts.c.id == account_id))
            values = account_values.changed(self._keys, old, change, now)
            if change.linked_agents and old[accounts.c.sealed_key] is None and change.access is None:
                raise ConflictError("The account is disconnected: no agent can be linked to it.")
            relinked = change.linked_agents is not None and await link_exactly(
                connection, old, change.linked_agents, by, now
            )
            rewritten = any(value != old[accounts.c[column]] for column, value in values.items())
            if not (relinked or rewritten):
                return account_from(old)
            if rewritten:
                event = Event.ACCOUNT_CHANGED if change.access is None else Event.ACCOUNT_RECONNECTED
                await enter(connection, organization_id, event, [account_id], by, now)
            try:
                row = await _write(connection, old, values | {"updated_at": now})
            except IntegrityError as error:
                raise ConflictError("This Cal.com user is connected already, as another account.") from error
        return account_from(row)

    async def disconnect(self, organization_id: UUID, account_id: UUID | None, *, by: Actor = CALBRIDGE) -> int:
        """Erase the key of an account, or of all accounts of the organization, and undo the links to it.

        Returns how many had a key. A private account is disconnected only by its own id. Raises InvalidRequestError
        for an account that is not the organization's.
        """
        now = self._clock()
        if account_id is None:
            which = _of(organization_id).where(HAS_KEY)
        else:
            which = select(accounts).where(accounts.c.organization_id == organization_id, accounts.c.id == account_id)
        async with self._database.write() as connection:
            locking = which.order_by(accounts.c.id).with_for_update(key_share=True)
            found = (await connection.execute(locking)).mappings().all()
            if account_id is not None and not found:
                raise InvalidRequestError("provider_id", "is not an account of this organization")
            rows = [row for row in found if row[accounts.c.sealed_key] is not None]
            ids = [row[accounts.c.id] for row in rows]
            await unlink_all(connection, organization_id, ids, by, now)
            await connection.execute(update(accounts).where(accounts.c.id.in_(ids)).values(account_values.erased(now)))
            await _enter(connection, _DISCONNECTED, rows, by, now)
        return len(ids)

    async def needs_reauth(self, account: Account, *, by: Actor = CALBRIDGE) -> None:
        """Note that Cal.com refused the key of an account that was thought active.

        ``account`` is as it was read together with that key: one that was set meanwhile is not concerned.
        """
        now = self._clock()
        statement = update(accounts).where(
            accounts.c.id == account.id,
            accounts.c.status == AccountStatus.ACTIVE.value,
            accounts.c.key_set_at == account.key_set_at,
        )
        values = {"status": AccountStatus.NEEDS_REAUTH.value, "updated_at": now}
        async with self._database.write() as connection:
            rows = (await connection.execute(statement.values(values).returning(accounts))).mappings().all()
            await _enter(connection, _KEY_REFUSED, rows, by, now)

    async def _usable(self, statement: Select[Any]) -> tuple[Connection, ...]:
        return await self._opened(statement.where(accounts.c.status == AccountStatus.ACTIVE.value))

    async def _opened(self, statement: Select[Any]) -> tuple[Connection, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(statement.where(HAS_KEY))).mappings().all()
        opened = []
        for row in rows:
            try:
                opened.append(connection_from(row, self._keys))
            except SealError:
                log.warning("account.unreadable", account_id=str(row[accounts.c.id]))
        return tuple(opened)

    async def _one(self, statement: Select[Any]) -> Account | None:
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else account_from(row)


def _of(organization_id: UUID) -> Select[Any]:
    return select(accounts).where(accounts.c.organization_id == organization_id, OF_ORGANIZATION)


def _same(organization_id: UUID, access: Access, host: Host, agent_id: UUID | None) -> Select[Any]:
    """Pick the row that a connect comes upon: its condition is that of the unique index."""
    if agent_id is not None:
        return select(accounts).where(accounts.c.agent_id == agent_id)
    return _of(organization_id).where(accounts.c.base_url == access.base_url, accounts.c.host_id == host.id)


async def _lock(connection: AsyncConnection, statement: Select[Any]) -> RowMapping:
    rows = await connection.execute(statement.with_for_update(key_share=True))
    row: RowMapping | None = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError("Cal.com account")
    return row


async def _write(connection: AsyncConnection, old: RowMapping, values: Values) -> RowMapping:
    statement = update(accounts).where(accounts.c.id == old[accounts.c.id]).values(values)
    row: RowMapping = (await connection.execute(statement.returning(accounts))).mappings().one()
    return row


async def _enter(
    connection: AsyncConnection, events: tuple[Event, Event], rows: Sequence[RowMapping], by: Actor, at: datetime
) -> None:
    """Write into the audit log what happens to these accounts, each by its own word."""
    for row in rows:
        event = events[0] if row[accounts.c.agent_id] is None else events[1]
        await enter(connection, row[accounts.c.organization_id], event, [row[accounts.c.id]], by, at)
