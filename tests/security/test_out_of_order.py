"""When the database is away, and when something of ours is broken: every endpoint says so in its dialect's shape."""

from typing import NoReturn

import pytest
from tests.api.bodies import error, problem
from tests.security.doors import DOORS, Door, Org
from tests.security.logbook import logbook
from tests.security.town import Town, bearer

from calbridge.domain.errors import UnavailableError
from calbridge.storage.database import Database

AWAY = "The service is unavailable for a moment. Please try again."
BROKEN = "Something went wrong on our side. Please try again."
# What callers hear then is told by tests/api/test_manage_faults.py and tests/voice.
WRITTEN = [door for door in DOORS if door.org is not Org.BODY and "/voice/" not in door.path]


def breaks(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """Have every look into the database end like this."""

    def lend(_: Database) -> NoReturn:
        raise fault

    for name in ("read", "write", "write_at_once"):
        monkeypatch.setattr(Database, name, lend)


@pytest.mark.parametrize("door", WRITTEN, ids=str)
async def test_a_database_that_is_away(town: Town, monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    method, path, options = door.request(town.own)
    breaks(monkeypatch, UnavailableError(3))

    answer = await town.send(method, path, headers=bearer(town.own.organization), **options)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    expected = problem(503, AWAY, "Service Unavailable") if door.is_toolzz else error("UNAVAILABLE", AWAY)
    assert answer.json() == expected


@pytest.mark.parametrize("door", WRITTEN, ids=str)
async def test_a_fault_of_ours(town: Town, monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    method, path, options = door.request(town.own)
    breaks(monkeypatch, RuntimeError("SELECT sealed_key FROM accounts"))

    with logbook() as book:
        answer = await town.send(method, path, headers=bearer(town.own.organization), **options)

    assert answer.status_code == 500
    assert "SELECT sealed_key" in book.getvalue()
    expected = problem(500, BROKEN, "Internal Server Error") if door.is_toolzz else error("INTERNAL_ERROR", BROKEN)
    assert answer.json() == expected
