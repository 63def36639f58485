"""SQLite's connections, for tasks that are cancelled: a statement that has begun is waited for all the same.

aiosqlite has a thread work for the event loop. If whoever waits is cancelled, the thread works on, and whatever is done
to the connection meanwhile may leave the file locked until the garbage is collected. A statement takes milliseconds,
and at most as long as ``busy_timeout``.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


class PatientConnection(aiosqlite.Connection):
    """A connection on which nothing is broken off."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as in aiosqlite
        working = asyncio.ensure_future(super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait({working})
            raise


def connect(database: str, **options: Any) -> PatientConnection:  # noqa: ANN401 - as in sqlite3
    """Make a connection, which is to be awaited; its thread does not keep the process alive."""
    connection = PatientConnection(partial(sqlite3.connect, database, **options), 64)
    connection._thread.daemon = True  # noqa: SLF001 - what SQLAlchemy does with those that it makes itself
    return connection
