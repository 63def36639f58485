"""Fixtures of the security tests: two organizations at one service, on SQLite."""

from collections.abc import AsyncIterator

import pytest
from tests.api.clinic import open_clinic
from tests.security.town import Town, settled


@pytest.fixture
async def town(sqlite_url: str) -> AsyncIterator[Town]:
    """A clinic and its neighbours."""
    async with open_clinic(sqlite_url) as clinic:
        yield await settled(clinic, sqlite_url)
