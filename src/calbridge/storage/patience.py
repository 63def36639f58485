"""SQLite's statements, finished before whoever asked for them is cancelled.

Its driver works in a thread, which goes on when the task that waits for it is cancelled. A connection that is given up
in the midst of a statement stays open, with the file locked, until it is collected as garbage. A statement here is a
matter of milliseconds, so a cancellation waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

# The name of the tasks in which that is done: to cancel one of these is to lose its connection.
FINISHING = "finishing on SQLite"


class PatientConnection(AsyncConnection):
    """A connection whose statements are finished, though their caller be cancelled meanwhile."""

    __slots__ = ()

    async def execute(self, *args: Any, **kwargs: Any) -> CursorResult[Any]:  # noqa: ANN401 - as SQLAlchemy's
        """Execute a statement; ``scalar`` and ``scalars`` do it by this."""
        return await finished(super().execute(*args, **kwargs))

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> CursorResult[Any]:  # noqa: ANN401 - as SQLAlchemy's
        """Execute SQL as it stands."""
        return await finished(super().exec_driver_sql(*args, **kwargs))


@asynccontextmanager
async def patient(lent: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a context wholly or not at all: what was entered is always left, however often one is cancelled.

    An exception that is raised inside is told to the context, which must not swallow it.
    """
    entering = asyncio.create_task(_entered(lent), name=FINISHING)
    try:
        yield await _outcome(entering)
    except BaseException as error:
        if not entering.cancelled() and entering.exception() is None:
            await finished(lent.__aexit__(type(error), error, error.__traceback__))
        raise
    else:
        await finished(lent.__aexit__(None, None, None))


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Await something; if cancelled meanwhile, be so once it is over, whatever has become of it."""
    return await _outcome(asyncio.create_task(work, name=FINISHING))


async def _entered(lent: AbstractAsyncContextManager[T]) -> T:
    return await lent.__aenter__()


async def _outcome(task: asyncio.Future[T]) -> T:
    interruption = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            interruption = error
    if interruption is not None:
        if not task.cancelled():
            task.exception()  # looked at, so that nobody reports it as overlooked
        raise interruption
    return task.result()
