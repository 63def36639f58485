"""The clinic that is examined, on SQLite: what the databases have to do with it is tested with the inventory."""

from collections.abc import AsyncIterator

import pytest
from tests.api.clinic import Clinic, open_clinic


@pytest.fixture
async def clinic(sqlite_url: str) -> AsyncIterator[Clinic]:
    """A clinic over ``sqlite_url``."""
    async with open_clinic(sqlite_url) as clinic:
        yield clinic
