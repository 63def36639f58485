"""Everything that is set up, read at once and patient with what is broken: for looking it over, not for serving."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from calbridge.domain.agents import Account, Agent, Connection, Organization
from calbridge.domain.errors import UnavailableError
from calbridge.domain.intents import Backlog
from calbridge.storage import schema
from calbridge.storage.backlogs import Backlogs
from calbridge.storage.database import Database
from calbridge.storage.engines import driver_url
from calbridge.storage.rows import account_from, agent_from, connection_from, organization_from
from calbridge.storage.schema import SchemaError
from calbridge.storage.secrets import KeyRing, SealError
from calbridge.storage.tables import accounts, agents, organizations, webhooks

Value = TypeVar("Value")


class SchemaState(StrEnum):
    """How a database stands to this version of calbridge."""

    AWAY = "away"  # it does not answer
    MISSING = "missing"  # it answers, and holds no tables of calbridge
    OLD = "old"
    UNKNOWN = "unknown"  # made by another version, most likely a newer one
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Holding:
    """An account whose key is stored. ``connection`` is None where the key cannot be decrypted, ``account`` tells."""

    account: Account
    connection: Connection | None
    webhooks: frozenset[bytes] = frozenset()  # digests of the tokens of its webhooks


@dataclass(frozen=True, slots=True)
class Stock:
    """All that is set up, each the oldest first; without deleted agents, and private accounts that are erased."""

    organizations: tuple[Organization, ...]
    agents: tuple[Agent, ...]
    accounts: tuple[Holding, ...]


class Inventory:
    """Reads the whole of a database. ``keys``: None where there are no encryption keys; then no account opens.

    Raises ValueError for an address that is none.
    """

    def __init__(self, url: str, keys: KeyRing | None) -> None:
        self._address = driver_url(url)
        self._database = Database(url)
        self._keys = keys

    async def state(self) -> SchemaState:
        """Tell how the schema stands. Never raises."""
        if not self._is_there():
            return SchemaState.MISSING
        try:
            async with self._database.read() as connection:
                current = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        except (OperationalError, ProgrammingError):  # SQLite's and PostgreSQL's word for: no such table
            return SchemaState.MISSING
        except (
            UnavailableError,
            SQLAlchemyError,
            TypeError,
            ValueError,
        ):  # the last two: an address with odd parameters
            return SchemaState.AWAY
        if current is None:
            return SchemaState.MISSING
        if current == schema.head():
            return SchemaState.NEWEST
        known = schema.revisions()
        return SchemaState.OLD if current in known else SchemaState.UNKNOWN

    async def stock(self) -> Stock:
        """Read all that is set up. Raises UnavailableError, and SchemaError where the tables are of another version."""
        try:
            held = await self._webhooks()
            return Stock(
                await self._all(select(organizations).order_by(organizations.c.created_at), organization_from),
                await self._all(
                    select(agents).where(agents.c.deleted_at.is_(None)).order_by(agents.c.created_at), agent_from
                ),
                await self._all(
                    select(accounts)
                    .where(accounts.c.agent_id.is_(None) | accounts.c.sealed_key.is_not(None))
                    .order_by(accounts.c.created_at),
                    lambda row: self._holding(row, held.get(row[accounts.c.id], frozenset())),
                ),
            )
        except (SQLAlchemyError, ValueError, LookupError) as error:
            raise SchemaError("the tables are not those of this version") from error

    async def backlog(self, organization_id: UUID | None, agent_id: UUID | None) -> Backlog:
        """Count what is not settled, of all for None. Raises like ``stock``."""
        try:
            return await Backlogs(self._database).read(organization_id, agent_id)
        except SQLAlchemyError as error:
            raise SchemaError("the tables are not those of this version") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def _all(self, statement: Select[Any], read: Callable[[RowMapping], Value]) -> tuple[Value, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return tuple(read(row) for row in rows)

    async def _webhooks(self) -> Mapping[UUID, frozenset[bytes]]:
        """Return the digests of the tokens of all webhooks, by account; a version that has no such table has none."""
        found: defaultdict[UUID, set[bytes]] = defaultdict(set)
        try:
            async with self._database.read() as connection:
                for account_id, digest in await connection.execute(select(webhooks.c.account_id, webhooks.c.digest)):
                    found[account_id].add(digest)
        except (OperationalError, ProgrammingError):  # SQLite's and PostgreSQL's word for: no such table
            return {}
        return {account_id: frozenset(digests) for account_id, digests in found.items()}

    def _holding(self, row: RowMapping, held: frozenset[bytes]) -> Holding:
        account = account_from(row)
        if self._keys is None or not account.has_key:
            return Holding(account, None, held)
        try:
            return Holding(account, connection_from(row, self._keys), held)
        except SealError:
            return Holding(account, None, held)

    def _is_there(self) -> bool:
        """Whether there is something to connect to: to open an SQLite file that does not exist would make it."""
        file = self._address.database or ""
        try:
            return not self._database.is_sqlite or file.startswith("file:") or Path(file).exists()
        except OSError:  # it may be there, but not for us: connecting will tell
            return True
