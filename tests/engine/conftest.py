"""Stages for scenarios: one of each kind of database a worker, on which every scenario founds a practice of its own."""

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import URL
from tests.conftest import made_database
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage


@pytest.fixture(autouse=True)
def few_logs() -> Iterator[None]:
    """Log what is worth a warning: the scenarios in process make thousands of requests."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def sqlite_stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A sandbox and a server over an SQLite file."""
    folder = tmp_path_factory.mktemp("sqlite-stage")
    database = shutil.copyfile(sqlite_template, folder / "calbridge.db")
    with Stage(folder, f"sqlite:///{database}").open() as stage:
        yield stage


@pytest.fixture(scope="session")
def postgres_stage(
    postgres_server: URL, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A sandbox and two servers over one PostgreSQL database."""
    with made_database(postgres_server, postgres_template) as url:  # noqa: SIM117 - the database outlives the servers
        with Stage(tmp_path_factory.mktemp("postgres-stage"), url, servers=2).open() as stage:
            yield stage


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A stage; the scenario plays once on each kind of database."""
    chosen: Stage = request.getfixturevalue("sqlite_stage" if request.param == "sqlite" else "postgres_stage")
    return chosen


@pytest.fixture
async def practice(stage: Stage) -> AsyncIterator[Practice[Stage]]:
    """A practice on each kind of database."""
    async with open_practice(stage) as founded:
        yield founded


@pytest.fixture
async def small_practice(sqlite_stage: Stage) -> AsyncIterator[Practice[Stage]]:
    """A practice on SQLite alone, for what has nothing to do with the database."""
    async with open_practice(sqlite_stage) as founded:
        yield founded


@pytest.fixture
async def group_practice(postgres_stage: Stage) -> AsyncIterator[Practice[Stage]]:
    """A practice that two servers serve."""
    async with open_practice(postgres_stage) as founded:
        yield founded
