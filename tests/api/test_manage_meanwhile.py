"""``manage`` while somebody else changes the same appointment: between our look and our change, it moves."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from tests.api.clinic import Clinic

LATER, LATEST = "2026-03-26T10:00:00Z", "2026-03-27T10:00:00Z"
Before = Callable[[str, Callable[[], Awaitable[object]]], None]


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Before:
    """Have something happen once, just before a request whose path ends like that reaches Cal.com."""
    waiting: dict[str, Callable[[], Awaitable[object]]] = {}
    passed_on = httpx.ASGITransport.handle_async_request

    async def handle(self: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
        for ending in [ending for ending in waiting if request.url.path.endswith(ending)]:
            await waiting.pop(ending)()
        return await passed_on(self, request)

    monkeypatch.setattr(httpx.ASGITransport, "handle_async_request", handle)
    return waiting.__setitem__


async def booked(clinic: Clinic) -> str:
    return str((await clinic.book()).json()["data"]["appointment_id"])


def host_moves(clinic: Clinic, uid: str, start: str) -> Callable[[], Awaitable[object]]:
    return lambda: clinic.at_calcom("POST", f"/v2/bookings/{uid}/reschedule", json={"start": start})


async def live_at_calcom(clinic: Clinic) -> list[str]:
    ledger = await clinic.at_calcom("GET", "/sandbox/ledger")
    return [each["start"] for each in ledger["bookings"] if each["status"] == "accepted"]


async def test_a_cancelled_appointment_is_gone_even_if_it_was_moved_meanwhile(
    small_clinic: Clinic, before: Before
) -> None:
    uid = await booked(small_clinic)
    before(f"{uid}/cancel", host_moves(small_clinic, uid, LATER))

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 200
    assert answer.json()["data"]["status"] == "cancelled"
    assert await live_at_calcom(small_clinic) == []


async def test_a_moved_appointment_is_at_the_callers_time_even_if_it_was_moved_meanwhile(
    small_clinic: Clinic, before: Before
) -> None:
    uid = await booked(small_clinic)
    before(f"{uid}/reschedule", host_moves(small_clinic, uid, LATER))

    answer = await small_clinic.manage("reschedule", appointment_id=uid, appointment_datetime=LATEST)

    assert answer.status_code == 200
    assert answer.json()["data"]["date_time"] == LATEST
    assert await live_at_calcom(small_clinic) == ["2026-03-27T10:00:00.000Z"]


async def test_an_appointment_that_was_cancelled_meanwhile_is_not_told_as_moved(
    small_clinic: Clinic, before: Before
) -> None:
    uid = await booked(small_clinic)
    reason = {"cancellationReason": "The host is ill"}
    before(f"{uid}/reschedule", lambda: small_clinic.at_calcom("POST", f"/v2/bookings/{uid}/cancel", json=reason))

    answer = await small_clinic.manage("reschedule", appointment_id=uid, appointment_datetime=LATEST)

    assert answer.status_code == 409
    assert "has been cancelled" in answer.json()["message"]


async def test_a_second_cancel_at_the_same_moment_is_told_as_cancelled(small_clinic: Clinic, before: Before) -> None:
    uid = await booked(small_clinic)
    before(f"{uid}/cancel", lambda: small_clinic.manage("cancel", appointment_id=uid))

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 200
    assert answer.json()["data"]["status"] == "cancelled"
