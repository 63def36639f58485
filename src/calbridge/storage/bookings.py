"""Our own memory of bookings. What tells of the caller is sealed, and can be erased: the rest of the record stays."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, or_, select, update

from calbridge.domain.appointments import BookingRecord
from calbridge.storage.callers import ERASED, Caller, Callers
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import bookings


class Bookings:
    """The bookings that went through us."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._callers = Callers(keys)
        self._clock = clock

    async def record(self, record: BookingRecord) -> None:
        """Write a booking, or a seat in one, down. If the account has it already, its id and ``created_at`` stay."""
        insert = self._database.insert(bookings).on_conflict_do_nothing(index_elements=["account_id", "uid", "seat_uid"])
        insert = insert.values(self._values(record.id, record))
        same = select(bookings.c.id).where(
            bookings.c.account_id == record.account_id,
            bookings.c.uid == record.uid,
            bookings.c.seat_uid == record.seat_uid,
        )
        async with self._database.write() as connection:
            inserted = (await connection.execute(insert.returning(bookings.c.id))).one_or_none()
            if inserted is None:
                # What is sealed is bound to the id of its row, so it is sealed again for the one that is there.
                row_id = (await connection.scalars(same.with_for_update(key_share=True))).one()
                values = self._values(row_id, record)
                del values["created_at"]
                await connection.execute(update(bookings).where(bookings.c.id == row_id).values(values))

    async def get(self, organization_id: UUID, uid: str) -> BookingRecord | None:
        """Return what we know of a booking, or None.

        Two accounts may see one booking; then the record that was written last counts.
        """
        statement = (
            select(bookings)
            .where(bookings.c.organization_id == organization_id, bookings.c.uid == uid)
            .order_by(bookings.c.updated_at.desc(), bookings.c.id.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else self._record_from(row)

    async def mark(self, account_id: UUID, uid: str, status: str) -> None:
        """Note the present status of a booking, if it is one of ours."""
        statement = update(bookings).where(bookings.c.account_id == account_id, bookings.c.uid == uid)
        async with self._database.write() as connection:
            await connection.execute(statement.values(status=status, updated_at=self._clock()))

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
        locking = select(bookings.c.id).where(*of, matching).order_by(bookings.c.id).with_for_update(key_share=True)
        return await self._erase(locking)

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

    def _values(self, row_id: UUID, record: BookingRecord) -> dict[str, object]:
        caller = Caller(record.name, record.email, record.phone, record.notes)
        return self._callers.columns(row_id, caller) | {
            "id": row_id,
            "organization_id": record.organization_id,
            "account_id": record.account_id,
            "agent_id": record.agent_id,
            "intent_id": record.intent_id,
            "uid": record.uid,
            "seat_uid": record.seat_uid,
            "root_uid": record.root_uid,
            "event_type_id": record.event_type_id,
            "starts_at": record.start,
            "ends_at": record.end,
            "status": record.status,
            "call_session_id": record.call_session_id,
            "created_at": record.created_at,
            "updated_at": record.updated_at,
        }

    def _record_from(self, row: RowMapping) -> BookingRecord:
        columns = bookings.c
        caller = self._callers.open(row[columns.id], row[columns.sealed_caller])
        return BookingRecord(
            id=row[columns.id],
            organization_id=row[columns.organization_id],
            account_id=row[columns.account_id],
            agent_id=row[columns.agent_id],
            intent_id=row[columns.intent_id],
            uid=row[columns.uid],
            seat_uid=row[columns.seat_uid],
            root_uid=row[columns.root_uid],
            event_type_id=row[columns.event_type_id],
            start=row[columns.starts_at],
            end=row[columns.ends_at],
            status=row[columns.status],
            call_session_id=row[columns.call_session_id],
            name=caller.name,
            email=caller.email,
            phone=caller.phone,
            notes=caller.notes,
            created_at=row[columns.created_at],
            updated_at=row[columns.updated_at],
        )
