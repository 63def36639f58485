"""No connection of the database is held while Cal.com is asked: a slow Cal.com must not use up the pool."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Pool, event
from tests.api.clinic import Clinic

PATIENCE = 100  # hundredths of a second


@pytest.fixture
def held_at_calcom(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many connections of any pool stayed out while Cal.com was asked, for each request to it."""
    out, seen = 0, []

    def lent(*_: object) -> None:
        nonlocal out
        out += 1

    def returned(*_: object) -> None:
        nonlocal out
        out -= 1

    passed_on = httpx.ASGITransport.handle_async_request

    async def handle(self: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v2/"):
            for _ in range(PATIENCE):  # what goes on beside the request, a lease of permits above all, soon ends
                if not out:
                    break
                await asyncio.sleep(0.01)
            seen.append(out)
        return await passed_on(self, request)

    monkeypatch.setattr(httpx.ASGITransport, "handle_async_request", handle)
    event.listen(Pool, "checkout", lent)
    event.listen(Pool, "checkin", returned)
    yield seen
    event.remove(Pool, "checkout", lent)
    event.remove(Pool, "checkin", returned)


async def test_a_connection_that_is_held_would_be_noticed(clinic: Clinic, held_at_calcom: list[int]) -> None:
    async with clinic.services.database.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
        await clinic.manage("suggest")

    assert held_at_calcom[-1] == 1


async def test_no_connection_is_held_while_calcom_is_asked(clinic: Clinic, held_at_calcom: list[int]) -> None:
    await clinic.manage("suggest")
    uid = (await clinic.book()).json()["data"]["appointment_id"]
    await clinic.book(name="Bob", email="bob@example.com")  # taken: a look, and alternatives
    await clinic.manage("reschedule", appointment_id=uid, appointment_datetime="2026-03-26T10:00:00Z")
    await clinic.manage("cancel", appointment_id=uid)
    async with clinic.authorized() as client:
        for path in ("appointments", f"appointments/{uid}", "status", "event-types"):
            answer = await client.get(f"/api/v1/calcom/{path}", params={"org_id": str(clinic.organization.id)})
            assert answer.status_code == 200

    assert len(held_at_calcom) >= 10
    assert set(held_at_calcom) == {0}
