"""Repositories over a database of their own."""

from collections.abc import AsyncIterator

import pytest
from tests.storage.factories import Store, open_store

from calbridge.storage.secrets import KeyRing


@pytest.fixture
def keys() -> KeyRing:
    """A key ring with one key."""
    return KeyRing.parse("11" * 32)


@pytest.fixture
async def store(database_url: str, keys: KeyRing) -> AsyncIterator[Store]:
    """All repositories, once on each kind of database."""
    opened = open_store(database_url, keys)
    yield opened
    await opened.database.close()


@pytest.fixture
async def rival(database_url: str, keys: KeyRing) -> AsyncIterator[Store]:
    """All repositories again, over the same database: another process, as it were."""
    opened = open_store(database_url, keys)
    yield opened
    await opened.database.close()
