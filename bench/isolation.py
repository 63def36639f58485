"""What one account's trouble, or one popular account, does to everybody."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice, repeat

from bench.connections import Client
from bench.load import Round, closed
from bench.report import Goal, Row
from bench.rounds import failures_of, interleaved, median_of, percentile_of, told_failures
from bench.stage import Stage
from bench.town import Tenant, availability_of

UPSTREAM_SECONDS = 0.02
MILLI = 1000

ROUNDS, REQUESTS, AT_ONCE = 4, 400, 4
MOST_SECONDS = 4.0  # for a round, where the machine is slow
WAITING, PATIENCE_MS = 200, 5_000
GATHER_SECONDS, SCATTER_SECONDS = 1.0, 4.0

HERD, HERD_UPSTREAM = 100, 0.1
SLOTS = "GET /v2/slots"


async def hung(stage: Stage, sick: list[Tenant], others: list[Tenant]) -> list[Row]:
    """Two hundred callers of an account whose Cal.com does not answer, and everybody else. ``sick``: one a round."""
    await stage.upstream.delay(UPSTREAM_SECONDS)
    async with Client(stage.cold.url) as service:
        await closed(service, [tenant.availability() for tenant in (*sick, *others)], AT_ONCE)
        requests, patients = availability_of(others), iter(sick)

        async def alone() -> Round:
            until = time.perf_counter() + MOST_SECONDS
            return await closed(service, islice(requests, REQUESTS), AT_ONCE, until=until)

        async def beside() -> Round:
            async with _waiting(stage, next(patients)):
                return await alone()

        rounds = await interleaved(ROUNDS, {"alone": alone, "beside": beside})
    p99 = {side: percentile_of(rounds, side, 99) for side in ("alone", "beside")}
    value = median_of(rounds, lambda each: each["beside"].percentile(99) / each["alone"].percentile(99))
    detail = f"alone {p99['alone'] * MILLI:.1f} ms, beside {WAITING} who wait {p99['beside'] * MILLI:.1f} ms"
    detail += told_failures(rounds, "beside")
    name = "one account hung, 200 waiting: another's p99 / alone"
    return [Row(name, value, Goal(1.5, "×"), detail, failures_of(rounds, "beside"))]


@asynccontextmanager
async def _waiting(stage: Stage, tenant: Tenant) -> AsyncIterator[None]:
    """Have two hundred wait for an account, again as soon as they are put off; then let it recover."""
    await stage.upstream.hang(tenant.key)
    async with Client(stage.cold.url) as client:
        request = tenant.availability(deadline_ms=PATIENCE_MS)
        callers = asyncio.create_task(closed(client, repeat(request), WAITING))
        await asyncio.sleep(GATHER_SECONDS)
        try:
            yield
        finally:
            callers.cancel()
            await asyncio.gather(callers, return_exceptions=True)
            await stage.upstream.hang()
    await asyncio.sleep(SCATTER_SECONDS)


async def herd(stage: Stage, tenants: list[Tenant]) -> list[Row]:
    """A hundred who ask the same at the same moment, when nobody knows. ``tenants``: one a round, never asked yet."""
    await stage.upstream.delay(HERD_UPSTREAM)
    counted = []
    failures = 0
    async with Client(stage.service.url) as service:
        for tenant in tenants:
            before = await stage.upstream.calls(SLOTS)
            come = await closed(service, islice(cycle([tenant.availability()]), HERD), HERD)
            counted.append(await stage.upstream.calls(SLOTS) - before)
            failures += come.failures
    detail = f"in {len(counted)} rounds: {', '.join(map(str, counted))}" + (f"; {failures} failed" if failures else "")
    return [Row("100 equal requests at once, cold: upstream calls", max(counted), Goal(1), detail, failures)]
