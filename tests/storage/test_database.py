"""Connections: transactions, what becomes of instants, and a database that is away in every way there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from tests.storage.factories import START, Store, access, account_of, host, open_store, record

from calbridge.domain.agents import AccountChange
from calbridge.domain.errors import UnavailableError
from calbridge.storage import engines
from calbridge.storage.database import Database
from calbridge.storage.engines import driver_url
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id, organizations

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def silent_url() -> AsyncIterator[str]:
    """A server that takes connections and never says a word."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    yield f"postgresql://nobody@127.0.0.1:{port}/none"
    server.close()
    await server.wait_closed()


def row(created_at: datetime = START) -> dict[str, object]:
    return {"id": new_id(), "name": "Smile Dental", "require_key": False, "created_at": created_at}


async def drop_connections(database: Database) -> None:
    """Do what a restart of PostgreSQL does to those who are connected."""
    async with database.read() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@pytest.mark.parametrize(
    ("url", "driver", "name"),
    [
        ("sqlite:///calbridge.db", "sqlite+aiosqlite", "calbridge.db"),
        ("sqlite:////var/lib/calbridge.db", "sqlite+aiosqlite", "/var/lib/calbridge.db"),
        ("sqlite+pysqlite:///calbridge.db", "sqlite+aiosqlite", "calbridge.db"),
        ("postgresql://me:pw@db:5433/calbridge", "postgresql+asyncpg", "calbridge"),
        ("postgres://me:pw@db/calbridge", "postgresql+asyncpg", "calbridge"),
        ("postgresql+psycopg://me:pw@db/calbridge", "postgresql+asyncpg", "calbridge"),
    ],
)
def test_the_driver_is_chosen(url: str, driver: str, name: str) -> None:
    assert (driver_url(url).drivername, driver_url(url).database) == (driver, name)


def test_sslmode_is_understood() -> None:
    assert driver_url("postgresql://db/calbridge?sslmode=require").query == {"ssl": "require"}


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://me:swordfish@db/x", "sqlite://", "sqlite:///:memory:"])
def test_any_other_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="database URL") as caught:
        Database(url)
    assert "swordfish" not in str(caught.value)


async def test_a_write_is_committed_at_the_end(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(organizations).values(row()))
    async with database.read() as connection:
        assert len((await connection.execute(select(organizations))).all()) == 1


