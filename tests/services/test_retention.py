"""Old callers are forgotten by themselves, hour by hour, whatever happens to the database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.storage.factories import START, Store
from tests.storage.raw import holds, sealed_caller
from tests.storage.wishes import begun, draft, earlier, row

from calbridge.bootstrap import open_container
from calbridge.domain.intents import Name, State
from calbridge.services import retention
from calbridge.services.retention import EVERY_SECONDS, FIRST_SECONDS, Retention
from calbridge.settings import Settings, StorageSettings
from calbridge.storage.tables import new_id

KEEP = timedelta(days=30)


class Hours:
    """A clock, and a sleep that takes no time but moves it: the test goes on when the sweeper sleeps."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.slept: list[float] = []
        self._asleep = asyncio.Event()
        self._wake = asyncio.Event()

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the test lets time pass."""
        self.slept.append(seconds)
        self._asleep.set()
        await self._wake.wait()
        self._wake.clear()
        self.now += timedelta(seconds=seconds)

    async def pass_by(self) -> None:
        """Let the sweeper sleep out, do its work, and fall asleep again."""
        await self._asleep.wait()
        self._asleep.clear()
        self._wake.set()
        await self._asleep.wait()


@pytest.fixture
async def hours(store: Store) -> AsyncIterator[Hours]:
    """Run the sweeper, from a moment when the first record has half an hour to go."""
    clock = Hours(START + KEEP)
    task = asyncio.create_task(Retention(store.bookings, store.intents, store.offers, KEEP, clock, clock.sleep).run())
    yield clock
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_due_is_erased_soon_after_the_start_and_then_every_hour(
    database_url: str, store: Store, hours: Hours
) -> None:
    written = await store.record("uid-1")
    older = replace(written, id=new_id(), uid="uid-2", end=START - timedelta(seconds=1))
    await store.bookings.record(older)
    sealed = [await sealed_caller(store, each.id) or b"" for each in (written, older)]
    await hours.pass_by()
    assert [await holds(store, database_url, each) for each in sealed] == [True, False]
    await hours.pass_by()
    assert [await holds(store, database_url, each) for each in sealed] == [False, False]
    assert hours.slept == [FIRST_SECONDS, EVERY_SECONDS, EVERY_SECONDS]
    kept = await store.bookings.get(written.organization_id, "uid-1")
    assert kept is not None
    assert (kept.uid, kept.start, kept.end, kept.agent_id) == ("uid-1", written.start, written.end, written.agent_id)


async def test_a_sweep_takes_as_many_batches_as_it_needs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    written = await store.record("uid-0")
    for number in range(1, 5):
        await store.bookings.record(replace(written, id=new_id(), uid=f"uid-{number}"))
    due = written.end + KEEP + timedelta(seconds=1)
    with capture_logs() as logs:
        assert await Retention(store.bookings, store.intents, store.offers, KEEP, lambda: due).sweep() == 5
        assert await Retention(store.bookings, store.intents, store.offers, KEEP, lambda: written.end).sweep() == 0
    assert logs == [{"event": "retention.erased", "records": 5, "wishes": 0, "log_level": "info"}]


async def test_a_database_that_is_away_or_broken_is_tried_again(
    store: Store, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = await store.record()
    monkeypatch.setattr(retention, "log", structlog.get_logger())
    with capture_logs() as logs:
        async with store.database.write() as connection:
            await connection.execute(text("ALTER TABLE bookings RENAME TO elsewhere"))
        await hours.pass_by()
        await hours.pass_by()
    assert [entry["event"] for entry in logs] == ["retention.failed", "retention.failed"]
    assert "ada" not in str(logs)
    async with store.database.write() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO bookings"))
    await hours.pass_by()
    assert await sealed_caller(store, written.id) is None


def test_how_long_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, days in (("", None), ("30", 30)):
        monkeypatch.setenv("CALBRIDGE_RETENTION_DAYS", value)
        assert StorageSettings().retention_days == days
    for value in ("0", "-1", "soon", "40000"):
        monkeypatch.setenv("CALBRIDGE_RETENTION_DAYS", value)
        with pytest.raises(ValidationError):
            StorageSettings()


@pytest.mark.parametrize(("keep", "days"), [(None, 30), (timedelta(days=7), 7), (timedelta(days=90), 30)])
async def test_wishes_are_kept_as_long_as_records_but_a_month_at_most(
    database_url: str, store: Store, keep: timedelta | None, days: int
) -> None:
    wish = await draft(store)
    old, younger = await begun(store, wish), await begun(store, replace(wish, name=Name("other", KEEP)))
    for each in (old, younger):
        await store.intents.settle(each, State.CONFIRMED, uid="uid-1")
    await earlier(store, old, settled_at=timedelta(days=days))
    await earlier(store, younger, settled_at=timedelta(days=days - 1))
    sealed = [(await row(store, each))["sealed_wish"] for each in (old, younger)]

    with capture_logs() as logs:
        assert await Retention(store.bookings, store.intents, store.offers, keep, lambda: START).sweep() == 1

    assert [await holds(store, database_url, each) for each in sealed] == [False, True]
    assert logs == [{"event": "retention.erased", "records": 0, "wishes": 1, "log_level": "info"}]


@pytest.mark.parametrize("serving", [True, False])
async def test_a_server_sweeps_in_the_background_and_a_command_does_not(
    database_url: str, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, serving: bool
) -> None:
    written = await store.record()
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("CALBRIDGE_DATABASE_URL", database_url)
    monkeypatch.setenv("CALBRIDGE_ENCRYPTION_KEYS", "11" * 32)
    monkeypatch.setenv("CALBRIDGE_JWT_SECRET", "s" * 48)
    monkeypatch.setenv("CALBRIDGE_RETENTION_DAYS", "30")
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    before = asyncio.all_tasks()
    async with open_container(Settings.load(), clock=lambda: written.end + timedelta(days=31), serving=serving):
        for _ in range(100):
            await asyncio.sleep(0.01)
            if await sealed_caller(store, written.id) is None:
                break
    assert (await sealed_caller(store, written.id) is None) == serving
    assert asyncio.all_tasks() == before
