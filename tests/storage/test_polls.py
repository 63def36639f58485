"""Turns of accounts: each is taken by one process, is due again when that one dies, and goes on where it was."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.storage.factories import Store, access, host

from calbridge.domain.agents import AccountChange
from calbridge.storage.polls import Polls, Turn

LEASE, HOUR = timedelta(minutes=5), timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def polls(store: Store) -> Polls:
    return Polls(store.database)


async def claim(polls: Polls, lease: timedelta = LEASE) -> Turn | None:
    return await polls.claim(due_by=await polls.enrol(), lease=lease)


async def test_a_new_account_is_due_at_once_and_then_claimed(store: Store, polls: Polls) -> None:
    account = await store.account((await store.organization()).id)
    turn = await claim(polls)
    assert turn is not None
    assert (turn.organization_id, turn.account_id, turn.seen_until) == (account.organization_id, account.id, None)
    assert await claim(polls) is None


async def test_without_an_account_nothing_is_due(polls: Polls) -> None:
    assert await claim(polls) is None


async def test_each_account_is_taken_by_one_process(store: Store, polls: Polls, rival: Store) -> None:
    organization = await store.organization()
    ids = [(await store.account(organization.id, number)).id for number in range(6)]
    now = await polls.enrol()
    both = (polls, Polls(rival.database))
    taken = await asyncio.gather(*(each.claim(due_by=now, lease=LEASE) for _ in range(5) for each in both))
    assert sorted(turn.account_id for turn in taken if turn is not None) == sorted(ids)


async def test_what_is_claimed_and_left_is_due_again_when_the_lease_is_over(store: Store, polls: Polls) -> None:
    account = await store.account((await store.organization()).id)
    assert await claim(polls, lease=timedelta(0)) is not None
    again = await claim(polls)
    assert again is not None
    assert again.account_id == account.id


async def test_it_goes_on_where_it_was_and_never_back(store: Store, polls: Polls) -> None:
    account = await store.account((await store.organization()).id)
    turn = await claim(polls)
    assert turn is not None
    await polls.reached(account, NOON)
    await polls.reached(account, NOON - HOUR)
    await polls.put_off(turn, timedelta(0))
    again = await claim(polls)
    assert again is not None
    assert again.seen_until == NOON


async def test_another_user_behind_the_account_is_begun_anew(store: Store, polls: Polls) -> None:
    agent = await store.agent((await store.organization()).id)
    account = await store.private(agent, 1)
    await polls.enrol()
    await polls.reached(account, NOON)
    again = await store.private(agent, 2)
    turn = await polls.turn(again.id)
    assert turn is not None
    assert (again.id, turn.seen_until) == (account.id, None)
    await polls.reached(again, NOON - HOUR)
    turn = await polls.turn(again.id)
    assert turn is not None
    assert turn.seen_until == NOON - HOUR


async def test_what_is_put_off_is_not_due_unless_it_is_hastened(store: Store, polls: Polls) -> None:
    account = await store.account((await store.organization()).id)
    turn = await claim(polls)
    assert turn is not None
    await polls.put_off(turn, HOUR)
    assert await claim(polls) is None
    await polls.hasten(account.id, 2 * HOUR)
    await polls.hasten(account.id, timedelta(0))
    turn = await claim(polls)
    assert turn is not None
    await polls.hasten(account.id, timedelta(0))  # while it is polled: there is something new
    await polls.put_off(turn, HOUR)
    assert await claim(polls) is not None


async def test_only_accounts_that_can_be_used_have_a_turn(store: Store, polls: Polls) -> None:
    organization = await store.organization()
    off, refused, gone, fine = [await store.account(organization.id, number) for number in range(4)]
    await polls.enrol()
    await store.accounts.change(organization.id, off.id, AccountChange(active=False))
    await store.accounts.needs_reauth(refused)
    await store.accounts.disconnect(organization.id, gone.id)
    now = await polls.enrol()
    taken = [await polls.claim(due_by=now, lease=LEASE) for _ in range(3)]
    assert [turn.account_id for turn in taken if turn is not None] == [fine.id]
    assert await polls.turn(off.id) is None
    await store.accounts.connect(organization.id, access=access(), host=host(2))
    assert await polls.turn(gone.id) is not None
