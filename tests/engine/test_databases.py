"""A database that is away: at the start, at the moment of the commit, after Cal.com has said yes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import URL, make_url
from tests.engine.practice import MANAGE, Practice, open_practice
from tests.engine.servers import wait_for
from tests.engine.stage import Stage

from calbridge.storage.engines import make_migration_engine

SESSION = "call-5678-abcdef"
# Ends the connection of whoever is about to commit an intent.
STRIKE = (
    """CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$""",
    """CREATE CONSTRAINT TRIGGER strike AFTER INSERT ON intents DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION strike()""",
)
SPARE = ("DROP TRIGGER strike ON intents", "DROP FUNCTION strike()")


@asynccontextmanager
async def away(stage: Stage, server: URL) -> AsyncIterator[None]:
    """Have the database be away for a while: PostgreSQL knows none of that name, SQLite's file is locked."""
    address = make_url(stage.database_url)
    if address.get_backend_name() == "sqlite":
        with locked(Path(str(address.database))):
            yield
        return
    name = address.database
    await administer(
        server,
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - our own name
        f"ALTER DATABASE {name} RENAME TO {name}_away",
    )
    try:
        yield
    finally:
        await administer(
            server, f"ALTER DATABASE {name}_away RENAME TO {name}", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of whoever writes to an SQLite file."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


async def administer(database: URL, *statements: str) -> None:
    """Run statements outside of a transaction."""
    engine = make_migration_engine(database.render_as_string(hide_password=False))
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


async def test_a_server_starts_without_its_database_and_serves_once_it_is_there(
    postgres_url: str, postgres_server: URL, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, postgres_url)
    server = stage.servers[0]
    stage.sandbox.launch()
    try:
        async with away(stage, postgres_server):
            server.launch()
            await asyncio.to_thread(
                wait_for, lambda: server.answers(f"{server.url}/health/live") is not None, 30, lambda: server.log
            )
            ready = server.answers(f"{server.url}/health/ready")
            body = {"action": "suggest", "org_id": _id(1), "agent_id": _id(2)}
            async with httpx.AsyncClient(timeout=30) as http:
                asked = await http.post(f"{server.url}{MANAGE}", json=body)
        await asyncio.to_thread(server.wait_until_ready)
        async with open_practice(stage) as practice:
            booked = await practice.ask(practice.booking())
            await practice.verify()
    finally:
        server.kill()
        stage.sandbox.kill()

    assert ready == httpx.codes.SERVICE_UNAVAILABLE
    assert (asked.status_code, asked.json()["code"]) == (503, "UNAVAILABLE")
    assert booked.succeeded


async def test_what_cannot_be_committed_is_not_sent(group_practice: Practice[Stage]) -> None:
    practice, database = group_practice, make_url(group_practice.stage.database_url)
    jane = practice.booking()
    assert (await practice.ask(practice.booking(9))).succeeded
    await administer(database, *STRIKE)
    try:
        heard = await practice.ask(jane, call_session_id=SESSION)
    finally:
        await administer(database, *SPARE)
    final = await practice.insist(jane, call_session_id=SESSION)

    assert (heard.status, heard.code) == (503, "UNAVAILABLE")
    assert final.succeeded
    assert len(await practice.requests()) == 2
    await practice.verify()


async def test_nothing_is_sent_while_the_database_is_away(practice: Practice[Stage], postgres_server: URL) -> None:
    jane = practice.booking()
    assert (await practice.ask(practice.booking(9))).succeeded
    async with away(practice.stage, postgres_server):
        heard = await practice.ask(jane, call_session_id=SESSION)
        sent = len(await practice.requests())
    final = await practice.insist(jane, call_session_id=SESSION)

    # Of a lock that somebody else holds one knows only when it was waited for; then the deadline may be over.
    assert (heard.status, heard.code) in {(503, "UNAVAILABLE"), (202, "")}
    assert sent == 1
    assert final.succeeded
    await practice.verify(patience=timedelta(seconds=12))


async def test_a_booking_stands_even_if_the_database_is_away_when_cal_com_has_made_it(
    practice: Practice[Stage], postgres_server: URL
) -> None:
    jane = practice.booking()
    await practice.strike("delay", when="after", seconds=1)
    asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION, deadline_ms=4000))
    while not await practice.requests():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    async with away(practice.stage, postgres_server):
        heard = await asking
    again = await practice.insist(jane, call_session_id=SESSION)

    assert heard.succeeded
    assert again.uid == heard.uid
    assert len(await practice.requests()) == 1
    await practice.verify(patience=timedelta(seconds=12))


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
