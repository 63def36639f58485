"""``GET /metrics``: shown to Prometheus, and to nobody else; routes are counted, never paths."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from tests.api.clinic import open_clinic, settings

from calbridge.api.app import create_app
from calbridge.bootstrap import open_container
from calbridge.domain.intents import State

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


def number(text: str, line: str) -> float:
    """The value behind a name with its labels."""
    (found,) = (each for each in text.splitlines() if each.startswith(f"{line} "))
    return float(found.rpartition(" ")[2])


async def test_the_engine_is_counted_without_a_word_about_anybody(database_url: str) -> None:
    async with open_clinic(database_url, public_url="http://calbridge.test") as clinic:
        first = await clinic.book(call_session_id="call-1234-abcdef")
        again = await clinic.book(call_session_id="call-1234-abcdef")
        uid = first.json()["data"]["appointment_id"]
        await clinic.manage("cancel", appointment_id=uid)
        async with clinic.client() as client:
            await client.post("/api/v1/calcom/webhooks/nobody", content=b"{}")
        text = (await clinic.services.census.text()).decode()

    assert again.headers["Idempotent-Replayed"] == "true"
    assert number(text, 'calbridge_intents_total{action="book",outcome="confirmed"}') == 1
    assert number(text, 'calbridge_intents_total{action="cancel",outcome="confirmed"}') == 1
    assert number(text, 'calbridge_intent_seconds_count{action="book"}') == 1
    assert number(text, 'calbridge_replays_total{action="book"}') == 1
    assert number(text, 'calbridge_webhooks_total{result="forged"}') == 1
    assert number(text, 'calbridge_calcom_seconds_count{endpoint="POST /v2/bookings",outcome="success"}') == 1
    cancelling = 'calbridge_calcom_seconds_count{endpoint="POST /v2/bookings/{id}/cancel",outcome="success"}'
    assert number(text, cancelling) == 1
    assert number(text, 'calbridge_governor_wait_seconds_count{urgent="yes"}') >= 2
    for state in ("sending", "unknown", "needs_human"):
        assert number(text, f'calbridge_open_intents{{state="{state}"}}') == 0
    for secret in (uid, str(clinic.organization.id), str(clinic.agent.id), str(clinic.account.id), "Jane", "call-1234"):
        assert secret not in text


async def test_a_booking_that_was_repaired_is_counted(sqlite_url: str) -> None:
    async with open_clinic(sqlite_url) as clinic:
        booked = await clinic.book()
        (original,) = clinic.sandbox.state.world.bookings.values()
        double = replace(original, id=original.id + 1, uid="double", attendees=list(original.attendees))
        clinic.sandbox.state.world.add(double)
        connection = await clinic.services.connections.one(clinic.organization.id, clinic.account.id)
        assert connection is not None
        await clinic.services.poller.poll(connection)
        text = (await clinic.services.census.text()).decode()

    assert booked.status_code == 200
    assert (original.status, double.status) == ("accepted", "cancelled")
    assert number(text, "calbridge_doubles_repaired_total") == 1


def take_away(sqlite_url: str) -> None:
    """Have a folder where the database was."""
    file = Path(str(make_url(sqlite_url).database))
    file.rename(file.with_suffix(".away"))
    file.mkdir()


async def test_what_is_open_is_read_from_the_database_and_left_out_without_it(sqlite_url: str) -> None:
    async with open_clinic(sqlite_url) as clinic:
        await clinic.book()
        (intent,) = await clinic.services.intents.list(None, (), 10)
        await clinic.services.intents.settle(intent, State.NEEDS_HUMAN, reason="double", correcting=True)
        shown = (await clinic.services.census.text()).decode()
        await clinic.services.database.close()
        take_away(sqlite_url)
        away = (await clinic.services.census.text()).decode()

    assert number(shown, 'calbridge_open_intents{state="needs_human"}') == 1
    assert "calbridge_open_intents{" not in away
    assert "calbridge_calcom_seconds_count" in away
