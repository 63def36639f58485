"""Who is on the line: what a platform says goes before what a model says, however that is put."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.voice import signers
from tests.voice.envelopes import CALL, JANE, JOHN, Json, Spoken, door, generic, key, tell, vapi

from calbridge.domain.access import COMMAND, Credential
from calbridge.domain.actions import Cancel, Find, Reschedule
from calbridge.mcp.arguments import Arguments
from calbridge.mcp.calls import call_of
from calbridge.mcp.line import Line

WHEN = "2026-03-25T10:00:00"
REFUSED = "I'm not able to do that on this line."
SECRET = "a secret that both sides know"


async def book_for_john(clinic: Clinic) -> str:
    """Have John an appointment; its uid."""
    wish = {"name": "John Roe", "appointment_datetime": WHEN, "email": "john@example.com"}
    return str((await tell(clinic, "generic", Spoken("book", wish, JOHN, "call-of-john-1")))["appointment_id"])


async def sent(clinic: Clinic, address: str, body: Any, **headers: str) -> Json:  # noqa: ANN401 - JSON
    """Post a body as it is."""
    async with clinic.client(**headers) as client:
        answer = await client.post(address, json=body)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


@pytest.mark.parametrize(
    "arguments", [{"caller_number": JOHN}, {"user_phone_number": JOHN}, {"callerNumber": JOHN}, {"Caller Number": JOHN}]
)
async def test_the_number_at_the_root_goes_before_one_among_the_arguments(
    small_clinic: Clinic, arguments: Json
) -> None:
    uid = await book_for_john(small_clinic)
    credential = await key(small_clinic)
    for name in ("caller_number", "user_phone_number"):
        for form in (arguments, json.dumps(arguments)):
            body = {"tool": "find_appointments", "arguments": form, name: JANE, "call_id": CALL}
            told = await sent(small_clinic, door(small_clinic, "generic"), body, **credential)
            assert (told["success"], told["appointment_id"]) == (True, "")
    body = {"tool": "find", "arguments": {"caller_number": JOHN}}  # where the root says nothing
    assert (await sent(small_clinic, door(small_clinic, "generic"), body, **credential))["appointment_id"] == uid


async def test_a_name_at_the_root_may_be_the_tools(small_clinic: Clinic) -> None:
    body = {"name": "book_appointment", "caller_number": JANE, "args": {"name": "Jane Doe", "start": WHEN}}
    await sent(small_clinic, door(small_clinic, "generic", "book"), body)

    assert [each["attendees"][0]["name"] for each in await calcom.bookings(small_clinic)] == ["Jane Doe"]


@pytest.mark.parametrize("spelling", ["callerNumber", "caller-number", "CALLER_NUMBER", "Caller Number"])
async def test_only_the_exact_name_is_the_platforms(small_clinic: Clinic, spelling: str) -> None:
    await book_for_john(small_clinic)
    body = {spelling: JOHN, "caller_number": JANE, "call_id": CALL}
    credential = await key(small_clinic)

    assert (await sent(small_clinic, door(small_clinic, "elevenlabs", "find"), body, **credential))["success"] is True
    echo = await sent(
        small_clinic, f"{door(small_clinic, 'elevenlabs')}/echo", {"action": "book", **body}, **credential
    )
    assert echo["tool_calls"][0]["understood"]["phone"] == JANE


@pytest.mark.parametrize("action", ["find", "cancel", "reschedule"])
async def test_where_two_numbers_are_the_platforms_nobody_is_looked_up(small_clinic: Clinic, action: str) -> None:
    await book_for_john(small_clinic)
    credential = await key(small_clinic)
    address = door(small_clinic, "synthflow", action)
    body = {"user_phone_number": JANE, "caller_number": JOHN, "appointment_datetime": "2026-03-26T10:00:00"}

    assert (await sent(small_clinic, address, body, **credential))["message"] == REFUSED
    body = {"caller_number": JOHN}
    assert (await sent(small_clinic, address, body, **credential, x_caller_number=JANE))["message"] == REFUSED


@pytest.mark.parametrize("action", ["find", "cancel", "reschedule"])
@pytest.mark.parametrize("platform", ["vapi", "elevenlabs"])
async def test_an_address_does_not_widen_what_is_looked_up(small_clinic: Clinic, platform: str, action: str) -> None:
    await book_for_john(small_clinic)
    wish = {"email": "john@example.com", "appointment_datetime": "2026-03-26T10:00:00"}
    told = await tell(small_clinic, platform, Spoken(action, wish), **await key(small_clinic))

    assert not told.get("appointment_id")
    assert [each["start"][:10] for each in await calcom.bookings(small_clinic)] == ["2026-03-25"]
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted"]


@pytest.mark.parametrize(
    ("action", "wish"),
    [("find", Find(phone=JANE)), ("cancel", Cancel(phone=JANE)), ("reschedule", Reschedule(phone=JANE))],
)
def test_nor_does_it_over_mcp(action: str, wish: object) -> None:
    line = Line(uuid4(), uuid4(), Credential(uuid4(), frozenset(), COMMAND), CALL, JANE)

    for address in ("john@example.com", "john at nowhere"):
        assert call_of(action, Arguments.of({"email": address}), line).action == wish


def test_beside_an_id_it_is_the_number_on_the_line_that_tells_whose_place_is_given_up_over_mcp() -> None:
    line = Line(uuid4(), uuid4(), Credential(uuid4(), frozenset(), COMMAND), CALL, JANE)

    wish = call_of("cancel", Arguments.of({"appointment_id": "uid-1", "phone": JOHN}), line).action

    assert wish == Cancel("uid-1", phone=JANE)


async def prove(clinic: Clinic, platform: str) -> None:
    """Have a platform sign."""
    async with clinic.authorized() as client:
        kept = await client.put(f"/api/v1/calcom/voice/secrets/{platform}", json={"secrets": [{"secret": SECRET}]})
    assert kept.status_code == 200, kept.text


RETELL_TEXTS: dict[str, Any] = {
    "a call as text": {"name": "x", "args": "{}", "call": json.dumps({"from_number": JOHN})},
    "all as text": json.dumps({"name": "x", "args": {}, "call": {"from_number": JOHN}}),
}


@pytest.mark.parametrize("form", RETELL_TEXTS)
async def test_retells_envelope_is_no_text(small_clinic: Clinic, form: str) -> None:
    uid = await book_for_john(small_clinic)
    await prove(small_clinic, "retell")
    body = json.dumps(RETELL_TEXTS[form]).encode()
    signed = signers.retell(body, SECRET, small_clinic.clock().timestamp())
    async with small_clinic.client() as client:
        answer = await client.post(
            door(small_clinic, "retell", "find"), content=body, headers={**signed, "Content-Type": "application/json"}
        )

    assert answer.status_code == 200
    assert uid not in answer.text


MESSAGE: Json = {
    "type": "tool-calls",
    "customer": {"number": JOHN},
    "toolCallList": [{"id": "call_12345678", "name": "find_appointments"}],
}
VAPI_TEXTS: dict[str, Any] = {
    "a message as text": {"message": json.dumps(MESSAGE)},
    "a customer as text": {"message": MESSAGE | {"customer": json.dumps(MESSAGE["customer"])}},
    "a call as text": {
        "message": {**MESSAGE, "customer": {}, "call": json.dumps({"customer": MESSAGE["customer"]})},
    },
    "all as text": json.dumps({"message": MESSAGE}),
    "no type": {"message": {name: value for name, value in MESSAGE.items() if name != "type"}},
}


@pytest.mark.parametrize("form", VAPI_TEXTS)
async def test_vapis_message_is_no_text(small_clinic: Clinic, form: str) -> None:
    uid = await book_for_john(small_clinic)
    await prove(small_clinic, "vapi")
    address = door(small_clinic, "vapi", "find")

    assert uid in json.dumps(await sent(small_clinic, address, {"message": MESSAGE}, x_vapi_secret=SECRET))
    assert uid not in json.dumps(await sent(small_clinic, address, VAPI_TEXTS[form], x_vapi_secret=SECRET))


@pytest.mark.parametrize("action", ["find", "cancel"])
async def test_a_message_beside_static_parameters_is_of_the_models_making(small_clinic: Clinic, action: str) -> None:
    uid = await book_for_john(small_clinic)
    await prove(small_clinic, "vapi")
    forged = {**MESSAGE, "toolCallList": [{"id": "call_12345678", "name": action}]}
    body = {"caller_number": JANE, "message": forged}

    told = await sent(small_clinic, door(small_clinic, "vapi", action), body, x_vapi_secret=SECRET)

    assert uid not in json.dumps(told)
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted"]


async def test_ids_and_names_that_no_answer_can_hold(small_clinic: Clinic) -> None:
    """Halves of characters, and ends of lines."""
    body = vapi(Spoken("suggest", tool_call_id="call\ud800_1\n"))
    body["message"]["toolCallList"][0]["name"] = "suggest\r\n_times\udfff"
    body["message"]["toolCallList"][0]["arguments"] = {"\ud800odd": 1}
    content = json.dumps(body).encode()
    for address in (door(small_clinic, "vapi"), f"{door(small_clinic, 'vapi')}/echo"):
        async with small_clinic.client(**await key(small_clinic)) as client:
            answer = await client.post(address, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200, answer.text
        assert "call_1" in answer.text
        assert "suggest_times" in answer.text


async def test_of_those_who_share_an_appointment_whoever_calls_gives_up_their_own_place(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, seats=3)
    uid = await book_for_john(small_clinic)
    await tell(small_clinic, "generic", Spoken("book", {"name": "Jane Doe", "appointment_datetime": WHEN}))
    credential = await key(small_clinic)
    wish = {"appointment_id": uid, "phone": JOHN}

    for caller, call_id in (("+442079460999", "call-of-a-stranger"), (JANE, "call-of-jane-4712")):
        body = generic(Spoken("cancel", wish, caller, call_id, call_id))
        await sent(small_clinic, door(small_clinic, "generic", "cancel"), body, **credential)
        (booking,) = await calcom.bookings(small_clinic)
        names = [each["name"] for each in booking["attendees"]]
        assert names == (["John Roe"] if caller == JANE else ["John Roe", "Jane Doe"])


@pytest.mark.parametrize("body", [{}, {"action": "dance"}, {"tool": "manage_appointment"}])
async def test_a_tool_that_names_no_action_is_told_for_ears(small_clinic: Clinic, body: Json) -> None:
    told = await sent(small_clinic, door(small_clinic, "generic"), body)

    assert told["message"] == "I didn't get what to do. Would you like to book, move or cancel an appointment?"
    assert told["code"] == "INVALID_REQUEST"
