"""Servers that are killed at random instants of booking, moving and cancelling: nothing is lost, nothing is double."""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.engine.history import Book, Wish
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import SETTLE_SECONDS, Stage, let_pass, unsettled

SETTLED_WITHIN = SETTLE_SECONDS + 60
SLOTS_A_ROUND = 6
LONGEST_WAIT = 0.25  # seconds, in which most of what was asked is under way


@dataclass(slots=True)
class Errands:
    """What callers want while servers die; uids are those of the appointments to change."""

    wishes: list[tuple[Wish, str]]

    async def begin(self, practice: Practice[Stage], number: int) -> list[tuple[Wish, str]]:
        """Have two people with appointments change them, while two others want one."""
        first = number * SLOTS_A_ROUND
        moving, cancelling = practice.booking(first), practice.booking(first + 1)
        uids = [await told(practice, one) for one in (moving, cancelling)]
        begun: list[tuple[Wish, str]] = [
            (practice.booking(first + 2), ""),
            (practice.booking(first + 3), ""),
            (practice.move(moving, first + 4), uids[0]),
            (practice.cancel(cancelling), uids[1]),
        ]
        self.wishes += begun
        return begun


async def told(practice: Practice[Stage], wish: Book) -> str:
    """Book, for certain."""
    return (await practice.insist(wish, aging=False)).uid


@pytest.mark.parametrize("kills", [pytest.param(5, id="short"), pytest.param(50, id="long", marks=[pytest.mark.long])])
async def test_whatever_was_under_way_is_settled_after_the_next_start(stage: Stage, kills: int) -> None:
    dice, errands = random.Random(7), Errands([])  # noqa: S311 - chance for tests, the same in every run
    async with open_practice(stage) as practice:
        await practice.strike("delay", rate=0.5, when="after", seconds=0.1)
        await practice.strike("delay", "POST", "/v2/bookings/*", rate=0.5, when="after", seconds=0.1)
        for number in range(kills):
            victim = dice.randrange(len(stage.servers))
            begun = await errands.begin(practice, number)
            asking = [asyncio.create_task(practice.ask(wish, uid, server=victim)) for wish, uid in begun]
            await asyncio.sleep(dice.uniform(0, LONGEST_WAIT))
            await asyncio.to_thread(stage.servers[victim].kill)
            await asyncio.gather(*asking)
            await asyncio.to_thread(stage.servers[victim].start)

        await settle(stage, waiting=kills > 5)
        assert await asyncio.to_thread(stage.open_intents) == ()  # as operators see it, too
        for wish, uid in errands.wishes:
            await practice.insist(wish, uid, aging=False)
        await practice.verify()


async def settle(stage: Stage, *, waiting: bool) -> None:
    """Have calbridge find out by itself; ``waiting``: in its own time, otherwise time passes for the database."""
    end = time.monotonic() + SETTLED_WITHIN
    while left := await unsettled(stage.database_url):
        assert time.monotonic() < end, left
        if not waiting:
            await let_pass(stage.database_url, timedelta(seconds=10))
        await asyncio.sleep(0.5)
