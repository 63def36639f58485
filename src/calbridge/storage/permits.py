"""The books of permits, shared by all processes: one row a key, written only as it was read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Row, bindparam, delete, literal_column, select

from calbridge.domain.permits import Application, Book, Grant, Lease, Pace, settle
from calbridge.storage.database import Database
from calbridge.storage.tables import rate_budgets

# Nothing in a row counts for longer than two minutes; after that it only remembers the limit that was told.
KEPT = timedelta(hours=1)
STATE = ("leases", "told_limit", "paused_until")
# Each number of rows makes a statement of its own, which every connection prepares and keeps: 20 KiB each. So there are
# few such numbers: multiples of this to be looked at, and no more than this to be written.
ROWS = 8


class Permits:
    """Where processes agree on who may call Cal.com. The clock is the database's: the only one that they share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._look, self._enter = _looking(database), _entering(database)

    async def settle(
        self, applications: Mapping[bytes, Application], pace: Pace
    ) -> dict[bytes, tuple[Book, Grant, float]]:
        """Settle applications, each to the book of its key; give of each the book, the grant, and the time of both.

        Who is missing in the answer was overtaken: somebody else has written to that book meanwhile, nothing was
        granted, and one may apply again. No lock is held and no transaction is open between the look at the books and
        the write, and whenever somebody is overtaken, somebody else gets on.

        The time is in seconds since 1970, by the database's clock, as are those in a book. The names of the keys must
        tell nobody what these are. Raises UnavailableError; then nothing may have been granted.
        """
        async with self._database.read() as connection:
            found = (await connection.execute(self._look, {"budgets": _filled_up(list(applications))})).all()
        now: datetime = found[0].now
        time, rows = now.timestamp(), {row.id: row for row in found}
        settled = {
            budget: settle(_book_in(rows.get(budget)), application, pace, time)
            for budget, application in applications.items()
        }
        values = [
            {
                "id": budget,
                "seen_at": now,
                "version": _version_of(rows.get(budget)) + 1,
                **_state_of(settled[budget][0]),
            }
            for budget in sorted(settled)  # all in one order, lest two that write the same rows wait for each other
        ]
        async with self._database.write_at_once() as connection:
            entered = (await connection.scalars(self._enter, values)).all()
        if not rows.keys() >= set(entered):
            await self._forget_before(now - KEPT)
        return {budget: (*settled[budget], time) for budget in entered}

    async def _forget_before(self, instant: datetime) -> None:
        """Drop the rows of keys that nobody uses any more, whenever a new key comes, so that there are never many.

        Those that somebody else is about to drop or to use are left: two that wait for each other would be undone.
        """
        stale = select(rate_budgets.c.id).where(rate_budgets.c.seen_at < instant).with_for_update(skip_locked=True)
        async with self._database.write_at_once() as connection:
            await connection.execute(delete(rate_budgets).where(rate_budgets.c.id.in_(stale)))


def _looking(database: Database) -> Executable:
    """Make the statement that reads rows and the clock; without any row, there is only the clock."""
    columns, here = rate_budgets.c, select(database.now().label("now")).subquery()
    joined = here.outerjoin(rate_budgets, columns.id.in_(bindparam("budgets", expanding=True)))
    return select(here.c.now, columns.id, columns.version, *(columns[name] for name in STATE)).select_from(joined)


def _entering(database: Database) -> Executable:
    """Make the statement that writes rows, each if it still is as it was read, and returns the ids of those it wrote.

    It need not last: what a crash of the server may cost are the leases of its last second, a tenth of a minute's, and
    between the pace and a lock there is a fifth of Cal.com's own limit.
    """
    columns, insert = rate_budgets.c, database.insert(rate_budgets)
    written = insert.on_conflict_do_update(
        index_elements=[columns.id],
        set_={name: insert.excluded[name] for name in ("seen_at", "version", *STATE)},
        where=columns.version == insert.excluded.version - literal_column("1"),
    )
    return written.returning(columns.id, database.swift()).execution_options(insertmanyvalues_page_size=ROWS)


def _filled_up(budgets: list[bytes]) -> list[bytes]:
    """Name the last one again, which finds nothing more, until they are a multiple of ``ROWS``."""
    return budgets + budgets[-1:] * (-len(budgets) % ROWS)


def _version_of(row: Row[Any] | None) -> int:
    return 0 if row is None else row.version


def _book_in(row: Row[Any] | None) -> Book:
    if row is None:
        return Book()
    leases = tuple(Lease(*lease) for lease in json.loads(row.leases))
    return Book(leases, row.told_limit, row.paused_until.timestamp() if row.paused_until else 0.0)


def _state_of(book: Book) -> dict[str, Any]:
    return {
        "leases": json.dumps([[lease.id, lease.starts, lease.last] for lease in book.leases]),
        "told_limit": book.told,
        "paused_until": datetime.fromtimestamp(book.paused_until, UTC) if book.paused_until else None,
    }
