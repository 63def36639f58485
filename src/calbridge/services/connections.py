"""Cal.com accounts of organizations: proved with one live call before they are stored, watched while they are used."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import structlog

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import Access, Account, AccountChange, AccountSettings, AccountStatus, Connection
from calbridge.domain.errors import AnotherUserError, InvalidRequestError, KeyRefusedError, NotFoundError
from calbridge.domain.intents import Intent
from calbridge.services.base_urls import BaseUrls
from calbridge.services.directory import Directory
from calbridge.services.proof import KeyProof
from calbridge.services.subscriptions import Subscriptions
from calbridge.storage.accounts import Accounts
from calbridge.storage.organizations import Organizations

log = structlog.get_logger()


class Connections:
    """Connects and disconnects accounts, and keeps their settings."""

    def __init__(
        self,
        organizations: Organizations,
        accounts: Accounts,
        directory: Directory,
        proof: KeyProof,
        base_urls: BaseUrls,
        subscriptions: Subscriptions,
    ) -> None:
        self._organizations = organizations
        self._accounts = accounts
        self._directory = directory
        self._proof = proof
        self._base_urls = base_urls
        self._subscriptions = subscriptions

    async def connect(
        self,
        organization_id: UUID,
        *,
        by: Actor = CALBRIDGE,
        api_key: str,
        base_url: str = "",
        name: str | None = None,
        settings: AccountSettings | None = None,
        account_id: UUID | None = None,
        field: str = "api_key",
    ) -> tuple[Account, bool]:
        """Prove a key and store it; True if the account is new to the organization.

        The same Cal.com user connected again updates its account. ``settings``, where given, replace everything that
        the owner may set; else ``name`` does, and the rest comes from Cal.com. ``account_id`` is the id that a new
        account gets. Raises InvalidRequestError for ``field`` when Cal.com refuses the key, and CalendarError when it
        cannot be asked: an unproved key is never stored. Then the event types are read, for the first call, and Cal.com
        is asked to tell of changes.
        """
        access, host = await self._proof.of_new(api_key, base_url, field=field)
        await self._organizations.ensure(organization_id, by=by)
        account, is_new = await self._accounts.connect(
            organization_id, access=access, host=host, name=name, settings=settings, account_id=account_id, by=by
        )
        await self._begin(Connection(account, access))
        return account, is_new

    async def get(self, organization_id: UUID, account_id: UUID) -> Account:
        """Return an account of the organization. Raises NotFoundError for any other."""
        account = await self._accounts.get(organization_id, account_id)
        if account is None:
            raise NotFoundError("Cal.com account")
        return account

    async def list(self, organization_id: UUID) -> tuple[Account, ...]:
        """All accounts of the organization, the oldest first, whatever their state."""
        return await self._accounts.list(organization_id)

    async def bot_of(self, account: Account) -> UUID | None:
        """Return the one agent that is linked to the account; None if there is none, or several."""
        agents = await self._accounts.linked_agents(account.id)
        return agents[0] if len(agents) == 1 else None

    async def change(
        self,
        organization_id: UUID,
        account_id: UUID,
        change: AccountChange,
        *,
        by: Actor = CALBRIDGE,
        api_key: str | None = None,
    ) -> Account:
        """Change what the owner may set, and the key if a new one is given.

        A new key must belong to the Cal.com user that the account already is: another user is another account. With it,
        what is done at connect is done anew.
        """
        account = await self.get(organization_id, account_id)
        if api_key is not None:
            old = Access(account.base_url, "", account.bookings_version)
            access, host = await self._proof.of_successor(api_key, old, field="apiKey")
            if host.id != account.host.id:
                raise AnotherUserError
            change = replace(change, access=access, host=host)
        account = await self._accounts.change(organization_id, account_id, change, by=by)
        if change.access is not None:
            await self._begin(Connection(account, change.access))
        return account

    async def disconnect(self, organization_id: UUID, account_id: UUID | None, *, by: Actor = CALBRIDGE) -> int:
        """Erase the key of one account, or of all, and undo the links to it; return how many were connected.

        Raises InvalidRequestError for an account that is not the organization's own, or is an agent's private one.
        """
        if account_id is not None and await self._accounts.get(organization_id, account_id) is None:
            raise InvalidRequestError("provider_id", "is not an account of this organization")
        await self._subscriptions.end(organization_id, account_id)
        return await self._accounts.disconnect(organization_id, account_id, by=by)

    async def usable(self, organization_id: UUID) -> tuple[Connection, ...]:
        """The organization's accounts that can be used now: the first is the primary.

        One whose address may not be called any more is left out, and logged.
        """
        return self._callable(await self._directory.connections(organization_id))

    async def one(self, organization_id: UUID, account_id: UUID) -> Connection | None:
        """Return one account that can be used now, be it private to an agent of the organization."""
        found = await self._directory.connection(organization_id, account_id)
        return next(iter(self._callable([found] if found else [])), None)

    async def read(self, organization_id: UUID, account_id: UUID | None = None) -> tuple[Connection, ...]:
        """What ``usable`` tells, or ``one``, as it is in the database now: not as this process remembers it."""
        if account_id is None:
            return self._callable(await self._accounts.connections(organization_id))
        found = await self._accounts.connection(organization_id, account_id)
        return self._callable([found] if found else [])

    async def of(self, intent: Intent) -> Connection | None:
        """Return the account in which an intent is carried out, if it can be used now: nobody else's calendar tells.

        By now, the agent may use another one, and the account may be another Cal.com user's.
        """
        connection = await self.one(intent.organization_id, intent.account_id)
        return connection if connection and connection.account.user == intent.user else None

    async def out_of_reach(self, organization_id: UUID, usable: Iterable[UUID]) -> tuple[Account, ...]:
        """The accounts that are connected and yet cannot be used: private ones too, but none that was switched off."""
        accounts = [
            *await self._accounts.list(organization_id),
            *await self._accounts.private_ones(organization_id),
        ]
        reached = frozenset(usable)
        return tuple(
            account
            for account in accounts
            if account.has_key and account.status is not AccountStatus.INACTIVE and account.id not in reached
        )

    @asynccontextmanager
    async def watching(self, connection: Connection) -> AsyncIterator[None]:
        """Use a connection: if Cal.com refuses its key meanwhile, the account is marked as needing a new one."""
        try:
            yield
        except KeyRefusedError:
            await self._accounts.needs_reauth(connection.account)
            raise

    async def _begin(self, connection: Connection) -> None:
        """Prepare for calls with a key that has just been stored."""
        await self._proof.prepare(connection)
        await self._subscriptions.renew(connection)

    def _callable(self, connections: Iterable[Connection]) -> tuple[Connection, ...]:
        allowed = []
        for connection in connections:
            if self._base_urls.allows(connection.access.base_url):
                allowed.append(connection)
            else:
                log.warning("account.address_not_allowed", account_id=str(connection.account.id))
        return tuple(allowed)
