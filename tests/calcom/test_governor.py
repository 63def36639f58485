"""Whose turn it is: permits, places, pauses, and a shared book that is away."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest
import respx
from structlog.testing import capture_logs
from tests.calcom.answers import BASE_URL, KEY, RATE_LIMIT, throttled
from tests.calcom.shared_books import SharedBooks

from calbridge.calcom import budget as budgets
from calbridge.calcom import lender
from calbridge.calcom.batches import Batch
from calbridge.calcom.budget import PLACES
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import HeldBackError, NotSentError
from calbridge.calcom.governor import Governor
from calbridge.domain.agents import Access
from calbridge.domain.errors import UnavailableError
from calbridge.domain.permits import Pace

ACCESS = Access(BASE_URL, KEY)
ROOMY = Pace.of(10_000)
ME = {"id": 1, "email": "owner@clinic.example", "name": "Demo Clinic", "username": "demo", "timeZone": "Europe/London"}


def soon(seconds: float = 20) -> float:
    """A moment on the loop's clock."""
    return asyncio.get_running_loop().time() + seconds


async def call(governor: Governor, *, urgent: bool = False, seconds: float = 20, access: Access = ACCESS) -> None:
    """Make a call that is over at once."""
    async with governor.turn(access, urgent=urgent, until=soon(seconds)):
        pass


async def hold(governor: Governor, release: asyncio.Event, *, urgent: bool = False) -> None:
    """Make a call that hangs."""
    async with governor.turn(ACCESS, urgent=urgent, until=soon()):
        await release.wait()


async def until(condition: Callable[[], bool]) -> None:
    """Let the others go on until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the product announces none of it
            await asyncio.sleep(0.005)


@pytest.fixture
async def shared() -> SharedBooks:
    return SharedBooks()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordinary calls that wait for a tenth of a second."""
    monkeypatch.setattr(budgets, "PATIENCE", 0.1)


async def test_most_calls_need_no_lease_of_their_own(shared: SharedBooks) -> None:
    governor = Governor(b"secret", ROOMY, settle=shared.settle)
    for _ in range(60):
        await call(governor)
    assert len(shared.applications) < 15
    for _ in range(20):
        await call(governor, urgent=True)
    assert len(shared.applications) < 20


@pytest.mark.usefixtures("_impatient")
async def test_an_ordinary_call_without_a_permit_waits_and_is_refused() -> None:
    waits: list[tuple[float, bool]] = []
    refusals: list[tuple[float, bool]] = []
    governor = Governor(
        b"secret",
        Pace(5, 5),
        observe_wait=lambda *seen: waits.append(seen),
        observe_refusal=lambda *seen: refusals.append(seen),
    )
    for _ in range(4):
        await call(governor)
    with pytest.raises(HeldBackError) as caught:
        await call(governor)
    assert 55 < caught.value.retry_after <= 60
    assert [urgent for _, urgent in waits] == [False] * 4
    assert [urgent for _, urgent in refusals] == [False]
    assert refusals[0][0] >= 0.1
    await call(governor, urgent=True)  # of a fifth, nothing was taken


@pytest.mark.usefixtures("_impatient")
async def test_nor_beyond_its_deadline() -> None:
    governor = Governor(b"secret", Pace(1, 1))
    await call(governor)
    began = soon(0)
    for urgent in (False, True):
        with pytest.raises(HeldBackError):
            await call(governor, urgent=urgent, seconds=0.05)
    assert soon(0) - began < 5


async def test_urgent_calls_wait_longer_and_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "PATIENCE", 0.3)
    governor = Governor(b"secret", Pace(1000, 3))  # a second brings two, and one for urgent calls alone
    order: list[str] = []

    async def noted(name: str, *, urgent: bool) -> None:
        with suppress(HeldBackError):
            await call(governor, urgent=urgent)
            order.append(name)

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(noted(f"read {number}", urgent=False))
            await asyncio.sleep(0)
        for number in range(4):
            group.create_task(noted(f"write {number}", urgent=True))
            await asyncio.sleep(0)
    assert order == ["read 0", "read 1", "write 0", "write 1", "write 2", "write 3"]


async def test_no_more_than_ten_start_in_a_second() -> None:
    governor = Governor(b"secret", Pace.of(100))
    starts: list[float] = []

    async def noted(*, urgent: bool) -> None:
        await call(governor, urgent=urgent)
        starts.append(soon(0))

    async with asyncio.TaskGroup() as group:
        for number in range(15):
            group.create_task(noted(urgent=number % 3 == 0))
    starts.sort()
    assert starts[10] - starts[0] > 0.9
    assert starts[-1] - starts[0] < 5


