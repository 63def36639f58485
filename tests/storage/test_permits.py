"""The book of permits that processes share."""

import asyncio
import json

from sqlalchemy import func, select, update
from tests.storage.factories import Store

from calbridge.domain.permits import VALIDITY, Application, Pace, Spent
from calbridge.storage.permits import KEPT, Permits
from calbridge.storage.tables import rate_budgets

PACE = Pace(20, 20)
KEY = b"a digest"


async def test_a_lease_is_seen_by_others(store: Store, rival: Store) -> None:
    _, first, began = await Permits(store.database).settle(KEY, Application("a", ordinary=12), PACE)
    book, second, now = await Permits(rival.database).settle(KEY, Application("b", ordinary=12, urgent=1), PACE)

    assert (first.anyone, second.anyone, second.urgent_only) == (12, 4, 0)
    assert 0 <= now - began < 60
    assert {lease.id: lease.starts for lease in book.leases} == {"a": 12, "b": 4}
    assert abs(book.leases[0].last - began - VALIDITY) < 0.002


async def test_keys_know_nothing_of_each_other(store: Store) -> None:
    permits = Permits(store.database)
    await permits.settle(KEY, Application("a", urgent=20), PACE)
    _, grant, _ = await permits.settle(b"another", Application("b", urgent=20), PACE)
    assert grant.anyone + grant.urgent_only == 20


async def test_what_is_told_stays(store: Store, rival: Store) -> None:
    told = Application("a", spent=(Spent("lost", 3, 10),), told=7, pause=30)
    await Permits(store.database).settle(KEY, told, PACE)
    book, grant, now = await Permits(rival.database).settle(KEY, Application("b", urgent=1), PACE)

    assert book.told == 7
    assert [(lease.id, lease.starts) for lease in book.leases] == [("lost", 3)]
    assert grant.anyone == 0
    assert 25 < grant.pause <= 30
    assert abs(book.paused_until - now - grant.pause) < 0.01


async def test_many_that_lease_at_once_get_no_more_than_there_is(store: Store, rival: Store) -> None:
    permits = [Permits(store.database), Permits(rival.database)]
    settled = await asyncio.gather(
        *(permits[number % 2].settle(KEY, Application(str(number), urgent=3), PACE) for number in range(12))
    )
    assert sum(grant.anyone + grant.urgent_only for _, grant, _ in settled) == 20


async def test_keys_that_nobody_uses_any_more_are_forgotten(store: Store) -> None:
    permits = Permits(store.database)
    for key in (b"old", b"young"):
        await permits.settle(key, Application("a", urgent=1), PACE)
    async with store.database.write() as connection:
        age = update(rate_budgets).values(seen_at=store.database.now(-2 * KEPT))
        await connection.execute(age.where(rate_budgets.c.id == b"old"))
    await permits.settle(b"new", Application("a", urgent=1), PACE)
    async with store.database.read() as connection:
        kept = (await connection.scalars(select(rate_budgets.c.id).order_by(rate_budgets.c.id))).all()
    assert kept == [b"new", b"young"]


async def test_a_row_stays_short(store: Store) -> None:
    permits = Permits(store.database)
    for number in range(60):
        await permits.settle(KEY, Application(str(number), urgent=1), PACE)
    async with store.database.read() as connection:
        leases = await connection.scalar(select(rate_budgets.c.leases))
        rows = await connection.scalar(select(func.count()).select_from(rate_budgets))
    assert len(json.loads(leases or "")) == 20
    assert rows == 1
