"""``PUT /agents/{agent_id}/account``: which of the organization's accounts an agent uses."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import owner
from tests.api.bodies import Json, error
from tests.api.clinic import Clinic

from calbridge.domain.agents import Account

NO_AGENT = error("NOT_FOUND", "Agent not found")
NO_ACCOUNT = error("NOT_FOUND", "Cal.com account not found")
PRIVATE = error("CONFLICT", "The agent has a private Cal.com key; disconnect that first.")


async def put(clinic: Clinic, body: object, agent_id: object = None, **headers: str) -> httpx.Response:
    """Link as the organization, or with other headers."""
    known = {"authorization": f"Bearer {clinic.token}"} | headers
    async with clinic.client(**known) as client:
        return await client.put(f"/api/v1/calcom/agents/{agent_id or clinic.agent.id}/account", json=body)


async def link(clinic: Clinic, account_id: object, agent_id: object = None) -> httpx.Response:
    """Link to an account, or unlink."""
    return await put(clinic, {"calcom_account_id": None if account_id is None else str(account_id)}, agent_id)


def linked(clinic: Clinic, account_id: UUID | None, agent: Any = None) -> Json:  # noqa: ANN401 - an agent, or the clinic's
    """The documented answer."""
    agent = agent or clinic.agent
    data = {
        "agent_id": str(agent.id),
        "agent_name": agent.name,
        "calcom_account_id": str(account_id) if account_id else None,
    }
    return {"success": True, "message": "Agent Cal.com account updated", "data": data}


async def test_an_agent_is_linked_to_an_account(clinic: Clinic) -> None:
    other = await _other_account(clinic)

    answer = await link(clinic, other.id)

    assert answer.status_code == 200
    assert answer.json() == linked(clinic, other.id)
    agent = await clinic.services.agents.get(clinic.organization.id, clinic.agent.id)
    assert agent is not None
    assert agent.linked_account_id == other.id


async def test_an_agent_is_unlinked_with_null_and_with_null_again(clinic: Clinic) -> None:
    for _ in range(2):
        answer = await link(clinic, None)

        assert answer.status_code == 200
        assert answer.json() == linked(clinic, None)
    assert (await clinic.book()).json()["code"] == "NOT_CONNECTED"


async def test_the_same_link_again_changes_nothing(small_clinic: Clinic) -> None:
    answer = await link(small_clinic, small_clinic.account.id)

    assert answer.json() == linked(small_clinic, small_clinic.account.id)
    assert (await small_clinic.book()).status_code == 200


async def test_several_agents_may_use_one_account(small_clinic: Clinic) -> None:
    colleague = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Colleague")

    answer = await link(small_clinic, small_clinic.account.id, colleague.id)

    assert answer.json() == linked(small_clinic, small_clinic.account.id, colleague)
    assert (await small_clinic.book(agent_id=str(colleague.id))).json()["data"]["agent_name"] == "Dr. Colleague"
    assert (await small_clinic.book("2026-03-25T11:00:00")).json()["data"]["agent_name"] == "Dr. Rivera"


async def test_an_account_whose_key_calcom_refused_can_be_linked(small_clinic: Clinic) -> None:
    await owner.accounts(small_clinic).needs_reauth(small_clinic.account)

    answer = await link(small_clinic, small_clinic.account.id)

    assert answer.json() == linked(small_clinic, small_clinic.account.id)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "calcom_account_id is required"),
        ({"account_id": None}, "calcom_account_id is required"),
        ({"calcom_account_id": ""}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": "null"}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": "front desk"}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": "019d1fdb98e97c8786c7321e2fa98733"}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": 5}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": False}, "calcom_account_id must be a UUID"),
        ({"calcom_account_id": {}}, "calcom_account_id must be a UUID"),
        ([], "body must be a JSON object"),
        ("null", "body must be a JSON object"),
        (None, "body is required"),
    ],
)
async def test_nothing_is_unlinked_by_accident(small_clinic: Clinic, body: object, message: str) -> None:
    answer = await put(small_clinic, body)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", message)
    agent = await small_clinic.services.agents.get(small_clinic.organization.id, small_clinic.agent.id)
    assert agent is not None
    assert agent.linked_account_id == small_clinic.account.id


async def test_an_empty_body_is_refused(small_clinic: Clinic) -> None:
    async with small_clinic.authorized() as client:
        answer = await client.put(f"/api/v1/calcom/agents/{small_clinic.agent.id}/account")

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", "body is required")


async def test_an_agent_that_is_no_id_is_refused(small_clinic: Clinic) -> None:
    answer = await link(small_clinic, None, "front-desk")

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", "agent_id must be a UUID")


async def test_agents_that_are_unknown_deleted_or_foreign_look_the_same(clinic: Clinic) -> None:
    neighbour = await clinic.services.organizations.create("Neighbour")
    foreign = await clinic.services.agents.create(neighbour.id, "Dr. Neighbour")
    deleted = await clinic.services.agents.create(clinic.organization.id, "Dr. Gone")
    await clinic.services.agents.delete(clinic.organization.id, deleted.id)

    for agent_id in (uuid4(), foreign.id, deleted.id):
        for account_id in (clinic.account.id, None):
            answer = await link(clinic, account_id, agent_id)
            assert answer.status_code == 404
            assert answer.json() == NO_AGENT


async def test_accounts_that_are_unknown_foreign_private_or_disconnected_look_the_same(clinic: Clinic) -> None:
    neighbour = await clinic.services.organizations.create("Neighbour")
    foreign, _ = await clinic.services.connections.connect(neighbour.id, api_key="cal_sandbox_other")
    agent = await owner.private_agent(clinic, "cal_sandbox_other")
    private = await owner.accounts(clinic).private(agent.id)
    disconnected = await _other_account(clinic)
    await owner.accounts(clinic).disconnect(clinic.organization.id, disconnected.id)
    assert private is not None

    for account_id in (uuid4(), foreign.id, private.id, disconnected.id):
        answer = await link(clinic, account_id)
        assert answer.status_code == 404
        assert answer.json() == NO_ACCOUNT


async def test_a_link_and_a_private_key_exclude_each_other(clinic: Clinic) -> None:
    agent = await owner.private_agent(clinic, "cal_sandbox_other")

    answer = await link(clinic, clinic.account.id, agent.id)

    assert answer.status_code == 409
    assert answer.json() == PRIVATE
    assert (await link(clinic, None, agent.id)).json() == linked(clinic, None, agent)


async def test_a_private_key_that_was_disconnected_is_in_nobodys_way(small_clinic: Clinic) -> None:
    agent = await owner.private_agent(small_clinic, "cal_sandbox_other")
    private = await owner.accounts(small_clinic).private(agent.id)
    assert private is not None
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, private.id)

    answer = await link(small_clinic, small_clinic.account.id, agent.id)

    assert answer.json() == linked(small_clinic, small_clinic.account.id, agent)


async def _other_account(clinic: Clinic) -> Account:
    account, _ = await clinic.services.connections.connect(clinic.organization.id, api_key="cal_sandbox_other")
    return account
