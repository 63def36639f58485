"""A process's memory, looked at every now and then while something else goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.processes import Process


@asynccontextmanager
async def watched(process: Process, every: float) -> AsyncIterator[list[float]]:
    """Collect the process's memory in MiB, once in so many seconds, until the block ends."""
    seen: list[float] = []

    async def look() -> None:
        while True:
            seen.append(process.memory())
            await asyncio.sleep(every)

    task = asyncio.create_task(look())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
