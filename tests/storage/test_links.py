"""Which account an agent uses: a private key or a link, never both, also when two requests race."""

import asyncio
from uuid import uuid4

import pytest
from tests.storage.factories import Store, access, host, open_store

from calbridge.domain.agents import AccountChange
from calbridge.domain.errors import ConflictError, NotFoundError
from calbridge.storage.secrets import KeyRing

ROUNDS = 20


async def test_link_and_unlink(store: Store) -> None:
    organization = await store.organization()
    agent, account = await store.agent(organization.id), await store.account(organization.id)
    linked = await store.agents.link(organization.id, agent.id, account.id)
    assert linked.linked_account_id == account.id
    assert await store.accounts.linked_agents(account.id) == (agent.id,)
    assert (await store.agents.link(organization.id, agent.id, None)).linked_account_id is None
    assert await store.accounts.linked_agents(account.id) == ()


async def test_only_a_connected_account_of_the_organization_can_be_linked(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    agent = await store.agent(organization.id)
    foreign = await store.account(other.id)
    private = await store.private(await store.agent(organization.id))
    erased = await store.account(organization.id, 2)
    await store.accounts.disconnect(organization.id, erased.id)
    switched_off = await store.account(organization.id, 3)
    await store.accounts.change(organization.id, switched_off.id, AccountChange(active=False))
    for account_id in (uuid4(), foreign.id, private.id, erased.id, switched_off.id):
        with pytest.raises(NotFoundError, match=r"Cal\.com account"):
            await store.agents.link(organization.id, agent.id, account_id)
    with pytest.raises(NotFoundError, match="Agent"):
        await store.agents.link(organization.id, uuid4(), foreign.id)


async def test_link_and_private_key_exclude_each_other(store: Store) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    linked, keyed = await store.agent(organization.id), await store.agent(organization.id)
    await store.agents.link(organization.id, linked.id, account.id)
    with pytest.raises(ConflictError):
        await store.private(linked)
    private = await store.private(keyed)
    with pytest.raises(ConflictError):
        await store.agents.link(organization.id, keyed.id, account.id)
    with pytest.raises(ConflictError):
        await store.accounts.change(organization.id, account.id, AccountChange(linked_agents=frozenset({keyed.id})))
    assert (await store.agents.link(organization.id, keyed.id, None)).linked_account_id is None
    await store.accounts.disconnect(organization.id, private.id)
    assert (await store.agents.link(organization.id, keyed.id, account.id)).linked_account_id == account.id


async def test_assignment_without_a_connection(store: Store) -> None:
    organization = await store.organization()
    await store.account(organization.id)  # the organization's primary is nobody's by itself
    agent = await store.agent(organization.id)
    assignment = await store.agents.assignment(organization.id, agent.id)
    assert assignment is not None
    assert (assignment.organization, assignment.agent, assignment.connection) == (organization, agent, None)


async def test_assignment_by_link(store: Store) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    linked = await store.agents.link(organization.id, agent.id, account.id)
    assignment = await store.agents.assignment(organization.id, agent.id)
    assert assignment is not None
    assert assignment.connection is not None
    assert (assignment.agent, assignment.connection.account) == (linked, account)
    assert assignment.connection.access == access()


async def test_assignment_by_private_key(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    account = await store.private(agent)
    assignment = await store.agents.assignment(organization.id, agent.id)
    assert assignment is not None
    assert assignment.connection is not None
    assert assignment.connection.account == account
    assert assignment.connection.access.api_key == "cal_live_private"
    await store.accounts.disconnect(organization.id, account.id)
    assignment = await store.agents.assignment(organization.id, agent.id)
    assert assignment is not None
    assert assignment.connection is None


@pytest.mark.parametrize("state", ["needs_reauth", "switched_off", "disconnected"])
async def test_an_account_that_cannot_be_used_is_no_connection(store: Store, state: str) -> None:
    organization = await store.organization()
    account, agent = await store.account(organization.id), await store.agent(organization.id)
    await store.agents.link(organization.id, agent.id, account.id)
    match state:
        case "needs_reauth":
            await store.accounts.needs_reauth(account)
        case "switched_off":
            await store.accounts.change(organization.id, account.id, AccountChange(active=False))
        case _:
            await store.accounts.disconnect(organization.id, account.id)
    assignment = await store.agents.assignment(organization.id, agent.id)
    assert assignment is not None
    assert assignment.connection is None


async def race_link_and_private_connect(store: Store, rival: Store, rounds: int) -> None:
    """Exactly one of the two wins, every time, and the other one is told."""
    organization = await store.organization()
    account = await store.account(organization.id)
    for number in range(rounds):
        agent = await store.agent(organization.id)
        private = rival.accounts.connect(organization.id, access=access(), host=host(100 + number), agent_id=agent.id)
        link = store.agents.link(organization.id, agent.id, account.id)
        attempts = (private, link) if number % 2 else (link, private)
        answers = await asyncio.gather(*attempts, return_exceptions=True)
        (refused,) = [answer for answer in answers if isinstance(answer, BaseException)]
        assert isinstance(refused, ConflictError)
        now = await store.agents.get(organization.id, agent.id)
        assert now is not None
        assert (now.linked_account_id is None) == (await store.accounts.private(agent.id) is not None)


async def test_link_racing_a_private_connect_never_gives_both(store: Store, rival: Store) -> None:
    await race_link_and_private_connect(store, rival, rounds=10)


@pytest.mark.long
async def test_link_racing_a_private_connect_a_hundred_times(postgres_url: str, keys: KeyRing) -> None:
    stores = open_store(postgres_url, keys), open_store(postgres_url, keys)
    await race_link_and_private_connect(*stores, rounds=100)
    for store in stores:
        await store.database.close()


async def test_link_racing_a_disconnect_leaves_no_link_to_an_erased_account(store: Store, rival: Store) -> None:
    organization = await store.organization()
    for number in range(ROUNDS):
        account, agent = await store.account(organization.id, number), await store.agent(organization.id)
        disconnect = rival.accounts.disconnect(organization.id, account.id)
        link = store.agents.link(organization.id, agent.id, account.id)
        attempts = (disconnect, link) if number % 2 else (link, disconnect)
        answers = await asyncio.gather(*attempts, return_exceptions=True)
        assert all(isinstance(answer, NotFoundError) for answer in answers if isinstance(answer, BaseException))
        assert await store.accounts.linked_agents(account.id) == ()


async def test_changes_that_pull_the_same_agents_two_ways_do_not_deadlock(store: Store, rival: Store) -> None:
    organization = await store.organization()
    first, second = await store.account(organization.id, 1), await store.account(organization.id, 2)
    both = frozenset({(await store.agent(organization.id)).id for _ in range(5)})
    for _ in range(ROUNDS):
        answers = await asyncio.gather(
            store.accounts.change(organization.id, first.id, AccountChange(linked_agents=both)),
            rival.accounts.change(organization.id, second.id, AccountChange(linked_agents=both)),
            *(store.agents.link(organization.id, agent_id, second.id) for agent_id in both),
            return_exceptions=True,
        )
        assert not [answer for answer in answers if isinstance(answer, BaseException)]
