"""The doors: every platform's envelope in, the same sentences out, and a 200 for whatever a caller should hear."""

import json
from typing import Any

import pytest
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.voice.envelopes import (
    CALL,
    DOORS,
    JANE,
    JOHN,
    PLATFORMS,
    TOOL_CALL,
    Json,
    Spoken,
    call,
    door,
    key,
    retell,
    tell,
    unwrapped,
    vapi,
)
from tests.voice.golden_calls import FOLDER, told

from calbridge.api.middleware import MAX_VOICE_BODY_BYTES
from calbridge.api.voice.platforms import PLATFORMS as KNOWN
from calbridge.api.voice.platforms import PlatformName

WHEN = "2026-03-25T10:00:00"
WHO = {"name": "Jane Doe", "appointment_datetime": WHEN}
BOOKED = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
REFUSED = "I'm not able to do that on this line."


def test_the_platforms_are_listed_once_and_everywhere() -> None:
    assert tuple(KNOWN) == tuple(PlatformName) == PLATFORMS


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_phone_call_as_it_is_written_down(small_clinic: Clinic, platform: str) -> None:
    written = json.loads((FOLDER / f"{platform}.json").read_text())

    heard = {name: exchange async for name, exchange in told(small_clinic, platform)}

    assert heard == written


def test_whatever_is_said_is_one_line_that_a_platform_takes() -> None:
    for platform in PLATFORMS:
        for name, exchange in json.loads((FOLDER / f"{platform}.json").read_text()).items():
            answer = exchange["answer"]
            if "results" in answer:
                (result,) = answer["results"]
                line = result.get("result", result.get("error"))
                assert line.isascii()
                assert "\n" not in line, name
                answer = json.loads(line)
            assert 0 < len(answer["message"]) <= 300
            assert "\n" not in answer["message"]
            assert all(isinstance(value, str | bool) for value in answer.values())


VAPI_CALL = {"id": TOOL_CALL, "name": "book_appointment"}
SPELLINGS: dict[str, Json] = {
    "arguments": {"toolCallList": [{**VAPI_CALL, "arguments": WHO}]},
    "parameters": {"toolCallList": [{**VAPI_CALL, "parameters": WHO}]},
    "function, text": {
        "toolCallList": [
            {"id": TOOL_CALL, "type": "function", "function": {"name": "bookAppointment", "arguments": json.dumps(WHO)}}
        ]
    },
    "function, object": {
        "toolCallList": [{"id": TOOL_CALL, "type": "function", "function": {"name": "book", "arguments": WHO}}]
    },
    "with the tool": {
        "toolCallList": [],
        "toolWithToolCallList": [
            {
                "type": "function",
                "name": "book_appointment",
                "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
                "server": {"url": "https://calbridge.example"},
                "messages": [],
                "toolCall": {"id": TOOL_CALL, "parameters": WHO},
            }
        ],
    },
    "with the tool, function": {
        "toolWithToolCallList": [
            {
                "type": "function",
                "function": {"name": "book_appointment", "parameters": {"type": "object"}},
                "toolCall": {
                    "id": TOOL_CALL,
                    "type": "function",
                    "function": {"name": "book_appointment", "parameters": WHO},
                },
            }
        ]
    },
    "toolCalls": {"toolCalls": [{**VAPI_CALL, "arguments": WHO}]},
    "tool_calls": {"tool_calls": [{"id": TOOL_CALL, "function": {"name": "schedule", "arguments": json.dumps(WHO)}}]},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_every_spelling_that_vapi_shows(small_clinic: Clinic, spelling: str) -> None:
    about = {"type": "tool-calls", "call": {"id": CALL, "customer": {"number": JANE}}}
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, "vapi"), json={"message": {**about, **SPELLINGS[spelling]}})

    assert answer.json()["results"][0]["toolCallId"] == TOOL_CALL
    assert unwrapped("vapi", answer)["message"] == BOOKED
    assert (await calcom.bookings(small_clinic))[0]["metadata"]["call_session_id"] == CALL


async def test_vapis_function_call_of_old(small_clinic: Clinic) -> None:
    old = {"type": "function-call", "functionCall": {"name": "book_appointment", "parameters": WHO}}
    message = {**old, "call": {"id": CALL}, "customer": {"number": JANE}}
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, "vapi"), json={"message": message})

    assert json.loads(answer.json()["result"])["message"] == BOOKED


async def test_vapis_api_request(small_clinic: Clinic) -> None:
    """Such a tool sends its body as it is, with static parameters in it."""
    async with small_clinic.client() as client:
        answer = await client.post(
            door(small_clinic, "vapi", "book"), json={**WHO, "caller_number": JANE, "call_id": CALL}
        )

    assert answer.json()["message"] == BOOKED


