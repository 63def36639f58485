"""``GET /metrics``: shown to Prometheus, and to nobody else; routes are counted, never paths."""

from functools import partial

import httpx
import pytest
from tests.api.clinic import settings

from calbridge.api.app import create_app
from calbridge.bootstrap import open_container

TOKEN = "a token for Prometheus"


async def asked(sqlite_url: str, token: str | None, **headers: str) -> httpx.Response:
    app = create_app(partial(open_container, settings(sqlite_url)), metrics_token=token)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client,
    ):
        await client.get("/api/v1/calcom/appointments/secret-uid")
        await client.request("BREW", "/health/live")
        return await client.get("/metrics", headers=headers)


async def test_requests_are_counted_by_route(sqlite_url: str) -> None:
    answer = await asked(sqlite_url, TOKEN, authorization=f"Bearer {TOKEN}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    route = "/api/v1/calcom/appointments/{appointment_id}"
    assert f'calbridge_http_requests_total{{method="GET",route="{route}",status="401"}} 1.0' in answer.text
    assert "secret-uid" not in answer.text
    assert "BREW" not in answer.text


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
async def test_without_the_token_nothing_is_shown(sqlite_url: str, sent: dict[str, str]) -> None:
    answer = await asked(sqlite_url, TOKEN, **sent)

    assert answer.status_code == 401
    assert "calbridge_http" not in answer.text


async def test_where_no_token_is_set_there_are_none(sqlite_url: str) -> None:
    assert (await asked(sqlite_url, None)).status_code == 404


async def test_for_development_everybody_may_look(sqlite_url: str) -> None:
    assert (await asked(sqlite_url, "")).status_code == 200
