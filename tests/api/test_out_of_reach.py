"""Accounts that cannot be used: their key does not open, or their address may not be called any more."""

from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tests.api import calcom, owner
from tests.api.bodies import NOT_CONNECTED, error, problem
from tests.api.clinic import SANDBOX, Clinic
from tests.api.office import PREFIX, ask, done

from calbridge.domain.agents import Access, Host
from calbridge.storage.accounts import Accounts
from calbridge.storage.callers import Callers
from calbridge.storage.secrets import KeyRing, SealError

OURS = "Something went wrong on our side. Please try again."
LOST = KeyRing.parse("22" * 32)
STRANGER = Host(99, "lost", "Lost", "lost@clinic.example", "Europe/London")


async def connect(clinic: Clinic, keys: KeyRing | None = None, base_url: str = SANDBOX) -> UUID:
    """Connect a second account; without ``keys`` under those of the deployment."""
    clinic.clock.advance(timedelta(minutes=1))
    accounts = Accounts(clinic.services.database, keys, clinic.clock) if keys else owner.accounts(clinic)
    access = Access(base_url, "cal_sandbox_lost")
    account, _ = await accounts.connect(clinic.organization.id, access=access, host=STRANGER)
    return account.id


@pytest.mark.parametrize("reason", ["key", "address"])
async def test_one_account_out_of_reach_hides_no_other(clinic: Clinic, reason: str) -> None:
    uid = await calcom.book(clinic, "2026-03-25T10:00:00Z")
    lost = await connect(clinic, LOST) if reason == "key" else await connect(clinic, base_url="https://cal.example")
    org = clinic.organization.id

    with capture_logs() as logs:
        status = await done(clinic, "GET", f"{PREFIX}/status", org_id=org)
    listed = await done(clinic, "GET", f"{PREFIX}/appointments", org_id=org)
    offered = await ask(clinic, "GET", f"{PREFIX}/event-types", org_id=org)
    found = await ask(clinic, "GET", f"{PREFIX}/appointments/{uid}")
    unknown = await ask(clinic, "GET", f"{PREFIX}/appointments/aBcDeFgHiJkLmNoPqRsTuV")

    event = "account.unreadable" if reason == "key" else "account.address_not_allowed"
    assert {"event": event, "account_id": str(lost), "log_level": "warning"} in logs
    assert status["connected"] is True
    assert [(each["id"], each["status"], each["error"], each["is_primary"]) for each in status["accounts"]] == [
        (str(clinic.account.id), "active", "", True),
        (str(lost), "needs_reauth", NOT_CONNECTED, False),
    ]
    assert [each["id"] for each in listed["appointments"]] == [uid]
    assert (offered.status_code, found.status_code) == (200, 200)
    assert unknown.json() == error("CALCOM_API_ERROR", "Cal.com could not be reached.")  # nobody knows


async def test_an_agent_whose_accounts_address_may_not_be_called_is_not_connected(small_clinic: Clinic) -> None:
    lost = await connect(small_clinic, base_url="https://cal.example")
    await small_clinic.services.assignments.link(small_clinic.organization.id, small_clinic.agent.id, lost)

    answer = await small_clinic.book()

    assert (answer.status_code, answer.json()["code"]) == (400, "NOT_CONNECTED")
    key = {"apiKey": "cal_sandbox_other"}
    path = f"{owner.INTEGRATION}/{lost}"
    changed = await ask(small_clinic, "PUT", path, owner.integration(small_clinic, **key))
    assert changed.json() == problem(400, NOT_CONNECTED, "Bad Request")


@pytest.mark.parametrize("reason", ["key", "address"])
async def test_a_private_key_out_of_reach_says_so(small_clinic: Clinic, reason: str) -> None:
    agent = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Private")
    access = Access(SANDBOX if reason == "key" else "https://cal.example", "cal_sandbox_lost")
    accounts = owner.accounts(small_clinic)
    if reason == "key":
        accounts = Accounts(small_clinic.services.database, LOST, small_clinic.clock)
    await accounts.connect(small_clinic.organization.id, access=access, host=STRANGER, agent_id=agent.id)

    status = await done(small_clinic, "GET", f"{PREFIX}/agents/{agent.id}/status")

    assert (status["connected"], status["status"]) == (False, "needs_reauth")
    assert [(each["status"], each["error"]) for each in status["accounts"]] == [("needs_reauth", NOT_CONNECTED)]


async def test_a_private_key_that_does_not_open_is_replaced_by_another(small_clinic: Clinic) -> None:
    agent = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Private")
    accounts = Accounts(small_clinic.services.database, LOST, small_clinic.clock)
    access = Access(SANDBOX, "cal_sandbox_lost")
    lost, _ = await accounts.connect(small_clinic.organization.id, access=access, host=STRANGER, agent_id=agent.id)

    made = await done(small_clinic, "POST", f"{PREFIX}/agents/{agent.id}/connect", {"api_key": calcom.DEMO})

    assert made["calcom_account_id"] == str(lost.id)
    assert (await small_clinic.book(agent_id=str(agent.id))).status_code == 200


async def test_a_record_that_does_not_open_still_tells_the_agent(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = calcom.uid_of(await small_clinic.book())

    def keep_shut(*_: object) -> None:
        raise SealError("No encryption key 0badc0de is configured.")

    monkeypatch.setattr(Callers, "open", keep_shut)
    answer = await ask(small_clinic, "GET", f"{PREFIX}/appointments/{uid}")

    assert answer.status_code == 200
    assert answer.json()["data"]["agent_id"] == str(small_clinic.agent.id)


@pytest.mark.parametrize("path", ["ravan", "toolzz"])
async def test_a_fault_of_ours_is_logged_and_tells_nothing(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise SealError("No encryption key 0badc0de is configured.")

    monkeypatch.setattr(Accounts, "list", fail)
    monkeypatch.setattr(Accounts, "get", fail)
    target = f"{PREFIX}/status" if path == "ravan" else f"{owner.INTEGRATION}/{small_clinic.account.id}"
    with capture_logs() as logs:
        answer = await ask(small_clinic, "GET", target, org_id=small_clinic.organization.id)

    expected = error("INTERNAL_ERROR", OURS) if path == "ravan" else problem(500, OURS, "Internal Server Error")
    assert (answer.status_code, answer.json()) == (500, expected)
    (told,) = [each for each in logs if each["event"] == "request.failed"]
    assert (told["log_level"], type(told["exc_info"])) == ("error", SealError)


async def test_in_a_call_a_fault_of_ours_tells_nothing_either(small_clinic: Clinic) -> None:
    lost = await connect(small_clinic, LOST)
    await small_clinic.services.assignments.link(small_clinic.organization.id, small_clinic.agent.id, lost)

    answer = await small_clinic.book()

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "encryption" not in answer.text
