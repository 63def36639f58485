"""Fixtures of the voice platforms' tests: a clinic on each kind of database."""

from collections.abc import AsyncIterator

import pytest
from tests.api.clinic import Clinic, open_clinic


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
