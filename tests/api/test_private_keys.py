"""``/agents/{agent_id}/connect``, ``/disconnect`` and ``/status``: an agent's own Cal.com key."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from tests.api import calcom
from tests.api.bodies import error
from tests.api.clinic import SANDBOX, Clinic
from tests.api.office import KEY_REFUSED, PREFIX, UNREACHABLE, ask
from tests.api.private_key import NONE_FOUND, connect, connected, found, to, unlinked

DISCONNECTED = {"success": True, "message": "Cal.com disconnected successfully"}
LINKED = error("CONFLICT", "The agent is linked to an account of its organization; unlink it first.")
PRIVATE = error("CONFLICT", "The agent has a private Cal.com key; disconnect that first.")


@pytest.fixture
async def agent_id(small_clinic: Clinic) -> UUID:
    """An agent with neither a link nor a key."""
    return await unlinked(small_clinic)


async def test_a_key_is_proved_stored_and_used_by_manage(small_clinic: Clinic) -> None:
    agent_id = await unlinked(small_clinic)
    before = len(await small_clinic.requests_at_calcom())

    answer = await connect(small_clinic, agent_id, account_name="Dr. Private's")

    account_id = answer.json()["data"]["provider_id"]
    assert answer.status_code == 200
    assert answer.json() == connected(small_clinic, account_id, "Dr. Private's")
    assert (await small_clinic.requests_at_calcom())[before:] == [("GET", "/v2/me"), ("GET", "/v2/event-types")]
    assert (await to(small_clinic, agent_id, "status")).json() == found(account_id, "Dr. Private's")
    assert (await small_clinic.manage("suggest", agent_id=str(agent_id))).status_code == 409  # that user offers nothing
    assert (await calcom.requests(small_clinic))[-1]["user"] == "other"


async def test_an_appointment_is_made_in_the_private_calendar(small_clinic: Clinic, agent_id: UUID) -> None:
    await calcom.host(small_clinic)
    await connect(small_clinic, agent_id, api_key="cal_sandbox_new")

    answer = await small_clinic.book(agent_id=str(agent_id))

    assert answer.status_code == 200
    assert [each["host"] for each in await calcom.bookings(small_clinic)] == ["new-host"]


@pytest.mark.parametrize("address", [SANDBOX, "", None], ids=["named", "empty", "null"])
async def test_without_a_name_it_is_called_default_and_the_base_url_may_be_named(
    small_clinic: Clinic, agent_id: UUID, address: str | None
) -> None:
    answer = await connect(small_clinic, agent_id, account_name=None, api_base_url=address)

    assert answer.json() == connected(small_clinic, answer.json()["data"]["provider_id"], "Default")


async def test_a_second_key_replaces_the_first_and_keeps_the_id(clinic: Clinic) -> None:
    agent_id = await unlinked(clinic)
    first = (await connect(clinic, agent_id, account_name="Mine")).json()
    clinic.clock.advance(timedelta(minutes=1))

    answer = await connect(clinic, agent_id, api_key="cal_sandbox_limited", account_name="Mine, again")

    assert answer.json() == connected(clinic, first["data"]["provider_id"], "Mine, again")
    assert (await clinic.book(agent_id=str(agent_id))).status_code == 200
    assert (await calcom.requests(clinic))[-1]["user"] == "demo-clinic"


async def test_a_key_that_was_disconnected_may_come_back(clinic: Clinic) -> None:
    agent_id = await unlinked(clinic)
    first = (await connect(clinic, agent_id)).json()["data"]["provider_id"]
    await to(clinic, agent_id, "disconnect")
    clinic.clock.advance(timedelta(hours=1))

    answer = await connect(clinic, agent_id, account_name="Again")

    assert answer.json() == connected(clinic, first, "Again", "2026-03-20T09:00:00Z")


async def test_two_agents_may_have_the_same_calcom_users_key(small_clinic: Clinic, agent_id: UUID) -> None:
    colleague = await unlinked(small_clinic)

    answers = [await connect(small_clinic, each, api_key=calcom.DEMO) for each in (agent_id, colleague)]

    assert [answer.status_code for answer in answers] == [200, 200]
    accounts = {answer.json()["data"]["provider_id"] for answer in answers} | {str(small_clinic.account.id)}
    assert len(accounts) == 3


async def test_a_disconnected_key_is_erased_and_disconnecting_it_again_is_fine(small_clinic: Clinic) -> None:
    agent_id = await unlinked(small_clinic)
    await connect(small_clinic, agent_id)
    before = await small_clinic.requests_at_calcom()

    for _ in range(2):
        answer = await to(small_clinic, agent_id, "disconnect")
        assert (answer.status_code, answer.json()) == (200, DISCONNECTED)
    assert (await to(small_clinic, agent_id, "status")).json() == NONE_FOUND
    assert (await small_clinic.manage("suggest", agent_id=str(agent_id))).json()["code"] == "NOT_CONNECTED"
    assert await small_clinic.requests_at_calcom() == before


async def test_disconnecting_a_private_key_leaves_links_and_accounts_alone(small_clinic: Clinic) -> None:
    answer = await to(small_clinic, small_clinic.agent.id, "disconnect")

    assert (answer.status_code, answer.json()) == (200, DISCONNECTED)
    assert (await small_clinic.book()).status_code == 200


async def test_the_status_tells_of_the_private_key_only(small_clinic: Clinic) -> None:
    answer = await to(small_clinic, small_clinic.agent.id, "status")

    assert (answer.status_code, answer.json()) == (200, NONE_FOUND)


async def test_a_key_that_calcom_refuses_needs_a_new_one(small_clinic: Clinic, agent_id: UUID) -> None:
    account_id = (await connect(small_clinic, agent_id)).json()["data"]["provider_id"]
    small_clinic.sandbox.state.world.keys[calcom.OTHER].expired = True
    before = len(await small_clinic.requests_at_calcom())

    for _ in range(2):
        answer = await to(small_clinic, agent_id, "status")
        assert answer.status_code == 200
        assert answer.json() == found(account_id, "Default", "needs_reauth", KEY_REFUSED, works=False)
    assert len(await small_clinic.requests_at_calcom()) == before + 1
    small_clinic.clock.advance(timedelta(seconds=1))
    await connect(small_clinic, agent_id, api_key="cal_sandbox_limited")
    assert (await to(small_clinic, agent_id, "status")).json() == found(account_id, "Default")


async def test_a_calcom_that_is_away_blames_no_key_and_is_not_asked_again_at_once(
    small_clinic: Clinic, agent_id: UUID
) -> None:
    account_id = (await connect(small_clinic, agent_id)).json()["data"]["provider_id"]
    await calcom.fault(small_clinic, "drop", "GET", "/v2/me", times=3)
    before = len(await small_clinic.requests_at_calcom())

    for _ in range(2):
        answer = await to(small_clinic, agent_id, "status")
        assert (answer.status_code, answer.json()) == (200, found(account_id, "Default", problem=UNREACHABLE))
    assert len(await small_clinic.requests_at_calcom()) == before + 3  # the one check, and its repeats


async def test_a_private_key_is_refused_while_an_account_is_linked(clinic: Clinic) -> None:
    before = await clinic.requests_at_calcom()

    answer = await connect(clinic, clinic.agent.id)

    assert (answer.status_code, answer.json()) == (409, LINKED)
    assert await clinic.requests_at_calcom() == before
    await _link(clinic, clinic.agent.id, None)
    assert (await connect(clinic, clinic.agent.id)).status_code == 200


async def test_an_account_is_not_linked_while_there_is_a_private_key(clinic: Clinic) -> None:
    agent_id = await unlinked(clinic)
    await connect(clinic, agent_id)

    answer = await _link(clinic, agent_id, str(clinic.account.id))

    assert (answer.status_code, answer.json()) == (409, PRIVATE)
    await to(clinic, agent_id, "disconnect")
    assert (await _link(clinic, agent_id, str(clinic.account.id))).status_code == 200
    assert (await clinic.book(agent_id=str(agent_id))).status_code == 200


async def _link(clinic: Clinic, agent_id: UUID, account_id: str | None) -> httpx.Response:
    return await ask(clinic, "PUT", f"{PREFIX}/agents/{agent_id}/account", {"calcom_account_id": account_id})
