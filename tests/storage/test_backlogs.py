"""How many intents are not settled, as operators and Prometheus are told."""

from dataclasses import replace
from datetime import timedelta

from tests.storage.factories import Store
from tests.storage.wishes import begun, draft, earlier, row

from calbridge.domain.access import COMMAND
from calbridge.domain.intents import Backlog, Intent, Name, State
from calbridge.storage.backlogs import Backlogs
from calbridge.storage.intents import Intents
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id

NO_TIME, HOUR = timedelta(0), timedelta(hours=1)


async def several(store: Store, count: int) -> list[Intent]:
    """Begin intents of one agent."""
    wish = await draft(store)
    return [await begun(store, replace(wish, name=Name(f"wish {n}", HOUR))) for n in range(count)]


async def test_what_is_open_is_counted_by_state_and_by_how_long(store: Store) -> None:
    backlogs = Backlogs(store.database)
    assert await backlogs.read() == Backlog()
    sending, unknown, old, overdue, stuck, done = await several(store, 6)
    for each in (unknown, old):
        await store.intents.doubt(each, "no answer", look_in=HOUR)
    await earlier(store, old, attempted_at=HOUR)
    await store.intents.release([overdue.id])
    await earlier(store, overdue, due_at=timedelta(minutes=5))
    await store.intents.settle(stuck, State.NEEDS_HUMAN, reason="double")
    await store.intents.settle(done, State.CONFIRMED, uid="uid-1")

    counted = await backlogs.read()

    assert counted == Backlog(sending=2, unknown=2, needs_human=1, long_open=1, overdue=1)
    assert await backlogs.read(sending.organization_id, sending.agent_id) == counted
    assert await backlogs.read(new_id()) == await backlogs.read(None, new_id()) == Backlog()


async def test_what_is_released_is_due_at_once_and_nothing_else_is(store: Store, rival: Store) -> None:
    mine, of_others, settled = await several(store, 3)
    await store.intents.settle(settled, State.CONFIRMED, uid="uid-1")

    await store.intents.release([mine.id, settled.id])

    taken = await rival.intents.due(10, lease=HOUR)
    assert [(each.id, each.state) for each in taken] == [(mine.id, State.UNKNOWN)]
    assert "given up: the process ends" in taken[0].history
    assert (await row(store, settled))["due_at"] is None
    assert (await row(store, of_others))["state"] == State.SENDING


async def test_each_outcome_is_counted_and_only_the_first_word_is_timed(store: Store) -> None:
    told: list[tuple[str, str, bool]] = []

    def count(action: str, outcome: str, seconds: float | None) -> None:
        assert seconds is None or 0 <= seconds < 60
        told.append((action, outcome, seconds is not None))

    intents = Intents(store.database, KeyRing.parse("11" * 32), store.bookings, count)
    confirmed, stuck = await several(store, 2)
    await intents.settle(confirmed, State.CONFIRMED, uid="uid-1")
    await intents.settle(confirmed, State.REJECTED)  # too late
    await intents.settle(stuck, State.NEEDS_HUMAN, reason="double")
    found = await intents.get(stuck.id)
    assert found is not None
    await intents.settle(found, State.CONFIRMED, uid="uid-2")

    assert told == [("book", "confirmed", True), ("book", "needs_human", False), ("book", "confirmed", True)]


async def test_what_somebody_decides_is_in_the_audit_log_and_what_calbridge_finds_is_not(store: Store) -> None:
    found, decided, late = await several(store, 3)
    await store.intents.settle(found, State.CONFIRMED, uid="uid-1")
    await store.intents.settle(decided, State.REJECTED, by=COMMAND)
    await store.intents.settle(late, State.REJECTED)
    assert not await store.intents.settle(late, State.CONFIRMED, uid="uid-1", by=COMMAND)

    entries, _ = await store.audit.list(found.organization_id, limit=10, offset=0)

    about_intents = [entry for entry in entries if entry.event.startswith("intent.")]
    assert [(each.event, each.subject_id, each.actor) for each in about_intents] == [
        ("intent.rejected", decided.id, COMMAND)
    ]
