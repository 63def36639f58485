"""The book of permits that processes share."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine, event, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.storage.factories import Store, open_store

from calbridge.domain.permits import VALIDITY, Application, Book, Grant, Pace, Spent
from calbridge.storage.database import Database, check, downgrade, upgrade
from calbridge.storage.permits import KEPT, Permits
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import rate_budgets

PACE = Pace(20, 20)
KEY = b"a digest"


async def settled(permits: Permits, application: Application, key: bytes = KEY) -> tuple[Book, Grant, float]:
    """Settle one application, however often it is overtaken."""
    while not (answer := await permits.settle({key: application}, PACE)):
        pass
    return answer[key]


def overtake(monkeypatch: pytest.MonkeyPatch, database: Database, rival: Callable[[], Awaitable[object]]) -> None:
    """Have somebody else write once between the look at the books and what is written next."""
    write = database.write_at_once

    @asynccontextmanager
    async def later() -> AsyncIterator[AsyncConnection]:
        monkeypatch.setattr(database, "write_at_once", write)
        await rival()
        async with write() as connection:
            yield connection

    monkeypatch.setattr(database, "write_at_once", later)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """All statements that concern the books."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "rate_budgets" in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


async def test_a_lease_is_seen_by_others(store: Store, rival: Store) -> None:
    _, first, began = await settled(Permits(store.database), Application("a", ordinary=12))
    book, second, now = await settled(Permits(rival.database), Application("b", ordinary=12, urgent=1))

    assert (first.anyone, second.anyone, second.urgent_only) == (12, 4, 0)
    assert 0 <= now - began < 60
    assert {lease.id: lease.starts for lease in book.leases} == {"a": 12, "b": 4}
    assert abs(book.leases[0].last - began - VALIDITY) < 0.002


async def test_keys_know_nothing_of_each_other(store: Store) -> None:
    permits = Permits(store.database)
    await settled(permits, Application("a", urgent=20))
    _, grant, _ = await settled(permits, Application("b", urgent=20), b"another")
    assert grant.anyone + grant.urgent_only == 20


async def test_what_is_told_stays(store: Store, rival: Store) -> None:
    told = Application("a", spent=(Spent("lost", 3, 10),), told=7, pause=30)
    await settled(Permits(store.database), told)
    book, grant, now = await settled(Permits(rival.database), Application("b", urgent=1))

    assert book.told == 7
    assert [(lease.id, lease.starts) for lease in book.leases] == [("lost", 3)]
    assert grant.anyone == 0
    assert 25 < grant.pause <= 30
    assert abs(book.paused_until - now - grant.pause) < 0.01


async def test_many_that_lease_at_once_get_no_more_than_there_is(store: Store, rival: Store) -> None:
    permits = [Permits(store.database), Permits(rival.database)]
    answers = await asyncio.gather(
        *(settled(permits[number % 2], Application(str(number), urgent=3)) for number in range(12))
    )
    assert sum(grant.anyone + grant.urgent_only for _, grant, _ in answers) == 20


async def test_keys_that_nobody_uses_any_more_are_forgotten(store: Store) -> None:
    permits = Permits(store.database)
    for key in (b"old", b"young"):
        await settled(permits, Application("a", urgent=1), key)
    async with store.database.write() as connection:
        age = update(rate_budgets).values(seen_at=store.database.now(-2 * KEPT))
        await connection.execute(age.where(rate_budgets.c.id == b"old"))
    await settled(permits, Application("a", urgent=1), b"new")
    async with store.database.read() as connection:
        kept = (await connection.scalars(select(rate_budgets.c.id).order_by(rate_budgets.c.id))).all()
    assert kept == [b"new", b"young"]


async def test_a_row_stays_short(store: Store) -> None:
    permits = Permits(store.database)
    for number in range(60):
        await settled(permits, Application(str(number), urgent=1))
    async with store.database.read() as connection:
        leases = await connection.scalar(select(rate_budgets.c.leases))
        rows = await connection.scalar(select(func.count()).select_from(rate_budgets))
    assert len(json.loads(leases or "")) == 20
    assert rows == 1


