"""What was settled without waiting for the disk and lost in a crash: whoever asks again hears the same."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import Clinic

from calbridge.domain.intents import Intent, State
from calbridge.storage.intents import Intents

Asked = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[Intent]:
    """Lose what is not said to be durable: the intents are collected here that stay as they were begun."""
    intents: list[Intent] = []
    settle = Intents.settle

    async def lose(self: Intents, intent: Intent, state: State, *, swift: bool = False, **told: Any) -> bool:  # noqa: ANN401
        if not swift:
            return await settle(self, intent, state, **told)
        intents.append(intent)
        return True

    monkeypatch.setattr(Intents, "settle", lose)
    return intents


async def heard_again(clinic: Clinic, lost: list[Intent], asked: Asked) -> tuple[httpx.Response, httpx.Response]:
    """Ask, have the outcome lost and the lease end, and ask again."""
    first = await asked()
    (intent,) = lost
    await clinic.services.intents.release([intent.id])
    return first, await asked()


async def test_a_booking_is_told_again_and_its_record_is_there(small_clinic: Clinic, lost: list[Intent]) -> None:
    first, again = await heard_again(small_clinic, lost, lambda: small_clinic.book(call_session_id="call-4711-abc"))

    assert again.json() == first.json()
    record = await small_clinic.services.bookings.get(small_clinic.organization.id, calcom.uid_of(first))
    assert record is not None
    assert (record.agent_id, record.email, record.intent_id) == (small_clinic.agent.id, "jane@example.com", lost[0].id)
    assert len(await calcom.bookings(small_clinic)) == 1


@pytest.mark.parametrize(
    ("action", "fields"), [("reschedule", {"appointment_datetime": "2026-03-26T11:00:00Z"}), ("cancel", {})]
)
async def test_so_is_a_change(small_clinic: Clinic, lost: list[Intent], action: str, fields: dict[str, str]) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    (booked,) = lost
    await small_clinic.services.intents.release([booked.id])
    await small_clinic.services.decisions.look(booked.id)
    lost.clear()

    first, again = await heard_again(
        small_clinic, lost, lambda: small_clinic.manage(action, appointment_id=uid, **fields)
    )

    assert again.json() == first.json()
    assert (await small_clinic.services.decisions.look(lost[0].id)).state is State.CONFIRMED


async def test_a_refusal_is_never_lost(small_clinic: Clinic, lost: list[Intent]) -> None:
    refused = {"status": "error", "error": {"code": "BadRequestException", "message": "Something is wrong with it."}}
    await calcom.fault(small_clinic, "status", "POST", "/v2/bookings", status=400, body=refused)

    await small_clinic.book()

    (intent,) = await small_clinic.services.intents.list(small_clinic.organization.id, (), 10)
    assert (intent.state, lost) == (State.REJECTED, [])
