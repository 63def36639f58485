"""One caller at a time: what calbridge adds to Cal.com's own time."""

from collections.abc import Iterator
from itertools import cycle, islice

from bench.connections import Client
from bench.load import closed
from bench.report import Goal, Row
from bench.rounds import failures_of, interleaved, median_of, percentile_of, told_failures
from bench.stage import Stage
from bench.town import Tenant, availability_of, bookings_of

UPSTREAM_SECONDS = 0.02
ROUNDS, REQUESTS = 7, 60
BOOKING = "book, one at a time: p50 / D"
MISS = "availability, miss, one at a time: p50 / D"
MILLI = 1000


async def book(stage: Stage, tenants: list[Tenant]) -> list[Row]:
    """A booking, with its two commits."""
    theirs = (tenant.booking_upstream() for tenant in cycle(tenants))
    return [await _compared(stage, stage.service.url, BOOKING, Goal(1.25, "× D"), bookings_of(tenants), theirs)]


async def miss(stage: Stage, tenants: list[Tenant]) -> list[Row]:
    """Open times that nobody remembers."""
    theirs = (tenant.slots_upstream() for tenant in cycle(tenants))
    return [await _compared(stage, stage.cold.url, MISS, Goal(1.05, "× D"), availability_of(tenants), theirs)]


async def _compared(
    stage: Stage, url: str, name: str, goal: Goal, ours: Iterator[bytes], theirs: Iterator[bytes]
) -> Row:
    await stage.upstream.delay(UPSTREAM_SECONDS)
    async with Client(url) as service, Client(stage.upstream.process.url) as direct:
        sides = {
            "D": lambda: closed(direct, islice(theirs, REQUESTS), 1),
            "S": lambda: closed(service, islice(ours, REQUESTS), 1),
        }
        calls = await stage.upstream.calls()
        rounds = await interleaved(ROUNDS, sides)
        calls = await stage.upstream.calls() - calls - REQUESTS * (ROUNDS + 1)
    p50 = {side: percentile_of(rounds, side, 50) * MILLI for side in sides}
    p95 = percentile_of(rounds, "S", 95) * MILLI
    value = median_of(rounds, lambda each: each["S"].percentile(50) / each["D"].percentile(50))
    detail = f"D {p50['D']:.2f} ms, S {p50['S']:.2f} ms (its p95: {p95:.1f} ms)"
    detail += f"; {calls / (REQUESTS * (ROUNDS + 1)):.2f} upstream calls per request{told_failures(rounds, 'S')}"
    return Row(name, value, goal, detail, failures_of(rounds, "S"))
