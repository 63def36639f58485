"""Webhooks: found by their token alone, sealed, and their deliveries heeded once by all processes together."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from tests.storage.factories import Clock, Store, access, host
from tests.storage.raw import holds

from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import webhook_deliveries
from calbridge.storage.webhooks import REMEMBERED, Subscription, Webhooks

TOKEN, SECRET = "a-token-of-128-bits-or-so", "a secret that signs"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def webhooks(store: Store, keys: KeyRing, clock: Clock) -> Webhooks:
    return Webhooks(store.database, keys, clock)


async def test_one_is_found_by_its_token(store: Store, webhooks: Webhooks) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    await webhooks.add(account.id, token=TOKEN, secret=SECRET)
    assert await webhooks.find(TOKEN) == Subscription(organization.id, account.id, SECRET)
    assert await webhooks.find(TOKEN + "x") is None
    assert await webhooks.find("\udc80") is None
    assert SECRET not in repr(await webhooks.find(TOKEN))


async def test_neither_token_nor_secret_can_be_read_in_the_database(
    store: Store, webhooks: Webhooks, database_url: str
) -> None:
    account = await store.account((await store.organization()).id)
    await webhooks.add(account.id, token=TOKEN, secret=SECRET)
    assert not await holds(store, database_url, TOKEN.encode())
    assert not await holds(store, database_url, SECRET.encode())


async def test_of_an_account_that_is_disconnected_none_is_found(store: Store, webhooks: Webhooks) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    await webhooks.add(account.id, token=TOKEN, secret=SECRET)
    await store.accounts.disconnect(organization.id, account.id)
    assert await webhooks.find(TOKEN) is None
    await store.accounts.connect(organization.id, access=access(), host=host())
    assert await webhooks.find(TOKEN) is not None


async def test_one_that_opens_under_no_key_is_none(store: Store, webhooks: Webhooks, clock: Clock) -> None:
    account = await store.account((await store.organization()).id)
    await webhooks.add(account.id, token=TOKEN, secret=SECRET)
    assert await Webhooks(store.database, KeyRing.parse("22" * 32), clock).find(TOKEN) is None


async def test_a_token_is_one_account_s(store: Store, webhooks: Webhooks) -> None:
    organization = await store.organization()
    first, second = await store.account(organization.id, 1), await store.account(organization.id, 2)
    await webhooks.add(first.id, token=TOKEN, secret=SECRET)
    with pytest.raises(IntegrityError):
        await webhooks.add(second.id, token=TOKEN, secret=SECRET)
    with pytest.raises(IntegrityError):
        await webhooks.add(uuid4(), token="another", secret=SECRET)


async def test_the_older_ones_of_an_account_are_dropped_and_nobody_else_s(store: Store, webhooks: Webhooks) -> None:
    organization = await store.organization()
    mine, other = await store.account(organization.id, 1), await store.account(organization.id, 2)
    old = await webhooks.add(mine.id, token="old", secret=SECRET)
    others = await webhooks.add(other.id, token="other", secret=SECRET)
    new = await webhooks.add(mine.id, token="new", secret=SECRET)
    known = {"old": (mine.id, old), "new": (mine.id, new), "other": (other.id, others)}
    assert await webhooks.owners(["old", "new", "other", "unknown"]) == known
    await webhooks.drop_all(mine.id, before=old)
    assert await webhooks.find("old") is not None
    await webhooks.drop_all(mine.id, before=new)
    assert [await webhooks.find(token) is not None for token in ("old", "new", "other")] == [False, True, True]
    assert await webhooks.has(mine.id)
    await webhooks.drop_all(mine.id)
    assert not await webhooks.has(mine.id)
    assert await webhooks.has(other.id)


async def test_a_body_is_heeded_once_an_account_and_forgotten_after_a_week(
    store: Store, webhooks: Webhooks, clock: Clock, rival: Store, keys: KeyRing
) -> None:
    organization = await store.organization()
    mine, other = [
        Subscription(organization.id, (await store.account(organization.id, number)).id, SECRET) for number in (1, 2)
    ]
    elsewhere = Webhooks(rival.database, keys, clock)
    assert await webhooks.is_first(mine, b"one")
    assert not await webhooks.is_first(mine, b"one")
    assert not await elsewhere.is_first(mine, b"one")
    assert await webhooks.is_first(other, b"one")
    assert await webhooks.is_first(mine, b"two")
    clock.now += REMEMBERED - timedelta(hours=1)
    assert not await webhooks.is_first(mine, b"one")
    clock.now += timedelta(hours=2)
    assert await webhooks.is_first(mine, b"one")
    async with store.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(webhook_deliveries)) == 1


async def test_a_secret_is_sealed_anew_under_the_newest_key(store: Store, webhooks: Webhooks, clock: Clock) -> None:
    account = await store.account((await store.organization()).id)
    await webhooks.add(account.id, token=TOKEN, secret=SECRET)
    both = Sealed(store.database, KeyRing.parse(f"{'22' * 32},{'11' * 32}"))
    for renewed in (1, 0):
        assert (await both.renew("webhooks", after=None, batch=10)).renewed == renewed
        await both.renew("accounts", after=None, batch=10)
    found = await Webhooks(store.database, KeyRing.parse("22" * 32), clock).find(TOKEN)
    assert found == Subscription(account.organization_id, account.id, SECRET)
