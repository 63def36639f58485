"""The audit log: every change is in it, in the same transaction, and nothing leaves it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.storage.factories import Store, access, host
from tests.storage.raw import rows

from calbridge.domain.access import CALBRIDGE, Actor, Scope
from calbridge.domain.agents import AccountChange, AccountSettings
from calbridge.domain.errors import ConflictError
from calbridge.storage.tables import audit_entries

SOMEBODY = Actor("token", "admin@clinic.example")
RENAMED = AccountSettings("Renamed", "someone", "Europe/Rome")


@dataclass(frozen=True, slots=True)
class Scene:
    """An organization with an agent that is linked, one with a private key, and one with neither."""

    store: Store
    organization: UUID
    linked: UUID
    keyed: UUID
    free: UUID
    account: UUID
    second: UUID
    private: UUID
    key: UUID


@pytest.fixture
async def scene(store: Store) -> Scene:
    organization = (await store.organization()).id
    linked, keyed, free = [await store.agent(organization) for _ in range(3)]
    account, second = [await store.account(organization, number) for number in (1, 2)]
    private = await store.private(keyed, 3)
    await store.agents.link(organization, linked.id, account.id)
    key, _ = await store.api_keys.create(organization, "Front desk", {Scope.READ})
    return Scene(store, organization, linked.id, keyed.id, free.id, account.id, second.id, private.id, key.id)


async def refuse(on: Scene, account_id: UUID) -> None:
    """Have Cal.com refuse the key of an account, whatever its state."""
    own, private = await on.store.accounts.list(on.organization), await on.store.accounts.private_ones(on.organization)
    (account,) = [each for each in (*own, *private) if each.id == account_id]
    await on.store.accounts.needs_reauth(account, by=SOMEBODY)


Change = Callable[[Scene], Awaitable[object]]
Expected = list[tuple[str, str]]  # event, and the name of its subject in the scene; "" for what is new

CHANGES: dict[str, tuple[Change, Expected]] = {
    "require a key": (
        lambda on: on.store.organizations.require_key(on.organization, required=True, by=SOMEBODY),
        [("organization.changed", "organization")],
    ),
    "make an agent": (
        lambda on: on.store.agents.create(on.organization, "Night", by=SOMEBODY),
        [("agent.created", "")],
    ),
    "change an agent": (
        lambda on: on.store.agents.update(on.organization, on.free, name="Night", by=SOMEBODY),
        [("agent.changed", "free")],
    ),
    "delete a linked agent": (
        lambda on: on.store.agents.delete(on.organization, on.linked, by=SOMEBODY),
        [("agent.unlinked", "linked"), ("agent.deleted", "linked")],
    ),
    "delete an agent with a key": (
        lambda on: on.store.agents.delete(on.organization, on.keyed, by=SOMEBODY),
        [("agent_key.disconnected", "private"), ("agent.deleted", "keyed")],
    ),
    "link": (
        lambda on: on.store.agents.link(on.organization, on.free, on.account, by=SOMEBODY),
        [("agent.linked", "free")],
    ),
    "link elsewhere": (
        lambda on: on.store.agents.link(on.organization, on.linked, on.second, by=SOMEBODY),
        [("agent.linked", "linked")],
    ),
    "unlink": (
        lambda on: on.store.agents.link(on.organization, on.linked, None, by=SOMEBODY),
        [("agent.unlinked", "linked")],
    ),
    "connect": (
        lambda on: on.store.accounts.connect(on.organization, access=access(), host=host(9), by=SOMEBODY),
        [("account.connected", "")],
    ),
    "connect again": (
        lambda on: on.store.accounts.connect(on.organization, access=access(), host=host(1), by=SOMEBODY),
        [("account.reconnected", "account")],
    ),
    "connect a private key": (
        lambda on: on.store.accounts.connect(
            on.organization, access=access(), host=host(9), agent_id=on.free, by=SOMEBODY
        ),
        [("agent_key.connected", "")],
    ),
    "rotate a private key": (
        lambda on: on.store.accounts.connect(
            on.organization, access=access(), host=host(3), agent_id=on.keyed, by=SOMEBODY
        ),
        [("agent_key.rotated", "private")],
    ),
    "change an account": (
        lambda on: on.store.accounts.change(on.organization, on.account, AccountChange(settings=RENAMED), by=SOMEBODY),
        [("account.changed", "account")],
    ),
    "change an account's key": (
        lambda on: on.store.accounts.change(
            on.organization, on.account, AccountChange(access=access("cal_new"), host=host(1)), by=SOMEBODY
        ),
        [("account.reconnected", "account")],
    ),
    "change an account's links": (
        lambda on: on.store.accounts.change(
            on.organization, on.account, AccountChange(linked_agents=frozenset({on.free})), by=SOMEBODY
        ),
        [("agent.unlinked", "linked"), ("agent.linked", "free")],
    ),
    "disconnect": (
        lambda on: on.store.accounts.disconnect(on.organization, on.account, by=SOMEBODY),
        [("agent.unlinked", "linked"), ("account.disconnected", "account")],
    ),
    "disconnect all": (
        lambda on: on.store.accounts.disconnect(on.organization, None, by=SOMEBODY),
        [("agent.unlinked", "linked"), ("account.disconnected", "account"), ("account.disconnected", "second")],
    ),
    "disconnect a private key": (
        lambda on: on.store.accounts.disconnect(on.organization, on.private, by=SOMEBODY),
        [("agent_key.disconnected", "private")],
    ),
    "a key is refused": (
        lambda on: refuse(on, on.account),
        [("account.key_refused", "account")],
    ),
    "a private key is refused": (
        lambda on: refuse(on, on.private),
        [("agent_key.refused", "private")],
    ),
    "make a key": (
        lambda on: on.store.api_keys.create(on.organization, "Night desk", [], by=SOMEBODY),
        [("key.created", "")],
    ),
    "revoke a key": (
        lambda on: on.store.api_keys.revoke(on.organization, on.key, by=SOMEBODY),
        [("key.revoked", "key")],
    ),
}
# Done twice, these have nothing left to change.
REPEATED = (
    "require a key",
    "change an agent",
    "link",
    "unlink",
    "change an account",
    "change an account's links",
    "disconnect",
    "disconnect all",
    "disconnect a private key",
    "a key is refused",
    "revoke a key",
)
REFUSED: dict[str, Change] = {
    "an organization's id again": lambda on: on.store.organizations.create("Again", on.organization),
    "an agent's id again": lambda on: on.store.agents.create(on.organization, "Again", id=on.free),
    "a link beside a private key": lambda on: on.store.agents.link(on.organization, on.keyed, on.account),
    "a private key beside a link": lambda on: on.store.accounts.connect(
        on.organization, access=access(), host=host(9), agent_id=on.linked
    ),
    # The links are changed, and their entries written, before the clash of the Cal.com user shows.
    "links and another account's user": lambda on: on.store.accounts.change(
        on.organization, on.account, AccountChange(host=host(2), linked_agents=frozenset({on.free}))
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_written_down_with_who_made_it(scene: Scene, name: str) -> None:
    change, expected = CHANGES[name]
    _, before = await scene.store.audit.list(scene.organization, limit=0, offset=0)
    await change(scene)
    entries, after = await scene.store.audit.list(scene.organization, limit=1_000, offset=0)
    new = entries[: after - before][::-1]
    assert [entry.event for entry in new] == [event for event, _ in expected]
    for entry, (_, subject) in zip(new, expected, strict=True):
        assert entry.actor == SOMEBODY
        assert entry.organization_id == scene.organization
        assert not subject or entry.subject_id == getattr(scene, subject)


@pytest.mark.parametrize("name", REPEATED)
async def test_a_change_that_changes_nothing_writes_nothing(scene: Scene, name: str) -> None:
    change, _ = CHANGES[name]
    await change(scene)
    before = await rows(scene.store)
    await change(scene)
    assert await rows(scene.store) == before


@pytest.mark.parametrize("name", CHANGES)
async def test_an_entry_that_fails_leaves_no_change(scene: Scene, name: str) -> None:
    before = await rows(scene.store, audit_entries)
    async with scene.store.database.write() as connection:
        await connection.execute(text("ALTER TABLE audit_entries RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        await CHANGES[name][0](scene)
    assert await rows(scene.store, audit_entries) == before


@pytest.mark.parametrize("name", REFUSED)
async def test_a_change_that_fails_leaves_no_entry(scene: Scene, name: str) -> None:
    before = await rows(scene.store)
    with pytest.raises(ConflictError):
        await REFUSED[name](scene)
    assert await rows(scene.store) == before


async def test_organizations_are_written_down_once(store: Store) -> None:
    made = await store.organizations.create("Smile Dental", by=SOMEBODY)
    sprung = await store.organizations.ensure(uuid4(), by=SOMEBODY)
    await store.organizations.ensure(sprung.id, by=SOMEBODY)
    for organization in (made, sprung):
        (entry,), _ = await store.audit.list(organization.id, limit=10, offset=0)
        assert (entry.event, entry.subject_id, entry.actor) == ("organization.created", organization.id, SOMEBODY)
        assert entry.at == organization.created_at


async def test_what_was_disconnected_and_comes_back(store: Store) -> None:
    organization = (await store.organization()).id
    agent = await store.agent(organization)
    for _ in range(2):
        account, private = await store.account(organization), await store.private(agent)
        await store.accounts.disconnect(organization, account.id)
        await store.accounts.disconnect(organization, private.id)
    assert (await store.events(organization))[2:] == [
        *("account.connected", "agent_key.connected", "account.disconnected", "agent_key.disconnected"),
        *("account.reconnected", "agent_key.connected", "account.disconnected", "agent_key.disconnected"),
    ]


async def test_pages_newest_first_and_only_ones_own(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    agents = [await store.agent(organization.id) for _ in range(5)]
    await store.agent(other.id)
    everything, total = await store.audit.list(organization.id, limit=10, offset=0)
    assert [entry.subject_id for entry in everything] == [agent.id for agent in agents[::-1]] + [organization.id]
    assert everything[0].actor == CALBRIDGE
    assert total == 6
    assert await store.audit.list(organization.id, limit=2, offset=1) == (everything[1:3], 6)
    assert await store.audit.list(organization.id, limit=2, offset=9) == ((), 6)
    assert await store.audit.list(uuid4(), limit=2, offset=0) == ((), 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'nobody'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE event = 'organization.created'",
    ],
)
async def test_the_database_itself_refuses_to_change_it(store: Store, statement: str) -> None:
    await store.organization()
    await _refused(store, statement)


async def test_there_is_no_way_around_the_refusal(scene: Scene) -> None:
    if scene.store.database.is_sqlite:
        await _refused(scene.store, "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries LIMIT 1")
    else:
        await _refused(scene.store, "TRUNCATE audit_entries")


async def _refused(store: Store, statement: str) -> None:
    before = await rows(store)
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.database.write() as connection:
            await connection.execute(text(statement))
    assert await rows(store) == before


@pytest.mark.parametrize("name", ["\0", "\ud800", "x" * 10_000, "Ada \u2615"])
async def test_a_token_may_call_its_subject_anything(store: Store, name: str) -> None:
    organization = await store.organizations.create("Smile Dental", by=Actor("token", name))
    (entry,), _ = await store.audit.list(organization.id, limit=1, offset=0)
    assert entry.actor.kind == "token"
    assert 0 < len(entry.actor.name) <= 255
