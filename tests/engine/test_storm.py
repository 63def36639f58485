"""A retry storm: callers who give up sooner than Cal.com answers, and answers that are lost after the booking."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from tests.engine.history import Book, Exchange
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage

CALENDARS = 5
AT_ONCE = 40
DEADLINE_MS = 4000
# Two cores play all callers, both servers, Cal.com and the database.
PATIENCE = timedelta(milliseconds=DEADLINE_MS) + timedelta(seconds=4)


@pytest.mark.parametrize(
    "calls", [pytest.param(100, id="short"), pytest.param(1000, id="long", marks=pytest.mark.long)]
)
async def test_every_caller_has_one_booking_and_knows_it(postgres_stage: Stage, calls: int) -> None:
    dice, turns = random.Random(4), asyncio.Semaphore(AT_ONCE)  # noqa: S311 - chance for tests, the same in every run
    final: list[Exchange] = []

    async def call(practice: Practice[Stage], wish: Book, repeats: int) -> None:
        line: dict[str, Any] = {"call_session_id": f"session-of-{wish.name}", "deadline_ms": DEADLINE_MS}
        async with turns:
            for _ in range(repeats):
                await practice.ask(wish, server=dice.randrange(2), gives_up=dice.uniform(0.02, 0.3), **line)
            final.append(await practice.insist(wish, server=dice.randrange(2), aging=False, **line))

    async with (
        open_practice(postgres_stage) as one,
        open_practice(postgres_stage) as two,
        open_practice(postgres_stage) as three,
        open_practice(postgres_stage) as four,
        open_practice(postgres_stage) as five,
    ):
        practices = (one, two, three, four, five)
        for practice in practices:
            await practice.strike("drop", rate=0.3, when="after")
            await practice.strike("delay", rate=0.5, when="after", seconds=0.3)
        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                practice = practices[number % CALENDARS]
                group.create_task(call(practice, practice.booking(number // CALENDARS), dice.randint(0, 2)))
        await one.at_calcom("DELETE", "/faults")

        assert all(heard.succeeded for heard in final)
        assert len(final) == calls
        for practice in practices:
            await practice.verify(patience=PATIENCE)
