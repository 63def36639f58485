"""Echo: what a payload says is shown, and nothing is done."""

from typing import Any

import pytest
from tests.api.clinic import Clinic
from tests.voice.envelopes import JANE, JOHN, PLATFORMS, TOOL_CALL, WRAPPED, Json, Spoken, door, key, vapi

WHO = {"name": "Jane Doe", "appointment_datetime": "2026-03-25T10:00:00", "favourite_colour": "blue"}


async def echo(clinic: Clinic, platform: str, body: Json, **headers: str) -> Any:  # noqa: ANN401 - JSON
    """Post to the echo with a key."""
    async with clinic.client(**(headers or await key(clinic))) as client:
        answer = await client.post(door(clinic, platform, "echo"), json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_was_understood(clinic: Clinic) -> None:
    shown = await echo(clinic, "vapi", vapi(Spoken("book", {**WHO, "phone": JOHN})))

    assert shown == {
        "success": True,
        "platform": "vapi",
        "signed": False,
        "call_session_id": "call-of-jane-4711",
        "tool_calls": [
            {
                "tool_call_id": TOOL_CALL,
                "tool": "book_appointment",
                "action": "book",
                "understood": {
                    "name": "Jane Doe",
                    "phone": JANE,
                    "notes": f"Another number they gave: {JOHN}",
                    "appointment_datetime": "2026-03-25T10:00:00",
                },
                "caller_number_from": "envelope",
                "ignored": ["favourite_colour"],
                "retries_are_known": True,
                "would_say": "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM.",
                "action_required": "",
            }
        ],
    }
    assert not [path for method, path in await clinic.requests_at_calcom() if method == "POST"]


@pytest.mark.parametrize("platform", [each for each in PLATFORMS if each not in {"vapi", "retell"}])
async def test_where_nothing_tells_the_action_it_says_so(small_clinic: Clinic, platform: str) -> None:
    (shown,) = (await echo(small_clinic, platform, WRAPPED[platform](Spoken("book", WHO))))["tool_calls"]

    assert (shown["action"], shown["understood"]) == ("", {})
    assert shown["would_say"].startswith("I didn't get what to do.")


@pytest.mark.parametrize(
    ("arguments", "caller", "source", "would_say", "required"),
    [
        ({"action": "book"}, JANE, "static", "What name should I put", "provide_name"),
        ({"action": "book", "name": "Jo"}, "", "nobody", "What phone number", "provide_contact"),
        ({"action": "book", "name": "Jo", "phone": JOHN}, "", "model", "What day and time", "provide_datetime"),
        (
            {"action": "reschedule", "appointment_datetime": "2026-03-26T11:00:00"},
            JANE,
            "static",
            "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM.",
            "",
        ),
        ({"action": "cancel"}, JANE, "static", "", ""),
        ({"action": "find"}, JANE, "static", "", ""),
        ({"action": "find", "phone": JOHN}, JANE, "nobody", "I'm not able to do that on this line.", ""),
        ({"action": "suggest", "timezone": "Mars/Base"}, JANE, "nobody", "Which city are you in", "provide_timezone"),
    ],
)
async def test_what_would_be_said(
    small_clinic: Clinic, arguments: Json, caller: str, source: str, would_say: str, required: str
) -> None:
    body = {**arguments, **({"caller_number": caller} if caller else {})}
    before = await small_clinic.requests_at_calcom()

    (shown,) = (await echo(small_clinic, "generic", body))["tool_calls"]

    assert shown["caller_number_from"] == source
    assert would_say in shown["would_say"]
    assert bool(would_say) == bool(shown["would_say"])
    assert shown["action_required"] == required
    assert await small_clinic.requests_at_calcom() == before


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_it_takes_somebody_of_the_organization(small_clinic: Clinic, platform: str) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, platform, "echo"), json={})

    assert answer.status_code == 401
