"""The end of what a caller waits for, whatever it is that takes so long."""

import asyncio
from types import TracebackType

from calbridge.calcom.deadline import Deadline
from calbridge.domain.errors import UnavailableError


class InTime:
    """Breaks off a block ``grace`` seconds after a deadline. Raises UnavailableError then.

    Every call passes here twice, and made of a generator it took half as much time again.
    """

    def __init__(self, deadline: Deadline, grace: float = 0.0) -> None:
        self._timeout = asyncio.timeout_at(deadline.at + grace)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise UnavailableError from late
        if isinstance(error, TimeoutError):
            raise UnavailableError from error
