"""A deadline is a moment, not a duration."""

import asyncio

from calbridge.calcom.deadline import Deadline


async def test_runs_down_with_the_clock_of_the_loop() -> None:
    deadline = Deadline.after(60)
    assert 0 < deadline.at - asyncio.get_running_loop().time() <= 60
    first = deadline.remaining
    await asyncio.sleep(0.01)
    assert deadline.remaining < first
    assert not deadline.passed


async def test_once_passed_nothing_remains() -> None:
    deadline = Deadline.after(-1)
    assert deadline.remaining == 0
    assert deadline.passed
