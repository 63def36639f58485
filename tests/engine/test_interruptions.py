"""A server that is ended in the middle of a booking, a caller who hangs up, and the start after that."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.engine.practice import Practice, open_practice
from tests.engine.stage import Stage

SESSION = "call-1234-abcdef"


@pytest.fixture
def mortal_stage(stage: Stage) -> Iterator[Stage]:
    """A stage whose first server may be ended; it is started again afterwards."""
    yield stage
    if stage.servers[0].has_ended:
        stage.servers[0].start()


@pytest.fixture
async def mortal_practice(mortal_stage: Stage) -> AsyncIterator[Practice[Stage]]:
    """A practice whose server may be ended."""
    async with open_practice(mortal_stage) as founded:
        yield founded


async def arrived(practice: Practice[Stage], method: str = "POST", path: str = "/v2/bookings", count: int = 1) -> None:
    """Wait for a request of the practice to reach Cal.com."""
    while len(await practice.requests(method, path)) < count:  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_server_that_is_killed_while_it_books_leaves_nothing_unsettled(
    mortal_practice: Practice[Stage], when: str
) -> None:
    practice, server = mortal_practice, mortal_practice.stage.servers[0]
    jane = practice.booking()
    await practice.strike("drop" if when == "before" else "delay", when=when, seconds=3)

    asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION))
    await arrived(practice)
    server.kill()
    unheard = await asking
    server.start()
    final = await practice.insist(jane, call_session_id=SESSION, deadline_ms=1500)

    assert unheard.status is None
    assert final.succeeded
    assert len(await practice.requests()) == (2 if when == "before" else 1)
    await practice.verify()


async def test_a_server_that_is_asked_to_end_finishes_what_it_has_begun(mortal_practice: Practice[Stage]) -> None:
    practice, server = mortal_practice, mortal_practice.stage.servers[0]
    jane = practice.booking()
    await practice.strike("delay", when="after", seconds=2)

    asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION))
    await arrived(practice)
    server.terminate()
    heard = await asking
    code = await asyncio.to_thread(server.wait)
    server.start()
    again = await practice.ask(jane, call_session_id=SESSION)

    assert heard.succeeded, heard
    assert code in {0, -signal.SIGTERM}
    assert (again.uid, again.replayed) == (heard.uid, True)
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_a_caller_who_hangs_up_has_the_booking_all_the_same(practice: Practice[Stage]) -> None:
    jane = practice.booking()
    await practice.strike("delay", when="after", seconds=1)

    unheard = await practice.ask(jane, call_session_id=SESSION, gives_up=0.4)
    again = await practice.insist(jane, call_session_id=SESSION)

    assert unheard.status is None
    assert again.succeeded
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_callers_who_hang_up_at_any_moment_leave_nothing_behind(practice: Practice[Stage]) -> None:
    wishes = [practice.booking(slot) for slot in range(20)]

    await asyncio.gather(*(practice.ask(wish, gives_up=0.005 * n) for n, wish in enumerate(wishes)))
    final = [await practice.insist(wish, aging=False) for wish in wishes]

    assert all(one.succeeded for one in final)
    assert len(await practice.requests()) == 20
    await practice.verify()


async def test_the_other_server_takes_over(group_practice: Practice[Stage]) -> None:
    practice, (first, second) = group_practice, group_practice.stage.servers
    jane = practice.booking()
    await practice.strike("delay", when="after", seconds=2)

    asking = asyncio.create_task(practice.ask(jane, call_session_id=SESSION))
    await arrived(practice)
    again = asyncio.create_task(practice.insist(jane, call_session_id=SESSION, server=1, deadline_ms=1500))
    first.kill()
    try:
        assert (await asking).status is None
        assert (await again).succeeded
    finally:
        first.start()

    assert second.answers(f"{second.url}/health/ready") == httpx.codes.OK
    assert len(await practice.requests()) == 1
    await practice.verify()


async def test_two_servers_give_one_answer(group_practice: Practice[Stage]) -> None:
    jane = group_practice.booking()

    heard = [await group_practice.ask(jane, call_session_id=SESSION, server=n % 2) for n in range(4)]

    assert {one.uid for one in heard} == {heard[0].uid}
    assert [one.replayed for one in heard] == [False, True, True, True]
    await group_practice.verify()


async def test_what_cannot_reach_cal_com_at_all_is_not_sent_and_not_unknown(sqlite_url: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, sqlite_url)
    stage.sandbox.give("--state-file", str(tmp_path / "sandbox.json"))
    with stage.open():
        async with open_practice(stage) as practice:
            jane = practice.booking()
            assert (await practice.ask(practice.booking(1))).succeeded
            stage.sandbox.kill()

            refused = await practice.ask(jane, call_session_id=SESSION)
            stage.sandbox.start()
            booked = await practice.ask(jane, call_session_id=SESSION)

            assert (refused.status, refused.code) == (502, "CALCOM_API_ERROR")
            assert booked.succeeded
            await practice.verify()
