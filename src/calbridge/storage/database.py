"""Connections to the database: one for a statement that reads, a transaction for anything that writes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Table, func, literal, text, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from calbridge.domain.errors import UnavailableError
from calbridge.storage import schema
from calbridge.storage.engines import BEGIN_IMMEDIATE, PLACES, POOL_SECONDS, STATEMENT_SECONDS, make_engine
from calbridge.storage.patience import PatientConnection, patient
from calbridge.storage.schema import check, downgrade, upgrade
from calbridge.storage.tables import AHEAD, INSTANT

__all__ = ["Database", "check", "downgrade", "upgrade"]

T = TypeVar("T")

READY_SECONDS = 2
WARM_CONNECTIONS = 3
WARM_SECONDS = 3

OnChange = Callable[[UUID, UUID], None]  # the ids of a change, and of what it concerns
_NOTED = "calbridge.noted"

# Classes and codes of SQLSTATE that tell of a database that is away, not of a statement that is wrong.
AWAY_CLASSES = (
    "08",  # connection exception
    "28",  # it does not let us in
    "3D",  # there is no such database (any more)
    "40",  # the transaction was undone through no fault of its own: deadlock
    "55000",  # it lets nobody in for now
    "53",  # out of connections, memory or disk
    "57",  # shutting down, starting up, statement cancelled
)

# A statement that is wrong. What else SQLite calls operational: busy, locked, read-only, full, not to be opened.
SQLITE_ERROR = 1


def ignore_change(_change_id: UUID, _subject_id: UUID) -> None:
    """Remember nothing, and so forget nothing."""


class Database:
    """A database address with its pool of connections.

    ``on_change`` is told of every change that was noted in a transaction, once it is over.

    Where the database is away, refuses, drops the line or keeps one waiting, ``read`` and ``write`` raise
    UnavailableError, whichever statement it was that met it.
    """

    def __init__(self, url: str, on_change: OnChange = ignore_change) -> None:
        self._engine = make_engine(url)
        self._on_change = on_change
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite has one writer at a time and lets the others poll for their turn; a queue is fair and prompt.
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(PLACES)
        self._closed_places = 0

    @property
    def is_sqlite(self) -> bool:
        """Whether it is an SQLite file: for one process only."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection without a transaction: every statement stands for itself."""
        with _unavailable_when_away():
            async with self._lend(self._reader) as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in one transaction, committed at the end, undone by an exception."""
        async with self._writing(self._engine) as connection, self._wholly(connection.begin()):
            if self.is_sqlite:
                await connection.exec_driver_sql(BEGIN_IMMEDIATE)
            yield connection

    @asynccontextmanager
    async def write_at_once(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for one statement that writes and is a transaction of its own: a single round trip."""
        async with self._writing(self._reader) as connection:
            yield connection

    async def warm(self) -> None:
        """Open a few connections, so that the first requests need not. A database that is away is waited for later."""
        try:
            async with asyncio.timeout(WARM_SECONDS), AsyncExitStack() as stack:
                for _ in range(WARM_CONNECTIONS):
                    connection = await stack.enter_async_context(self.read())
                    await connection.execute(text("SELECT 1"))
        except (UnavailableError, SQLAlchemyError, TimeoutError):
            return

    def now(self, ahead: timedelta | BindParameter[timedelta] = timedelta(0)) -> ColumnElement[datetime]:
        """The database's own clock, in SQL: the one clock that all processes share.

        ``ahead`` may be negative; as a parameter it is of the type ``AHEAD``.
        """
        shift = literal(ahead, AHEAD) if isinstance(ahead, timedelta) else ahead
        if self.is_sqlite:
            # Milliseconds are all it tells; the zeros make them what SQLAlchemy reads and writes.
            return func.strftime("%Y-%m-%d %H:%M:%f000", "now", shift, type_=INSTANT)
        return func.clock_timestamp(type_=INSTANT) + shift

    def swift(self) -> ColumnElement[str]:
        """Have the commit of a single statement not wait for the disk, where the statement returns this for a row.

        If the database's server crashes within a second, what it wrote may be lost: as a whole, and nothing before it.
        SQLite does not wait in any case.
        """
        return literal("") if self.is_sqlite else func.set_config("synchronous_commit", "off", true())

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
        """Close every connection, for good. On SQLite, where nothing is broken off, what is under way is waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATEMENT_SECONDS), self._turn:
                while self._closed_places < PLACES:
                    await self._places.acquire()
                    self._closed_places += 1
        await self._engine.dispose()

    @asynccontextmanager
    async def _lend(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        if not self.is_sqlite:
            async with engine.connect() as connection:
                yield connection
            return
        async with asyncio.timeout(POOL_SECONDS):  # here, where nobody has to be patient, instead of in the pool
            await self._places.acquire()
        try:
            async with patient(PatientConnection(engine)) as connection:
                yield connection
        finally:
            self._places.release()

    def _wholly(self, context: AbstractAsyncContextManager[T]) -> AbstractAsyncContextManager[T]:
        return patient(context) if self.is_sqlite else context

    @asynccontextmanager
    async def _writing(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        noted: list[tuple[UUID, UUID]] = []
        try:
            with _unavailable_when_away():
                async with AsyncExitStack() as stack:
                    if self.is_sqlite:
                        await stack.enter_async_context(self._turn)
                    connection = await stack.enter_async_context(self._lend(engine))
                    connection.info[_NOTED] = noted
                    yield connection
        finally:  # also when it was not committed, or nobody knows
            for change_id, subject_id in noted:
                self._on_change(change_id, subject_id)


def noted_in(connection: AsyncConnection) -> list[tuple[UUID, UUID]]:
    """Return the changes that are noted in the transaction of a connection that was lent for writing."""
    noted: list[tuple[UUID, UUID]] = connection.info[_NOTED]
    return noted


@contextmanager
def _unavailable_when_away() -> Iterator[None]:
    try:
        yield
    except (OSError, PoolTimeoutError) as error:  # asyncpg lets those of the socket through as they are
        raise UnavailableError from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_away(error):
            raise UnavailableError from error
        raise


def _is_away(error: DBAPIError) -> bool:
    driver = error.driver_exception
    code = getattr(driver, "sqlite_errorcode", None)
    if isinstance(error, OperationalError) and code is not None:
        return int(code) & 0xFF != SQLITE_ERROR
    return str(getattr(driver, "sqlstate", None) or "").startswith(AWAY_CLASSES)
