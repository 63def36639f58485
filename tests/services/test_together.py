"""Several things at once: none is left running, and an error surfaces as it was raised."""

import asyncio

import pytest

from calbridge.domain.errors import UnavailableError
from calbridge.services.together import together


async def after(seconds: float, value: int) -> int:
    await asyncio.sleep(seconds)
    return value


async def fail() -> int:
    raise UnavailableError


async def test_the_results_come_in_order() -> None:
    assert await together(after(0.02, 1), after(0, 2)) == (1, 2)
    assert await together() == ()


async def test_when_one_raises_the_others_are_stopped() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(UnavailableError):
        await together(after(60, 1), fail())
    assert asyncio.all_tasks() == before
