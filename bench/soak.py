"""A steady load for a while: whether memory grows, and whether anything fails."""

import statistics
from collections.abc import Iterator
from itertools import cycle, islice

from bench.connections import Client
from bench.load import paced
from bench.memory import watched
from bench.report import Goal, Row
from bench.stage import Stage
from bench.town import Booked

UPSTREAM_SECONDS = 0.02
RATE = 100
MINUTE = 60
LONG_MINUTES = 10
GLANCE_SECONDS = 1.0
WARM_PART = 3  # of the time that passes before memory counts: one part in so many
FLAT = Goal(0.2, "MiB/min")
PATTERN = "AAAAAAAGBAAAAAAAGGBB"  # of twenty requests, fourteen ask what is free, three read and three book
MILLI = 1000


async def soak(stage: Stage, booked: list[Booked], minutes: int) -> list[Row]:
    """Ask a hundred a second of everything."""
    await stage.upstream.delay(UPSTREAM_SECONDS)
    async with Client(stage.service.url) as service, watched(stage.service, GLANCE_SECONDS) as seen:
        before = stage.service.cpu_seconds()
        come = await paced(service, islice(_mixed(booked), RATE * MINUTE * minutes), RATE)
        cpu = (stage.service.cpu_seconds() - before) / come.seconds
    counted = seen[len(seen) // WARM_PART :]
    length = "one minute" if minutes == 1 else f"{minutes} minutes"
    load = f"{length} at {RATE} requests/s"
    took = f"p50 {come.percentile(50) * MILLI:.1f} ms, p99 {come.percentile(99) * MILLI:.1f} ms, {cpu:.0%} of a core"
    failed = f"; {' / '.join(sorted(come.failed_with)[:2])}" if come.failures else ""
    memory = f"from {counted[0]:.1f} to {counted[-1]:.1f} MiB, after warming up"
    errors = Row(f"{load}: errors", come.failures, Goal(0), f"{took}; {memory}{failed}")
    if minutes < LONG_MINUTES:  # too short to tell whether it grows
        return [errors]
    slope = statistics.linear_regression(range(len(counted)), counted).slope * MINUTE / GLANCE_SECONDS
    return [Row(f"{load}: memory, MiB/min", slope, FLAT, memory), errors]


def _mixed(booked: list[Booked]) -> Iterator[bytes]:
    """Requests of all kinds; each account gets its share of each."""
    ones, twos, threes = cycle(booked), cycle(booked), cycle(booked)
    for kind in cycle(PATTERN):
        match kind:
            case "A":
                yield next(ones).tenant.availability()
            case "G":
                one = next(twos)
                yield one.tenant.get(one.uid)
            case _:
                yield next(threes).tenant.book()
