"""Our own memory of bookings. What tells of the caller is sealed, and can be erased: the rest of the record stays."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from calbridge.domain.appointments import GONE, BookingRecord, Whereabouts
from calbridge.storage.booking_rows import BookingRows, brief, is_outdated, root_of, truths
from calbridge.storage.callers import ERASED, Callers, Values
from calbridge.storage.changes import note_change
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import bookings


def _by_uid(*columns: ColumnElement[Any]) -> Select[Any]:
    """Read the record of a booking; two accounts may see one, then that of the one whose agent made it comes first."""
    return (
        select(*columns)
        .where(bookings.c.organization_id == bindparam("of_organization"), bookings.c.uid == bindparam("with_uid"))
        .order_by(bookings.c.agent_id.is_(None), bookings.c.updated_at.desc(), bookings.c.id.desc())
        .limit(1)
    )


# Made once: every request for an appointment takes the second.
_RECORD = _by_uid(*bookings.c)
_WHEREABOUTS = _by_uid(bookings.c.account_id, bookings.c.agent_id)


class Bookings:
    """The bookings that went through us."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._callers = Callers(keys)
        self._rows = BookingRows(self._callers)
        # Inserts a record if the account has none of that booking or seat; gives its id then.
        self.if_new = _inserting_if_new(database)

    async def record(self, record: BookingRecord) -> None:
        """Write a booking, or a seat in one, down. If the account has it already, its id and ``created_at`` stay."""
        async with self._database.write() as connection:
            await self.put(connection, [record])

    async def put(self, connection: AsyncConnection, records: Sequence[BookingRecord]) -> None:
        """Do what ``record`` does, in a transaction of somebody else in this room.

        ``records``: of one caller. Where one of theirs is erased, none of these tells of them: a booking that is moved
        takes nothing along, nor does anything come back that was erased since it was read.
        """
        if not records:
            return
        await _take_turns(connection, records[0].account_id)
        rows = await _locked(connection, or_(*(_is_same(record) for record in records)))
        erased = ERASED if any(row.erased for row in rows) else {}
        for record in records:
            known = [row for row in rows if (row.uid, row.seat_uid) == (record.uid, record.seat_uid)]
            if not known:
                inserted = await connection.execute(self.if_new, self.parameters(record, erased))
                if inserted.one_or_none() is not None:
                    continue
            (row,) = known or await _locked(connection, _is_same(record))  # made at the same moment
            # What is sealed is bound to the id of its row, so it is sealed again for the one that is there.
            values = self._rows.values(row.id, record) | {"created_at": bookings.c.created_at}
            if record.calcom_updated_at is None:
                values["calcom_updated_at"] = row.calcom_updated_at
            # The answer to a write may come after the news of what happened next.
            if row.calcom_updated_at is not None and is_outdated(record, row):
                for name in ("starts_at", "ends_at", "status", "calcom_updated_at"):
                    values[name] = getattr(row, name)
            values |= ERASED if row.erased else erased
            await connection.execute(update(bookings).where(bookings.c.id == row.id).values(values))

    def parameters(self, record: BookingRecord, erased: Values | None = None) -> Values:
        """Give the parameters of ``if_new``."""
        values = self._rows.values(record.id, record) | (erased or {})
        return {_parameter(name): value for name, value in values.items()}

    async def absorb(
        self, seen: BookingRecord, *, moved_from: str | None, moved_to: str | None, seats: Collection[str] = ()
    ) -> bool:
        """Bring the record of a booking up to date with what was seen at Cal.com, or make one; whether that changed it.

        ``seen`` is as a new record would be. Of one that is there already its caller, intent, call and creation stay:
        what a caller told us is not to be had at Cal.com, and what was erased must not come back; nor does it with the
        booking that an erased one was moved to. ``moved_from`` and ``moved_to``: its neighbours in the chain, which may
        be unknown still, and are seen in any order. ``seats``: those that are in it now; whoever had theirs in the
        booking before has gone with it. What was seen before something newer, by Cal.com's clock, is dropped; and
        nothing that is over revives without a word that is newer.
        """
        async with self._database.write() as connection:
            await _take_turns(connection, seen.account_id)
            of_account = bookings.c.account_id == seen.account_id
            neighbours = bookings.c.uid.in_({seen.uid, moved_from or seen.uid})
            after = bookings.c.root_uid.in_({seen.uid, moved_to or seen.uid})
            rows = await _locked(connection, of_account & (neighbours | after))
            known = [row for row in rows if row.uid == seen.uid]
            before = [row for row in rows if row.uid == moved_from]
            roots = [rows[0].root_uid if rows else None for rows in (before, known)]
            root = root_of(seen.uid, moved_from, *roots)
            if seen.status not in GONE:
                here = set(seats) - {row.seat_uid for row in known}
                known += [row for row in before if row.seat_uid in here]
            changed = False
            if not known:
                erased = ERASED if any(row.erased for row in before) else {}
                made = await connection.execute(self.if_new, self.parameters(replace(seen, root_uid=root), erased))
                changed = made.one_or_none() is not None
                known = [] if changed else await _locked(connection, of_account & (bookings.c.uid == seen.uid))
            for row in known:
                if is_outdated(seen, row):
                    continue
                values = truths(seen, row, seats) | {"root_uid": root}
                differs = any(value != getattr(row, name) for name, value in values.items())
                values |= {"calcom_updated_at": seen.calcom_updated_at or row.calcom_updated_at}
                values |= {"updated_at": seen.updated_at} if differs else {}
                await connection.execute(update(bookings).where(bookings.c.id == row.id).values(values))
                changed = changed or differs
            # Those that took this one, or the next, for the first of the chain.
            mistaken = of_account & bookings.c.root_uid.in_({seen.uid, moved_to or seen.uid} - {root})
            await connection.execute(update(bookings).where(mistaken).values(root_uid=root))
            if changed or any(row.calcom_updated_at != seen.calcom_updated_at for row in known):
                await note_change(connection, seen.account_id)
        return changed

    async def get(self, organization_id: UUID, uid: str) -> BookingRecord | None:
        """Return what we know of a booking, or None.

        Two accounts may see one booking; then the record of the one whose agent made it counts, else the last written.
        """
        wanted = {"of_organization": organization_id, "with_uid": uid}
        async with self._database.read() as connection:
            row = (await connection.execute(_RECORD, wanted)).mappings().one_or_none()
        return None if row is None else self._rows.record_from(row)

    async def whereabouts(self, organization_id: UUID, uid: str) -> Whereabouts | None:
        """Return what ``get`` tells of the account and the agent, without a look at the caller."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(_WHEREABOUTS, {"of_organization": organization_id, "with_uid": uid})
            ).first()
        return None if row is None else Whereabouts(row.account_id, row.agent_id)

    async def seats(self, account_id: UUID, uids: Collection[str]) -> tuple[BookingRecord, ...]:
        """Return the records of the seats in bookings that went through us."""
        wanted = (bookings.c.account_id == account_id, bookings.c.uid.in_(uids), bookings.c.seat_uid != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(select(bookings).where(*wanted))).mappings().all()
        return tuple(self._rows.record_from(row) for row in rows)

    async def uids_of_caller(
        self, account_id: UUID, *, phone: str, email: str, ending_after: datetime, gone_too: bool, limit: int
    ) -> tuple[str, ...]:
        """Return the uids of at most ``limit`` bookings of an account that are under that phone or that e-mail.

        ``phone`` is E.164. ``gone_too``: also what is known to be cancelled or declined, after the rest. Of either,
        what was written down last comes first. A record that is erased, or that has no hashes yet, is nobody's.
        """
        is_gone = bookings.c.status.in_(GONE)
        statement = (
            select(bookings.c.uid)
            .where(
                bookings.c.account_id == account_id,
                self._callers.matching(phone=phone, email=email),
                bookings.c.ends_at > ending_after,
                *(() if gone_too else (~is_gone,)),
            )
            .group_by(bookings.c.uid)  # several seats in one booking may be one caller's
            .order_by(func.min(case((is_gone, 1), else_=0)), func.max(bookings.c.updated_at).desc(), bookings.c.uid)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return tuple((await connection.scalars(statement)).all())

    async def seats_of_caller(self, account_id: UUID, uid: str, *, phone: str, email: str) -> frozenset[str]:
        """Return the seats that a caller has taken in a booking, or given up since; "" is the booking as a whole."""
        theirs = (bookings.c.account_id == account_id, bookings.c.uid == uid)
        matching = self._callers.matching(phone=phone, email=email)
        async with self._database.read() as connection:
            return frozenset((await connection.scalars(select(bookings.c.seat_uid).where(*theirs, matching))).all())

    async def last_of_caller(self, account_id: UUID, *, phone: str) -> BookingRecord | None:
        """Return the record under that phone, in E.164, that an account wrote down last; None for an unknown caller."""
        statement = (
            select(bookings)
            .where(bookings.c.account_id == account_id, self._callers.matching(phone=phone, email=""))
            .order_by(bookings.c.created_at.desc(), bookings.c.id.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else self._rows.record_from(row)

    async def erase_caller(self, organization_id: UUID | None, *, phone: str = "", email: str = "") -> int:
        """Erase what tells of a caller from every record of that phone number or that e-mail address.

        In one organization, or with None in all. ``phone`` is E.164; at least one of the two is needed (ValueError).
        Returns how many records it concerned. The records themselves stay: uid, times, status, agent.
        """
        if not (phone or email):
            raise ValueError("a phone number or an e-mail address is needed")
        of = () if organization_id is None else (bookings.c.organization_id == organization_id,)
        matching = or_(
            self._callers.matching(phone=phone, email=email),
            bookings.c.id.in_(await self._unhashed(of, phone=phone, email=email)),
        )
        left = (*of, matching, bookings.c.sealed_caller.is_not(None))
        locking = select(bookings.c.id).where(*left).order_by(bookings.c.id).with_for_update(key_share=True)
        total = 0
        while erased := await self._erase(locking):  # what it waited for may have left a successor that it did not see
            total += erased
        return total

    async def erase_older_than(self, before: datetime, *, batch: int) -> int:
        """Erase what tells of callers from at most ``batch`` records of appointments that ended before an instant.

        Returns how many it were: less than ``batch`` if none is left, but for those that another process erases now.
        """
        due = select(bookings.c.id).where(bookings.c.ends_at < before, bookings.c.sealed_caller.is_not(None))
        locking = due.order_by(bookings.c.ends_at).limit(batch).with_for_update(skip_locked=True, key_share=True)
        return await self._erase(locking)

    async def _erase(self, locking: Select[tuple[UUID]]) -> int:
        async with self._database.write() as connection:
            ids = (await connection.scalars(locking)).all()
            # Not ``updated_at``: it tells which of two records of one booking counts, and that is still so.
            await connection.execute(update(bookings).where(bookings.c.id.in_(ids)).values(ERASED))
        if ids:
            await self._database.scrub()
        return len(ids)

    async def _unhashed(self, of: tuple[ColumnElement[bool], ...], *, phone: str, email: str) -> list[UUID]:
        """Find what hashes do not: records from before there were any, until ``secrets rotate`` has given them some."""
        statement = select(bookings.c.id, bookings.c.sealed_caller).where(
            *of, bookings.c.phone_hash.is_(None), bookings.c.email_hash.is_(None), bookings.c.sealed_caller.is_not(None)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [row_id for row_id, sealed in rows if self._callers.is_one(row_id, sealed, phone=phone, email=email)]


def _inserting_if_new(database: Database) -> ReturningInsert[tuple[UUID]]:
    values = {column.name: bindparam(_parameter(column.name), type_=column.type) for column in bookings.c}
    insert = database.insert(bookings).values(values)
    return insert.on_conflict_do_nothing(index_elements=["account_id", "uid", "seat_uid"]).returning(bookings.c.id)


def _parameter(column: str) -> str:
    """Name a parameter, in statements that write to other tables, too."""
    return f"booking_{column}"


def _is_same(record: BookingRecord) -> ColumnElement[bool]:
    """Pick the row of that very booking, or seat in it."""
    columns = bookings.c
    return and_(columns.account_id == record.account_id, columns.uid == record.uid, columns.seat_uid == record.seat_uid)


async def _take_turns(connection: AsyncConnection, account_id: UUID) -> None:
    """Wait for whoever writes records of an account: neighbours of a chain, written at once, would not see each other.

    Not for whoever writes the account itself. SQLite has one writer at a time as it is.
    """
    if connection.dialect.name != "sqlite":
        number = literal(account_id.int % 2**63, BigInteger)
        await connection.execute(select(func.pg_advisory_xact_lock(number)))


async def _locked(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Row[Any]]:
    """Read rows that are about to be written, in the order in which all lock them: then nobody waits in a circle."""
    locking = brief(which).order_by(bookings.c.id).with_for_update(key_share=True)
    return list((await connection.execute(locking)).all())
