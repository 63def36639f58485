"""What has changed, as every process hears of it: nothing is missed, whenever it is committed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from tests.storage.factories import Clock, Store, access, host
from tests.storage.wishes import begun, draft

from calbridge.domain.access import Scope
from calbridge.domain.agents import AccountChange, AgentStatus
from calbridge.domain.intents import Errand, State
from calbridge.storage.changes import KEPT, Changes, note_change
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import changes, new_id
from calbridge.storage.webhooks import Subscription, Webhooks


@dataclass(frozen=True, slots=True)
class Listener:
    """Hears of what is told from now on. A reader may be told twice, so changes are known by their ids."""

    reader: Changes
    known: frozenset[UUID]

    async def subjects(self) -> list[UUID]:
        """What new changes are about."""
        news = await self.reader.since(0)
        return [change.subject_id for change in news.changes if change.id not in self.known]


async def listener(database: Database) -> Listener:
    """Begin to listen."""
    reader = Changes(database)
    return Listener(reader, frozenset(change.id for change in (await reader.since(0)).changes))


async def subjects(reader: Changes, horizon: int) -> list[UUID]:
    """What is told since a horizon."""
    return [change.subject_id for change in (await reader.since(horizon)).changes]


async def test_whoever_begins_hears_of_what_comes_after(store: Store, rival: Store) -> None:
    organization = await store.organization()
    reader = Changes(rival.database)
    first = await reader.since(None)
    assert first.changes == ()

    await store.organizations.require_key(organization.id, required=True)

    assert organization.id in await subjects(reader, first.horizon)


async def test_what_is_undone_is_not_told(store: Store, rival: Store) -> None:
    listening = await listener(rival.database)
    with pytest.raises(RuntimeError):
        await _change_in_vain(store)
    assert await listening.subjects() == []


async def test_a_transaction_that_took_its_time_is_not_missed(postgres_url: str) -> None:
    slow, quick = Database(postgres_url), Database(postgres_url)
    reader, early, late = Changes(quick), new_id(), new_id()
    horizon = (await reader.since(None)).horizon
    async with slow.write() as connection:
        await note_change(connection, early)
        async with quick.write() as other:
            await note_change(other, late)
        seen = await reader.since(horizon)
        assert [change.subject_id for change in seen.changes] == [late]

    assert early in await subjects(reader, seen.horizon)
    await asyncio.gather(slow.close(), quick.close())


async def test_the_process_itself_is_told_once_it_is_committed(database_url: str) -> None:
    told: list[UUID] = []
    database = Database(database_url, on_change=lambda _, subject: told.append(subject))
    one, other = new_id(), new_id()
    async with database.write() as connection:
        await note_change(connection, one)
        await note_change(connection, other)
        assert told == []
    assert told == [one, other]
    async with database.write() as connection:
        await connection.execute(select(1))
    assert told == [one, other]
    await database.close()


async def test_what_happens_in_a_calendar_is_told_of_all_accounts_of_its_host(store: Store, rival: Store) -> None:
    organization, another = await store.organization(), await store.organization()
    agent, account = await store.agent(organization.id), await store.account(organization.id)
    private, _ = await store.accounts.connect(organization.id, access=access(), host=host(), agent_id=agent.id)
    elsewhere, _ = await store.account(another.id), await store.account(organization.id, 2)
    await store.accounts.connect(another.id, access=access(base_url="https://cal.clinic.test"), host=host())
    listening = await listener(rival.database)

    async with store.database.write() as connection:
        await note_change(connection, private.id)

    assert sorted(await listening.subjects()) == sorted([account.id, private.id, elsewhere.id])


async def test_what_is_old_is_dropped_and_marks_go_on(store: Store) -> None:
    reader = Changes(store.database)
    organizations = [await store.organization() for _ in range(3)]
    horizon = (await reader.since(None)).horizon
    async with store.database.write() as connection:
        await connection.execute(update(changes).values(at=store.database.now(-2 * KEPT)))

    pruned = await reader.prune()
    await store.organizations.require_key(organizations[0].id, required=True)

    assert pruned >= 2
    assert organizations[0].id in await subjects(reader, horizon)
    async with store.database.read() as connection:
        assert len((await connection.scalars(select(changes.c.id))).all()) <= 2


async def _change_in_vain(store: Store) -> None:
    async with store.database.write() as connection:
        await note_change(connection, new_id())
        raise RuntimeError


Act = Callable[[Store, UUID, UUID, UUID, UUID], Awaitable[object]]
ACTS: dict[str, Act] = {
    "agent": lambda store, org, agent, *_: store.agents.update(org, agent, status=AgentStatus.INACTIVE),
    "agent gone": lambda store, org, agent, *_: store.agents.delete(org, agent),
    "link": lambda store, org, agent, account, _: store.agents.link(org, agent, account),
    "links": lambda store, org, agent, account, _: store.accounts.change(
        org, account, AccountChange(linked_agents=frozenset({agent}))
    ),
    "account": lambda store, org, _agent, account, _: store.accounts.change(org, account, AccountChange(active=False)),
    "account gone": lambda store, org, _agent, account, _: store.accounts.disconnect(org, account),
    "all accounts gone": lambda store, org, *_: store.accounts.disconnect(org, None),
    "api key": lambda store, org, _agent, _account, key: store.api_keys.revoke(org, key),
    "organization": lambda store, org, *_: store.organizations.require_key(org, required=True),
}


@pytest.mark.parametrize("act", ACTS)
async def test_every_change_of_who_may_do_what_is_told(store: Store, act: str) -> None:
    organization = await store.organization()
    agent, account = await store.agent(organization.id), await store.account(organization.id)
    key, _ = await store.api_keys.create(organization.id, "Front desk", {Scope.MANAGE})
    listening = await listener(store.database)

    await ACTS[act](store, organization.id, agent.id, account.id, key.id)

    assert set(await listening.subjects()) == {organization.id}


async def test_a_refused_key_and_a_private_one_are_told(store: Store) -> None:
    organization = await store.organization()
    agent, account = await store.agent(organization.id), await store.account(organization.id)
    for act in (store.accounts.needs_reauth(account), store.private(agent, number=2)):
        listening = await listener(store.database)
        await act
        assert set(await listening.subjects()) == {organization.id}


async def test_a_booking_that_comes_to_light_is_told_to_those_who_know_its_calendar(store: Store) -> None:
    record = await store.record()
    listening = await listener(store.database)

    await store.bookings.absorb(record, moved_from=None, moved_to=None)
    assert await listening.subjects() == []
    await store.bookings.absorb(replace(record, status="cancelled"), moved_from=None, moved_to=None)

    assert await listening.subjects() == [record.account_id]


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REJECTED])
async def test_a_cancellation_is_told_though_there_is_no_record_of_what_is_cancelled(
    store: Store, state: State
) -> None:
    intent = await begun(store, await draft(store, errand=Errand.CANCEL))
    listening = await listener(store.database)

    await store.intents.settle(intent, state, uid="uid-of-the-host", correcting=True)

    assert await listening.subjects() == ([intent.account_id] if state is State.CONFIRMED else [])


async def test_what_comes_through_a_webhook_is_told_at_once_and_once(store: Store, keys: KeyRing) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    webhooks = Webhooks(store.database, keys, Clock())
    listening = await listener(store.database)

    for _ in range(2):
        await webhooks.is_first(Subscription(organization.id, account.id, "secret"), b"{}")

    assert await listening.subjects() == [account.id]
