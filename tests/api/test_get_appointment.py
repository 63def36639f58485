"""``GET /appointments/{id}``: one booking, wherever among the organization's accounts it is."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import NOT_CONNECTED, Json, error
from tests.api.clinic import Clinic
from tests.api.struck import AWAY, THROTTLED, strike

from calbridge.calcom.errors import CalcomError

PATH = "/api/v1/calcom/appointments"
UNKNOWN = error("CALCOM_API_ERROR", "Cal.com knows no such booking.")
NEW = "cal_sandbox_new"
TIMEOUT = 5
REFUSED = error("CALCOM_API_ERROR", "Cal.com refused the API key of this account.")
AMISS = error("CALCOM_API_ERROR", "Cal.com did not answer as expected.")


async def get(clinic: Clinic, uid: str) -> httpx.Response:
    """Ask for one appointment as the organization."""
    async with clinic.authorized() as client:
        return await client.get(f"{PATH}/{uid}")


async def test_an_appointment_is_the_documented_object(clinic: Clinic) -> None:
    uid = calcom.uid_of(await clinic.book(phone="+442079460958", timezone="America/New_York"))

    answer = await get(clinic, uid)

    org, agent = str(clinic.organization.id), str(clinic.agent.id)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "Appointment retrieved",
        "data": {
            "appointment": {
                "id": uid,
                "organization_id": org,
                "ghl_appointment_id": "",
                "contact_id": "",
                "agent_id": agent,
                "agent_name": "Dr. Rivera",
                "contact_name": "Jane Doe",
                "contact_email": "jane@example.com",
                "contact_phone": "+442079460958",
                "appointment_time": "2026-03-25T14:00:00Z",
                "end_time": "2026-03-25T14:30:00Z",
                "status": "accepted",
            },
            "org_id": org,
            "agent_id": agent,
        },
    }


async def test_a_booking_that_was_made_elsewhere_has_no_agent(small_clinic: Clinic) -> None:
    uid = await calcom.book(small_clinic, "2026-03-25T10:00:00Z")

    data = (await get(small_clinic, uid)).json()["data"]

    assert (data["agent_id"], data["appointment"]["agent_id"], data["appointment"]["agent_name"]) == ("", "", "")
    assert (data["appointment"]["contact_name"], data["appointment"]["contact_phone"]) == ("Web Walker", "")


async def test_the_agent_is_the_one_of_our_record_by_its_present_name(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await owner.change_agent(small_clinic, name="Dr. Rivera-Lopez")

    assert _appointment(await get(small_clinic, uid))["agent_name"] == "Dr. Rivera-Lopez"


async def test_the_agent_of_a_booking_stays_its_agent_when_it_moves(clinic: Clinic) -> None:
    old = calcom.uid_of(await clinic.book())
    when = "2026-03-26T11:00:00Z"
    new = calcom.uid_of(await clinic.manage("reschedule", appointment_id=old, appointment_datetime=when))

    before, after = _appointment(await get(clinic, old)), _appointment(await get(clinic, new))

    assert (before["agent_name"], before["status"]) == ("Dr. Rivera", "cancelled")
    assert (after["agent_name"], after["status"], after["appointment_time"]) == ("Dr. Rivera", "accepted", when)


async def test_a_record_of_a_deleted_agent_keeps_its_id_without_a_name(clinic: Clinic) -> None:
    uid = calcom.uid_of(await clinic.book())
    await clinic.services.agents.delete(clinic.organization.id, clinic.agent.id)

    shown = _appointment(await get(clinic, uid))

    assert (shown["agent_id"], shown["agent_name"]) == (str(clinic.agent.id), "")


@pytest.mark.parametrize("status", ["pending", "cancelled", "rejected"])
async def test_the_status_is_calcoms_word(small_clinic: Clinic, status: str) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.edit(small_clinic, uid, status=status)

    assert _appointment(await get(small_clinic, uid))["status"] == status


async def test_an_appointment_in_the_second_account_is_found(clinic: Clinic) -> None:
    uid = await _booked_in_second(clinic)

    assert _appointment(await get(clinic, uid))["id"] == uid
    assert await _asked(clinic) == ["demo-clinic", "new-host"]  # the primary first


async def test_the_account_of_our_record_is_asked_first(clinic: Clinic) -> None:
    await _second(clinic)
    await calcom.use(clinic, "cal_sandbox_new")
    uid = calcom.uid_of(await clinic.book())

    assert _appointment(await get(clinic, uid))["agent_name"] == "Dr. Rivera"
    assert await _asked(clinic) == ["new-host"]


async def test_one_that_no_account_knows_is_not_found_and_the_error_is_calcoms(small_clinic: Clinic) -> None:
    await _second(small_clinic)

    answer = await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")

    assert answer.status_code == 404
    assert answer.json() == UNKNOWN
    assert await _asked(small_clinic) == ["demo-clinic", "new-host"]


@pytest.mark.parametrize("whose", ["a stranger's", "the user's as a guest"])
async def test_one_that_is_not_provably_the_organizations_is_not_found(small_clinic: Clinic, whose: str) -> None:
    answer = await get(small_clinic, await calcom.foreign_uid(small_clinic, whose))

    assert answer.status_code == 404
    assert answer.json() == UNKNOWN


async def test_one_of_another_organization_is_not_found(small_clinic: Clinic) -> None:
    uid = await _booked_in_second(small_clinic)
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    await small_clinic.services.connections.connect(neighbour.id, api_key="cal_sandbox_other")
    token = small_clinic.services.tokens.issue(neighbour.id, subject="tests", ttl_seconds=60)

    async with small_clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.get(f"{PATH}/{uid}")

    assert answer.status_code == 404
    assert answer.json() == UNKNOWN


@pytest.mark.parametrize("failing", [calcom.DEMO, NEW])
@pytest.mark.parametrize(("how", "status"), [(AWAY, 502), (THROTTLED, 429)], ids=["away", "throttled"])
async def test_where_an_account_could_not_be_asked_nobody_knows(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, failing: str, how: CalcomError, status: int
) -> None:
    await _second(small_clinic)
    asked = strike(monkeypatch, {failing: how})

    answer = await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")

    assert answer.status_code == status
    assert {key for key, _ in asked} == {calcom.DEMO, NEW}


async def test_where_cal_com_fails_it_is_told(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "status", "GET", "/v2/bookings", times=3)

    answer = await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")

    assert (answer.status_code, answer.json()) == (502, AMISS)


@pytest.mark.parametrize("how", [AWAY, THROTTLED], ids=["away", "throttled"])
async def test_one_account_that_fails_does_not_hide_what_another_has(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, how: CalcomError
) -> None:
    uid = await _booked_in_second(small_clinic)
    strike(monkeypatch, {calcom.DEMO: how})

    assert (await get(small_clinic, uid)).status_code == 200


async def test_one_account_that_hangs_does_not_keep_the_others_from_answering(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = await _booked_in_second(small_clinic)
    strike(monkeypatch, {calcom.DEMO: AWAY}, hangs=True)

    async with asyncio.timeout(4):  # less than all the time there is
        assert (await get(small_clinic, uid)).status_code == 200


async def test_the_account_of_our_record_leaves_time_to_the_others(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _second(small_clinic)
    uid = calcom.uid_of(await small_clinic.book())
    asked = strike(monkeypatch, {calcom.DEMO: AWAY})

    answer = await get(small_clinic, uid)

    assert answer.status_code == 502
    ((first, its_time), (second, the_rest)) = asked
    assert (first, second) == (calcom.DEMO, NEW)
    assert its_time <= TIMEOUT / 2 < the_rest <= TIMEOUT


async def test_an_appointment_under_an_agents_private_key_is_found(clinic: Clinic) -> None:
    uid = await _booked_privately(clinic)

    assert _appointment(await get(clinic, uid))["agent_name"] == "Dr. Private"
    assert await _asked(clinic) == ["new-host"]


async def test_an_appointment_under_a_private_key_is_found_where_nothing_else_is_connected(
    small_clinic: Clinic,
) -> None:
    uid = await _booked_privately(small_clinic)
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, None)

    assert (await get(small_clinic, uid)).status_code == 200


async def test_a_private_key_that_was_refused_could_not_be_asked(small_clinic: Clinic) -> None:
    uid = await _booked_privately(small_clinic)
    accounts = owner.accounts(small_clinic)
    for private in await accounts.private_ones(small_clinic.organization.id):
        await accounts.needs_reauth(private)

    answer = await get(small_clinic, uid)

    assert (answer.status_code, answer.json()) == (502, REFUSED)
    assert (await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")).status_code == 404  # no record names it


async def test_an_account_whose_key_was_refused_could_not_be_asked(small_clinic: Clinic) -> None:
    uid = await _booked_in_second(small_clinic)
    await owner.accounts(small_clinic).needs_reauth(small_clinic.account)

    answer = await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")

    assert (answer.status_code, answer.json()) == (502, REFUSED)
    assert (await get(small_clinic, uid)).status_code == 200


async def test_no_more_than_a_few_accounts_are_asked_at_once(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"cal_sandbox_{number}" for number in range(7)]
    for key in keys:
        await calcom.host(small_clinic, key=key, username=key, email=f"{key}@clinic.example")
        await small_clinic.services.connections.connect(small_clinic.organization.id, api_key=key)
    asked = strike(monkeypatch, {calcom.DEMO: THROTTLED, **dict.fromkeys(keys, AWAY)}, at_once=5)

    answer = await get(small_clinic, "aBcDeFgHiJkLmNoPqRsTuV")

    assert (answer.status_code, len(asked)) == (429, 8)  # the first failure is told


async def test_a_refused_key_makes_it_502_and_takes_the_account_out_of_use(small_clinic: Clinic) -> None:
    await calcom.refuse_key(small_clinic)

    first = await get(small_clinic, "some-uid")
    second = await get(small_clinic, "some-uid")

    assert (first.status_code, second.status_code) == (502, 400)
    assert first.json() == error("CALCOM_API_ERROR", "Cal.com refused the API key of this account.")
    assert second.json() == error("NOT_CONNECTED", NOT_CONNECTED)


async def test_too_many_requests_at_calcom_are_told_with_the_time_to_wait(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "throttle", "GET", "/v2/bookings", headers={"X-RateLimit-Reset-Default": "42"})

    answer = await get(small_clinic, "some-uid")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "42")
    assert answer.json() == error("RATE_LIMITED", "Too many requests. Please try again later.")


async def test_without_any_account_nothing_is_connected(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, None)

    answer = await get(small_clinic, uid)

    assert answer.status_code == 400
    assert answer.json() == error("NOT_CONNECTED", NOT_CONNECTED)


async def test_without_a_credential_the_refusal_has_a_code(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.get(f"{PATH}/some-uid")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == error("UNAUTHORIZED", "Authentication is required.")


@pytest.mark.parametrize(
    ("uid", "message"),
    [("x" * 256, "must be at most 255 characters long"), ("a%00b", "must not contain control characters")],
)
async def test_what_is_no_uid_is_refused(small_clinic: Clinic, uid: str, message: str) -> None:
    answer = await get(small_clinic, uid)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", f"appointment_id {message}")


@pytest.mark.parametrize("uid", ["..%2F..%2Fme", "a%20b", "%3Fstatus=past", "%D0%BA"])
async def test_what_could_be_a_uid_but_is_none_is_not_found(small_clinic: Clinic, uid: str) -> None:
    answer = await get(small_clinic, uid)

    assert answer.status_code == 404


async def _booked_privately(clinic: Clinic) -> str:
    """Book with an agent that has a private key."""
    await calcom.host(clinic)
    agent = await clinic.services.agents.create(clinic.organization.id, "Dr. Private")
    await clinic.services.assignments.connect_private(clinic.organization.id, agent.id, api_key=NEW, name="Mine")
    return calcom.uid_of(await clinic.book(agent_id=str(agent.id)))


def _appointment(answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()["data"]["appointment"]
    return shown


async def _second(clinic: Clinic) -> dict[str, int]:
    """Connect a second account, a minute after the first."""
    numbers = await calcom.host(clinic)
    clinic.clock.advance(timedelta(minutes=1))
    await clinic.services.connections.connect(clinic.organization.id, api_key="cal_sandbox_new", name="Second")
    return numbers


async def _booked_in_second(clinic: Clinic) -> str:
    numbers = await _second(clinic)
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
    body = {"eventTypeId": numbers["visit"], "start": "2026-03-25T10:00:00Z", "attendee": who}
    made = await clinic.at_calcom("POST", "/v2/bookings", "cal_sandbox_new", json=body)
    return str(made["data"]["uid"])


async def _asked(clinic: Clinic) -> list[str]:
    """The Cal.com users whose bookings were looked into, in order."""
    ledger = await calcom.requests(clinic)
    return [each["user"] for each in ledger if (each["method"], each["path"]) == ("GET", "/v2/bookings")]
