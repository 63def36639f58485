"""Repositories for services that need nothing else."""

from collections.abc import AsyncIterator

import pytest
from tests.storage.factories import Store, open_store

from calbridge.storage.secrets import KeyRing


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """All repositories, once on each kind of database."""
    opened = open_store(database_url, KeyRing.parse("11" * 32))
    yield opened
    await opened.database.close()


@pytest.fixture
async def rival(database_url: str) -> AsyncIterator[Store]:
    """All repositories again, over the same database: another process, as it were."""
    opened = open_store(database_url, KeyRing.parse("11" * 32))
    yield opened
    await opened.database.close()
