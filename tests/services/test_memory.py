"""What a process remembers: until it changes, and only while it would hear of that."""

import asyncio
from uuid import uuid4

import pytest
from tests.storage.factories import Store

from calbridge.domain.access import Scope
from calbridge.domain.errors import UnavailableError
from calbridge.services.directory import Directory
from calbridge.services.memory import (
    KEPT_SECONDS,
    LATE_SECONDS,
    OF_ONE_SUBJECT,
    WAIT_SECONDS,
    Memories,
    Memory,
)
from calbridge.services.watch import Watch
from calbridge.storage.changes import Changes
from calbridge.storage.database import Database


class Timer:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Source:
    """Something that can be read, and counts how often it is."""

    def __init__(self) -> None:
        self.value: str | None = "first"
        self.reads = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def read(self) -> str | None:
        """Read the value as it is when the reading begins."""
        self.reads += 1
        value = self.value
        await self.may_answer.wait()
        return value


@pytest.fixture
def timer() -> Timer:
    """A timer."""
    return Timer()


@pytest.fixture
def memories(timer: Timer) -> Memories:
    """Memories that are current."""
    made = Memories(timer)
    made.now_current(timer.now)
    return made


async def test_what_was_read_is_remembered_until_it_is_forgotten(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    assert [await memory.recall(subject, "a", source.read) for _ in range(3)] == ["first"] * 3
    assert source.reads == 1
    source.value = "second"
    memories.forget(uuid4())
    assert await memory.recall(subject, "a", source.read) == "first"
    memories.forget(subject)
    assert await memory.recall(subject, "a", source.read) == "second"


async def test_what_was_being_read_when_it_changed_is_not_remembered(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    source.may_answer.clear()
    reading = asyncio.create_task(memory.recall(subject, "a", source.read))
    await asyncio.sleep(0)
    source.value = "second"
    memories.forget(subject)
    source.may_answer.set()
    assert await reading == "first"
    assert await memory.recall(subject, "a", source.read) == "second"


async def test_a_change_is_heeded_once(memories: Memories, timer: Timer) -> None:
    memory, source, subject, change = Memory[str](memories, timer), Source(), uuid4(), uuid4()
    memories.hear(change, subject)
    await memory.recall(subject, "a", source.read)
    memories.hear(change, subject)
    await memory.recall(subject, "a", source.read)
    assert source.reads == 1


async def test_that_there_is_nothing_is_not_remembered(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    source.value = None
    assert await memory.recall(subject, "a", source.read) is None
    source.value = "there now"
    assert await memory.recall(subject, "a", source.read) == "there now"


async def test_whoever_has_not_looked_for_a_second_remembers_nothing(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    await memory.recall(subject, "a", source.read)
    timer.now += 1
    await memory.recall(subject, "a", source.read)
    assert source.reads == 2
    memories.now_current(timer.now)
    await memory.recall(subject, "a", source.read)
    assert source.reads == 2


async def test_a_look_that_is_a_little_late_is_waited_for(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    await memory.recall(subject, "a", source.read)
    timer.now += 1
    late = [asyncio.create_task(memory.recall(subject, "a", source.read)) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert not any(each.done() for each in late)
    memories.now_current(timer.now)
    assert await asyncio.gather(*late) == ["first"] * 3
    assert source.reads == 1


async def test_a_change_that_a_late_look_tells_of_is_heeded(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    await memory.recall(subject, "a", source.read)
    timer.now += 1
    late = asyncio.create_task(memory.recall(subject, "a", source.read))
    await asyncio.sleep(0.01)
    source.value = "second"
    memories.hear(uuid4(), subject)
    memories.now_current(timer.now)
    assert await late == "second"


async def test_a_look_that_is_not_to_be_expected_is_not_waited_for(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    timer.now += 1 + LATE_SECONDS
    async with asyncio.timeout(WAIT_SECONDS / 2):
        await memory.recall(subject, "a", source.read)
        await Memory[str](Memories(timer), timer).recall(subject, "a", source.read)  # nobody ever looks
    assert source.reads == 2


async def test_nothing_is_remembered_for_long_or_without_bound(memories: Memories, timer: Timer) -> None:
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    for number in range(OF_ONE_SUBJECT + 1):
        await memory.recall(subject, number, source.read)
    await memory.recall(subject, 0, source.read)
    assert source.reads == OF_ONE_SUBJECT + 2
    timer.now += KEPT_SECONDS
    memories.now_current(timer.now)
    await memory.recall(subject, 0, source.read)
    assert source.reads == OF_ONE_SUBJECT + 3


async def test_another_process_hears_of_changes_at_its_next_look(store: Store, rival: Store, timer: Timer) -> None:
    memories = Memories(timer)
    directory = Directory(rival.agents, rival.accounts, rival.api_keys, memories)
    watch = Watch(Changes(rival.database), memories, timer=timer)
    organization = await store.organization()
    agent, account = await store.agent(organization.id), await store.account(organization.id)
    key, secret = await store.api_keys.create(organization.id, "Front desk", {Scope.MANAGE})
    await store.agents.link(organization.id, agent.id, account.id)
    await watch.look()
    for _ in range(3):
        assert (await directory.assignment(organization.id, agent.id)).connection is not None  # type: ignore[union-attr]
        assert await directory.key(secret) == key
        assert len(await directory.connections(organization.id)) == 1
        assert await directory.connection(organization.id, account.id) is not None
        assert await directory.agent(organization.id, agent.id) is not None

    await store.accounts.disconnect(organization.id, account.id)
    await store.api_keys.revoke(organization.id, key.id)
    await watch.look()

    assert (await directory.assignment(organization.id, agent.id)).connection is None  # type: ignore[union-attr]
    assert await directory.key(secret) is None
    assert await directory.connections(organization.id) == ()
    assert await directory.connection(organization.id, account.id) is None


async def test_what_is_remembered_needs_no_database(store: Store, timer: Timer) -> None:
    memories = Memories(timer)
    await Watch(Changes(store.database), memories, timer=timer).look()
    organization = await store.organization()
    agent = await store.agent(organization.id)
    directory = Directory(store.agents, store.accounts, store.api_keys, memories)
    known = await directory.assignment(organization.id, agent.id)
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    store.agents._database = away  # noqa: SLF001 - the database goes away

    assert await directory.assignment(organization.id, agent.id) is known
    timer.now += 1
    with pytest.raises(UnavailableError):
        await directory.assignment(organization.id, agent.id)
    await away.close()


async def test_a_watch_that_lost_the_database_begins_anew(store: Store, timer: Timer) -> None:
    memories = Memories(timer)
    memory, source, subject = Memory[str](memories, timer), Source(), uuid4()
    turns = asyncio.Event()

    async def sleep(_: float) -> None:
        turns.set()
        await asyncio.sleep(0.001)

    away = Database("postgresql://nobody@127.0.0.1:1/none")
    reader = Changes(store.database)
    watching = asyncio.create_task(Watch(reader, memories, sleep=sleep, timer=timer).run())
    await asyncio.wait_for(turns.wait(), 10)
    assert await memory.recall(subject, "a", source.read) == "first"
    reader._database = away  # noqa: SLF001 - the database goes away
    source.value = "changed meanwhile, and nobody could hear of it"
    turns.clear()
    await asyncio.wait_for(turns.wait(), 10)
    reader._database = store.database  # noqa: SLF001 - and comes back
    for _ in range(2):
        turns.clear()
        await asyncio.wait_for(turns.wait(), 10)

    assert await memory.recall(subject, "a", source.read) == source.value
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await away.close()
