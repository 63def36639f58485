"""Connections to the database: one for a statement that reads, a transaction for anything that writes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.errors import UnavailableError
from calbridge.storage import schema
from calbridge.storage.engines import BEGIN_IMMEDIATE, make_engine
from calbridge.storage.schema import check, downgrade, upgrade

__all__ = ["Database", "check", "downgrade", "upgrade"]

READY_SECONDS = 2

# Classes and codes of SQLSTATE that tell of a database that is away, not of a statement that is wrong.
AWAY_CLASSES = (
    "08",  # connection exception
    "28",  # it does not let us in
    "3D",  # there is no such database (any more)
    "40",  # the transaction was undone through no fault of its own: deadlock
    "53",  # out of connections, memory or disk
    "57",  # shutting down, starting up, statement cancelled
)


class Database:
    """A database address with its pool of connections.

    Where the database is away, refuses, drops the line or keeps one waiting, ``read`` and ``write`` raise
    UnavailableError, whichever statement it was that met it.
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite has one writer at a time and lets the others poll for their turn; a queue is fair and prompt.
        self._turn = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file: for one process only."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection without a transaction: every statement stands for itself."""
        with _unavailable_when_away():
            async with self._reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in one transaction, committed at the end, undone by an exception."""
        with _unavailable_when_away():
            async with AsyncExitStack() as stack:
                if self.is_sqlite:
                    await stack.enter_async_context(self._turn)
                connection = await stack.enter_async_context(self._engine.begin())
                if self.is_sqlite:
                    await connection.exec_driver_sql(BEGIN_IMMEDIATE)
                yield connection

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """Begin an INSERT that may say what happens on a conflict; each database has a dialect of it."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def scrub(self) -> None:
        """Leave nothing of what was erased in SQLite's write-ahead log, unless somebody is still reading from it.

        The log is emptied into the file, where erased values are overwritten. PostgreSQL does such a thing by itself:
        VACUUM removes what old row versions hold.
        """
        if self.is_sqlite:
            async with self._turn, self.read() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def ready(self) -> bool:
        """Tell whether the database answers and its schema is the newest. Never raises; takes two seconds at most."""
        try:
            async with asyncio.timeout(READY_SECONDS), self.read() as connection:
                current = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        except (UnavailableError, SQLAlchemyError, TimeoutError):
            return False
        return bool(current == schema.head())

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


@contextmanager
def _unavailable_when_away() -> Iterator[None]:
    try:
        yield
    except (OSError, PoolTimeoutError) as error:  # asyncpg lets those of the socket through as they are
        raise UnavailableError from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_away(error.driver_exception):
            raise UnavailableError from error
        raise


def _is_away(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        # SQLITE_ERROR is a statement that is wrong; the rest: busy, locked, read-only, full, not to be opened.
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR
    return str(getattr(error, "sqlstate", None) or "").startswith(AWAY_CLASSES)
