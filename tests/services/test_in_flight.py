"""What a process has begun when it is told to stop: finished if it can be, and else left to others at once."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.storage.factories import Store
from tests.storage.wishes import begun, draft, row

from calbridge.domain.intents import Intent, State
from calbridge.services.in_flight import InFlight

PATIENCE = 0.1


class Cutoff:
    """Work that ends when the test says so, and tells whether it was cut off."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.was_cut = False

    async def __call__(self) -> str:
        """Work."""
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cut = True
            raise
        return "done"


async def started(in_flight: InFlight, intent: Intent, work: Cutoff) -> asyncio.Task[str]:
    """Have it begun by somebody who waits for it."""
    caller = asyncio.create_task(in_flight.see_through(intent.id, work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return caller


async def test_what_is_under_way_is_waited_for_though_its_caller_has_hung_up(store: Store) -> None:
    intent, work, in_flight = await begun(store, await draft(store)), Cutoff(), InFlight(store.intents, patience=60)
    caller = await started(in_flight, intent, work)
    caller.cancel()
    draining = asyncio.create_task(in_flight.drain())
    await asyncio.sleep(0.05)
    assert not draining.done()

    work.may_end.set()
    await draining

    assert not work.was_cut
    assert "given up" not in str((await row(store, intent))["history"])


async def test_what_is_not_finished_in_time_is_cut_off_and_due_at_once(store: Store, rival: Store) -> None:
    intent, work, in_flight = await begun(store, await draft(store)), Cutoff(), InFlight(store.intents, PATIENCE)
    caller = await started(in_flight, intent, work)

    with capture_logs() as logs:
        await in_flight.drain()

    assert work.was_cut
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [entry["event"] for entry in logs] == ["in_flight.given_up"]
    (taken,) = await rival.intents.due(10, lease=timedelta(hours=1))
    assert (taken.id, taken.state) == (intent.id, State.UNKNOWN)


async def test_the_seconds_count_from_the_moment_when_nothing_new_begins(store: Store) -> None:
    intent, work, in_flight = await begun(store, await draft(store)), Cutoff(), InFlight(store.intents, PATIENCE)
    caller = await started(in_flight, intent, work)
    in_flight.hurry()
    await asyncio.sleep(2 * PATIENCE)
    began = asyncio.get_running_loop().time()

    await in_flight.drain()

    assert work.was_cut
    assert asyncio.get_running_loop().time() - began < 5
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_a_database_that_is_away_holds_nobody_up(store: Store) -> None:
    intent, work, in_flight = await begun(store, await draft(store)), Cutoff(), InFlight(store.intents, PATIENCE)
    caller = await started(in_flight, intent, work)
    async with store.database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE intents RENAME TO elsewhere")

    with capture_logs() as logs:
        await in_flight.drain()

    assert [entry["event"] for entry in logs] == ["in_flight.given_up", "in_flight.not_released"]
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_nothing_under_way_takes_no_time(store: Store) -> None:
    await InFlight(store.intents, patience=60).drain()
