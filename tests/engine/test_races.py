"""Many callers at the same instant, on PostgreSQL, through two servers."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage

CROWD = 50
PATIENCE = timedelta(seconds=30)  # two cores play all callers, both servers, Cal.com and the database
SHORT_AND_LONG = [pytest.param(True, id="short"), pytest.param(False, id="long", marks=pytest.mark.long)]


@pytest.mark.parametrize("short", SHORT_AND_LONG)
async def test_identical_requests_are_one_booking_a_round(group_practice: Practice[Stage], *, short: bool) -> None:
    for number in range(2 if short else 20):
        jane = group_practice.booking(number)
        heard = await asyncio.gather(
            *(
                group_practice.ask(jane, server=n % 2, call_session_id=f"call-{number:08}", deadline_ms=20_000)
                for n in range(CROWD)
            )
        )

        assert {one.status or one.failure for one in heard} == {200}
        assert len({str(one.body) for one in heard}) == 1
        assert len(await group_practice.requests()) == number + 1
    await group_practice.verify(patience=PATIENCE)


@pytest.mark.parametrize("short", SHORT_AND_LONG)
async def test_one_of_many_callers_wins_a_slot_and_all_others_hear_what_is_open(
    group_practice: Practice[Stage], *, short: bool
) -> None:
    for number in range(2 if short else 20):
        callers = [group_practice.booking(number) for _ in range(CROWD)]
        await group_practice.strike("delay", when="after", seconds=3)  # so that all come while the first is under way
        heard = await asyncio.gather(
            *(group_practice.ask(one, server=n % 2, deadline_ms=20_000) for n, one in enumerate(callers))
        )

        assert Counter(one.status or one.failure for one in heard) == {200: 1, 422: CROWD - 1}
        assert all(one.offered for one in heard if one.refused)
        assert len(await group_practice.requests()) == number + 1
    await group_practice.verify(patience=PATIENCE)


@pytest.mark.parametrize("short", SHORT_AND_LONG)
async def test_of_a_move_and_a_cancellation_at_once_both_are_told_the_truth(
    postgres_stage: Stage, *, short: bool
) -> None:
    async with open_practice(postgres_stage) as practice:
        for number in range(5 if short else 50):
            jane = practice.booking(2 * number)
            uid = (await practice.ask(jane)).uid
            move, cancel = practice.move(jane, 2 * number + 1), practice.cancel(jane)
            asking = [practice.ask(move, uid, server=0), practice.ask(cancel, uid, server=1)]
            heard = await asyncio.gather(*(asking if number % 2 else asking[::-1]))

            assert all(one.succeeded or one.refused or one.asks == "verify" for one in heard), heard
            assert any(one.succeeded for one in heard)
        await practice.verify(patience=PATIENCE)
