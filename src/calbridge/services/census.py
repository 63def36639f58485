"""What Prometheus is shown of the engine: what this process has counted, and how things stand in the database."""

import asyncio
from dataclasses import asdict

from calbridge.domain.errors import UnavailableError
from calbridge.storage.backlogs import Backlogs
from calbridge.telemetry.metrics import EngineMetrics

SECONDS = 2.0  # a scrape must not hang with the database

STATES = ("sending", "unknown", "needs_human")


class Census:
    """Counts what is open whenever somebody looks: one query over an index that holds nothing else."""

    def __init__(self, backlogs: Backlogs, metrics: EngineMetrics) -> None:
        self._backlogs = backlogs
        self._metrics = metrics

    async def text(self) -> bytes:
        """Return everything in Prometheus' text format; what is open is left out while the database is away."""
        self._metrics.standing(await self._counts())
        return self._metrics.text()

    async def _counts(self) -> dict[str, int]:
        try:
            async with asyncio.timeout(SECONDS):
                backlog = asdict(await self._backlogs.read())
        except (UnavailableError, TimeoutError):
            return {}
        return {state: backlog[state] for state in STATES}
