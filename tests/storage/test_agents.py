"""Agents: kept, changed, deleted softly."""

from uuid import uuid4

import pytest
from tests.storage.factories import Store

from calbridge.domain.agents import AgentStatus
from calbridge.domain.errors import ConflictError, NotFoundError


async def test_create_and_get(store: Store) -> None:
    organization = await store.organization()
    plain = await store.agents.create(organization.id, "Reception")
    assert (plain.status, plain.timezone, plain.event_type, plain.linked_account_id) == (
        AgentStatus.ACTIVE,
        "",
        "",
        None,
    )
    full = await store.agents.create(
        organization.id, "Night", id=uuid4(), timezone="Europe/Rome", event_type="intake", status=AgentStatus.INACTIVE
    )
    assert await store.agents.get(organization.id, plain.id) == plain
    assert await store.agents.get(organization.id, full.id) == full


async def test_an_agent_of_another_organization_is_not_found(store: Store) -> None:
    agent = await store.agent((await store.organization()).id)
    other = await store.organization()
    assert await store.agents.get(other.id, agent.id) is None
    assert await store.agents.assignment(other.id, agent.id) is None
    for attempt in (
        store.agents.update(other.id, agent.id, name="Mine"),
        store.agents.delete(other.id, agent.id),
        store.agents.link(other.id, agent.id, None),
    ):
        with pytest.raises(NotFoundError, match="Agent"):
            await attempt
    assert await store.agents.get(agent.organization_id, agent.id) == agent


async def test_an_id_can_be_used_once_even_after_deletion(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    with pytest.raises(ConflictError):
        await store.agents.create((await store.organization()).id, "Again", id=agent.id)
    await store.agents.delete(organization.id, agent.id)
    with pytest.raises(ConflictError):
        await store.agents.create(organization.id, "Again", id=agent.id)


async def test_an_agent_needs_its_organization(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Organization"):
        await store.agents.create(uuid4(), "Nobody's")


async def test_list_in_pages(store: Store) -> None:
    organization = await store.organization()
    made = [await store.agent(organization.id) for _ in range(5)]
    await store.agent((await store.organization()).id)
    await store.agents.delete(organization.id, made.pop(1).id)
    assert await store.agents.list(organization.id, limit=3, offset=0) == (tuple(made[:3]), 4)
    assert await store.agents.list(organization.id, limit=3, offset=3) == (tuple(made[3:]), 4)
    assert await store.agents.list(organization.id, limit=3, offset=9) == ((), 4)


async def test_update_changes_what_is_given(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agents.create(organization.id, "Reception", timezone="Europe/Rome", event_type="7")
    changed = await store.agents.update(organization.id, agent.id, status=AgentStatus.INACTIVE, event_type="")
    assert (changed.name, changed.timezone) == ("Reception", "Europe/Rome")
    assert (changed.status, changed.event_type) == (AgentStatus.INACTIVE, "")
    assert changed.updated_at > agent.updated_at
    assert await store.agents.get(organization.id, agent.id) == changed


async def test_a_deleted_agent_is_gone_for_everyone(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    account = await store.account(organization.id)
    await store.agents.link(organization.id, agent.id, account.id)
    await store.agents.delete(organization.id, agent.id)
    assert await store.agents.get(organization.id, agent.id) is None
    assert await store.agents.assignment(organization.id, agent.id) is None
    assert await store.accounts.linked_agents(account.id) == ()
    with pytest.raises(NotFoundError, match="Agent"):
        await store.agents.delete(organization.id, agent.id)


async def test_deleting_an_agent_erases_its_private_key(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    account = await store.private(agent)
    await store.agents.delete(organization.id, agent.id)
    assert await store.accounts.private(agent.id) is None
    assert await store.accounts.connection(organization.id, account.id) is None
