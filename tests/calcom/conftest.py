"""A Cal.com that answers what a test wants, and the real client before it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx
from tests.calcom.answers import BASE_URL, KEY, PLACEHOLDER_DOMAIN

from calbridge.calcom import retry
from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.governor import Governor
from calbridge.calcom.transport import make_client
from calbridge.domain.agents import Access
from calbridge.domain.permits import Pace


@pytest.fixture
def calcom() -> Iterator[respx.MockRouter]:
    """Cal.com, as far as a test programs it; what it does not program fails the test."""
    with respx.mock(using="httpx", base_url=BASE_URL, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP client as the product builds it."""
    async with make_client() as client:
        yield client


@pytest.fixture
def governor() -> Governor:
    """One that holds nobody up."""
    return Governor(b"secret", Pace.of(10_000))


@pytest.fixture
def client(http: httpx.AsyncClient, governor: Governor) -> CalcomClient:
    return CalcomClient(http, timeout=20, governor=governor)


@pytest.fixture
def access() -> Access:
    return Access(BASE_URL, KEY)


@pytest.fixture
async def deadline() -> Deadline:
    return Deadline.after(20)


@pytest.fixture
def calendars(client: CalcomClient) -> Calendars:
    return Calendars(client, placeholder_domain=PLACEHOLDER_DOMAIN, allows=lambda _: True)


@pytest.fixture
def calendar(calendars: Calendars, access: Access, deadline: Deadline) -> Calendar:
    return calendars.open(access, deadline)


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats without pauses, for tests that go through many."""
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0)
