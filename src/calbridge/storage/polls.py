"""When each account's bookings are read anew, by whom, and how far that has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, case, or_, select, update

from calbridge.domain.agents import Account, AccountStatus
from calbridge.storage.database import Database
from calbridge.storage.tables import accounts, polls

# Of whom ``seen_until`` tells is still whose account it is.
_SAME_USER = and_(polls.c.base_url == accounts.c.base_url, polls.c.host_id == accounts.c.host_id)


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of an account. ``seen_until``: an instant of Cal.com's clock; None if it was never read."""

    organization_id: UUID
    account_id: UUID
    seen_until: datetime | None
    due_at: datetime  # by the database's clock


class Polls:
    """Turns of accounts that can be used. What is due goes by the database's clock, which all processes share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Made once: processes look four times a minute, and the cycles in a statement wait for the garbage collector.
        due = _turns().where(polls.c.due_at <= bindparam("due_by")).order_by(polls.c.due_at, polls.c.id).limit(1)
        self._due = due.with_for_update(skip_locked=True, of=polls, key_share=True)
        self._without_turn = _usable(select(accounts.c.id)).where(accounts.c.id.not_in(select(polls.c.id)))
        self._present = select(database.now())

    async def claim(self, *, due_by: datetime, lease: timedelta) -> Turn | None:
        """Take the account that has waited longest, if one was due; nobody else gets it for as long as ``lease``.

        If whoever took it dies, it is due again once the lease is over.
        """
        async with self._database.write() as connection:
            row = (await connection.execute(self._due, {"due_by": due_by})).one_or_none()
            if row is None:
                return None
            leased = update(polls).where(polls.c.id == row.account_id).values(due_at=self._database.now(lease))
            due_at = (await connection.scalars(leased.returning(polls.c.due_at))).one()
        return Turn(row.organization_id, row.account_id, row.seen_until, due_at)

    async def enrol(self) -> datetime:
        """Give accounts that have none yet a turn, due at once; return the present, by the database's clock."""
        async with self._database.read() as connection:
            missing = (await connection.scalars(self._without_turn)).all()
        if missing:
            await self._enrol(missing)
        async with self._database.read() as connection:
            return (await connection.scalars(self._present)).one()

    async def turn(self, account_id: UUID) -> Turn | None:
        """Return the turn of an account that can be used, whether or not it is due."""
        await self._enrol([account_id])
        async with self._database.read() as connection:
            row = (await connection.execute(_turns().where(polls.c.id == account_id))).one_or_none()
        return None if row is None else Turn(*row)

    async def reached(self, account: Account, seen_until: datetime) -> None:
        """Note how far the bookings of an account, as it was when they were read, are known now."""
        user = {"base_url": account.base_url, "host_id": account.host.id}
        another = or_(polls.c.base_url != account.base_url, polls.c.host_id != account.host.id)
        further = or_(another, polls.c.seen_until.is_(None), polls.c.seen_until < seen_until)
        statement = update(polls).where(polls.c.id == account.id, further)
        async with self._database.write() as connection:
            await connection.execute(statement.values(seen_until=seen_until, **user))

    async def put_off(self, turn: Turn, by: timedelta) -> None:
        """Make an account due again in a while, unless somebody has hastened it since it was claimed."""
        statement = update(polls).where(polls.c.id == turn.account_id, polls.c.due_at == turn.due_at)
        async with self._database.write() as connection:
            await connection.execute(statement.values(due_at=self._database.now(by)))

    async def hasten(self, account_id: UUID, within: timedelta) -> None:
        """Make an account due in a while, unless it is due before."""
        await self._enrol([account_id])
        soon = self._database.now(within)
        statement = update(polls).where(polls.c.id == account_id, polls.c.due_at > soon)
        async with self._database.write() as connection:
            await connection.execute(statement.values(due_at=soon))

    async def _enrol(self, account_ids: Sequence[UUID]) -> None:
        users = select(accounts.c.id, self._database.now(), accounts.c.base_url, accounts.c.host_id)
        rows = users.where(accounts.c.id.in_(account_ids))
        statement = self._database.insert(polls).from_select(["id", "due_at", "base_url", "host_id"], rows)
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())


def _usable(statement: Select[Any]) -> Select[Any]:
    return statement.where(accounts.c.status == AccountStatus.ACTIVE.value, accounts.c.sealed_key.is_not(None))


def _turns() -> Select[Any]:
    seen_until = case((_SAME_USER, polls.c.seen_until), else_=None)
    columns = (
        accounts.c.organization_id,
        accounts.c.id.label("account_id"),
        seen_until.label("seen_until"),
        polls.c.due_at,
    )
    return _usable(select(*columns).join_from(polls, accounts, accounts.c.id == polls.c.id))
