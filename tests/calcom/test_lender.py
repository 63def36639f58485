"""Budgets lease together: who waits for whom, and what becomes of those that were settled together."""

import asyncio
from itertools import count

import pytest
from structlog.testing import capture_logs
from tests.calcom.answers import BASE_URL
from tests.calcom.shared_books import SharedBooks

from calbridge.calcom import lender as lenders
from calbridge.calcom.batches import Batches
from calbridge.calcom.governor import Governor
from calbridge.calcom.lender import GATHER_SECONDS, TOGETHER, Copy, Lender, Loan
from calbridge.domain.agents import Access
from calbridge.domain.permits import VALIDITY, Application, Pace

PACE = Pace(100, 100)
A_LONG_TIME = 60.0
IDS = count()


@pytest.fixture
async def shared() -> SharedBooks:
    return SharedBooks()


@pytest.fixture
def lender(shared: SharedBooks) -> Lender:
    return Lender(PACE, shared.settle)


@pytest.fixture
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have those who can wait gather for longer than a test lasts."""
    monkeypatch.setattr(lenders, "GATHER_SECONDS", A_LONG_TIME)


def lend(lender: Lender, budget: bytes, *, waiting: int = 0) -> asyncio.Task[Loan]:
    """Have a budget apply for as many permits as calls are waiting."""
    application = Application(f"lease {next(IDS)}", urgent=waiting)
    return asyncio.create_task(lender.lend(budget, Copy(), lambda: application, at_once=bool(waiting)))


def names(number: int) -> list[bytes]:
    """Make names of budgets."""
    return [bytes([each]) for each in range(number)]


async def soon(*loans: asyncio.Task[Loan]) -> list[Loan]:
    """Wait for loans that ought to be there before long."""
    async with asyncio.timeout(10):
        return await asyncio.gather(*loans)


async def call(governor: Governor, key: str, status: int = 200) -> None:
    """Make a call that is over at once, and that Cal.com answers like this."""
    until = asyncio.get_running_loop().time() + 10
    async with governor.turn(Access(BASE_URL, key), urgent=True, until=until) as turn:
        turn.heed(status, {"X-RateLimit-Reset-Default": "40"})


async def test_budgets_that_can_wait_go_together_before_long(lender: Lender, shared: SharedBooks) -> None:
    loans = await soon(*(lend(lender, name) for name in names(10)))

    assert shared.asked == [set(names(10))]
    assert all(loan.shared for loan in loans)


@pytest.mark.usefixtures("_slowly")
async def test_one_that_cannot_wait_takes_the_others_along(lender: Lender, shared: SharedBooks) -> None:
    patient = [lend(lender, name) for name in names(3)]
    await asyncio.sleep(0.01)
    assert not shared.asked

    *_, loan = await soon(*patient, lend(lender, b"hurried", waiting=2))

    assert shared.asked == [{*names(3), b"hurried"}]
    assert loan.grant.anyone == 2


@pytest.mark.usefixtures("_slowly")
async def test_one_that_can_wait_no_longer_takes_them_along_too(lender: Lender, shared: SharedBooks) -> None:
    patient = [lend(lender, name) for name in names(3)]
    await asyncio.sleep(0)
    lender.hurry(b"a stranger")
    await asyncio.sleep(0.01)
    assert not shared.asked

    lender.hurry(names(3)[1])
    await soon(*patient)

    assert shared.asked == [set(names(3))]


@pytest.mark.usefixtures("_slowly")
async def test_a_full_group_waits_for_nobody_and_none_is_larger(lender: Lender, shared: SharedBooks) -> None:
    await soon(*(lend(lender, name) for name in names(2 * TOGETHER)))

    assert [len(asked) for asked in shared.asked] == [TOGETHER, TOGETHER]


async def test_who_is_overtaken_goes_again_and_nobody_waits_for_them(lender: Lender, shared: SharedBooks) -> None:
    shared.overtaken, shared.delay = {b"loser"}, 0.05
    loser, winner = lend(lender, b"loser", waiting=1), lend(lender, b"winner", waiting=1)

    await soon(winner)

    assert not loser.done()
    assert (await soon(loser))[0].grant.anyone == 1
    assert shared.asked == [{b"loser", b"winner"}, {b"loser"}]


async def test_a_permit_of_one_that_was_overtaken_is_as_old_as_its_lease(lender: Lender, shared: SharedBooks) -> None:
    shared.overtaken, shared.delay = {b"loser"}, 0.1
    began = asyncio.get_running_loop().time()

    loser, winner = await soon(lend(lender, b"loser", waiting=1), lend(lender, b"winner", waiting=1))

    assert winner.began - began < 0.1 <= loser.began - began


async def test_a_failure_is_one_for_all_who_went_together(lender: Lender, shared: SharedBooks) -> None:
    shared.fault = RuntimeError("no such table")

    with capture_logs() as logs:
        loans = await soon(*(lend(lender, name, waiting=1) for name in names(5)))
        later = await soon(lend(lender, b"later", waiting=1))

    assert not any(loan.shared or loan.grant.anyone for loan in (*loans, *later))
    assert [entry["event"] for entry in logs] == ["rate_budgets_not_shared"]
    assert shared.asked == [set(names(5))]


async def test_a_failure_takes_nothing_from_those_who_were_settled_before(lender: Lender, shared: SharedBooks) -> None:
    shared.overtaken, shared.delay = {b"loser"}, 0.05
    loser, winner = lend(lender, b"loser", waiting=1), lend(lender, b"winner", waiting=1)
    assert (await soon(winner))[0].shared

    shared.fault = RuntimeError("no such table")

    assert not (await soon(loser))[0].shared


async def test_a_slow_group_holds_up_no_other(lender: Lender, shared: SharedBooks) -> None:
    shared.delay = 0.5
    slow = lend(lender, b"slow", waiting=1)
    await asyncio.sleep(0.01)
    shared.delay = 0.0

    await soon(lend(lender, b"swift", waiting=1))

    assert not slow.done()
    assert (await soon(slow))[0].shared


async def test_who_finds_no_room_goes_with_all_the_others_when_there_is(
    lender: Lender, shared: SharedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lenders, "AT_ONCE", 1)
    shared.delay = 0.05
    loans = []
    for name in names(6):
        loans.append(lend(lender, name, waiting=1))
        await asyncio.sleep(0.002)

    await soon(*loans)

    assert shared.asked == [set(names(1)), set(names(6)[1:])]


@pytest.mark.usefixtures("_slowly")
async def test_a_budget_is_in_a_group_once(lender: Lender, shared: SharedBooks) -> None:
    one, other = lend(lender, b"twice"), lend(lender, b"twice", waiting=1)
    await asyncio.sleep(0)
    lender.hurry(b"twice")

    assert [loan.grant.anyone for loan in await soon(one, other)] == [0, 1]
    assert shared.asked == [{b"twice"}, {b"twice"}]


async def test_who_gives_up_takes_nothing_from_the_others(lender: Lender, shared: SharedBooks) -> None:
    shared.delay = 0.05
    gone, patient = lend(lender, b"gone", waiting=1), lend(lender, b"patient", waiting=1)
    await asyncio.sleep(0.01)
    gone.cancel()

    assert (await soon(patient))[0].grant.anyone == 1
    assert gone.cancelled()


@pytest.mark.usefixtures("_slowly")
async def test_a_call_does_not_wait_until_others_have_gathered(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    await call(governor, "one")
    await call(governor, "one")
    await asyncio.sleep(0.01)
    assert not shared.asked

    async with asyncio.timeout(5):
        await call(governor, "one")  # a third is not given on credit


@pytest.mark.usefixtures("_slowly")
async def test_nor_does_a_pause_that_others_are_to_hear_of(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    await call(governor, "one", 429)
    await asyncio.sleep(0.01)

    assert [application.pause > 30 for application in shared.applications] == [True]


@pytest.mark.usefixtures("_slowly")
async def test_at_the_end_all_is_told_in_one_go(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    for number in range(20):
        await call(governor, f"cal_{number}")

    async with asyncio.timeout(5):
        await governor.close()

    assert shared.starts == 20
    assert [len(asked) for asked in shared.asked] == [20]


@pytest.mark.usefixtures("_slowly")
async def test_nor_does_anything_wait_that_is_given_back_then(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    await asyncio.gather(*(call(governor, "one") for _ in range(3)))  # the third brings some in reserve
    assert shared.starts > 3

    async with asyncio.timeout(5):
        await governor.close()

    assert shared.starts == 3


async def test_what_was_granted_when_nobody_waited_for_it_any_more_is_given_back(
    shared: SharedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lenders, "SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(lenders, "AWAY_SECONDS", 0.2)
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    shared.delay = 0.1
    calls = [asyncio.create_task(call(governor, "one")) for _ in range(3)]
    await asyncio.sleep(0.15)
    assert shared.starts > 0  # so late that it is not known here
    shared.delay = 0.0

    await asyncio.gather(*calls)
    await governor.close()

    assert shared.starts == 3


def test_credit_is_told_of_in_time_though_it_waits_for_others() -> None:
    batches = Batches()
    batches.told((), 0.0)
    batches.owe(10.0)

    assert batches.tell_at is not None
    assert 10.0 < batches.tell_at + GATHER_SECONDS <= 10.0 + VALIDITY
