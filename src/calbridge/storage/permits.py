"""The book of permits of each key, shared by all processes: one row a key, and one transaction a lease."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.permits import Application, Book, Grant, Lease, Pace, settle
from calbridge.storage.database import Database
from calbridge.storage.tables import rate_budgets

# Nothing in a row counts for longer than two minutes; after that it only remembers the limit that was told.
KEPT = timedelta(hours=1)


class Permits:
    """Where processes agree on who may call Cal.com. The clock is the database's: the only one that they share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, budget: bytes, application: Application, pace: Pace) -> tuple[Book, Grant, float]:
        """Settle an application to the book of a key; give the book, the grant, and the time of both.

        The time is in seconds since 1970, by the database's clock, as are those in the book. ``budget`` names the key,
        and must tell nobody what it is. Raises UnavailableError; then nothing may have been granted.
        """
        async with self._database.write() as connection:
            book, now = await self._opened(connection, budget)
            book, grant = settle(book, application, pace, now)
            await connection.execute(
                update(rate_budgets)
                .where(rate_budgets.c.id == budget)
                .values(
                    leases=json.dumps([[lease.id, lease.starts, lease.last] for lease in book.leases]),
                    told_limit=book.told,
                    paused_until=datetime.fromtimestamp(book.paused_until, UTC) if book.paused_until else None,
                )
            )
        return book, grant, now

    async def _opened(self, connection: AsyncConnection, budget: bytes) -> tuple[Book, float]:
        """Lock the row of a key, made if need be, and read it."""
        locked = (
            self._database.insert(rate_budgets)
            .values(id=budget, leases="", seen_at=self._database.now())
            .on_conflict_do_update(index_elements=[rate_budgets.c.id], set_={"seen_at": self._database.now()})
            .returning(rate_budgets)
        )
        row = (await connection.execute(locked)).mappings().one()
        now: datetime = row[rate_budgets.c.seen_at]
        if not row[rate_budgets.c.leases]:
            await self._forget_before(connection, now - KEPT)
            return Book(), now.timestamp()
        paused_until = row[rate_budgets.c.paused_until]
        return Book(
            tuple(Lease(*lease) for lease in json.loads(row[rate_budgets.c.leases])),
            row[rate_budgets.c.told_limit],
            paused_until.timestamp() if paused_until else 0.0,
        ), now.timestamp()

    async def _forget_before(self, connection: AsyncConnection, instant: datetime) -> None:
        """Drop the rows of keys that nobody uses any more, whenever a new key comes, so that there are never many.

        Those that somebody else is about to drop or to use are left: two that wait for each other would be undone.
        """
        stale = select(rate_budgets.c.id).where(rate_budgets.c.seen_at < instant).with_for_update(skip_locked=True)
        await connection.execute(delete(rate_budgets).where(rate_budgets.c.id.in_(stale)))