async def test_a_message_of_vapis_that_calls_no_tool(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, "vapi"), json={"message": {"type": "status-update"}})

    assert (answer.status_code, answer.json()) == (200, {"results": []})


async def test_retell_sends_the_arguments_alone(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, "retell", "book"), json={**WHO, "phone": JANE})

    assert answer.json()["message"] == BOOKED


async def test_retell_calls_out(small_clinic: Clinic) -> None:
    """Then the caller of ours is whom they call."""
    body = retell(Spoken("book", WHO, caller=JOHN))
    body["call"] |= {"direction": "outbound", "to_number": JANE}
    async with small_clinic.client() as client:
        await client.post(door(small_clinic, "retell"), json=body)

    assert [each["attendees"][0]["phoneNumber"] for each in await calcom.bookings(small_clinic)] == [JANE]


ODDITIES: dict[str, Json] = {
    "date and time apart": {"name": "Jane Doe", "date": "2026-03-25", "time": "10:00 AM"},
    "an object as text": {"input": json.dumps(WHO)},
    "an object in an object": {"args": {"booking": WHO}},
    "names of others": {"customerName": "Jane Doe", "startTime": WHEN, "time_zone": "Europe/London"},
    "words for nothing": {**WHO, "email": "null", "notes": "", "timezone": "undefined", "appointment_id": "None"},
    "templates that nobody filled in": {**WHO, "email": "{{input.email}}", "notes": "<notes>", "timezone": "{zone}"},
    "numbers as text": {**WHO, "days_ahead": "seven", "details": "{}"},
    "what nobody knows": {**WHO, "favourite_colour": "blue"},
    "what is not for models": {
        **WHO, "org_id": "x", "agent_id": "y", "idempotency_key": "\u2603", "deadline_ms": "soon",
        "call_session_id": "a\0b",
    },
    "a number that was misheard": {**WHO, "phone": "five five five"},
}  # fmt: skip


@pytest.mark.parametrize("odd", ODDITIES)
@pytest.mark.parametrize("platform", ["vapi", "elevenlabs"])
async def test_arguments_as_models_send_them(small_clinic: Clinic, platform: str, odd: str) -> None:
    told_back = await tell(small_clinic, platform, Spoken("book", ODDITIES[odd]))

    assert told_back["message"] == BOOKED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("book", WHO),
        ("book_appointment", WHO),
        ("", {**WHO, "action": "book"}),
        ("", {**WHO, "action": "BOOK"}),
        ("", {**WHO, "action": "schedule"}),
        ("?action=book", {**WHO, "action": "cancel"}),
        ("", {"tool": "bookAppointment", "arguments": WHO}),
        ("", {"tool_name": "manage_appointment", "args": {**WHO, "action": "book"}}),
    ],
)
async def test_where_the_action_stands(small_clinic: Clinic, path: str, body: Json) -> None:
    address = door(small_clinic, "generic") + (path if path.startswith("?") or not path else f"/{path}")
    async with small_clinic.client() as client:
        answer = await client.post(address, json={**body, "caller_number": JANE})

    assert answer.json()["message"] == BOOKED


@pytest.mark.parametrize("platform", ["vapi", "retell", "generic"])
async def test_the_platforms_number_goes_before_the_models(small_clinic: Clinic, platform: str) -> None:
    """The model's is kept in the notes: the host may want to call it."""
    await tell(small_clinic, platform, Spoken("book", {**WHO, "phone": JOHN, "notes": "Knee"}))

    (made,) = await calcom.bookings(small_clinic)
    assert made["attendees"][0]["phoneNumber"] == JANE
    (sent,) = await calcom.sent(small_clinic, "POST", "/v2/bookings")
    assert f"Knee\\nAnother number they gave: {JOHN}" in json.dumps(sent)


async def test_a_number_in_the_query(small_clinic: Clinic) -> None:
    """A plus that nobody has encoded is a blank."""
    for address in (f"?caller_number={JANE}", f"?caller_number=%2B{JANE[1:]}"):
        async with small_clinic.client() as client:
            answer = await client.post(
                door(small_clinic, "generic", "book") + address, json=WHO, headers={"X-Call-Id": CALL}
            )
        assert answer.json()["message"] == BOOKED
    assert [each["attendees"][0]["phoneNumber"] for each in await calcom.bookings(small_clinic)] == [JANE]


