"""Times are asked for ahead of time while an agent is in use, and no longer."""

from collections.abc import AsyncIterator

import pytest
from tests.api import calcom
from tests.services.test_slots import SLOTS, TTL, Desk, open_desk

from calbridge.domain.agents import AgentStatus
from calbridge.services.directory import Directory
from calbridge.services.event_types import EventTypes
from calbridge.services.inquiries import Inquiries
from calbridge.services.prefetch import APART_SECONDS, IDLE_SECONDS, Prefetch
from calbridge.services.slots import Slots


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """A desk; the database does not matter."""
    async with open_desk(sqlite_url) as opened:
        yield opened


@pytest.fixture
def prefetch(desk: Desk) -> Prefetch:
    """The one of that desk; an agent has just been asked for the times of a week."""
    return prefetch_over(desk, desk.slots)


def prefetch_over(desk: Desk, slots: Slots) -> Prefetch:
    """Prefetch into a memory; an agent has just been asked for the times of a week."""
    services = desk.clinic.services
    accounts = services.connections._accounts  # noqa: SLF001 - a container shows no repository of accounts
    made = Prefetch(
        Directory(services.agents, accounts, services.keys, desk.memories),
        services.connections,
        EventTypes(Inquiries()),
        slots,
        desk.memories,
        desk.clinic.clock,
        timer=desk.timer,
    )
    made.use(desk.visit, 7)
    return made


async def test_what_is_in_use_is_kept_warm(desk: Desk, prefetch: Prefetch) -> None:
    await desk.ahead()
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    assert await desk.asked() == 1
    await desk.pass_time(TTL * 3 / 4)
    await prefetch.work()
    await prefetch.work()
    assert await desk.asked() == 2
    await desk.ahead()
    assert await desk.asked() == 2


async def test_nothing_is_asked_where_nothing_is_remembered(desk: Desk) -> None:
    async with Inquiries() as inquiries:
        prefetch = prefetch_over(desk, Slots(0, desk.memories, inquiries, desk.timer))
        await desk.pass_time(APART_SECONDS)
        await prefetch.work()
    assert await desk.asked() == 0


async def test_what_was_dropped_is_asked_for_again_but_not_all_the_time(desk: Desk, prefetch: Prefetch) -> None:
    for _ in range(3):
        desk.slots.forget(desk.visit.account_id)
        await prefetch.work()
    assert await desk.asked() == 0
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    desk.slots.forget(desk.visit.account_id)
    await prefetch.work()
    assert await desk.asked() == 1


async def test_an_agent_that_nobody_asks_any_more_is_left_alone(desk: Desk, prefetch: Prefetch) -> None:
    await desk.pass_time(IDLE_SECONDS + 1)
    await prefetch.work()
    assert await desk.asked() == 0


async def test_an_agent_that_may_not_be_used_any_more_is_left_alone(desk: Desk, prefetch: Prefetch) -> None:
    await desk.clinic.services.agents.update(
        desk.clinic.organization.id, desk.clinic.agent.id, status=AgentStatus.INACTIVE
    )
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    assert await desk.asked() == 0


async def test_a_refusal_ends_it_until_somebody_asks_again(desk: Desk, prefetch: Prefetch) -> None:
    await calcom.fault(desk.clinic, "status", *SLOTS, status=400, body={"status": "error", "error": {"message": "no"}})
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    assert await desk.asked() == 1
    prefetch.use(desk.visit, 7)
    await desk.pass_time(APART_SECONDS)
    await prefetch.work()
    assert await desk.asked() == 2


async def test_without_news_of_changes_nothing_is_asked_for(desk: Desk, prefetch: Prefetch) -> None:
    desk.timer.now += APART_SECONDS
    await prefetch.work()
    assert await desk.asked() == 0
