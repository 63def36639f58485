"""Many callers at once: how much of a core a request takes, and how many of them fit."""

import time
from collections.abc import Iterable, Iterator
from itertools import cycle
from statistics import median

from bench.connections import Client
from bench.load import Round, closed
from bench.memory import watched
from bench.processes import Process
from bench.report import Goal, Row
from bench.rounds import Side, failures_of, interleaved, median_of, percentile_of, rate_of, told_failures
from bench.stage import References, Stage
from bench.town import Booked, Tenant, availability_of

MILLI = 1000

HIT_ROUNDS, HIT_SECONDS, HITS_AT_ONCE = 5, 2.0, 8
READ_ROUNDS, READ_SECONDS, READS_AT_ONCE = 5, 1.5, 32
CROWD_ROUNDS, CROWD_SECONDS, CROWD, A_FEW, CROWD_UPSTREAM = 3, 3.0, 500, 50, 0.1
CROWD_REQUESTS_OF_D = 4_000
GLANCE_SECONDS = 0.05


class Meter:
    """Runs load against a process for a while, and sums up the CPU that it takes."""

    def __init__(self, process: Process, client: Client, requests: Iterable[bytes]) -> None:
        self._process = process
        self._client = client
        self._requests = iter(requests)
        self.per_request: list[float] = []  # seconds of a core; one a round
        self.asked = 0

    def side(self, at_once: int, seconds: float) -> Side:
        """Return a side to measure."""

        async def measure() -> Round:
            before = self._process.cpu_seconds()
            come = await closed(self._client, self._requests, at_once, until=time.perf_counter() + seconds)
            self.asked += len(come.latencies) + come.failures
            self.per_request.append((self._process.cpu_seconds() - before) / max(1, len(come.latencies)))
            return come

        return measure

    @property
    def typical(self) -> float:
        """The median over rounds, without the first, which warms up."""
        return median(self.per_request[1:])


async def hit(stage: Stage, references: References, tenants: list[Tenant]) -> list[Row]:
    """Open times that were told a moment ago."""
    await stage.upstream.delay(0)
    async with Client(stage.service.url) as service, Client(references.models.url) as models:
        await closed(service, [tenant.availability() for tenant in tenants], HITS_AT_ONCE)
        ours = Meter(stage.service, service, availability_of(tenants))
        theirs = Meter(references.models, models, availability_of(tenants))
        calls = await stage.upstream.calls()
        sides = {"M": theirs.side(HITS_AT_ONCE, HIT_SECONDS), "S": ours.side(HITS_AT_ONCE, HIT_SECONDS)}
        rounds = await interleaved(HIT_ROUNDS, sides)
        calls = await stage.upstream.calls() - calls
    detail = (
        f"requests per second of a core: M {1 / theirs.typical:.0f}, S {1 / ours.typical:.0f}; "
        f"{calls / ours.asked:.2f} upstream calls per request{told_failures(rounds, 'S')}"
    )
    value = theirs.typical / ours.typical
    goal = Goal(0.5, "× M", at_most=False)
    return [Row("availability, hit: requests/s per core / M", value, goal, detail, failures_of(rounds, "S"))]


async def read(stage: Stage, references: References, booked: list[Booked]) -> list[Row]:
    """An appointment, with an upstream that takes no time."""
    await stage.upstream.delay(0)
    theirs = [each.tenant.list_upstream(each.uid) for each in booked]
    ours = [each.tenant.get(each.uid) for each in booked]
    async with (
        Client(stage.service.url) as service,
        Client(references.stock.url) as stock,
        Client(references.aiohttp.url) as aiohttp,
    ):
        meters = {
            "P": Meter(references.stock, stock, cycle(theirs)),
            "Q": Meter(references.aiohttp, aiohttp, cycle(theirs)),
            "S": Meter(stage.service, service, cycle(ours)),
        }
        sides = {name: meter.side(READS_AT_ONCE, READ_SECONDS) for name, meter in meters.items()}
        rounds = await interleaved(READ_ROUNDS, sides)
    rates = {name: rate_of(rounds, name) for name in sides}
    detail = ", ".join(
        f"{name} {rate:.0f}/s ({meters[name].typical * MILLI:.2f} ms of CPU each)" for name, rate in rates.items()
    )
    value = median_of(rounds, lambda each: each["S"].rate / each["P"].rate)
    goal = Goal(3, "× P", at_most=False)
    detail += told_failures(rounds, "S")
    return [Row("GET /appointments/{id}, 32 at once: requests/s / P", value, goal, detail, failures_of(rounds, "S"))]


async def crowd(stage: Stage, tenants: list[Tenant]) -> list[Row]:
    """Five hundred who all have to wait for Cal.com."""
    await stage.upstream.delay(0)
    async with Client(stage.cold.url) as service, Client(stage.upstream.process.url) as direct:
        await closed(service, [tenant.availability() for tenant in tenants], HITS_AT_ONCE)  # learns the event types
        await stage.upstream.delay(CROWD_UPSTREAM)
        requests = availability_of(tenants)
        many, few = Meter(stage.cold, service, requests), Meter(stage.cold, service, requests)
        peaks: list[float] = []
        full_house = _watched(many.side(CROWD, CROWD_SECONDS), stage.cold, peaks)
        sides = {
            "D": lambda: closed(direct, _upstream_calls(tenants, CROWD_REQUESTS_OF_D), CROWD),
            "500": full_house,
            "50": few.side(A_FEW, CROWD_SECONDS),
        }
        calls = await stage.upstream.calls()
        rounds = await interleaved(CROWD_ROUNDS, sides)
        calls = await stage.upstream.calls() - calls - CROWD_REQUESTS_OF_D * (CROWD_ROUNDS + 1)
    rates = {name: rate_of(rounds, name) for name in sides}
    many_cpu, few_cpu = many.typical * MILLI, few.typical * MILLI
    failed = failures_of(rounds, "500")
    p50 = percentile_of(rounds, "500", 50)
    throughput = median_of(rounds, lambda each: each["500"].rate / each["D"].rate)
    told = f"D {rates['D']:.0f}/s, S {rates['500']:.0f}/s (p50 {p50:.2f} s; 50 in flight: {rates['50']:.0f}/s)"
    told += f"; {calls / (many.asked + few.asked):.2f} upstream calls per request"
    reasons = told_failures(rounds, "500").removeprefix("; ")
    return [
        Row("500 misses in flight: throughput / D", throughput, Goal(0.2, "× D", at_most=False), told, failed),
        Row("500 misses in flight: errors", failed, Goal(0), reasons or "none"),
        Row(
            "500 misses in flight: CPU per request / that at 50",
            many_cpu / few_cpu,
            Goal(1.5, "×"),
            f"{few_cpu:.2f} ms at 50, {many_cpu:.2f} ms at 500, for each that succeeded",
            failed,
        ),
        Row("memory with 500 in flight, MiB", max(peaks), Goal(160, "MiB"), "the most that was seen"),
    ]


def _watched(side: Side, process: Process, peaks: list[float]) -> Side:
    async def measure() -> Round:
        async with watched(process, GLANCE_SECONDS) as seen:
            come = await side()
        peaks.append(max(seen))
        return come

    return measure


def _upstream_calls(tenants: list[Tenant], calls: int) -> Iterator[bytes]:
    requests = cycle([tenant.slots_upstream() for tenant in tenants])
    return (next(requests) for _ in range(calls))
