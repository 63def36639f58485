"""``make bench-profile``: where the service's time goes, function by function, as py-spy sees it from outside.

It takes the right to look into another process: root's, or ``sysctl kernel.yama.ptrace_scope=0``.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench import stacks
from bench.connections import Client
from bench.load import closed
from bench.postgres import transactions
from bench.processes import Process
from bench.stage import Stage, open_stage
from bench.town import availability_of, bookings_of

SECONDS = 10
SAMPLES_A_SECOND = 250
AT_ONCE = 4
ACCOUNTS = 300  # so that reading keeps within the rate limit
UPSTREAM_SECONDS = 0.005
MILLI = 1000
KEPT = Path(__file__).parent / "profiles"
SPY = Path(sys.executable).parent / "py-spy"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request, and the process that is asked."""

    name: str
    file: str
    process: Process
    requests: Iterator[bytes]


async def profile(say: Callable[[str], None]) -> str:
    """Sample the service under each kind of request, and tell where the time went."""
    KEPT.mkdir(exist_ok=True)
    told = []
    async with open_stage() as stage:
        tenants = await stage.town.settle(ACCOUNTS)
        booked = await stage.town.book(tenants)
        await stage.quiet()
        await stage.upstream.delay(UPSTREAM_SECONDS)
        async with Client(stage.cold.url) as cold:
            await closed(cold, [tenant.availability() for tenant in tenants], AT_ONCE)  # learns the event types
        reads = cycle([each.tenant.get(each.uid) for each in booked])
        for kind in (
            Kind("book", "book", stage.service, bookings_of(tenants)),
            Kind("availability, miss", "miss", stage.cold, availability_of(tenants)),
            Kind("availability, hit", "hit", stage.service, availability_of(tenants)),
            Kind("GET /appointments/{id}", "get", stage.service, reads),
        ):
            say(f"sampling {kind.name}")
            told.append(await _sampled(stage, kind))
    return "\n\n".join(told)


async def _sampled(stage: Stage, kind: Kind) -> str:
    raw = KEPT / f"{kind.file}.txt"
    async with Client(kind.process.url) as client:
        spy = await asyncio.create_subprocess_exec(
            *(SPY, "record", "--pid", str(kind.process.pid), "--format", "raw", "--output", raw),
            *("--rate", str(SAMPLES_A_SECOND), "--duration", str(SECONDS)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        seen, calls = await transactions(stage.database), await stage.upstream.calls()
        before = kind.process.cpu_seconds()
        come = await closed(client, kind.requests, AT_ONCE, until=time.perf_counter() + SECONDS)
        cpu, calls = kind.process.cpu_seconds() - before, await stage.upstream.calls() - calls
        _, complaints = await spy.communicate()
        await asyncio.sleep(1)
        seen = await transactions(stage.database) - seen
    if spy.returncode:
        raise RuntimeError(f"py-spy cannot look into the service: {complaints.decode().strip()}")
    asked = len(come.latencies)
    head = (
        f"## {kind.name}: {asked / come.seconds:.0f} requests/s, {MILLI * cpu / asked:.2f} ms of CPU, "
        f"{calls / asked:.2f} upstream calls and {seen / asked:.1f} transactions each, {come.failures} failed"
    )
    return f"{head}\n\n{stacks.summary(raw.read_text())}"
