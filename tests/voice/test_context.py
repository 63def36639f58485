"""What an agent is told before a call: in every platform's shape, in time whatever Cal.com does, and to nobody else."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import Clinic

from calbridge.domain.access import Scope
from calbridge.tools.greeting import NAMES

PHONE = "+442079460958"
Json = dict[str, Any]

STRANGERS: Json = {
    "now": "Friday, March 20, 2026, 8 AM",
    "today": "2026-03-20",
    "timezone": "Europe/London",
    "agent_name": "Dr. Rivera",
    "caller_name": "",
    "caller_has_email": "",
    "next_appointment": "",
}
KNOWN = {
    **STRANGERS,
    "caller_name": "Jane Doe",
    "caller_has_email": "yes",
    "next_appointment": "Wednesday, March 25 at 10 AM",
}
NOBODY = {**STRANGERS, "caller_has_email": "no", "next_appointment": "none"}


def questions(phone: str) -> dict[str, Json]:
    """What each platform asks."""
    return {
        "vapi": {"message": {"type": "assistant-request", "call": {"id": "c"}, "customer": {"number": phone}}},
        "retell": {"event": "call_inbound", "call_inbound": {"agent_id": "a", "from_number": phone, "to_number": "+1"}},
        "elevenlabs": {"caller_id": phone, "agent_id": "a", "called_number": "+1", "call_sid": "CA"},
        "telnyx": {
            "data": {
                "event_type": "assistant.initialization",
                "payload": {"telnyx_end_user_target": phone, "telnyx_conversation_channel": "phone_call"},
            }
        },
        "bland": {"caller_number": phone},
        "synthflow": {"caller_number": phone},
        "generic": {"caller_number": phone},
    }


def shapes(told: Json) -> dict[str, Json]:
    """How each platform is answered."""
    return {
        "vapi": {"assistantOverrides": {"variableValues": told}},
        "retell": {"call_inbound": {"dynamic_variables": told}},
        "elevenlabs": {"type": "conversation_initiation_client_data", "dynamic_variables": told},
        "telnyx": {"dynamic_variables": told},
        "bland": told,
        "synthflow": told,
        "generic": told,
    }


def address(clinic: Clinic, platform: str, query: str = "") -> str:
    """Where a platform asks."""
    return f"/api/v1/calcom/voice/{platform}/{clinic.organization.id}/{clinic.agent.id}/context{query}"


async def ask(clinic: Clinic, platform: str = "generic", phone: str = PHONE) -> httpx.Response:
    """Ask with the organization's token."""
    async with clinic.authorized() as client:
        return await client.post(address(clinic, platform), json=questions(phone)[platform])


async def ask_as_a_stranger(clinic: Clinic, platform: str = "generic", **headers: str) -> httpx.Response:
    """Ask without a credential, or with these headers."""
    async with clinic.client(**headers) as client:
        return await client.post(address(clinic, platform), json=questions(PHONE)[platform])


@pytest.mark.parametrize("platform", shapes({}))
async def test_a_known_caller_is_told_of_in_the_platforms_shape(small_clinic: Clinic, platform: str) -> None:
    await small_clinic.book(phone=PHONE)

    answer = await ask(small_clinic, platform)

    assert answer.status_code == 200
    assert answer.json() == shapes(KNOWN)[platform]


@pytest.mark.parametrize("platform", shapes({}))
async def test_a_stranger_who_asks_hears_nothing_of_a_caller(small_clinic: Clinic, platform: str) -> None:
    await small_clinic.book(phone=PHONE)

    answer = await ask_as_a_stranger(small_clinic, platform)

    assert answer.status_code == 200
    assert answer.json() == shapes(STRANGERS)[platform]


def test_every_variable_is_always_there() -> None:
    assert tuple(STRANGERS) == NAMES


async def test_a_caller_who_is_new_has_no_appointment(clinic: Clinic) -> None:
    assert (await ask(clinic)).json() == NOBODY


async def test_a_caller_without_an_address_or_an_appointment_ahead_is_known_by_name(clinic: Clinic) -> None:
    uid = uid_of(await clinic.book(phone=PHONE, email=""))
    await clinic.manage("cancel", appointment_id=uid)

    assert (await ask(clinic)).json() == {**NOBODY, "caller_name": "Jane Doe"}


async def test_a_request_that_waits_for_its_host_is_not_called_an_appointment(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, confirmation=True)
    await small_clinic.book(phone=PHONE)

    answer = await ask(small_clinic)

    assert answer.json()["next_appointment"] == "Wednesday, March 25 at 10 AM, not confirmed yet"


@pytest.mark.parametrize("phone", ["", "anonymous", "Restricted", "+266696687", "{{caller}}"])
async def test_a_caller_who_withholds_the_number_is_nobody(small_clinic: Clinic, phone: str) -> None:
    await small_clinic.book(phone=PHONE)

    told = (await ask(small_clinic, phone=phone)).json()

    assert {**told, "caller_has_email": "", "next_appointment": ""} == STRANGERS


@pytest.mark.parametrize(("kind", "how"), [("delay", {"seconds": 3}), ("drop", {}), ("status", {"status": 503})])
async def test_it_is_told_in_time_whatever_cal_com_does(clinic: Clinic, kind: str, how: Json) -> None:
    assert uid_of(await clinic.book(phone=PHONE))
    await calcom.fault(clinic, kind, "GET", "/v2/bookings*", times=99, **how)

    began = time.monotonic()
    answer = await ask(clinic)
    took = time.monotonic() - began

    assert took < 1.5
    assert answer.status_code == 200
    assert answer.json() == {**KNOWN, "next_appointment": ""}