async def test_keys_do_not_hold_each_other_up(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace(1, 1), settle=shared.settle)
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(call(governor, access=Access(BASE_URL, f"cal_{number}"), seconds=5))
            group.create_task(call(governor, access=Access(f"https://{number}.example", KEY), seconds=5))
    await until(lambda: len(shared.books) == 200)


async def test_a_budget_is_told_by_address_and_key_and_shows_neither(shared: SharedBooks) -> None:
    for secret in (b"one", b"two"):
        governor = Governor(secret, ROOMY, settle=shared.settle)
        await call(governor)
        await call(governor, access=Access(BASE_URL + "/", KEY, "2026-02-25"))
        await governor.close()
    assert len(shared.books) == 2
    assert all(KEY.encode() not in name and len(name) == 32 for name in shared.books)


@pytest.mark.usefixtures("_impatient")
async def test_a_calcom_that_hangs_takes_twenty_places_and_no_more() -> None:
    governor, release = Governor(b"secret", ROOMY), asyncio.Event()
    hanging = [asyncio.create_task(hold(governor, release)) for _ in range(PLACES)]
    await asyncio.sleep(0.01)
    began = soon(0)
    for urgent in (False, True):
        with pytest.raises(NotSentError):
            await call(governor, urgent=urgent, seconds=0.25)
    assert soon(0) - began >= 0.5  # ordinary calls too: it is no permit that they lack
    await call(governor, access=Access(BASE_URL, "cal_other"))

    order: list[str] = []

    async def noted(name: str, *, urgent: bool) -> None:
        async with governor.turn(ACCESS, urgent=urgent, until=soon()):
            order.append(name)

    waiting = [
        asyncio.create_task(noted("read", urgent=False)),
        asyncio.create_task(noted("write", urgent=True)),
    ]
    await asyncio.sleep(0.2)
    assert not order
    release.set()
    await asyncio.gather(*hanging, *waiting)
    assert order == ["write", "read"]


async def test_whoever_gives_up_takes_no_place_and_no_permit_along(shared: SharedBooks) -> None:
    governor, release = Governor(b"secret", ROOMY, settle=shared.settle), asyncio.Event()
    hanging = [asyncio.create_task(hold(governor, release)) for _ in range(PLACES)]
    await until(lambda: shared.starts >= PLACES)
    given_up = [asyncio.create_task(call(governor, urgent=number % 2 == 0)) for number in range(30)]
    await asyncio.sleep(0.02)
    last = asyncio.create_task(call(governor))
    await asyncio.sleep(0)
    for task in given_up[:15]:
        task.cancel()
    release.set()  # the others are given a turn, and are cancelled before they can take it
    await asyncio.gather(*hanging)
    for task in given_up[15:]:
        task.cancel()
    await last
    await asyncio.gather(*given_up, return_exceptions=True)
    async with asyncio.TaskGroup() as group:
        for _ in range(PLACES):
            group.create_task(call(governor, seconds=1))


async def test_a_turn_that_is_given_and_cancelled_at_once_goes_to_the_next() -> None:
    governor = Governor(b"secret", Pace(1, 1))
    first = asyncio.create_task(call(governor, urgent=True))
    second = asyncio.create_task(call(governor, urgent=True))
    await asyncio.sleep(0)  # both wait, and the lease is under way
    await asyncio.sleep(0)  # it has come: the first has its turn, and does not know yet
    first.cancel()
    await second
    assert first.cancelled()


async def test_unused_permits_are_given_back(shared: SharedBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "VALIDITY", 0.1)
    governor = Governor(b"secret", Pace(100, 20), settle=shared.settle)
    async with asyncio.TaskGroup() as group:
        for _ in range(5):  # four on credit
            group.create_task(call(governor))
    assert shared.starts == 8
    await until(lambda: shared.starts == 5)
    assert len(shared.applications) == 2


async def test_also_at_the_end(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    await call(governor)
    await governor.close()
    assert shared.starts == 1


async def test_no_call_waits_for_the_shared_book_that_comes_after_a_while(shared: SharedBooks) -> None:
    waits: list[float] = []
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle, observe_wait=lambda wait, _: waits.append(wait))
    shared.delay = 0.1
    for _ in range(6):
        await call(governor)
        await asyncio.sleep(0.7)
    assert max(waits) < 0.1
    assert shared.starts >= 5
    await governor.close()
    assert sum(application.spare for application in shared.applications) <= 6
    assert shared.starts == 6  # all know of all of them


