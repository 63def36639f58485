"""Rows of bookings into records and back, and what of them gives way to what is seen at Cal.com."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, Select, select

from calbridge.domain.appointments import GONE, BookingRecord
from calbridge.storage.callers import Caller, Callers, Values
from calbridge.storage.tables import bookings

CANCELLED = "cancelled"


class BookingRows:
    """Reads and writes rows of bookings; callers are sealed under the id of their row."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def values(self, row_id: UUID, record: BookingRecord) -> Values:
        """Fill the columns of a record."""
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
            "calcom_updated_at": record.calcom_updated_at,
        }

    def record_from(self, row: RowMapping) -> BookingRecord:
        """Read a record. Raises SealError."""
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
            calcom_updated_at=row[columns.calcom_updated_at],
        )


def brief(*which: ColumnElement[bool]) -> Select[Any]:
    """Read of records what decides about writing them, without opening what is sealed."""
    columns = bookings.c
    return select(
        columns.id,
        columns.uid,
        columns.seat_uid,
        columns.agent_id,
        columns.root_uid,
        columns.event_type_id,
        columns.starts_at,
        columns.ends_at,
        columns.status,
        columns.calcom_updated_at,
        columns.sealed_caller.is_(None).label("erased"),
    ).where(*which)


def root_of(uid: str, moved_from: str | None, root_before: str | None, root_known: str | None) -> str:
    """Return the first booking of a chain, as far as it is known: that of the one before, else what is known of it."""
    if root_before is not None:
        return root_before
    if moved_from is None or root_known not in {None, uid}:
        return root_known or uid
    return moved_from


def truths(seen: BookingRecord, row: Row[Any], seats: Collection[str]) -> Values:
    """Fill the columns that Cal.com knows better. ``seats``: those that are in the booking; () where none can be seen.

    A seat that is not there any more was given up, whoever else still comes.
    """
    given_up = row.seat_uid and seats and row.seat_uid not in seats and seen.status not in GONE
    return {
        "uid": seen.uid,
        "agent_id": row.agent_id or seen.agent_id,
        "event_type_id": seen.event_type_id or row.event_type_id,  # Cal.com forgets those that are deleted
        "starts_at": seen.start,
        "ends_at": seen.end,
        "status": CANCELLED if given_up else seen.status,
    }


def is_outdated(seen: BookingRecord, row: Row[Any]) -> bool:
    """Whether a record is newer than what was seen. What has ended under one uid may go on under another."""
    told, known = seen.calcom_updated_at, row.calcom_updated_at
    if told is not None and known is not None and told != known:
        return bool(told < known)
    return row.uid == seen.uid and row.status in GONE and seen.status not in GONE