async def test_a_platform_that_signs_is_told_of_the_caller(clinic: Clinic) -> None:
    await clinic.book(phone=PHONE)
    async with clinic.authorized() as client:
        secret = {"secrets": [{"secret": "key_of_retell"}]}
        kept = await client.put("/api/v1/calcom/voice/secrets/retell", json=secret)
        assert kept.status_code == 200, kept.text
    body = json.dumps(questions(PHONE)["retell"]).encode()
    stamp = str(int(clinic.clock().timestamp() * 1000))
    code = hmac.new(b"key_of_retell", body + stamp.encode(), hashlib.sha256).hexdigest()
    signed = {"x_retell_signature": f"v={stamp},d={code}", "content_type": "application/json"}

    async with clinic.client(**signed) as client:
        answer = await client.post(address(clinic, "retell"), content=body)
    unsigned = await ask_as_a_stranger(clinic, "retell")

    assert answer.status_code == 200, answer.text
    assert answer.json() == shapes(KNOWN)["retell"]
    assert unsigned.status_code == 401


async def test_a_key_is_as_good_as_a_signature(small_clinic: Clinic) -> None:
    await small_clinic.book(phone=PHONE)
    _, key = await small_clinic.services.keys.create(small_clinic.organization.id, "phones", {Scope.MANAGE})
    _, reading = await small_clinic.services.keys.create(small_clinic.organization.id, "reports", {Scope.READ})

    assert (await ask_as_a_stranger(small_clinic, x_api_key=key)).json() == KNOWN
    assert (await ask_as_a_stranger(small_clinic, x_api_key=reading)).status_code == 403
    assert (await ask_as_a_stranger(small_clinic, x_api_key="ak_wrong")).status_code == 401


async def test_a_guarded_organization_answers_nobody_else(small_clinic: Clinic) -> None:
    await small_clinic.services.organizations.require_key(small_clinic.organization.id, required=True)

    assert (await ask_as_a_stranger(small_clinic)).status_code == 401
    assert (await ask(small_clinic)).status_code == 200


async def test_a_foreign_credential_opens_nothing(small_clinic: Clinic) -> None:
    other = await small_clinic.services.organizations.create("Another clinic", None)
    token = small_clinic.services.tokens.issue(other.id, subject="tests", ttl_seconds=60)

    assert (await ask_as_a_stranger(small_clinic, authorization=f"Bearer {token}")).status_code == 403


async def test_an_unknown_agent_is_not_found(small_clinic: Clinic) -> None:
    path = address(small_clinic, "generic").replace(str(small_clinic.agent.id), str(small_clinic.account.id))

    async with small_clinic.client() as client:
        answer = await client.post(path, json={"caller_number": PHONE})

    assert answer.status_code == 404
    assert answer.json() == {"success": False, "message": "Agent not found", "code": "NOT_FOUND"}


async def test_an_agent_without_a_calendar_still_has_a_name(small_clinic: Clinic) -> None:
    await small_clinic.services.assignments.link(small_clinic.organization.id, small_clinic.agent.id, None)

    told = (await ask(small_clinic)).json()

    assert told == {**dict.fromkeys(NAMES, ""), "agent_name": "Dr. Rivera"}


async def test_the_present_is_told_in_the_zone_where_times_are_read(small_clinic: Clinic) -> None:
    await small_clinic.services.agents.update(
        small_clinic.organization.id, small_clinic.agent.id, timezone="America/New_York"
    )
    await small_clinic.book("2026-03-25T10:00:00Z", phone=PHONE)

    told = (await ask(small_clinic)).json()

    assert told["now"] == "Friday, March 20, 2026, 4 AM"
    assert told["timezone"] == "America/New_York"
    assert told["next_appointment"] == "Wednesday, March 25 at 6 AM"


async def test_open_times_are_asked_for_before_the_caller_says_a_word(small_clinic: Clinic) -> None:
    before = len(await calcom.requests(small_clinic))

    for _ in range(3):
        assert (await ask_as_a_stranger(small_clinic)).status_code == 200
        await small_clinic.services.contexts.settled()

    asked = [each["path"] for each in (await calcom.requests(small_clinic))[before:]]
    assert asked.count("/v2/slots") == 1


async def test_vapi_is_told_the_assistant_of_the_address(small_clinic: Clinic) -> None:
    async with small_clinic.authorized() as client:
        path = address(small_clinic, "vapi", "?assistant_id=2ccabf54")
        answer = await client.post(path, json=questions(PHONE)["vapi"])

    assert answer.json()["assistantId"] == "2ccabf54"


async def test_other_news_of_vapi_is_acknowledged(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(address(small_clinic, "vapi"), json={"message": {"type": "status-update"}})

    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_text_message_to_retell_is_answered_as_one(small_clinic: Clinic) -> None:
    async with small_clinic.authorized() as client:
        body = {"event": "chat_inbound", "chat_inbound": {"from_number": PHONE, "to_number": "+1"}}
        answer = await client.post(address(small_clinic, "retell"), json=body)

    assert answer.json() == {"chat_inbound": {"dynamic_variables": NOBODY}}


@pytest.mark.parametrize("body", [[], "x", {"data": []}, {"message": None}, {"call_inbound": "x"}, {"caller_id": 7}])
@pytest.mark.parametrize("platform", shapes({}))
async def test_a_question_that_makes_no_sense_is_answered_without_a_caller(
    small_clinic: Clinic, platform: str, body: object
) -> None:
    async with small_clinic.authorized() as client:
        answer = await client.post(address(small_clinic, platform), json=body)

    assert answer.status_code == 200
    assert answer.json() in (shapes(STRANGERS)[platform], {})


def uid_of(answer: httpx.Response) -> str:
    """The id of what was booked."""
    assert answer.status_code == 200, answer.text
    uid: str = answer.json()["data"]["appointment_id"]
    return uid