async def test_a_write_is_undone_by_an_exception(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await _fail_halfway(database)
    async with database.write() as connection:
        assert (await connection.execute(select(organizations))).all() == []


async def _fail_halfway(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(organizations).values(row()))
        raise RuntimeError


async def test_a_write_that_is_cancelled_is_undone_and_blocks_nobody(database: Database) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        async with database.write() as connection:
            await connection.execute(insert(organizations).values(row()))
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.write() as connection:
        assert (await connection.execute(select(organizations))).all() == []


async def test_writes_that_first_read_wait_for_each_other(database_url: str, database: Database) -> None:
    """On SQLite a deferred transaction would fail here, whatever the time-out."""
    rival = Database(database_url)

    async def read_then_write(mine: Database) -> None:
        async with mine.write() as connection:
            await connection.execute(select(organizations))
            await asyncio.sleep(0.01)
            await connection.execute(insert(organizations).values(row()))

    await asyncio.gather(*(read_then_write(mine) for mine in (database, rival) * 10))
    async with database.read() as connection:
        assert len((await connection.execute(select(organizations))).all()) == 20
    await rival.close()


async def test_foreign_keys_are_checked(store: Store) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    async with store.database.write() as connection:
        with pytest.raises(IntegrityError):
            await connection.execute(text("DELETE FROM organizations"))
    assert await store.agents.get(organization.id, agent.id) == agent
    assert await store.accounts.get(organization.id, account.id) == account


@pytest.mark.parametrize(
    "instant",
    [START, START.astimezone(NEW_YORK), START + timedelta(microseconds=1), datetime(2026, 3, 29, 1, tzinfo=UTC)],
)
async def test_an_instant_comes_back_as_it_went_in_utc(database: Database, instant: datetime) -> None:
    async with database.write() as connection:
        await connection.execute(insert(organizations).values(row(instant)))
    async with database.read() as connection:
        back = (await connection.execute(select(organizations.c.created_at))).scalar_one()
    assert back == instant
    assert back.utcoffset() == timedelta(0)


async def test_a_naive_instant_is_refused(database: Database) -> None:
    async with database.write() as connection:
        with pytest.raises(StatementError, match="time zone"):
            await connection.execute(insert(organizations).values(row(datetime(2026, 3, 25, 10))))  # noqa: DTZ001 - that


async def test_an_error_does_not_carry_what_was_stored(database: Database) -> None:
    values = row() | {"name": "a caller's name"}
    async with database.write() as connection:
        await connection.execute(insert(organizations).values(values))
    with pytest.raises(IntegrityError) as caught:
        async with database.write() as connection:
            await connection.execute(insert(organizations).values(values))
    assert "a caller's name" not in str(caught.value)


async def test_ready(database: Database) -> None:
    assert await database.ready()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/none"])
async def test_every_repository_method_tells_that_the_database_is_away(url: str, keys: KeyRing) -> None:
    store = open_store(url, keys)
    for attempt in every_method(store):
        with pytest.raises(UnavailableError):
            await attempt()
    assert not await store.database.ready()
    await store.database.close()


def every_method(store: Store) -> list[Callable[[], Awaitable[object]]]:
    one, other, third = uuid4(), uuid4(), uuid4()
    account = account_of(one)
    return [
        lambda: store.organizations.create("Smile Dental"),
        lambda: store.organizations.ensure(one),
        lambda: store.organizations.get(one),
        store.organizations.list,
        lambda: store.organizations.require_key(one, required=True),
        lambda: store.agents.create(one, "Reception"),
        lambda: store.agents.get(one, other),
        lambda: store.agents.list(one, limit=1, offset=0),
        lambda: store.agents.update(one, other, name="Night"),
        lambda: store.agents.delete(one, other),
        lambda: store.agents.link(one, other, None),
        lambda: store.agents.assignment(one, other),
        lambda: store.accounts.connect(one, access=access(), host=host()),
        lambda: store.accounts.get(one, other),
        lambda: store.accounts.private(one),
        lambda: store.accounts.list(one),
        lambda: store.accounts.change(one, other, AccountChange(active=False)),
        lambda: store.accounts.connections(one),
        lambda: store.accounts.connection(one, other),
        lambda: store.accounts.linked_agents(one),
        lambda: store.accounts.disconnect(one, None),
        lambda: store.accounts.needs_reauth(account),
        lambda: store.bookings.record(record(one, other, third)),
        lambda: store.bookings.get(one, "uid"),
        lambda: store.bookings.whereabouts(one, "uid"),
        lambda: store.bookings.erase_caller(None, phone="+442079460000"),
        lambda: store.bookings.erase_older_than(START, batch=1),
        store.sealed.count,
        lambda: store.sealed.renew("bookings", after=None, batch=1),
        lambda: store.audit.list(one, limit=1, offset=0),
        lambda: store.api_keys.create(one, "Key", []),
        lambda: store.api_keys.find("ak_"),
        lambda: store.api_keys.list(None),
        lambda: store.api_keys.revoke(None, one),
    ]


async def test_a_server_that_never_answers_is_away(silent_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 0.2)
    database = Database(silent_url)
    with pytest.raises(UnavailableError):
        async with database.read():
            pass
    await database.close()


async def test_readiness_does_not_wait_for_a_server_that_never_answers(silent_url: str) -> None:
    database = Database(silent_url)
    async with asyncio.timeout(4):
        assert not await database.ready()
    await database.close()


async def test_whoever_waits_too_long_for_a_connection_is_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "POOL_SIZE", 1)
    monkeypatch.setattr(engines, "POOL_OVERFLOW", 0)
    monkeypatch.setattr(engines, "POOL_SECONDS", 0.1)
    database = Database(database_url)
    async with database.read():
        with pytest.raises(UnavailableError):
            async with database.read():
                pass
    assert await database.ready()
    await database.close()


async def test_a_line_that_drops_in_the_middle_is_an_outage(postgres_url: str) -> None:
    database, operator = Database(postgres_url), Database(postgres_url)

    async def be_cut_off() -> None:
        async with database.write() as connection:
            await connection.execute(insert(organizations).values(row()))
            await drop_connections(operator)
            await connection.execute(select(organizations))

    with pytest.raises(UnavailableError):
        await be_cut_off()
    async with database.read() as connection:
        assert (await connection.execute(select(organizations))).all() == []
    await database.close()
    await operator.close()


async def test_a_restart_while_connections_lie_idle_costs_no_request(postgres_url: str) -> None:
    database, operator = Database(postgres_url), Database(postgres_url)
    for _ in range(3):
        assert await database.ready()
        await drop_connections(operator)
        await asyncio.sleep(0.05)
        async with database.write() as connection:
            await connection.execute(insert(organizations).values(row()))
    await database.close()
    await operator.close()


async def test_a_database_that_does_not_exist_is_away(postgres_url: str) -> None:
    elsewhere = make_url(postgres_url).set(database="calbridge_nowhere")
    database = Database(elsewhere.render_as_string(hide_password=False))
    with pytest.raises(UnavailableError):
        async with database.read():
            pass
    await database.close()


async def test_a_locked_sqlite_file_is_away(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    database, rival = Database(sqlite_url), Database(sqlite_url)
    async with database.write():
        with pytest.raises(UnavailableError):
            async with rival.write():
                pass
    await database.close()
    await rival.close()


async def test_sqlite_is_set_up_for_a_server(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.read() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("synchronous", 1),
            ("busy_timeout", 5000),
            ("foreign_keys", 1),
            ("secure_delete", 1),
        ):
            assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one() == value
    await database.close()


async def test_a_record_of_nothing_known_is_no_outage(store: Store) -> None:
    """A statement that is wrong must not be taken for a database that is away."""
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    await store.agents.delete(organization.id, agent.id)
    await store.bookings.record(record(organization.id, account.id, agent.id))
    with pytest.raises(Exception, match="no_such_table") as caught:
        async with store.database.read() as connection:
            await connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(caught.value, UnavailableError)
