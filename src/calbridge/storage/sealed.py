"""All sealed values of the database, to be sealed anew under the newest key while the service answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, RowMapping, and_, bindparam, func, or_, select, update

from calbridge.storage.callers import Callers, Values
from calbridge.storage.database import Database
from calbridge.storage.secrets import ID_BYTES, KeyRing, SealError, row_name
from calbridge.storage.tables import accounts, bookings, intents, voice_secrets, webhooks
from calbridge.storage.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Stretch:
    """What became of some sealed values, in the order of their ids. ``last`` is None past the end of the table."""

    last: UUID | None
    seen: int = 0
    renewed: int = 0
    busy: int = 0  # somebody else was writing them: come again
    unreadable: tuple[str, ...] = ()  # table and id of what opens under no key


@dataclass(frozen=True, slots=True)
class _Kind:
    """A column of sealed values: which rows want renewal, and what they become then; None for no change."""

    column: Column[Any]
    stale: ColumnElement[bool]
    renew: Callable[[RowMapping], Values | None]


class Sealed:
    """The sealed values, by table. What the newest key has sealed is known by its first bytes, and left alone."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._callers = Callers(keys)
        self._wishes = Wishes(keys)
        unhashed = and_(bookings.c.phone_hash.is_(None), bookings.c.email_hash.is_(None))
        self._kinds: Mapping[str, _Kind] = MappingProxyType(
            {
                "accounts": self._plain(accounts.c.sealed_key),
                "webhooks": self._plain(webhooks.c.sealed_secret),
                "voice_secrets": self._plain(voice_secrets.c.sealed_secrets),
                "bookings": _Kind(
                    bookings.c.sealed_caller, or_(self._old(bookings.c.sealed_caller), unhashed), self._renew_caller
                ),
                "intents": _Kind(intents.c.sealed_wish, self._old(intents.c.sealed_wish), self._renew_wish),
            }
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that hold sealed values."""
        return tuple(self._kinds)

    async def count(self) -> int:
        """Count all sealed values, under whichever key."""
        total = 0
        async with self._database.read() as connection:
            for kind in self._kinds.values():
                total += await connection.scalar(select(func.count(kind.column))) or 0
        return total

    async def renew(self, table: str, *, after: UUID | None, batch: int) -> Stretch:
        """Seal the next ``batch`` values past an id anew, where they need it: one short transaction.

        A row that somebody else is writing is passed over instead of waited for, so that this never is part of a
        deadlock; what was written meanwhile is what is sealed.
        """
        kind = self._kinds[table]
        ids = kind.column.table.c.id
        past = () if after is None else (ids > after,)
        upcoming = select(ids, kind.stale).where(kind.column.is_not(None), *past).order_by(ids).limit(batch)
        async with self._database.read() as connection:
            rows = (await connection.execute(upcoming)).all()
        if not rows:
            await self._database.scrub()
            return Stretch(None)
        stale = [row_id for row_id, is_stale in rows if is_stale]
        if not stale:
            return Stretch(rows[-1][0], len(rows))
        return await self._write(kind, stale, last=rows[-1][0], seen=len(rows))

    async def _write(self, kind: _Kind, stale: list[UUID], *, last: UUID, seen: int) -> Stretch:
        table = kind.column.table
        # Asked again of the locked rows: what was erased since they were read must not come back as something sealed.
        still = table.c.id.in_(stale), kind.stale, kind.column.is_not(None)
        locking = select(table).where(*still).order_by(table.c.id)
        renewed: list[Values] = []
        unreadable: list[str] = []
        async with self._database.write() as connection:
            locked = await connection.execute(locking.with_for_update(skip_locked=True, key_share=True))
            rows = locked.mappings().all()
            for row in rows:
                try:
                    values = kind.renew(row)
                except SealError:
                    unreadable.append(f"{table.name} {row[table.c.id]}")
                else:
                    renewed += [] if values is None else [values | {"row_id": row[table.c.id]}]
            if renewed:
                write = update(table).where(table.c.id == bindparam("row_id"))
                columns = renewed[0].keys() - {"row_id"}
                await connection.execute(write.values({name: bindparam(name) for name in columns}), renewed)
        return Stretch(last, seen, len(renewed), len(stale) - len(rows), tuple(unreadable))

    def _old(self, column: Column[Any]) -> ColumnElement[bool]:
        return func.substr(column, 1, ID_BYTES, type_=LargeBinary) != self._keys.newest_id

    def _plain(self, column: Column[Any]) -> _Kind:
        """A column whose values nothing else in the row depends on."""

        def renew(row: RowMapping) -> Values:
            place = row_name(column.table.name, column.name, row[column.table.c.id])
            return {column.name: self._keys.seal(self._keys.open(row[column], row=place), row=place)}

        return _Kind(column, self._old(column), renew)

    def _renew_wish(self, row: RowMapping) -> Values:
        is_named = row[intents.c.key] is not None
        return self._wishes.renewed(row[intents.c.id], row[intents.c.sealed_wish], named=is_named)

    def _renew_caller(self, row: RowMapping) -> Values | None:
        row_id, sealed = row[bookings.c.id], row[bookings.c.sealed_caller]
        values = self._callers.columns(row_id, self._callers.open(row_id, sealed))
        has_hash = values["phone_hash"] or values["email_hash"]
        return values if has_hash or not sealed.startswith(self._keys.newest_id) else None
