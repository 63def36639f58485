"""Measuring side by side: A, B, B, A, ... on a machine that is never quite quiet."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bench.load import Round

Side = Callable[[], Awaitable[Round]]


async def interleaved(rounds: int, sides: Mapping[str, Side]) -> list[dict[str, Round]]:
    """Measure each side once a round, in turning order; the first round warms up and is not told."""
    measured = []
    for number in range(rounds + 1):
        names = list(sides) if number % 2 else list(sides)[::-1]
        measured.append({name: await sides[name]() for name in names})
    return measured[1:]


def median_of(rounds: Sequence[Mapping[str, Round]], of: Callable[[Mapping[str, Round]], float]) -> float:
    """Return the median over rounds of something of a round, as a ratio of two sides."""
    return statistics.median(of(each) for each in rounds)


def rate_of(rounds: Sequence[Mapping[str, Round]], side: str) -> float:
    """How many requests per second a side answers."""
    return median_of(rounds, lambda each: each[side].rate)


def percentile_of(rounds: Sequence[Mapping[str, Round]], side: str, percent: int) -> float:
    """Seconds within which a side answers so many of a hundred requests."""
    return median_of(rounds, lambda each: each[side].percentile(percent))


def failures_of(rounds: Sequence[Mapping[str, Round]], side: str) -> int:
    """How many of a side's requests failed."""
    return sum(each[side].failures for each in rounds)


def told_failures(rounds: Sequence[Mapping[str, Round]], side: str) -> str:
    """What a side's requests failed with, in short; "" if none did."""
    failures = failures_of(rounds, side)
    reasons = sorted({reason for each in rounds for reason in each[side].failed_with})
    return f"; {failures} failed: {' / '.join(reasons[:2])}" if failures else ""
