"""Load on a server, and what came of it."""

import asyncio
import math
import re
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.connections import Client

PERCENT = 100
CODE = re.compile(rb'"code":"([A-Z_]+)"')


@dataclass(slots=True)
class Round:
    """What came of some requests: how long those took that succeeded, and how many failed; all in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    failed_with: set[str] = field(default_factory=set)

    @property
    def rate(self) -> float:
        """Requests per second that succeeded."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Seconds within which so many of a hundred were answered; infinity if hardly any were."""
        if len(self.latencies) < 2:
            return math.inf
        return statistics.quantiles(self.latencies, n=PERCENT, method="inclusive")[percent - 1]


async def closed(client: Client, requests: Iterable[bytes], at_once: int, *, until: float | None = None) -> Round:
    """Ask everything, so many at once, each as soon as another one is answered.

    ``until``: on ``time.perf_counter``'s clock, when to stop taking up more.
    """
    began = time.perf_counter()
    come = Round()
    left = iter(requests)
    await asyncio.gather(*(_ask_on(client, left, come, until) for _ in range(at_once)))
    come.seconds = time.perf_counter() - began
    return come


async def _ask_on(client: Client, left: Iterator[bytes], come: Round, until: float | None) -> None:
    for request in left:
        if until is not None and time.perf_counter() >= until:
            return
        await _ask(client, request, come, time.perf_counter())


async def paced(client: Client, requests: Iterable[bytes], rate: float) -> Round:
    """Ask so many a second, whether or not those before are answered; one that starts late has waited already."""
    began = time.perf_counter()
    come = Round()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_ask(client, request, come, due))
    come.seconds = time.perf_counter() - began
    return come


async def _ask(client: Client, request: bytes, come: Round, due: float) -> None:
    try:
        answer = await client.ask(request)
    except OSError as error:
        come.failures += 1
        come.failed_with.add(type(error).__name__)
        return
    if answer.is_success:
        come.latencies.append(time.perf_counter() - due)
    else:
        come.failures += 1
        code = CODE.search(answer.body)
        come.failed_with.add(f"{answer.status} {code[1].decode() if code else ''}".rstrip())
