"""How long a caller waits: the setting, ``deadline_ms``, the header ``X-Deadline-Ms``; then the truth so far."""

import asyncio
import time

import pytest
from tests.api import calcom
from tests.api.clinic import MANAGE, Clinic

from calbridge.domain.access import Scope
from calbridge.domain.intents import Begun, Claimed, Draft, Intent
from calbridge.storage.intents import Intents

CREATE, SLOTS, LISTED = ("POST", "/v2/bookings"), ("GET", "/v2/slots"), ("GET", "/v2/bookings")
SLOW = 3.0


async def manage(
    clinic: Clinic, action: str, header: str | None, api_key: str = "", **fields: object
) -> tuple[int, str, float]:
    """Ask with a header, and an API key or a token; return status, code and the seconds that it took."""
    body = {"action": action, "agent_id": str(clinic.agent.id), "org_id": str(clinic.organization.id), **fields}
    headers = {} if header is None else {"X-Deadline-Ms": header}
    async with clinic.client(x_api_key=api_key) if api_key else clinic.authorized() as client:
        began = time.monotonic()
        answer = await client.post(MANAGE, json=body, headers=headers)
    return answer.status_code, answer.json().get("code", ""), time.monotonic() - began


@pytest.mark.parametrize(
    ("header", "field"),
    [("500", None), ("1", None), (" 500 ", 30_000), ("30000", 500), ("", 500), (None, 500), ("0", 500)],
)
async def test_the_smaller_of_both_counts(small_clinic: Clinic, header: str | None, field: int | None) -> None:
    await calcom.fault(small_clinic, "delay", *SLOTS, seconds=SLOW)

    status, code, seconds = await manage(small_clinic, "suggest", header, deadline_ms=field)

    assert (status, code) == (502, "CALCOM_API_ERROR")
    assert 0.4 < seconds < SLOW - 0.5


@pytest.mark.parametrize("header", ["soon", "1.5", "-", "1e3"])
async def test_a_header_that_is_no_number_is_refused(small_clinic: Clinic, header: str) -> None:
    body = {"action": "suggest", "agent_id": str(small_clinic.agent.id), "org_id": str(small_clinic.organization.id)}
    async with small_clinic.client() as client:
        answer = await client.post(MANAGE, json=body, headers={"X-Deadline-Ms": header})
    assert answer.status_code == 400


async def test_a_book_that_takes_too_long_is_told_truly_and_seen_through(clinic: Clinic) -> None:
    await calcom.fault(clinic, "delay", *CREATE, seconds=0.9, when="after")
    wish = {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "appointment_datetime": "2026-03-25T10:00:00",
        "call_session_id": "call-12345678",
    }

    first = await manage(clinic, "book", "500", **wish)
    await asyncio.sleep(0.4)
    await asyncio.sleep(0.4)
    second = await manage(clinic, "book", None, **wish)

    assert first[0] in {200, 202}  # whatever was lost is looked for while there is time
    assert second[0] == 200
    assert len(await calcom.sent(clinic, *CREATE)) == 1


async def test_a_second_attempt_that_nobody_waited_for_is_not_taken_for_one_that_was_sent(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"statusCode": 400, "message": "responses - {email}email_validation_error"}
    await calcom.fault(clinic, "status", *CREATE, status=400, body=refused)
    await clinic.book(call_session_id="call-12345678")
    reopen = Intents.reopen

    async def slowly(self: Intents, intent: Intent, draft: Draft) -> Begun | Claimed | None:
        begun = await reopen(self, intent, draft)
        await asyncio.sleep(1)
        return begun

    monkeypatch.setattr(Intents, "reopen", slowly)
    unheard = await clinic.book(call_session_id="call-12345678", deadline_ms=500)
    monkeypatch.setattr(Intents, "reopen", reopen)
    await asyncio.sleep(1)
    again = await clinic.book(call_session_id="call-12345678", deadline_ms=1000)

    assert unheard.status_code == 202
    assert again.status_code == 200
    assert len(await calcom.sent(clinic, *CREATE)) == 2


@pytest.mark.parametrize("action", ["suggest", "availability"])
async def test_a_search_that_takes_too_long_goes_on_for_whoever_asks_next(small_clinic: Clinic, action: str) -> None:
    await calcom.fault(small_clinic, "delay", *SLOTS, seconds=2, when="after")

    first = await manage(small_clinic, action, "500")
    second = await manage(small_clinic, action, None)

    assert first[:2] == (502, "CALCOM_API_ERROR")
    assert second[0] == 200
    assert len(await calcom.sent(small_clinic, *SLOTS)) == 1


async def test_a_find_ends_in_time(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "delay", *LISTED, seconds=SLOW)
    status, code, seconds = await manage(small_clinic, "find", "500", email="jane@example.com")
    assert (status, code) == (502, "CALCOM_API_ERROR")
    assert seconds < SLOW - 0.5


@pytest.mark.parametrize(("header", "field"), [("500", None), (None, "500")])
@pytest.mark.parametrize("by_key", [False, True])
async def test_a_database_that_keeps_one_waiting_does_not_keep_the_caller(
    small_clinic: Clinic, header: str | None, field: str | None, *, by_key: bool
) -> None:
    _, api_key = await small_clinic.services.keys.create(small_clinic.organization.id, "Front desk", {Scope.MANAGE})
    held = [small_clinic.services.database.read() for _ in range(20)]  # every connection that there is
    for one in held:
        await one.__aenter__()
    try:
        status, code, seconds = await manage(
            small_clinic, "suggest", header, api_key if by_key else "", deadline_ms=field
        )
    finally:
        for one in held:
            await one.__aexit__(None, None, None)
    assert (status, code) == (503, "UNAVAILABLE")
    assert seconds < 2.5
