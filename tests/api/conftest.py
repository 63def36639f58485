"""Fixtures of the API's tests: a clinic on each kind of database."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from tests.api.clinic import Clinic, open_clinic


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Log tracebacks without the local variables that structlog's default adds: to lay those out takes seconds."""
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.configure(**before)


@pytest.fixture
async def small_clinic(sqlite_url: str) -> AsyncIterator[Clinic]:
    """A clinic on SQLite alone, for what has nothing to do with the database."""
    async with open_clinic(sqlite_url) as clinic:
        yield clinic


@pytest.fixture
async def clinic(database_url: str) -> AsyncIterator[Clinic]:
    """A clinic; the test runs once on SQLite and once on PostgreSQL."""
    async with open_clinic(database_url) as clinic:
        yield clinic
