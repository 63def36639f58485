"""Fixtures of the API's tests: a clinic on each kind of database."""

from collections.abc import AsyncIterator

import pytest
from tests.api.clinic import Clinic, open_clinic


@pytest.fixture
async def clinic(database_url: str) -> AsyncIterator[Clinic]:
    """A clinic; the test runs once on SQLite and once on PostgreSQL."""
    async with open_clinic(database_url) as clinic:
        yield clinic
