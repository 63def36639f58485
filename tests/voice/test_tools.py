"""Tools to paste: each platform's own JSON, as its vendor documents it, for what the agent's account allows."""

import json
import re
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from tests.api.clinic import Clinic, open_clinic
from tests.voice.vendors import SCHEMAS

from calbridge.api.voice.definitions.listed import DEFINITIONS
from calbridge.tools.catalog import TOOLS

PUBLIC = "https://calbridge.example.com"


async def tools(clinic: Clinic, platform: str) -> Any:  # noqa: ANN401 - each platform's own JSON
    """Ask for the agent's tools."""
    async with clinic.authorized() as client:
        answer = await client.get(f"/api/v1/calcom/agents/{clinic.agent.id}/tools/{platform}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(value: object) -> list[str]:
    """All texts in a JSON value."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts(each)]
        case list():
            return [text for each in value for text in texts(each)]
        case _:
            return []


def addresses(answer: object) -> list[str]:
    """All addresses of doors in an answer, in their order."""
    return [text for text in texts(answer) if "/api/v1/calcom/voice/" in text]


def test_every_platform_has_a_schema() -> None:
    assert DEFINITIONS.keys() == SCHEMAS.keys()


@pytest.mark.parametrize("platform", SCHEMAS)
async def test_it_is_what_the_vendor_documents(small_clinic: Clinic, platform: str) -> None:
    OAS31Validator(SCHEMAS[platform]).validate(await tools(small_clinic, platform))


@pytest.mark.parametrize("platform", SCHEMAS.keys() - {"openai", "mcp"})
async def test_each_tool_has_the_address_of_its_action(small_clinic: Clinic, platform: str) -> None:
    ids = f"{small_clinic.organization.id}/{small_clinic.agent.id}"
    door = f"http://calbridge.test/api/v1/calcom/voice/{platform}/{ids}"

    assert addresses(await tools(small_clinic, platform)) == [f"{door}/{tool.action}" for tool in TOOLS]


@pytest.mark.parametrize("platform", SCHEMAS.keys() - {"openai"})
async def test_the_public_address_goes_before_the_one_of_the_request(sqlite_url: str, platform: str) -> None:
    async with open_clinic(sqlite_url, public_url=PUBLIC) as clinic:
        found = json.dumps(await tools(clinic, platform))

    assert PUBLIC in found
    assert "calbridge.test" not in found


async def test_what_is_switched_off_is_not_offered(clinic: Clinic) -> None:
    async with clinic.authorized() as client:
        body = {
            "title": "Front desk",
            "unitId": str(clinic.organization.id),
            "calcomUsername": "demo-clinic",
            "timezone": "Europe/London",
            "prompt": "Offer mornings first.",
            "checkAvailabilityEnabled": True,
            "createBookingEnabled": False,
        }
        changed = await client.put(f"/api/v1/calcom/integration/{clinic.account.id}", json=body)
    assert changed.status_code == 200, changed.text

    offered = await tools(clinic, "openai")

    assert [tool["name"] for tool in offered] == [
        "suggest_times",
        "check_availability",
        "cancel_appointment",
        "find_appointments",
    ]
    assert all(tool["description"].endswith(" Offer mornings first.") for tool in offered)


@pytest.mark.parametrize(
    ("platform", "caller", "call"),
    [
        ("vapi", "{{ customer.number }}", "{{ call.id }}"),
        ("elevenlabs", "system__caller_id", "system__conversation_id"),
        ("telnyx", "{{telnyx_end_user_target}}", "{{call_control_id}}"),
        ("bland", "{{phone_number}}", "{{call_id}}"),
        ("generic", "{{caller_number}}", "{{call_id}}"),
    ],
)
async def test_the_platform_says_who_calls_and_not_the_model(
    small_clinic: Clinic, platform: str, caller: str, call: str
) -> None:
    found = texts(await tools(small_clinic, platform))

    assert found.count(caller) == len(TOOLS)
    assert found.count(call) == len(TOOLS)


async def test_synthflows_body_is_a_template_in_text(small_clinic: Clinic) -> None:
    actions = [each["CUSTOM_ACTION"] for each in await tools(small_clinic, "synthflow")]

    bodies = [json.loads(action["json_body_stringified"]) for action in actions]

    for action, body in zip(actions, bodies, strict=True):
        variables = {each["name"]: f"<{each['name']}>" for each in action["variables_during_the_call"]}
        assert body == {**variables, "call_id": "{call_id}", "caller_number": "{user_phone_number}"}


async def test_who_talks_over_a_booking_does_not_stop_it(small_clinic: Clinic) -> None:
    configs = [each["tool_config"] for each in await tools(small_clinic, "elevenlabs")]

    protected = {each["name"] for each in configs if each["interruption_mode"] == "disable_during_tool_and_turn"}

    assert protected == {"book_appointment", "reschedule_appointment", "cancel_appointment"}


async def test_a_platform_waits_longer_than_we_take(small_clinic: Clinic) -> None:
    (first, *_) = await tools(small_clinic, "vapi")

    assert first["server"]["timeoutSeconds"] == 20  # the deadline is 8


async def test_no_key_is_shown(small_clinic: Clinic) -> None:
    for platform in SCHEMAS:
        found = json.dumps(await tools(small_clinic, platform))
        assert not re.search(r"\bak_", found)
        assert small_clinic.token not in found


async def test_it_takes_a_credential_of_the_organization(clinic: Clinic) -> None:
    path = f"/api/v1/calcom/agents/{clinic.agent.id}/tools/vapi"
    other = await clinic.services.organizations.create("Another clinic", None)
    foreign = clinic.services.tokens.issue(other.id, subject="tests", ttl_seconds=60)

    async with clinic.client() as stranger, clinic.client(authorization=f"Bearer {foreign}") as neighbour:
        answers = await stranger.get(path), await neighbour.get(path)

    assert [answer.status_code for answer in answers] == [401, 404]
    assert answers[1].json() == {"success": False, "message": "Agent not found", "code": "NOT_FOUND"}


async def test_an_unknown_platform_is_not_found(small_clinic: Clinic) -> None:
    async with small_clinic.authorized() as client:
        answer = await client.get(f"/api/v1/calcom/agents/{small_clinic.agent.id}/tools/carrier-pigeon")

    assert answer.status_code == 404
    assert answer.json() == {"success": False, "message": "Platform not found", "code": "NOT_FOUND"}


async def test_an_agent_without_a_calendar_has_no_tools(small_clinic: Clinic) -> None:
    agent = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Idle")

    async with small_clinic.authorized() as client:
        answer = await client.get(f"/api/v1/calcom/agents/{agent.id}/tools/vapi")

    assert answer.status_code == 400
    assert answer.json()["code"] == "NOT_CONNECTED"
