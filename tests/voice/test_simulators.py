"""A call through every door, over a real socket, by a platform that knows nothing but the JSON to paste."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.voice.serving import serving
from tests.voice.simulators import SIMULATORS, Call, Simulator, Workspace

from calbridge.domain.access import Scope

CALLER, OTHER = "+442079460958", "+442079460999"
CALL = "7420f27a-30fd-4f49-a995-5549ae7cc00d"
SECRETS = {"vapi", "retell", "telnyx"}  # the platforms that sign


@pytest.fixture
async def base(small_clinic: Clinic) -> AsyncIterator[str]:
    """Where the clinic is served. Signatures are of now, so its clock is, too."""
    small_clinic.clock.now = datetime.now(UTC)
    async with serving(small_clinic.app) as url:
        yield url


@pytest.fixture
async def phone() -> AsyncIterator[httpx.AsyncClient]:
    """What platforms make requests with."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def set_up(clinic: Clinic, base: str, platform: str, caller: str = CALLER, *, proved: bool = True) -> Simulator:
    """Set a platform up as its page tells: fetch the JSON, make a key, exchange secrets. Not ``proved``: no secrets."""
    _, key = await clinic.services.keys.create(clinic.organization.id, "phones", {Scope.MANAGE})
    workspace = Workspace(api_key=key, secret="a secret that both sides know")
    headers = {"Authorization": f"Bearer {clinic.token}"}
    async with httpx.AsyncClient(base_url=f"{base}/api/v1/calcom", headers=headers, trust_env=False) as client:
        pasted = await client.get(f"/agents/{clinic.agent.id}/tools/{platform}")
        assert pasted.status_code == 200, pasted.text
        if platform in SECRETS and proved:
            secret = workspace.public_key if platform == "telnyx" else workspace.secret
            kept = await client.put(f"/voice/secrets/{platform}", json={"secrets": [{"secret": secret}]})
            assert kept.status_code == 200, kept.text
    return SIMULATORS[platform](pasted.json(), workspace, Call(CALL, caller))


@pytest.mark.parametrize("platform", SIMULATORS)
async def test_a_call_from_hello_to_goodbye(
    small_clinic: Clinic, base: str, phone: httpx.AsyncClient, platform: str
) -> None:
    agent = await set_up(small_clinic, base, platform)

    offered = await agent.use(phone, "suggest_times", days_ahead=7)
    first, second = offered["slot_1_start"], offered["slot_2_start"]
    booked = await agent.use(phone, "book_appointment", name="Jane Doe", appointment_datetime=first, notes='"Ow!"')
    again = await agent.use(phone, "book_appointment", name="Jane Doe", appointment_datetime=first, notes='"Ow!"')
    found = await agent.use(phone, "find_appointments")
    moved = await agent.use(phone, "reschedule_appointment", appointment_datetime=second)
    gone = await agent.use(phone, "cancel_appointment")
    none = await agent.use(phone, "find_appointments")

    assert " I have " in offered["message"]
    assert booked["message"].startswith("You're booked with Dr. Rivera for ")
    assert again == booked
    assert found["message"].startswith("You have an appointment with Dr. Rivera ")
    assert moved["message"].startswith("I've moved your appointment with Dr. Rivera to ")
    assert gone["message"].endswith(" is cancelled.")
    assert none["message"] == "I don't see any upcoming appointments under that phone number."
    assert len(await made_at(small_clinic, first)) == 1  # it was asked for twice
    assert len(await made_at(small_clinic, second)) == 1
    assert await records_of(small_clinic) == [("Jane Doe", CALLER, CALL)]


@pytest.mark.parametrize("platform", SIMULATORS)
async def test_what_the_caller_should_hear_is_never_an_error(
    small_clinic: Clinic, base: str, phone: httpx.AsyncClient, platform: str
) -> None:
    agent = await set_up(small_clinic, base, platform)
    offered = await agent.use(phone, "suggest_times")
    await agent.use(phone, "book_appointment", name="Jane Doe", appointment_datetime=offered["slot_1_start"])
    other = await set_up(small_clinic, base, platform, OTHER)
    await calcom.fault(small_clinic, "drop", "GET", "/v2/slots", times=99)

    taken = await other.use(phone, "book_appointment", name="John Roe", appointment_datetime=offered["slot_1_start"])
    unclear = await other.use(phone, "book_appointment", name="John Roe", appointment_datetime="whenever")
    nothing = await other.use(phone, "cancel_appointment")

    assert taken["message"].startswith("That time isn't available.")
    assert taken["action_required"] == "reschedule"
    assert unclear["action_required"] in {"provide_datetime", "clarify_datetime"}
    assert nothing["action_required"] == "provide_contact"


@pytest.mark.parametrize("platform", SIMULATORS)
async def test_nobody_elses_appointment_is_touched_by_talking(
    small_clinic: Clinic, base: str, phone: httpx.AsyncClient, platform: str
) -> None:
    agent = await set_up(small_clinic, base, platform)
    offered = await agent.use(phone, "suggest_times")
    await agent.use(phone, "book_appointment", name="Jane Doe", appointment_datetime=offered["slot_1_start"])
    stranger = await set_up(small_clinic, base, platform, OTHER)

    refused = await stranger.use(phone, "cancel_appointment", phone=CALLER)

    assert "is cancelled" not in refused["message"]
    assert await made_at(small_clinic, offered["slot_1_start"]) == ["accepted"]


@pytest.mark.parametrize("platform", ["vapi", "retell"])
async def test_who_proves_nothing_may_book_and_look_nothing_up(
    small_clinic: Clinic, base: str, phone: httpx.AsyncClient, platform: str
) -> None:
    agent = await set_up(small_clinic, base, platform, proved=False)
    offered = await agent.use(phone, "suggest_times")

    booked = await agent.use(phone, "book_appointment", name="Jane Doe", appointment_datetime=offered["slot_1_start"])
    found = await agent.use(phone, "find_appointments")
    gone = await agent.use(phone, "cancel_appointment", phone=CALLER)

    assert booked["message"].startswith("You're booked with Dr. Rivera for ")
    assert found["message"] == gone["message"] == "I'm not able to do that on this line."


async def made_at(clinic: Clinic, start: str) -> list[str]:
    """The status of every booking at Cal.com that starts then, or has."""
    return [each["status"] for each in await calcom.bookings(clinic) if each["start"][:16] == start[:16]]


async def records_of(clinic: Clinic) -> list[Any]:
    """Name, phone and call of every caller on record."""
    record = await clinic.services.bookings.last_of_caller(clinic.account.id, phone=CALLER)
    return [] if record is None else [(record.name, record.phone, record.call_session_id)]
