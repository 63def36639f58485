"""The end of what a caller waits for, whatever it is that takes so long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from calbridge.calcom.deadline import Deadline
from calbridge.domain.errors import UnavailableError


@asynccontextmanager
async def in_time(deadline: Deadline, grace: float = 0.0) -> AsyncIterator[None]:
    """Break off ``grace`` seconds after a deadline. Raises UnavailableError then."""
    try:
        async with asyncio.timeout_at(deadline.at + grace):
            yield
    except TimeoutError as error:
        raise UnavailableError from error
