"""The book of permits of each key, shared by all processes: one row a key, written only as it was read."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Row, and_, bindparam, delete, select

from calbridge.domain.permits import Application, Book, Grant, Lease, Pace, settle
from calbridge.storage.database import Database
from calbridge.storage.tables import UTCDateTime, rate_budgets

# Nothing in a row counts for longer than two minutes; after that it only remembers the limit that was told.
KEPT = timedelta(hours=1)
STATE = ("leases", "told_limit", "paused_until")


class Permits:
    """Where processes agree on who may call Cal.com. The clock is the database's: the only one that they share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._look, self._enter = _looking(database), _entering(database)

    async def settle(self, budget: bytes, application: Application, pace: Pace) -> tuple[Book, Grant, float]:
        """Settle an application to the book of a key; give the book, the grant, and the time of both.

        The time is in seconds since 1970, by the database's clock, as are those in the book. ``budget`` names the key,
        and must tell nobody what it is. Raises UnavailableError; then nothing may have been granted.

        No lock is held and no transaction is open in between: who finds that somebody else was faster looks again, and
        each time somebody gets on.
        """
        while True:
            async with self._database.read() as connection:
                row = (await connection.execute(self._look, {"budget": budget})).one()
            now: datetime = row.now
            book, grant = settle(_book_in(row), application, pace, now.timestamp())
            values = {
                "budget": budget,
                "now": now,
                **_state_of(book),
                **{f"old_{name}": getattr(row, name) for name in STATE},
            }
            async with self._database.write_at_once() as connection:
                entered = (await connection.execute(self._enter, values)).one_or_none()
            if entered is not None:
                break
        if row.leases is None:
            await self._forget_before(now - KEPT)
        return book, grant, now.timestamp()

    async def _forget_before(self, instant: datetime) -> None:
        """Drop the rows of keys that nobody uses any more, whenever a new key comes, so that there are never many.

        Those that somebody else is about to drop or to use are left: two that wait for each other would be undone.
        """
        stale = select(rate_budgets.c.id).where(rate_budgets.c.seen_at < instant).with_for_update(skip_locked=True)
        async with self._database.write_at_once() as connection:
            await connection.execute(delete(rate_budgets).where(rate_budgets.c.id.in_(stale)))


def _looking(database: Database) -> Executable:
    """Make the statement that reads a row and the clock; without a row, there is only the clock."""
    columns, here = rate_budgets.c, select(database.now().label("now")).subquery()
    joined = here.outerjoin(rate_budgets, columns.id == bindparam("budget"))
    return select(here.c.now, *(columns[name] for name in STATE)).select_from(joined)


def _entering(database: Database) -> Executable:
    """Make the statement that writes a row if it still is as it was read; if not, it returns nothing.

    It need not last: what a crash of the server may cost are the leases of its last second, a tenth of a minute's, and
    between the pace and a lock there is a fifth of Cal.com's own limit.
    """
    columns = rate_budgets.c
    new = {name: bindparam(name, type_=columns[name].type) for name in STATE}
    row = {"id": bindparam("budget"), "seen_at": bindparam("now", type_=UTCDateTime()), **new}
    insert = database.insert(rate_budgets).values(row)
    as_read = and_(
        *(columns[name].is_not_distinct_from(bindparam(f"old_{name}", type_=columns[name].type)) for name in STATE)
    )
    changes = {name: insert.excluded[name] for name in ("seen_at", *STATE)}
    updated = insert.on_conflict_do_update(index_elements=[columns.id], set_=changes, where=as_read)
    return updated.returning(database.swift())


def _book_in(row: Row[Any]) -> Book:
    if row.leases is None:
        return Book()
    leases = tuple(Lease(*lease) for lease in json.loads(row.leases))
    return Book(leases, row.told_limit, row.paused_until.timestamp() if row.paused_until else 0.0)


def _state_of(book: Book) -> dict[str, Any]:
    return {
        "leases": json.dumps([[lease.id, lease.starts, lease.last] for lease in book.leases]),
        "told_limit": book.told,
        "paused_until": datetime.fromtimestamp(book.paused_until, UTC) if book.paused_until else None,
    }
