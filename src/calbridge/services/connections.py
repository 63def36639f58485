"""Cal.com accounts of organizations: proved with one live call before they are stored, watched while they are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import Access, Account, AccountChange, AccountSettings, Connection, Host
from calbridge.domain.errors import ConflictError, InvalidRequestError, KeyRefusedError, NotFoundError
from calbridge.services.base_urls import BaseUrls
from calbridge.storage.accounts import Accounts
from calbridge.storage.organizations import Organizations

MAX_KEY_LENGTH = 512


class Connections:
    """Connects accounts and keeps their settings. ``timeout``: seconds that proving a key may take."""

    def __init__(
        self,
        organizations: Organizations,
        accounts: Accounts,
        calendars: Calendars,
        base_urls: BaseUrls,
        timeout: float,
    ) -> None:
        self._organizations = organizations
        self._accounts = accounts
        self._calendars = calendars
        self._base_urls = base_urls
        self._timeout = timeout

    async def connect(
        self,
        organization_id: UUID,
        *,
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
        account gets. Raises InvalidRequestError for
        ``field`` when Cal.com refuses the key, and CalendarError when it cannot be asked: an unproved key is never
        stored.
        """
        access = Access(self._base_urls.resolve(base_url), _plain_key(api_key, field))
        host = await self._prove(access, field)
        await self._organizations.ensure(organization_id)
        return await self._accounts.connect(
            organization_id, access=access, host=host, name=name, settings=settings, account_id=account_id
        )

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
        self, organization_id: UUID, account_id: UUID, change: AccountChange, *, api_key: str | None = None
    ) -> Account:
        """Change what the owner may set, and the key if a new one is given.

        A new key must belong to the Cal.com user that the account already is: another user is another account.
        """
        account = await self.get(organization_id, account_id)
        if api_key is not None:
            access = Access(account.base_url, _plain_key(api_key, "apiKey"), account.bookings_version)
            host = await self._prove(access, "apiKey")
            if host.id != account.host.id:
                raise ConflictError("apiKey belongs to another Cal.com user; connect that one as an account of its own")
            change = replace(change, access=access, host=host)
        return await self._accounts.change(organization_id, account_id, change)

    @asynccontextmanager
    async def watching(self, connection: Connection) -> AsyncIterator[None]:
        """Use a connection: if Cal.com refuses its key meanwhile, the account is marked as needing a new one."""
        try:
            yield
        except KeyRefusedError:
            await self._accounts.needs_reauth(connection.account.id)
            raise

    async def _prove(self, access: Access, field: str) -> Host:
        try:
            return await self._calendars.open(access, Deadline.after(self._timeout)).me()
        except KeyRefusedError as error:
            raise InvalidRequestError(field, "was refused by Cal.com") from error


def _plain_key(api_key: str, field: str) -> str:
    """A key goes into a header: printable ASCII without blanks, or nothing."""
    key = api_key.strip()
    if not key:
        raise InvalidRequestError(field, "is required")
    if len(key) > MAX_KEY_LENGTH or not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidRequestError(field, "is not a Cal.com API key")
    return key
