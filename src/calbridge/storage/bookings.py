"""Our own memory of bookings. What tells of the caller is sealed, as one JSON object a row."""

import json
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from calbridge.domain.appointments import BookingRecord
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing, row_name
from calbridge.storage.tables import bookings


class Bookings:
    """The bookings that went through us."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def record(self, record: BookingRecord) -> None:
        """Write a booking down. If the account has that uid already, the row keeps its id and ``created_at``."""
        insert = self._database.insert(bookings).on_conflict_do_nothing(index_elements=["account_id", "uid"])
        insert = insert.values(self._values(record.id, record))
        same = select(bookings.c.id).where(bookings.c.account_id == record.account_id, bookings.c.uid == record.uid)
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

    def _values(self, row_id: UUID, record: BookingRecord) -> dict[str, object]:
        caller = {"name": record.name, "email": record.email, "phone": record.phone, "notes": record.notes}
        return {
            "id": row_id,
            "organization_id": record.organization_id,
            "account_id": record.account_id,
            "agent_id": record.agent_id,
            "uid": record.uid,
            "root_uid": record.root_uid,
            "event_type_id": record.event_type_id,
            "starts_at": record.start,
            "ends_at": record.end,
            "status": record.status,
            "call_session_id": record.call_session_id,
            "sealed_caller": self._keys.seal(json.dumps(caller).encode(), row=_caller_of(row_id)),
            "created_at": record.created_at,
            "updated_at": record.updated_at,
        }

    def _record_from(self, row: RowMapping) -> BookingRecord:
        columns = bookings.c
        caller = json.loads(self._keys.open(row[columns.sealed_caller], row=_caller_of(row[columns.id])))
        return BookingRecord(
            id=row[columns.id],
            organization_id=row[columns.organization_id],
            account_id=row[columns.account_id],
            agent_id=row[columns.agent_id],
            uid=row[columns.uid],
            root_uid=row[columns.root_uid],
            event_type_id=row[columns.event_type_id],
            start=row[columns.starts_at],
            end=row[columns.ends_at],
            status=row[columns.status],
            call_session_id=row[columns.call_session_id],
            name=caller["name"],
            email=caller["email"],
            phone=caller["phone"],
            notes=caller["notes"],
            created_at=row[columns.created_at],
            updated_at=row[columns.updated_at],
        )


def _caller_of(row_id: UUID) -> str:
    return row_name("bookings", "sealed_caller", row_id)
