"""Clocks: those of the processes jump, and what is remembered for a while is forgotten in time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.engine.indoors import Indoors, open_indoors
from tests.engine.practice import Practice, open_practice

SESSION = "call-2468-abcdef"


@pytest.fixture
async def indoors(database_url: str) -> AsyncIterator[Indoors]:
    """A scene in process, on each kind of database."""
    async with open_indoors(database_url) as scene:
        yield scene


@pytest.fixture
async def practice(indoors: Indoors) -> AsyncIterator[Practice[Indoors]]:
    """A practice there; its slots are far enough ahead."""
    async with open_practice(indoors) as founded:
        founded.first_slot += timedelta(days=5)
        yield founded


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
async def test_a_clock_that_jumps_makes_no_new_wish_of_a_repeat(
    indoors: Indoors, practice: Practice[Indoors], hours: int
) -> None:
    jane = practice.booking()
    booked = await practice.ask(jane, call_session_id=SESSION)
    indoors.jump(timedelta(hours=hours))

    again = await practice.ask(jane, call_session_id=SESSION)

    assert (again.uid, again.replayed) == (booked.uid, True)
    assert len(await practice.requests()) == 1


@pytest.mark.parametrize("hours", [-30, 30])
async def test_a_clock_that_jumps_makes_nothing_certain(
    indoors: Indoors, practice: Practice[Indoors], hours: int
) -> None:
    jane = practice.booking()
    await practice.strike("drop", when="before")
    unknown = await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000)
    indoors.jump(timedelta(hours=hours))

    again = await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000)

    assert (unknown.asks, again.asks) == ("verify", "verify")
    assert len(await practice.requests()) == 1


async def test_what_was_cancelled_a_while_ago_is_simply_booked_again(
    indoors: Indoors, practice: Practice[Indoors]
) -> None:
    jane = practice.booking()
    once_more = practice.wish(replace(jane, name="once more"))
    booked = await practice.ask(jane, call_session_id=SESSION)
    await practice.ask(practice.cancel(jane), booked.uid)
    await indoors.advance(timedelta(minutes=9))
    asked = await practice.ask(jane, call_session_id=SESSION)
    await indoors.advance(timedelta(minutes=2))

    again = await practice.ask(once_more, call_session_id=SESSION, name=jane.name)

    assert asked.asks == "confirm_rebook"
    assert again.succeeded
    assert again.uid != booked.uid
    await practice.verify()


@pytest.mark.parametrize(("session", "key"), [(SESSION, ""), ("", ""), ("", "a key of a client")])
async def test_what_names_a_wish_names_another_one_in_the_end(
    indoors: Indoors, practice: Practice[Indoors], session: str, key: str
) -> None:
    jane = practice.booking()
    later = practice.wish(replace(jane, name="later"))
    line = {"call_session_id": session, "idempotency_key": key, "name": jane.name}
    booked = await practice.ask(jane, **line)  # type: ignore[arg-type] # fields of the body
    await practice.ask(practice.cancel(jane), booked.uid)
    await indoors.advance(timedelta(days=7, minutes=1) if key else timedelta(days=1, minutes=1))
    later = replace(later, start=practice.slot(0))

    again = await practice.ask(later, **line, appointment_datetime=(jane.start).isoformat())  # type: ignore[arg-type] # the same

    assert again.succeeded or key
    assert not again.replayed
