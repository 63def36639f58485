"""What has changed, told to every process, whichever of them changed it: none goes on with what it remembers.

A change is written down in its own transaction, so that it is told if and only if it is so.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, false, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.storage.database import Database, noted_in
from calbridge.storage.tables import accounts, changes, new_id

KEPT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Change:
    """Whatever is remembered of a subject, it may not be so any more. One that concerns several is told of each."""

    id: UUID
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class News:
    """Changes, and where to read on: whatever comes to be seen later is at or past the ``horizon``."""

    horizon: int
    changes: tuple[Change, ...]


class Changes:
    """Reads what has changed, without missing a transaction that took its time.

    On PostgreSQL the mark of a change is its transaction's number, and the horizon the oldest transaction under way:
    ids and times are given out before the commit, so neither tells what was seen already. SQLite has one writer at a
    time, so there the marks simply follow one another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Made once: processes look five times a second.
        self._only_horizon = self._looking(false())
        self._since = self._looking(changes.c.mark >= bindparam("horizon"))

    async def since(self, horizon: int | None) -> News:
        """Return what has changed since a horizon, some of it perhaps again; for None only where to begin.

        One statement, and so one view of the database.
        """
        async with self._database.read() as connection:
            if horizon is None:
                rows = (await connection.execute(self._only_horizon)).all()
            else:
                rows = (await connection.execute(self._since, {"horizon": horizon})).all()
        return News(rows[0].horizon, tuple(Change(row.id, row.subject_id) for row in rows if row.id is not None))

    async def prune(self) -> int:
        """Drop what every process has long since read, and return how much that was."""
        old = select(changes.c.id).where(changes.c.at < self._database.now(-KEPT))
        if self._database.is_sqlite:  # marks go on from the newest
            old = old.where(changes.c.mark < select(func.max(changes.c.mark)).scalar_subquery())
        stale = old.with_for_update(skip_locked=True)
        async with self._database.write() as connection:
            return (await connection.execute(delete(changes).where(changes.c.id.in_(stale)))).rowcount

    def _looking(self, past: ColumnElement[bool]) -> Select[Any]:
        # One Cal.com user may be several accounts: of organizations, and private to agents. It is one calendar.
        here, alike = select(self._horizon().label("horizon")).subquery(), accounts.alias("alike")
        one_host = and_(alike.c.base_url == accounts.c.base_url, alike.c.host_id == accounts.c.host_id)
        noted = changes.outerjoin(accounts, accounts.c.id == changes.c.subject_id).outerjoin(alike, one_host)
        subject = func.coalesce(alike.c.id, changes.c.subject_id).label("subject_id")
        return select(here.c.horizon, changes.c.id, subject).select_from(here.outerjoin(noted, past))

    def _horizon(self) -> ColumnElement[int]:
        if self._database.is_sqlite:
            return _next_mark()
        return func.txid_snapshot_xmin(func.txid_current_snapshot())


def noting(*, is_sqlite: bool) -> dict[str, ColumnElement[Any]]:
    """Fill the columns that tell of a change; ``parameters_of`` one gives the parameters."""
    return {
        "id": bindparam("change_id", type_=changes.c.id.type),
        "subject_id": bindparam("changed_id", type_=changes.c.subject_id.type),
        "mark": _next_mark() if is_sqlite else func.txid_current(),
        "at": func.strftime("%Y-%m-%d %H:%M:%f000", "now") if is_sqlite else func.clock_timestamp(),
    }


def parameters_of(change: Change) -> dict[str, UUID]:
    """Give the parameters of a statement that notes a change."""
    return {"change_id": change.id, "changed_id": change.subject_id}


async def note_change(connection: AsyncConnection, subject_id: UUID) -> None:
    """Have every process forget what it remembers of a subject, once the transaction of ``connection`` is committed.

    This process does so at once, the others within a second.
    """
    change = Change(new_id(), subject_id)
    note = _NOTE[connection.dialect.name == "sqlite"]
    await connection.execute(note, parameters_of(change))
    noted_in(connection).append((change.id, change.subject_id))


def _next_mark() -> ColumnElement[int]:
    return select(func.coalesce(func.max(changes.c.mark), 0) + 1).scalar_subquery()


_NOTE = {is_sqlite: insert(changes).values(noting(is_sqlite=is_sqlite)) for is_sqlite in (False, True)}
