"""Fixtures: a clinic's door on a real socket, on each kind of database or on SQLite alone."""

from collections.abc import AsyncIterator

import pytest
from tests.api.clinic import open_clinic
from tests.mcp.line import Line, served

from calbridge.domain.access import COMMAND, Scope


async def _opened(database_url: str) -> AsyncIterator[Line]:
    async with open_clinic(database_url) as clinic, served(clinic.services) as url:
        scopes = frozenset({Scope.MANAGE})
        _, key = await clinic.services.keys.create(clinic.organization.id, "voice", scopes, by=COMMAND)
        yield Line(clinic, url, key)


@pytest.fixture
async def line(sqlite_url: str) -> AsyncIterator[Line]:
    """A line to a clinic on SQLite alone, for what has nothing to do with the database."""
    async for opened in _opened(sqlite_url):
        yield opened


@pytest.fixture
async def any_line(database_url: str) -> AsyncIterator[Line]:
    """A line to a clinic; the test runs once on SQLite and once on PostgreSQL."""
    async for opened in _opened(database_url):
        yield opened
