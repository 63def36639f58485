"""``make bench``: everything in one run; ``make bench-soak``: ten minutes of steady load."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from bench import isolation, latency, soak, throughput
from bench.connections import Client
from bench.load import closed
from bench.report import Goal, Row
from bench.stage import References, Stage, open_stage
from bench.town import Tenant, Town, accounts_for

Say = Callable[[str], None]

CEILING_REQUESTS, CEILING_AT_ONCE = 12_000, 32
MILLI = 1000
MOST_SECONDS = 540.0  # for a run; to start and to end it takes a little, too
ASKED_COLD = frozenset({"miss", "crowd", "sick", "others"})  # the scenarios that ask the process without a memory


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast others are here, in requests per second: what the goals are multiples of."""

    ceiling: float
    crowd: float
    stock: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run has to tell: rows, and what they were measured with."""

    preface: str
    rows: list[Row]


class Session:
    """The measurements of one run, as far as there is time for them."""

    def __init__(self, say: Say, seconds: float) -> None:
        self._say = say
        self._began = asyncio.get_running_loop().time()
        self._end = self._began + seconds
        self.rows: list[Row] = []
        self.left_out: list[str] = []

    async def measure(self, name: str, rows: Coroutine[None, None, list[Row]]) -> None:
        """Measure something and tell what came of it; once time is up, that it was left out."""
        try:
            async with asyncio.timeout_at(self._end) as limit:
                measured = await rows
        except TimeoutError:
            if not limit.expired():
                raise
            self.left_out.append(name)
            measured = []
        self.rows.extend(measured)
        passed = asyncio.get_running_loop().time() - self._began
        for row in measured:
            self._say(f"{passed:4.0f} s  {row.name}: {row.value:.3g} ({row.goal}) {row.detail}")

    @property
    def rest(self) -> str:
        """A sentence about what was left out, after a blank; "" if nothing was."""
        return f" Left out, because time was up: {', '.join(self.left_out)}." if self.left_out else ""


async def run(say: Say) -> Figures:
    """Measure everything once, with the soak of one minute at the end, and leave out what there is no time for."""
    session = Session(say, MOST_SECONDS)
    async with open_stage() as stage:
        (first,) = await stage.town.settle(1)
        async with stage.references(first) as references:
            rates = await _rates(stage, references, first)
            groups = await _settled(stage, rates)
            readers, soakers = await stage.town.book(groups["read"]), await stage.town.book(groups["soak"])
            await stage.quiet()
            preface = _told(stage, rates)
            say(preface)
            idle = Row("memory, idle, MiB", stage.idle_memory, Goal(110, "MiB"), "just ready, nothing asked yet")
            session.rows.append(idle)
            # Whoever is asked for open times is kept warm for two minutes: those who measure that come last.
            await session.measure("book", latency.book(stage, groups["book"]))
            await session.measure("misses", latency.miss(stage, groups["miss"]))
            await session.measure("500 in flight", throughput.crowd(stage, groups["crowd"]))
            await session.measure("an account that hangs", isolation.hung(stage, groups["sick"], groups["others"]))
            await session.measure("reading", throughput.read(stage, references, readers))
            await session.measure("equal requests", isolation.herd(stage, groups["herd"]))
            await session.measure("hits", throughput.hit(stage, references, groups["hit"]))
        await session.measure("steady load", soak.soak(stage, soakers, 1))
    return Figures(preface + session.rest, session.rows)


async def long_soak(say: Say) -> Figures:
    """A steady load for ten minutes."""
    async with open_stage() as stage:
        booked = await stage.town.book(await stage.town.settle(_soaking()))
        await stage.quiet()
        say(f"{stage.population} accounts; {soak.RATE} requests/s for {soak.LONG_MINUTES} minutes")
        rows = await soak.soak(stage, booked, soak.LONG_MINUTES)
    return Figures("", rows)


async def _settled(stage: Stage, rates: Rates) -> dict[str, list[Tenant]]:
    """Make the accounts of all scenarios, each at the process that it asks."""
    numbers = _accounts(rates)

    async def settle(town: Town, names: Iterable[str]) -> dict[str, list[Tenant]]:
        return {name: await town.settle(numbers[name]) for name in names}

    warm, cold = await asyncio.gather(
        settle(stage.town, numbers.keys() - ASKED_COLD), settle(stage.cold_town, ASKED_COLD)
    )
    return {**warm, **cold}


def _accounts(rates: Rates) -> dict[str, int]:
    """How many accounts each scenario takes, if the service is as fast as its goals, within the default rate limit."""
    read_rate, crowd_rate = 3 * rates.stock, 0.2 * rates.crowd
    reading = read_rate * throughput.READ_SECONDS * (throughput.READ_ROUNDS + 1)
    crowded = crowd_rate * 2 * throughput.CROWD_SECONDS * (throughput.CROWD_ROUNDS + 1)
    single = latency.REQUESTS * (latency.ROUNDS + 1)
    beside = isolation.REQUESTS * 2 * (isolation.ROUNDS + 1)
    return {
        "book": accounts_for(2 * single),  # the limit of writes without a credential is lower
        "miss": accounts_for(single, a_second=1 / latency.UPSTREAM_SECONDS),
        "hit": 60,  # enough also where each hit asks Cal.com
        "read": accounts_for(round(reading), a_second=read_rate),
        # More than there are callers, so that no two of them ask the same at once and share an answer.
        "crowd": max(throughput.CROWD + throughput.A_FEW, accounts_for(round(crowded), a_second=crowd_rate)),
        "sick": isolation.ROUNDS + 1,
        "others": accounts_for(beside),
        "herd": 5,
        "soak": _soaking(),
    }


def _soaking() -> int:
    return accounts_for(soak.RATE * soak.MINUTE)


async def _rates(stage: Stage, references: References, tenant: Tenant) -> Rates:
    """What the generator and the references are capable of here, and a warm-up of them."""
    await stage.upstream.delay(0)
    request = cycle([tenant.slots_upstream()])
    async with Client(stage.upstream.process.url) as direct, Client(references.stock.url) as stock:
        ceiling = await closed(direct, islice(request, CEILING_REQUESTS), CEILING_AT_ONCE)
        short = cycle([tenant.list_upstream("")])
        await closed(stock, islice(short, throughput.READS_AT_ONCE), throughput.READS_AT_ONCE)
        passed = await closed(stock, short, throughput.READS_AT_ONCE, until=time.perf_counter() + 1)
        await stage.upstream.delay(throughput.CROWD_UPSTREAM)
        await closed(direct, islice(request, throughput.CROWD), throughput.CROWD)
        crowd = await closed(direct, islice(request, throughput.CROWD_REQUESTS_OF_D), throughput.CROWD)
    return Rates(ceiling.rate, crowd.rate, passed.rate)


def _told(stage: Stage, rates: Rates) -> str:
    cores, load = os.cpu_count() or 1, float(Path("/proc/loadavg").read_text().split()[0])
    busy = " (**busy with other things: measure again**)" if load > 2 * cores else ""
    return (
        f"{cores} cores, load average {load}{busy} before the first measurement; PostgreSQL commits in "
        f"{stage.seconds_per_commit * MILLI:.2f} ms; the load generator does {rates.ceiling:.0f} requests/s against "
        f"the upstream; {stage.population} accounts, so that each keeps to Cal.com's default rate limit."
    )
