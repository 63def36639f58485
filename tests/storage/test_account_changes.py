"""Changes of an account: all of one or nothing."""

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.storage.factories import Store, access, host

from calbridge.domain.agents import AccountChange, AccountSettings, AccountStatus
from calbridge.domain.errors import ConflictError, NotFoundError

SETTINGS = AccountSettings("Renamed", "someone", "Europe/Rome", prompt="Be kind.", can_book=False)


async def test_nothing_asked_nothing_changed(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    for nothing in (AccountChange(), AccountChange(settings=account.settings, active=True, linked_agents=frozenset())):
        assert await store.accounts.change(account.organization_id, account.id, nothing) == account
    assert await store.accounts.get(account.organization_id, account.id) == account


async def test_other_links_are_a_change_of_the_account(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    agent = await store.agent(account.organization_id)
    change = AccountChange(linked_agents=frozenset({agent.id}))
    changed = await store.accounts.change(account.organization_id, account.id, change)
    assert changed == replace(account, updated_at=changed.updated_at)
    assert changed.updated_at > account.updated_at


async def test_settings(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    changed = await store.accounts.change(account.organization_id, account.id, AccountChange(settings=SETTINGS))
    assert changed == replace(account, settings=SETTINGS, updated_at=changed.updated_at)
    assert await store.accounts.get(account.organization_id, account.id) == changed


async def test_a_foreign_or_unknown_account_is_not_found(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    foreign = await store.account(other.id)
    for account_id in (uuid4(), foreign.id):
        with pytest.raises(NotFoundError, match=r"Cal\.com account"):
            await store.accounts.change(organization.id, account_id, AccountChange(settings=SETTINGS))
    assert await store.accounts.get(other.id, foreign.id) == foreign


async def test_switched_off_and_on_again_it_keeps_key_links_and_rank(store: Store) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id, 1), await store.agent(organization.id)
    await store.account(organization.id, 2)
    await store.agents.link(organization.id, agent.id, account.id)
    off = await store.accounts.change(organization.id, account.id, AccountChange(active=False))
    assert (off.status, off.has_key) == (AccountStatus.INACTIVE, True)
    assert len(await store.accounts.connections(organization.id)) == 1
    on = await store.accounts.change(organization.id, account.id, AccountChange(active=True))
    assert on.status is AccountStatus.ACTIVE
    assert await store.accounts.linked_agents(account.id) == (agent.id,)
    assert (await store.accounts.connections(organization.id))[0].account == on


async def test_an_erased_key_cannot_be_switched_on(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    await store.accounts.disconnect(account.organization_id, account.id)
    with pytest.raises(ConflictError):
        await store.accounts.change(account.organization_id, account.id, AccountChange(settings=SETTINGS, active=True))
    unchanged = await store.accounts.get(account.organization_id, account.id)
    assert unchanged is not None
    assert unchanged.settings == account.settings


async def test_a_new_key_repairs_and_reconnects(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    rekeyed = AccountChange(access=access("cal_new"), host=host(1))
    await store.accounts.needs_reauth(account)
    repaired = await store.accounts.change(account.organization_id, account.id, rekeyed)
    assert (repaired.status, repaired.connected_at) == (AccountStatus.ACTIVE, account.connected_at)
    await store.accounts.disconnect(account.organization_id, account.id)
    again = await store.accounts.change(account.organization_id, account.id, replace(rekeyed, active=True))
    assert (again.status, again.has_key) == (AccountStatus.ACTIVE, True)
    assert again.connected_at > account.connected_at
    (connection,) = await store.accounts.connections(account.organization_id)
    assert connection.access.api_key == "cal_new"


async def test_a_new_key_does_not_switch_on_what_its_owner_switched_off(store: Store) -> None:
    account = await store.account((await store.organization()).id)
    await store.accounts.change(account.organization_id, account.id, AccountChange(active=False))
    rekeyed = AccountChange(access=access("cal_new"), host=host(1))
    changed = await store.accounts.change(account.organization_id, account.id, rekeyed)
    assert changed.status is AccountStatus.INACTIVE


async def test_an_account_cannot_become_another_that_is_connected(store: Store) -> None:
    organization = await store.organization()
    first, second = await store.account(organization.id, 1), await store.account(organization.id, 2)
    stolen = AccountChange(settings=SETTINGS, access=access(), host=host(1))
    with pytest.raises(ConflictError):
        await store.accounts.change(organization.id, second.id, stolen)
    assert await store.accounts.list(organization.id) == (first, second)


async def test_exactly_the_agents_that_are_named_are_linked(store: Store) -> None:
    organization = await store.organization()
    account, other = await store.account(organization.id, 1), await store.account(organization.id, 2)
    one, two, three = [await store.agent(organization.id) for _ in range(3)]
    await store.agents.link(organization.id, one.id, account.id)
    await store.agents.link(organization.id, two.id, account.id)
    await store.agents.link(organization.id, three.id, other.id)
    wanted = AccountChange(linked_agents=frozenset({two.id, three.id}))
    await store.accounts.change(organization.id, account.id, wanted)
    assert await store.accounts.linked_agents(account.id) == (two.id, three.id)
    assert await store.accounts.linked_agents(other.id) == ()
    assert (await store.agents.get(organization.id, one.id)) is not None
    await store.accounts.change(organization.id, account.id, AccountChange(linked_agents=frozenset()))
    assert await store.accounts.linked_agents(account.id) == ()


async def test_only_agents_of_the_organization_can_be_linked_and_else_nothing_happens(store: Store) -> None:
    organization = await store.organization()
    account, mine = await store.account(organization.id), await store.agent(organization.id)
    deleted = await store.agent(organization.id)
    await store.agents.delete(organization.id, deleted.id)
    foreign = await store.agent((await store.organization()).id)
    for agent_id in (uuid4(), foreign.id, deleted.id):
        change = AccountChange(settings=SETTINGS, linked_agents=frozenset({mine.id, agent_id}))
        with pytest.raises(NotFoundError, match="Agent"):
            await store.accounts.change(organization.id, account.id, change)
    assert await store.accounts.get(organization.id, account.id) == account
    assert await store.accounts.linked_agents(account.id) == ()


async def test_no_agent_can_be_linked_to_an_erased_account(store: Store) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    await store.accounts.disconnect(organization.id, account.id)
    with pytest.raises(ConflictError):
        await store.accounts.change(organization.id, account.id, AccountChange(linked_agents=frozenset({agent.id})))
    await store.accounts.change(organization.id, account.id, AccountChange(linked_agents=frozenset()))
