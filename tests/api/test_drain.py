"""How a server that is about to end answers: not ready, alive, and in the end with no to whatever is new."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs
from tests.api.clinic import MANAGE, settings

from calbridge.api import drain as module
from calbridge.api.app import create_app
from calbridge.api.drain import Drain
from calbridge.bootstrap import open_container

CALL: dict[str, Any] = {
    "action": "cancel",
    "appointment_id": "uid-1",
    "org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e",
    "agent_id": "019d1fdb-98e9-7c87-86c7-321e2fa98733",
}
INTEGRATION = "/api/v1/calcom/integration/1268c1f0-19f3-47db-aefb-c16a7c3ace6e"
LONG = 60


@pytest.fixture
def drain() -> Drain:
    """Nobody has told the process to end yet; if somebody does, it takes a minute."""
    return Drain(LONG)


@pytest.fixture
async def client(sqlite_url: str, drain: Drain) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a credential."""
    app = create_app(partial(open_container, settings(sqlite_url)), drain=drain)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://calbridge.test") as client,
    ):
        yield client


def nothing() -> None:
    """Stop nothing."""


async def test_while_the_balancer_looks_everything_is_served(client: httpx.AsyncClient, drain: Drain) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ok"}
    drain.begin(nothing)

    ready, live = await client.get("/health/ready"), await client.get("/health/live")
    called = await client.post(MANAGE, json=CALL)

    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert live.status_code == 200
    assert called.status_code == 404  # of an agent that is unknown here: the call was looked into
    drain.begin(nothing)


async def test_then_nothing_new_begins_and_everybody_hears_so_in_their_dialect(
    client: httpx.AsyncClient, drain: Drain
) -> None:
    drain.begin(nothing, at_once=True)

    called, changed = await client.post(MANAGE, json=CALL), await client.put(INTEGRATION, json={})
    read, live = await client.get("/api/v1/calcom/appointments"), await client.get("/health/live")

    assert (called.status_code, called.json()["code"]) == (503, "UNAVAILABLE")
    assert (called.json()["success"], called.headers["Retry-After"]) == (False, "1")
    assert called.headers["X-Request-Id"]
    assert (changed.status_code, changed.headers["Retry-After"]) == (503, "1")
    assert (read.status_code, live.status_code) == (401, 200)


async def test_the_end_comes_once_the_delay_is_over() -> None:
    told: list[str] = []
    now, hurried, slow = Drain(), Drain(LONG), Drain(LONG)
    with capture_logs() as logs:
        now.begin(lambda: told.append("now"))
        slow.begin(lambda: told.append("slow"))
        hurried.begin(lambda: told.append("too early"))
        assert (hurried.has_begun, hurried.is_over, told) == (True, False, ["now"])
        hurried.begin(lambda: told.append("hurried"))
        hurried.begin(lambda: told.append("again"))
    assert told == ["now", "hurried", "again"]
    assert [entry["delay"] for entry in logs] == [0, LONG, LONG]
    slow.begin(nothing)


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log anew, whatever other tests have had logged before."""
    monkeypatch.setattr(module, "log", structlog.get_logger())
