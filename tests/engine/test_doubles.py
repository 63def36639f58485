"""Cal.com commits minutes late, when it was certain that it had not: the double is found, and one of them goes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.engine.history import Json
from tests.engine.indoors import Indoors, open_indoors
from tests.engine.practice import Practice, open_practice

SESSION = "call-1357-abcdef"


@pytest.fixture
async def practice(database_url: str) -> AsyncIterator[Practice[Indoors]]:
    """A practice in process, on each kind of database."""
    async with open_indoors(database_url) as scene, open_practice(scene) as founded:
        yield founded


async def commit(practice: Practice[Indoors], post: Json) -> str:
    """Have Cal.com carry out a request that it had lost; return the uid."""
    headers = {"Authorization": f"Bearer {practice.calcom_key}", "cal-api-version": "2024-08-13"}
    made = await practice.http.post(f"{practice.stage.sandbox.url}/v2/bookings", json=post["body"], headers=headers)
    assert made.is_success, made.text
    return str(made.json()["data"]["uid"])


async def test_a_booking_that_was_given_up_and_comes_after_all_is_the_callers(practice: Practice[Indoors]) -> None:
    jane = practice.booking()
    await practice.strike("drop", when="before")
    await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000)
    for _ in range(8):
        await practice.stage.advance(timedelta(minutes=3))
    (lost,) = await practice.requests()
    uid = await commit(practice, lost)

    await practice.stage.poll()
    heard = await practice.ask(jane, call_session_id=SESSION)

    assert (heard.status, heard.uid) == (200, uid)
    await practice.verify()


async def test_of_two_bookings_of_one_wish_the_one_that_was_told_stays(practice: Practice[Indoors]) -> None:
    jane = practice.booking()
    await practice.strike("drop", when="before")
    await practice.ask(jane, call_session_id=SESSION, deadline_ms=1000)
    booked = await practice.insist(jane, call_session_id=SESSION)
    moved = await practice.ask(practice.move(jane, 4), booked.uid, call_session_id=SESSION)
    lost, _ = await practice.requests()
    double = await commit(practice, lost)  # the old time is free again

    await practice.stage.poll()

    standing = {one.uid for one in (await practice.history()).bookings if one.stands}
    assert double not in standing
    assert standing == {moved.uid}
    await practice.verify(repairs=True)
