"""Accounts: connected once a Cal.com user, changed in one step, disconnected without a trace of the key."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from tests.storage.factories import Store, access, host, open_store

from calbridge.domain.agents import Access, Account, AccountChange, AccountSettings, AccountStatus
from calbridge.domain.errors import InvalidRequestError, NotFoundError
from calbridge.storage.secrets import KeyRing

SETTINGS = AccountSettings(
    name="Main calendar",
    calcom_username="someone",
    timezone="Europe/Rome",
    prompt="Be kind.",
    can_check_availability=False,
    can_book=False,
    default_event_type_id=7,
    default_event_type_slug="intake",
)


async def key_of(store: Store, account: Account) -> str:
    found = [
        connection.access.api_key
        for connection in await store.accounts.connections(account.organization_id)
        if connection.account == account
    ]
    return found[0]


async def test_a_new_account_takes_from_calcom_what_nobody_set(store: Store) -> None:
    organization = await store.organization()
    account, new = await store.accounts.connect(
        organization.id, access=Access("https://api.cal.eu", "cal_live_x", "2026-02-25"), host=host(5)
    )
    assert new
    assert (account.status, account.has_key, account.agent_id) == (AccountStatus.ACTIVE, True, None)
    assert (account.base_url, account.bookings_version, account.host) == ("https://api.cal.eu", "2026-02-25", host(5))
    assert account.settings == AccountSettings("Default", "user-5", "Europe/London")
    assert await store.accounts.get(organization.id, account.id) == account
    (connection,) = await store.accounts.connections(organization.id)
    assert connection.account == account
    assert connection.access == Access("https://api.cal.eu", "cal_live_x", "2026-02-25")


async def test_settings_and_name_as_given(store: Store) -> None:
    organization = await store.organization()
    full, _ = await store.accounts.connect(organization.id, access=access(), host=host(1), settings=SETTINGS)
    named, _ = await store.accounts.connect(organization.id, access=access(), host=host(2), name="Mine")
    assert full.settings == SETTINGS
    assert named.settings == AccountSettings("Mine", "user-2", "Europe/London")


async def test_the_same_user_connected_again_keeps_id_and_settings(store: Store) -> None:
    organization = await store.organization()
    first, _ = await store.accounts.connect(organization.id, access=access("cal_old"), host=host(), settings=SETTINGS)
    renamed = replace(host(), username="new-name")
    second, new = await store.accounts.connect(organization.id, access=access("cal_new"), host=renamed)
    assert not new
    assert second == replace(first, host=renamed, updated_at=second.updated_at, key_set_at=second.key_set_at)
    assert second.key_set_at > first.key_set_at
    assert await key_of(store, second) == "cal_new"
    third, _ = await store.accounts.connect(organization.id, access=access(), host=host(), name="Mine")
    assert third.settings == replace(SETTINGS, name="Mine")
    bare = AccountSettings("Bare", "x", "UTC")
    fourth, _ = await store.accounts.connect(organization.id, access=access(), host=host(), settings=bare)
    kept = replace(bare, default_event_type_id=7, default_event_type_slug="intake")  # this door cannot say these
    assert (fourth.id, fourth.settings) == (first.id, kept)


async def test_accounts_differ_by_organization_user_and_region(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    attempts = [
        await store.accounts.connect(organization.id, access=access(), host=host(1)),
        await store.accounts.connect(organization.id, access=access(), host=host(2)),
        await store.accounts.connect(organization.id, access=access(base_url="https://api.cal.eu"), host=host(1)),
        await store.accounts.connect(other.id, access=access(), host=host(1)),
    ]
    assert all(new for _, new in attempts)
    assert await store.accounts.list(organization.id) == tuple(account for account, _ in attempts[:3])
    assert await store.accounts.get(other.id, attempts[0][0].id) is None


async def test_one_user_connected_by_many_at_once_is_one_account(store: Store, rival: Store) -> None:
    organization = await store.organization()
    answers = await asyncio.gather(
        *(
            mine.accounts.connect(organization.id, access=access(f"cal_{number}"), host=host())
            for number, mine in enumerate((store, rival) * 5)
        )
    )
    assert len({account.id for account, _ in answers}) == 1
    assert [new for _, new in answers].count(True) == 1
    assert len(await store.accounts.list(organization.id)) == 1


async def test_connecting_needs_organization_and_agent(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Organization"):
        await store.accounts.connect(uuid4(), access=access(), host=host())
    organization = await store.organization()
    stranger = await store.agent((await store.organization()).id)
    for agent_id in (uuid4(), stranger.id):
        with pytest.raises(NotFoundError, match="Agent"):
            await store.accounts.connect(organization.id, access=access(), host=host(), agent_id=agent_id)


async def test_a_private_key_is_the_agents_only(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    shared, private = await store.account(organization.id, 1), await store.private(agent, 1)
    assert private.agent_id == agent.id
    assert await store.accounts.private(agent.id) == private
    assert await store.accounts.private(uuid4()) is None
    used = await store.accounts.connection(organization.id, private.id)
    assert used is not None
    assert used.account == private
    assert await store.accounts.connection((await store.organization()).id, private.id) is None
    assert await store.accounts.get(organization.id, private.id) is None
    assert await store.accounts.list(organization.id) == (shared,)
    assert [connection.account for connection in await store.accounts.connections(organization.id)] == [shared]
    with pytest.raises(NotFoundError):
        await store.accounts.change(organization.id, private.id, AccountChange(active=False))


async def test_a_second_private_key_replaces_the_first(store: Store) -> None:
    agent = await store.agent((await store.organization()).id)
    first, _ = await store.accounts.connect(
        agent.organization_id, access=access("cal_1"), host=host(1), settings=SETTINGS, agent_id=agent.id
    )
    second, new = await store.accounts.connect(
        agent.organization_id, access=access("cal_2"), host=host(1), agent_id=agent.id
    )
    assert (second.id, new, second.settings) == (first.id, False, SETTINGS)
    assignment = await store.agents.assignment(agent.organization_id, agent.id)
    assert assignment is not None
    assert assignment.connection is not None
    assert assignment.connection.access.api_key == "cal_2"
    third = await store.private(agent, 2)
    # Another Cal.com user: what was set for the first one, such as the event type, is not theirs.
    assert (third.id, third.host) == (first.id, host(2))
    assert third.settings == AccountSettings(SETTINGS.name, "user-2", "Europe/London")


async def test_two_agents_may_hold_the_same_users_key(store: Store) -> None:
    organization = await store.organization()
    first, second = await store.agent(organization.id), await store.agent(organization.id)
    assert (await store.private(first, 1)).id != (await store.private(second, 1)).id


async def test_the_primary_is_the_oldest_connected(store: Store) -> None:
    organization = await store.organization()
    first, second = await store.account(organization.id, 1), await store.account(organization.id, 2)

    async def primary() -> object:
        return (await store.accounts.connections(organization.id))[0].account.id

    assert await primary() == first.id
    first = await store.account(organization.id, 1)  # a new key is no new connection
    assert await primary() == first.id
    await store.accounts.needs_reauth(first)
    assert await primary() == second.id
    await store.account(organization.id, 1)
    assert await primary() == first.id
    await store.accounts.disconnect(organization.id, first.id)
    assert await primary() == second.id
    again = await store.account(organization.id, 1)  # connected anew: now it is the younger one
    assert again.id == first.id
    assert again.connected_at > second.connected_at
    assert await primary() == second.id


async def test_needs_reauth_concerns_active_accounts(store: Store) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    await store.accounts.needs_reauth(account)
    marked = await store.accounts.get(organization.id, account.id)
    assert marked is not None
    assert (marked.status, marked.has_key) == (AccountStatus.NEEDS_REAUTH, True)
    await store.accounts.disconnect(organization.id, account.id)
    await store.accounts.needs_reauth(account)
    gone = await store.accounts.get(organization.id, account.id)
    assert gone is not None
    assert gone.status is AccountStatus.INACTIVE


async def test_a_key_that_was_set_meanwhile_is_not_marked(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    old, old_private = await store.account(organization.id, 1), await store.private(agent, 2)
    await store.accounts.connect(organization.id, access=access("cal_new"), host=host(1))
    await store.private(agent, 2)
    await store.accounts.needs_reauth(old)
    await store.accounts.needs_reauth(old_private)
    for account_id in (old.id, old_private.id):
        used = await store.accounts.connection(organization.id, account_id)
        assert used is not None
        assert used.account.status is AccountStatus.ACTIVE
    assert not any("refused" in event for event in await store.events(organization.id))


async def test_a_key_that_does_not_open_hides_no_other(store: Store, database_url: str) -> None:
    organization = await store.organization()
    good = await store.account(organization.id, 1)
    strange = open_store(database_url, KeyRing.parse("22" * 32))
    lost = await strange.account(organization.id, 2)
    await strange.database.close()
    with capture_logs() as logs:
        assert [each.account.id for each in await store.accounts.connections(organization.id)] == [good.id]
        assert await store.accounts.connection(organization.id, lost.id) is None
    told = {"event": "account.unreadable", "account_id": str(lost.id), "log_level": "warning"}
    assert logs == [told, told]


async def test_disconnect_erases_the_key_and_the_links(store: Store) -> None:
    organization = await store.organization()
    agent = await store.agent(organization.id)
    account, other = await store.account(organization.id, 1), await store.account(organization.id, 2)
    await store.agents.link(organization.id, agent.id, account.id)
    assert await store.accounts.disconnect(organization.id, account.id) == 1
    gone = await store.accounts.get(organization.id, account.id)
    assert gone is not None
    assert (gone.status, gone.has_key) == (AccountStatus.INACTIVE, False)
    unlinked = await store.agents.get(organization.id, agent.id)
    assert unlinked is not None
    assert unlinked.linked_account_id is None
    assert [connection.account for connection in await store.accounts.connections(organization.id)] == [other]
    assert await store.accounts.disconnect(organization.id, account.id) == 0


async def test_disconnect_all_spares_private_keys_and_other_organizations(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    agent = await store.agent(organization.id)
    for number in range(3):
        await store.account(organization.id, number)
    private, foreign = await store.private(agent), await store.account(other.id)
    assert await store.accounts.disconnect(organization.id, None) == 3
    assert await store.accounts.disconnect(organization.id, None) == 0
    assert await store.accounts.connections(organization.id) == ()
    assert await store.accounts.private(agent.id) == private
    assert await store.accounts.get(other.id, foreign.id) == foreign


async def test_a_private_key_is_disconnected_by_its_id_and_may_come_back(store: Store) -> None:
    agent = await store.agent((await store.organization()).id)
    private = await store.private(agent)
    assert await store.accounts.disconnect(agent.organization_id, private.id) == 1
    assert await store.accounts.private(agent.id) is None
    again = await store.private(agent)
    assert (again.id, again.has_key, again.status) == (private.id, True, AccountStatus.ACTIVE)
    assert again.connected_at > private.connected_at


async def test_disconnect_of_what_is_not_the_organizations(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    foreign = await store.account(other.id)
    for account_id in (uuid4(), foreign.id):
        with pytest.raises(InvalidRequestError, match="provider_id is not an account of this organization"):
            await store.accounts.disconnect(organization.id, account_id)
    assert await store.accounts.get(other.id, foreign.id) == foreign