@pytest.mark.parametrize("caller", ["anonymous", "Restricted", "", "sip:jane@example.com", "{{customer.number}}"])
async def test_a_caller_who_withholds_their_number_is_asked_for_one(small_clinic: Clinic, caller: str) -> None:
    told_back = await tell(small_clinic, "vapi", Spoken("book", WHO, caller=caller))

    assert told_back["action_required"] == "provide_contact"


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_without_a_credential_nothing_is_looked_up(small_clinic: Clinic, platform: str) -> None:
    """Though the number is right there: an envelope that nobody has signed is anybody's."""
    booked = await tell(small_clinic, platform, Spoken("book", WHO))
    before = await small_clinic.requests_at_calcom()

    for action in ("find", "cancel", "reschedule"):
        for arguments in ({"phone": JANE}, {"phone": JOHN}, {"email": "jane@example.com"}):
            spoken = Spoken(action, {**arguments, "appointment_datetime": "2026-03-26T10:00:00"})
            assert (await tell(small_clinic, platform, spoken))["message"] == REFUSED
    for arguments in ({}, {"appointment_datetime": "2026-03-25T10:00:00"}):
        answer = await tell(small_clinic, platform, Spoken("cancel", arguments))
        assert answer["message"] == REFUSED  # nobody on the phone knows an id
    assert await small_clinic.requests_at_calcom() == before

    cancelled = await tell(small_clinic, platform, Spoken("cancel", {"appointment_id": booked["appointment_id"]}))
    assert cancelled["status"] == "cancelled"


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_with_a_key_the_caller_is_known_by_their_number(small_clinic: Clinic, platform: str) -> None:
    credential = await key(small_clinic)
    await tell(small_clinic, platform, Spoken("book", WHO), **credential)

    assert (await tell(small_clinic, platform, Spoken("find"), **credential))["status"] == "accepted"
    stolen = Spoken("find", {"phone": JANE}, caller=JOHN)
    assert (await tell(small_clinic, platform, stolen, **credential))["message"] == REFUSED


async def test_a_key_may_come_as_a_bearer(small_clinic: Clinic) -> None:
    secret = (await key(small_clinic))["x_api_key"]

    answer = await call(small_clinic, "generic", Spoken("find"), authorization=f"Bearer {secret}")
    both = await call(small_clinic, "generic", Spoken("find"), authorization=f"Bearer {secret}", x_api_key="ak_other")

    assert unwrapped("generic", answer)["success"] is True
    assert both.status_code == 401


@pytest.mark.parametrize("headers", [{"x_api_key": "ak_wrong"}, {"authorization": "Bearer x.y.z"}])
async def test_a_credential_that_does_not_hold_is_no_callers_business(
    small_clinic: Clinic, headers: dict[str, str]
) -> None:
    answer = await call(small_clinic, "generic", Spoken("suggest"), **headers)

    assert answer.status_code == 401


async def test_an_organization_that_requires_a_key(small_clinic: Clinic) -> None:
    await small_clinic.services.organizations.require_key(small_clinic.organization.id, required=True)

    assert (await call(small_clinic, "generic", Spoken("suggest"))).status_code == 401
    assert (await call(small_clinic, "generic", Spoken("suggest"), **await key(small_clinic))).status_code == 200


async def test_an_agent_that_does_not_exist(small_clinic: Clinic) -> None:
    address = f"{DOORS}/vapi/{small_clinic.organization.id}/{small_clinic.organization.id}"
    async with small_clinic.client() as client:
        answer = await client.post(address, json=vapi(Spoken("suggest")))

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"hello", "text/plain", 415),
        (b" " * (MAX_VOICE_BODY_BYTES + 1), "application/json", 413),
    ],
)
async def test_a_body_that_is_not_json(small_clinic: Clinic, content: bytes, kind: str, status: int) -> None:
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, "retell"), content=content, headers={"Content-Type": kind})

    assert answer.status_code == status


@pytest.mark.parametrize("body", [[], "hello", 1, None, {}, {"message": None}, {"args": []}, {"call": 1, "args": {}}])
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_json_of_any_shape_is_answered(small_clinic: Clinic, platform: str, body: Any) -> None:  # noqa: ANN401 - anything
    async with small_clinic.client() as client:
        answer = await client.post(door(small_clinic, platform), json=body)

    assert answer.status_code == 200, answer.text


async def test_a_long_conversation_comes_along(small_clinic: Clinic) -> None:
    """Platforms send what was said so far: far more than any of our own clients has to say."""
    body = retell(Spoken("suggest"))
    body["call"]["transcript"] = "Hello? " * 40_000
    async with small_clinic.client() as client:
        assert (await client.post(door(small_clinic, "retell"), json=body)).status_code == 200


async def test_vapi_hears_of_a_breakdown_as_an_error(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "status", "GET", "*", status=500, times=9)

    answer = await call(small_clinic, "vapi", Spoken("suggest"))

    (result,) = answer.json()["results"]
    assert answer.status_code == 200
    assert "result" not in result
    assert json.loads(result["error"])["code"] == "CALCOM_API_ERROR"
