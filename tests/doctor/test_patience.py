"""How the doctor asks: one question at a time of an account, five accounts at once, and not for ever."""

import asyncio
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from tests.api import calcom
from tests.api.clinic import Clinic, settings
from tests.doctor.clinic import Way, examine, found, one
from tests.doctor.facts import settings as settings_facts

from calbridge.bootstrap import open_doctor
from calbridge.services.doctor.facts import Request
from calbridge.settings import Settings, StorageSettings

HOSTS = 7


class Slow(Way):
    """Lets every request take a moment, and counts how many are under way."""

    def __init__(self, clinic: Clinic) -> None:
        super().__init__(clinic)
        self.under_way: Counter[str] = Counter()
        self.most_at_once = 0
        self.most_of_one_account = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on after a moment."""
        key = request.headers["authorization"]
        self.under_way[key] += 1
        self.most_at_once = max(self.most_at_once, self.under_way.total())
        self.most_of_one_account = max(self.most_of_one_account, self.under_way[key])
        await asyncio.sleep(0.01)
        self.under_way[key] -= 1
        return await super().handle_async_request(request)


class Dead(httpx.AsyncBaseTransport):
    """A way to Cal.com that leads nowhere."""

    def __init__(self) -> None:
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail."""
        self.requests += 1
        raise httpx.ConnectError("nobody there", request=request)


@pytest.fixture
async def busy_clinic(clinic: Clinic) -> Clinic:
    """A clinic with many accounts."""
    for number in range(HOSTS):
        key = f"cal_sandbox_{number}"
        await calcom.host(clinic, key=key, username=f"host-{number}", email=f"host-{number}@clinic.example")
        await clinic.services.connections.connect(clinic.organization.id, api_key=key, name=f"Host {number}")
    return clinic


async def test_at_most_five_accounts_at_once_each_one_question_after_the_other(
    busy_clinic: Clinic, sqlite_url: str
) -> None:
    way = Slow(busy_clinic)

    diagnosis = await examine(busy_clinic, sqlite_url, way=way)

    assert way.most_at_once == 5
    assert way.most_of_one_account == 1
    assert found(diagnosis) == ["placeholder_address_used"] * (HOSTS + 1)
    assert any(part.startswith("8 accounts at Cal.com") for part in diagnosis.looked_at)


async def test_a_cal_com_that_is_away_is_told_once_and_soon_left_alone(busy_clinic: Clinic, sqlite_url: str) -> None:
    way = Dead()

    diagnosis = await examine(busy_clinic, sqlite_url, way=way)

    assert found(diagnosis) == ["calcom_unreachable"]
    assert "http://sandbox.test:5555" in one(diagnosis, "calcom_unreachable").message
    assert way.requests <= 5 * 3


async def test_when_time_is_up_it_is_said_what_was_not_examined(busy_clinic: Clinic, sqlite_url: str) -> None:
    diagnosis = await examine(busy_clinic, sqlite_url, patience=0)

    assert found(diagnosis) == ["account_not_examined"] * (HOSTS + 1)


def broken(url: str, encryption_keys: str | None) -> Settings:
    """Settings with another database or other encryption keys."""
    keys = None if encryption_keys is None else SecretStr(encryption_keys)
    return replace(settings(url), storage=StorageSettings(database_url=url, encryption_keys=keys, _env_file=None))


@pytest.mark.parametrize("keys", [None, "cd" * 32, "nonsense"])
async def test_keys_that_cannot_be_decrypted(clinic: Clinic, sqlite_url: str, keys: str | None) -> None:
    opened = open_doctor(broken(sqlite_url, keys), transport=Way(clinic), clock=clinic.clock)
    async with opened as doctor:
        diagnosis = await doctor.examine(settings_facts(), Request())

    assert found(diagnosis) == ["key_unreadable"]


@pytest.mark.parametrize(
    ("url", "name", "looked_at"),
    [
        ("postgresql://nobody:x@127.0.0.1:1/none", "database_away", ("settings", "database")),
        ("sqlite:////no/such/folder/calbridge.db", "schema_missing", ("settings", "database")),
        ("mysql://somewhere", None, ("settings",)),
    ],
)
async def test_a_database_that_cannot_be_asked(url: str, name: str | None, looked_at: tuple[str, ...]) -> None:
    async with open_doctor(broken(url, "ab" * 32), transport=Dead()) as doctor:
        diagnosis = await doctor.examine(settings_facts(), Request())

    assert found(diagnosis) == ([name] if name else [])
    assert diagnosis.looked_at == looked_at
