"""Event types are asked for once by all who want to know, however little time the first of them has."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.api import calcom
from tests.services.test_slots import Desk, open_desk

from calbridge.calcom.deadline import Deadline
from calbridge.domain.errors import CalendarUnreachableError
from calbridge.services.event_types import EventTypes

EVENT_TYPES = ("GET", "/v2/event-types")


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """A desk; the database does not matter."""
    async with open_desk(sqlite_url) as opened:
        yield opened


async def test_those_who_waited_for_somebody_hasty_ask_together(desk: Desk) -> None:
    await calcom.fault(desk.clinic, "delay", *EVENT_TYPES, seconds=0.4)
    event_types, visit = EventTypes(desk.inquiries), desk.visit
    before = len(await calcom.sent(desk.clinic, *EVENT_TYPES))

    def ask(seconds: float) -> asyncio.Task[object]:
        calendar = visit.calendars.open(visit.connection.access, Deadline.after(seconds))
        return asyncio.create_task(event_types.offered(visit.connection, calendar))

    hasty = ask(0.2)
    await asyncio.sleep(0.01)
    others = [ask(5) for _ in range(20)]

    with pytest.raises(CalendarUnreachableError):
        await hasty
    assert all(await asyncio.gather(*others))
    assert len(await calcom.sent(desk.clinic, *EVENT_TYPES)) - before == 2