async def test_a_single_call_takes_no_permits_in_reserve(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    await call(governor)
    await until(lambda: shared.starts > 0)
    assert shared.starts == 1


async def test_on_credit_two_calls_go_at_once_and_the_third_waits_for_its_lease(shared: SharedBooks) -> None:
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    shared.delay = 0.2
    began, ended = soon(0), []

    async def timed() -> None:
        await call(governor)
        ended.append(soon(0) - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(timed())
    assert [wait > 0.15 for wait in ended] == [False, False, True]


@pytest.mark.usefixtures("_impatient")
async def test_nobody_is_refused_because_others_lease_first(
    shared: SharedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lender, "AT_ONCE", 1)
    governor = Governor(b"secret", Pace.of(100), settle=shared.settle)
    shared.delay = 0.05
    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(call(governor, access=Access(BASE_URL, f"cal_{number % 20}")))


async def test_two_processes_share_a_key(shared: SharedBooks) -> None:
    both = [Governor(b"secret", Pace(50, 50), settle=shared.settle) for _ in range(2)]
    made = 0

    async def tried(governor: Governor, *, urgent: bool) -> None:
        nonlocal made
        with suppress(HeldBackError):
            await call(governor, urgent=urgent, seconds=0.3)
            made += 1

    async with asyncio.TaskGroup() as group:
        for number in range(120):
            group.create_task(tried(both[number % 2], urgent=number % 4 < 2))
    assert 40 <= made <= 50 + 2 * (50 // 4)  # of each, a fourth may be credit


async def test_a_refusal_of_calcoms_stops_all_processes(shared: SharedBooks) -> None:
    first, second = (Governor(b"secret", ROOMY, settle=shared.settle) for _ in range(2))
    with capture_logs() as logs:
        async with first.turn(ACCESS, urgent=False, until=soon()) as turn:
            turn.heed(429, {"X-RateLimit-Reset-Default": "40"})
    await until(lambda: any(application.pause for application in shared.applications))
    told = len(shared.applications)
    await call(second)  # it does not know yet
    await until(lambda: len(shared.applications) > told)
    began = soon(0)
    for governor in (first, second):
        for urgent in (False, True):
            with pytest.raises(HeldBackError) as caught:
                await call(governor, urgent=urgent)
            assert 30 < caught.value.retry_after <= 40
    assert soon(0) - began < 1.5  # nobody waits for what will not come
    assert [(entry["event"], entry["seconds"]) for entry in logs] == [("calcom_rate_limit_used_up", 40)]
    assert KEY not in str(logs)


@pytest.mark.parametrize("at_the_end", [True, False])
async def test_a_refusal_is_told_when_the_shared_book_is_back(
    shared: SharedBooks, monkeypatch: pytest.MonkeyPatch, *, at_the_end: bool
) -> None:
    monkeypatch.setattr(lender, "AWAY_SECONDS", 0.1)
    governor = Governor(b"secret", ROOMY, settle=shared.settle)
    async with governor.turn(ACCESS, urgent=False, until=soon()) as turn:
        await until(lambda: bool(shared.applications))  # the call is told: only the pause is left to tell
        await asyncio.sleep(0.1)
        shared.fault = UnavailableError()
        turn.heed(429, {"X-RateLimit-Reset-Default": "40"})
    await asyncio.sleep(0.3)
    assert not any(application.pause for application in shared.applications)

    shared.fault = None
    if at_the_end:
        await governor.close()
    await until(lambda: any(application.pause > 30 for application in shared.applications))
    await asyncio.sleep(0.3)
    assert sum(application.pause > 0 for application in shared.applications) == 1


async def test_who_can_wait_for_the_end_of_the_pause_does() -> None:
    governor = Governor(b"secret", ROOMY)
    async with governor.turn(ACCESS, urgent=False, until=soon()) as turn:
        turn.heed(429, {"X-RateLimit-Reset-Default": "0"})  # the shortest: a second
    began = soon(0)
    await call(governor)
    assert 0.9 < soon(0) - began < 5


@pytest.mark.usefixtures("_impatient")
async def test_the_limit_is_learnt_and_kept_to(shared: SharedBooks) -> None:
    first, second = (Governor(b"secret", ROOMY, settle=shared.settle) for _ in range(2))
    async with first.turn(ACCESS, urgent=True, until=soon()) as turn:
        turn.heed(200, {"X-RateLimit-Limit-Default": "10", "X-RateLimit-Remaining-Default": "9"})
    await first.close()
    await call(second)  # it does not know yet
    await until(lambda: shared.starts > 1)
    for _ in range(6):
        await call(second)
    with pytest.raises(HeldBackError):
        await call(second)


async def test_a_budget_that_others_have_used_up_is_left_alone() -> None:
    governor = Governor(b"secret", ROOMY)
    headers = {"X-RateLimit-Limit-Default": "120", "X-RateLimit-Remaining-Default": "0"}
    async with governor.turn(ACCESS, urgent=True, until=soon()) as turn:
        turn.heed(200, headers | {"X-RateLimit-Reset-Default": "12"})
    with pytest.raises(HeldBackError) as caught:
        await call(governor, urgent=True, seconds=1)
    assert 10 < caught.value.retry_after <= 12


@pytest.mark.parametrize("fault", [UnavailableError(), RuntimeError("no such table")])
@pytest.mark.usefixtures("_impatient")
async def test_without_the_shared_book_a_process_keeps_to_its_part(
    shared: SharedBooks, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(lender, "AWAY_SECONDS", 0.3)
    shared.fault = fault
    governor = Governor(b"secret", Pace(40, 40), settle=shared.settle)
    with capture_logs() as logs:
        for _ in range(8):  # of the 32 of ordinary calls, a fourth
            await call(governor)
        with pytest.raises(HeldBackError):
            await call(governor)
        await call(governor, urgent=True)
        assert [entry["event"] for entry in logs] == ["rate_budgets_not_shared"]
        shared.fault = None
        await asyncio.sleep(0.3)
        await call(governor)
        assert [entry["event"] for entry in logs][1:] == ["rate_budgets_shared_again"]
    assert shared.starts >= 10  # what was spent meanwhile is known to all now


async def test_a_shared_book_that_hangs_holds_up_one_call_at_most(
    shared: SharedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lender, "SETTLE_SECONDS", 0.1)
    shared.delay = 30
    governor = Governor(b"secret", Pace.of(1000), settle=shared.settle)
    began = soon(0)
    for _ in range(5):
        await call(governor)
    assert soon(0) - began < 1.5


async def test_a_budget_that_nobody_uses_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    governor, release = Governor(b"secret", ROOMY), asyncio.Event()
    hanging = asyncio.create_task(hold(governor, release))
    for number in range(500):
        await call(governor, access=Access(BASE_URL, f"cal_{number}"))
    assert governor.budgets == 501
    monkeypatch.setattr(budgets, "KEPT_SECONDS", 0.0)
    for _ in range(200):  # a few are forgotten each time
        await call(governor, access=Access(BASE_URL, "cal_new"))
    assert governor.budgets == 2  # one call is still under way
    release.set()
    await hanging


@pytest.fixture
async def slow_client(http: httpx.AsyncClient) -> CalcomClient:
    """A client whose key is allowed one call a minute."""
    return CalcomClient(http, timeout=20, governor=Governor(b"secret", Pace(1, 1)))


ASK: dict[str, Callable[[CalcomClient, Deadline], Awaitable[object]]] = {
    "read": lambda client, deadline: client.me(ACCESS, deadline),
    "write": lambda client, deadline: client.delete_webhook(ACCESS, deadline, "w1"),
    "urgent read": lambda client, deadline: client.set_up(watch=None, urgent=True).me(ACCESS, deadline),
}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(("name", "patient"), [("read", False), ("write", True), ("urgent read", True)])
async def test_writes_are_urgent_and_reads_that_are_said_to_be(
    calcom: respx.MockRouter, slow_client: CalcomClient, name: str, *, patient: bool
) -> None:
    route = calcom.route().respond(headers=RATE_LIMIT, json={"data": ME})
    await slow_client.me(ACCESS, Deadline.after(5))
    began = soon(0)
    with pytest.raises(HeldBackError):
        await ASK[name](slow_client, Deadline.after(0.4))
    assert (soon(0) - began > 0.35) is patient
    assert route.call_count == 1


async def test_what_is_refused_as_too_much_is_not_asked_again_meanwhile(
    calcom: respx.MockRouter, client: CalcomClient
) -> None:
    route = calcom.get("/v2/me").mock(throttled(**{"X-RateLimit-Reset-Default": "30"}))
    for _ in range(3):
        with pytest.raises(Exception, match=r"429|no room") as caught:
            await client.me(ACCESS, Deadline.after(5))
        assert 25 < caught.value.retry_after <= 30  # type: ignore[attr-defined] # of either error
    assert route.call_count == 1


def test_no_ordinary_call_takes_what_is_kept_for_urgent_ones() -> None:
    batch = Batch("lease", anyone=1, urgent_only=1, lapses_at=10.0)

    assert [batch.take(0.0, urgent=False) for _ in range(2)] == [True, False]
    assert batch.take(0.0, urgent=True)