async def test_many_keys_cost_one_look_and_a_write_for_every_eight(store: Store, statements: list[str]) -> None:
    permits = Permits(store.database)
    keys = [bytes([number]) * 32 for number in range(16)]
    for name in ("a", "b"):
        answers = await permits.settle({key: Application(name, urgent=15) for key in keys}, PACE)
        assert answers.keys() == set(keys)

    words = " ".join(statement.split(maxsplit=1)[0] for statement in statements)
    assert words == "SELECT INSERT INSERT DELETE SELECT INSERT INSERT"  # new keys: are there any old ones?
    granted = {grant.anyone + grant.urgent_only for _, grant, _ in answers.values()}
    assert granted == {5}


async def test_few_statements_do_for_any_number_of_keys(store: Store, statements: list[str]) -> None:
    permits = Permits(store.database)
    for count in range(1, 33):
        keys = [bytes([number]) * 32 for number in range(count)]
        answers = await permits.settle({key: Application(f"{count}", ordinary=1) for key in keys}, PACE)
        assert answers.keys() == set(keys)

    looks, writes, deletions = 4, 8 + 1, 1  # a single row has a statement of its own
    assert len(set(statements)) <= looks + writes + deletions


async def test_who_is_overtaken_is_granted_nothing_and_the_others_have_theirs(
    store: Store, rival: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits, other = Permits(store.database), Permits(rival.database)
    await permits.settle({b"one": Application("a", urgent=1), b"two": Application("a", urgent=1)}, PACE)
    overtake(monkeypatch, store.database, lambda: settled(other, Application("theirs", urgent=2), b"one"))

    answers = await permits.settle({b"one": Application("b", urgent=1), b"two": Application("b", urgent=1)}, PACE)

    assert answers.keys() == {b"two"}
    book, grant, _ = await settled(permits, Application("b", urgent=1), b"one")
    assert {lease.id: lease.starts for lease in book.leases} == {"a": 1, "theirs": 2, "b": 1}
    assert grant.anyone == 1


async def test_a_new_key_is_not_entered_twice(store: Store, rival: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    overtake(monkeypatch, store.database, lambda: settled(Permits(rival.database), Application("theirs", urgent=2)))

    assert await Permits(store.database).settle({KEY: Application("ours", urgent=1)}, PACE) == {}
    book, _, _ = await settled(Permits(store.database), Application("ours", urgent=1))
    assert [lease.id for lease in book.leases] == ["theirs", "ours"]


async def test_what_a_process_without_versions_has_made_is_not_taken_for_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def enter() -> None:
        row = {"id": KEY, "leases": '[["theirs", 20, 4e9]]', "seen_at": store.database.now()}
        async with store.database.write() as connection:
            await connection.execute(insert(rate_budgets).values(row))

    overtake(monkeypatch, store.database, enter)

    assert await Permits(store.database).settle({KEY: Application("ours", urgent=1)}, PACE) == {}
    _, grant, _ = await settled(Permits(store.database), Application("ours", urgent=1))
    assert grant.anyone == 0


async def test_books_of_before_versions_are_kept(empty_database_url: str, keys: KeyRing) -> None:
    upgrade(empty_database_url)
    for name in ("before", "after"):
        store = open_store(empty_database_url, keys)
        book, _, _ = await settled(Permits(store.database), Application(name, urgent=1))
        await store.database.close()
        downgrade(empty_database_url, "0011")
        upgrade(empty_database_url)
        check(empty_database_url)

    assert [lease.id for lease in book.leases] == ["before", "after"]


async def test_those_who_settle_the_same_keys_at_once_do_not_wait_for_each_other(
    postgres_url: str, keys: KeyRing
) -> None:
    store = open_store(postgres_url, keys)
    permits, names = Permits(store.database), [b"one", b"two", b"three"]
    await permits.settle({name: Application("before") for name in names}, PACE)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    async with asyncio.timeout(20), store.database.write() as connection:
        await connection.execute(
            select(rate_budgets.c.id).where(rate_budgets.c.id == sorted(names)[1]).with_for_update()
        )
        settling = [
            asyncio.create_task(permits.settle({name: Application("now", urgent=1) for name in ordered}, PACE))
            for ordered in (names, sorted(names), sorted(names, reverse=True))
        ]
        async with store.database.read() as other:
            while await other.scalar(waiting) != len(settling):  # noqa: ASYNC110 - the server announces none of it
                await asyncio.sleep(0.01)
    answers = await asyncio.gather(*settling)  # those who wait for each other are undone, which is an error
    await store.database.close()

    assert sorted(map(len, answers)) == [0, 0, 3]
