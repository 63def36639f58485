"""Questions to Cal.com that several callers wait for: each is asked once, and goes on though one of them gives up."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import structlog

from calbridge.calcom.deadline import Deadline
from calbridge.domain.errors import CalendarUnreachableError

Answer = TypeVar("Answer")

log = structlog.get_logger()


class Inquiries:
    """Every question that is under way in this process. At the end of the block, what is still asked is given up."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    def begin(self, question: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """Ask a question, whether or not somebody waits for the answer. It must only read, and have a deadline."""
        task = asyncio.create_task(question)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        under_way = tuple(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:  # asked for, so that asyncio does not complain
            log.debug("inquiry.failed", error=type(task.exception()).__name__)


async def answer_to(inquiry: asyncio.Task[Answer], deadline: Deadline) -> Answer:
    """Wait for an answer, and raise what the question raised. Raises CalendarUnreachableError when time is up."""
    done, _ = await asyncio.wait((inquiry,), timeout=deadline.remaining)
    if not done:
        raise CalendarUnreachableError
    if inquiry.cancelled():  # the process ends
        raise CalendarUnreachableError
    return inquiry.result()
