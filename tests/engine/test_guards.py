"""What a mutation check found unguarded: each test here fails if one line of the engine is broken."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.engine.history import Book, Exchange, Move
from tests.engine.indoors import Indoors, open_indoors
from tests.engine.practice import Practice, open_practice

SESSION = "call-9753-abcdef"


@pytest.fixture
async def practice(sqlite_url: str) -> AsyncIterator[Practice[Indoors]]:
    """A practice in process, where the settle time is two minutes."""
    async with open_indoors(sqlite_url) as scene, open_practice(scene) as founded:
        yield founded


async def test_looks_in_vain_tell_nothing_before_the_settle_time_is_over(practice: Practice[Indoors]) -> None:
    jane = practice.booking()
    await practice.strike("drop", when="before")

    heard = [await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000)]
    for _ in range(3):
        await practice.stage.advance(timedelta(seconds=30))
        heard.append(await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000))

    assert {one.asks for one in heard} == {"verify"}
    assert len(await practice.requests()) == 1


async def booked(practice: Practice[Indoors]) -> tuple[Book, str]:
    """Have an appointment made; return the wish and the uid."""
    jane = practice.booking()
    return jane, (await practice.ask(jane)).uid


async def moving(practice: Practice[Indoors], move: Move, uid: str) -> asyncio.Task[Exchange]:
    """Have a move under way that Cal.com has heard of and takes its time to make."""
    path = f"/v2/bookings/{uid}/reschedule"
    await practice.strike("delay", path=path, when="before", seconds=1)
    asking = asyncio.create_task(practice.ask(move, uid))
    while not await practice.requests(path=path):  # noqa: ASYNC110 - another task makes it
        await asyncio.sleep(0.01)
    return asking


async def test_of_two_moves_at_once_the_second_is_not_called_done(practice: Practice[Indoors]) -> None:
    jane, uid = await booked(practice)
    first = await moving(practice, practice.move(jane, 4), uid)

    second = await practice.ask(practice.move(jane, 6), uid)

    assert (await first).succeeded
    assert (second.status, second.code) == (409, "CONFLICT")
    assert len(await practice.requests(path=f"/v2/bookings/{uid}/reschedule")) == 1
    await practice.verify()


async def test_a_cancellation_waits_for_a_move_that_is_under_way(practice: Practice[Indoors]) -> None:
    jane, uid = await booked(practice)
    move = await moving(practice, practice.move(jane, 4), uid)

    cancel = await practice.ask(practice.cancel(jane), uid)

    assert (await move).succeeded
    assert (cancel.status, cancel.code) == (409, "CONFLICT")
    assert await practice.requests(path=f"/v2/bookings/{uid}/cancel") == []
    await practice.verify()
