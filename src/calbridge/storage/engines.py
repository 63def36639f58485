"""From a database address to an engine: which driver, which limits, and SQLite as a server needs it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, Dialect, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

# A voice agent waits for eight seconds at most: a database that is away has to show well before that.
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 5
POOL_SECONDS = 3
POOL_SIZE = 10
POOL_OVERFLOW = 10
PLACES = POOL_SIZE + POOL_OVERFLOW  # connections at most

# A deferred transaction that turns to writing fails at once when another one has written meanwhile.
BEGIN_IMMEDIATE = "BEGIN IMMEDIATE"
SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",  # readers and the one writer do not wait for each other
    "PRAGMA synchronous = NORMAL",  # with WAL a power cut costs the last commits at worst, never the file
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not only unlinked
)


def driver_url(url: str) -> URL:
    """Turn an address as people write it into one that names the asynchronous driver.

    Raises ValueError for anything but an SQLite file or PostgreSQL; the message does not repeat the address, since
    that holds a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("the database URL cannot be read") from None
    driver = DRIVERS.get(parsed.drivername.partition("+")[0])
    if driver is None:
        raise ValueError("the database URL must begin with sqlite:/// or postgresql://")
    parsed = parsed.set(drivername=driver)
    if driver.startswith("sqlite"):
        if parsed.database in {None, "", ":memory:"}:
            raise ValueError("the database URL must name an SQLite file: sqlite:///file.db")
        return parsed
    # What other PostgreSQL clients call sslmode is ssl in asyncpg, with the same values.
    if "sslmode" in parsed.query:
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


def make_engine(url: str) -> AsyncEngine:
    """Make the engine that serves requests. Nothing is connected yet."""
    address = driver_url(url)
    options: dict[str, Any] = {
        "hide_parameters": True,  # an error that is logged must not carry what callers said
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_OVERFLOW,
        "pool_timeout": POOL_SECONDS,
        "pool_use_lifo": True,  # the connection that was used last has its statements prepared
    }
    if address.get_backend_name() == "sqlite":
        # The driver opens no transactions of its own accord: those that write are opened by hand, as IMMEDIATE.
        engine = create_async_engine(address, isolation_level="AUTOCOMMIT", **options)
        event.listen(engine.sync_engine, "do_connect", _try_to_open)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "connect", _check_foreign_keys)
    else:
        limits = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
        engine = create_async_engine(address, connect_args=limits, **options)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def make_migration_engine(url: str) -> AsyncEngine:
    """Make the engine that migrates: one connection, no limits, and DDL inside the transaction on both databases."""
    address = driver_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address, poolclass=NullPool)
    # Foreign keys are not checked meanwhile: to change a table in SQLite is to make it anew.
    engine = create_async_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    event.listen(engine.sync_engine, "do_connect", _try_to_open)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _try_to_open(_dialect: Dialect, _entry: ConnectionPoolEntry, args: Sequence[Any], options: dict[str, Any]) -> None:
    """Have a file that cannot be opened fail here.

    In aiosqlite it fails in a thread, which outlives a short event loop and then prints a traceback of its own.
    """
    import sqlite3  # noqa: PLC0415 - a process on PostgreSQL need not have its library

    sqlite3.connect(*args, **options).close()


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _check_foreign_keys(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql(BEGIN_IMMEDIATE)


def _refuse_closed(connection: Any, _entry: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - as asyncpg's
    """Have the pool replace a connection that its server closed while it lay idle.

    asyncpg notices that by itself, so a restart of the database costs no request and no ping.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError
