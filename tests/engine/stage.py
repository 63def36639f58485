"""Where the scenarios play: the sandbox and one or several servers as processes, over a database of their own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx
from sqlalchemy import select
from tests.e2e.processes import run
from tests.engine.servers import Server

from calbridge.storage.database import Database
from calbridge.storage.tables import intents

JWT_SECRET = "a secret for the scenarios of the engine that is long enough"
SECRETS = {"JWT_SECRET": JWT_SECRET, "ENCRYPTION_KEYS": "cd" * 32}
# Scenarios make no use of these limits; that they hold is proved elsewhere.
UNLIMITED = {"CALCOM_RATE_LIMIT": "100000", "LOG_LEVEL": "WARNING"}
SETTLE_SECONDS = 2
CLOCKED = ("attempted_at", "looked_at", "due_at", "settled_at", "created_at")
GIVES_UP_SECONDS = 40  # a caller gives up well after calbridge should have answered
OPEN_STATES = ("sending", "unknown", "needs_human")


class Address(Protocol):
    """Something that answers HTTP."""

    @property
    def url(self) -> str:
        """Where it is."""


class Scene(Protocol):
    """What a practice needs of a stage."""

    database_url: str

    @property
    def servers(self) -> Sequence[Address]:
        """The servers; several share one database."""

    @property
    def sandbox(self) -> Address:
        """Cal.com."""

    def clock(self) -> datetime:
        """The present of all of them."""

    def client(self) -> httpx.AsyncClient:
        """A client that reaches them."""


class Stage:
    """A sandbox and the servers that use it; ``settings`` are what all commands over the same database need."""

    def __init__(self, folder: Path, database_url: str, *, servers: int = 1, **settings: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.sandbox = Server("sandbox", folder=folder, ready="/sandbox/ledger")
        self.settings = {
            **SECRETS,
            **UNLIMITED,
            "SETTLE_SECONDS": str(SETTLE_SECONDS),
            "DATABASE_URL": database_url,
            "CALCOM_API_URL": self.sandbox.url,
            "CALCOM_ALLOWED_HOSTS": self.sandbox.url.removeprefix("http://"),
            **settings,
        }
        self.servers = [Server("serve", folder=folder, ready="/health/ready", **self.settings) for _ in range(servers)]

    def clock(self) -> datetime:
        """The true time."""
        return datetime.now(UTC)

    def client(self) -> httpx.AsyncClient:
        """A client for any number of callers."""
        return httpx.AsyncClient(timeout=GIVES_UP_SECONDS, limits=httpx.Limits(max_connections=None))

    @contextmanager
    def open(self) -> Iterator["Stage"]:
        """Start everything, and end it abruptly."""
        everything = [self.sandbox, *self.servers]
        with ExitStack() as stack:
            for server in everything:
                server.launch()
                stack.callback(server.kill)
            for server in everything:
                server.wait_until_ready()
            yield self

    def open_intents(self) -> tuple[str, ...]:
        """What calbridge does not know yet, or cannot settle by itself, as it tells operators."""
        done = run("intents", "list", "--json", folder=self.folder, **self.settings)
        assert done.returncode == 0, done.stderr
        listed = json.loads(done.stdout)
        return tuple(f"{each['id']} {each['state']}" for each in listed if each["state"] in OPEN_STATES)


async def unsettled(database_url: str) -> tuple[str, ...]:
    """The same, read from the database: a command takes seconds to start."""
    database = Database(database_url)
    try:
        async with database.read() as connection:
            rows = await connection.execute(
                select(intents.c.id, intents.c.state, intents.c.history).where(intents.c.state.in_(OPEN_STATES))
            )
            return tuple(f"{row.id} {row.state}\n{row.history}" for row in rows)
    finally:
        await database.close()


async def let_pass(database_url: str, time: timedelta) -> None:
    """Have time pass on the database's clock: everything that it says of when intents were dealt with becomes older."""
    database, seconds = Database(database_url), int(time.total_seconds())
    older = "strftime('%Y-%m-%d %H:%M:%f000', {}, '-{} seconds')" if database.is_sqlite else "{} - interval '{} s'"
    changes = ", ".join(f"{column} = {older.format(column, seconds)}" for column in CLOCKED)
    try:
        async with database.write() as connection:
            await connection.exec_driver_sql(f"UPDATE intents SET {changes}")  # noqa: S608 - our own words
    finally:
        await database.close()
