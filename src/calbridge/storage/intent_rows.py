"""Rows of intents: what one is when it is begun, what is noted in it, and what it tells when it is read."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, RowMapping, func, literal

from calbridge.domain.agents import User
from calbridge.domain.intents import Draft, Errand, Intent, Name, State
from calbridge.storage.database import Database
from calbridge.storage.tables import intents
from calbridge.storage.wishes import Wishes


class IntentRows:
    """Writes and reads rows; all instants but the wanted one are of the database's clock."""

    def __init__(self, database: Database, wishes: Wishes) -> None:
        self._database = database
        self._wishes = wishes

    def fresh(self, row_id: UUID, draft: Draft) -> dict[str, object]:
        """Fill the columns of an intent at its first attempt, but for its ``moments``."""
        return self._wishes.columns(row_id, draft) | {
            "id": row_id,
            "organization_id": draft.organization_id,
            "account_id": draft.account_id,
            "base_url": draft.user.base_url,
            "host_id": draft.user.id,
            "agent_id": draft.agent_id,
            "action": draft.errand.value,
            "state": State.SENDING.value,
            "fence": 1,
            "claim": self.claim(draft),
            "event_type_id": draft.event_type_id,
            "starts_at": draft.start,
            "uid": draft.uid,
            "seat_uid": draft.seat_uid,
            "reason": "",
            "looks": 0,
            "looked_at": None,
            "settled_at": None,
        }

    def moments(self, lease: timedelta | BindParameter[timedelta]) -> dict[str, ColumnElement[Any]]:
        """Fill those columns of an intent at its first attempt that the database's clock tells."""
        return {
            "history": self._stamp() + literal(" attempt 1\n"),
            "attempted_at": self._database.now(),
            "due_at": self._database.now(lease),
            "created_at": self._database.now(),
        }

    def claim(self, draft: Draft) -> str:
        """Where there is room for many, what is claimed is the name: a misheard repetition waits for the first."""
        return draft.claim or f"name {self._wishes.keys_of(draft.name)[0].hex()}"

    def noted(self, note: str | BindParameter[str]) -> ColumnElement[str]:
        """Add a line to the history of an intent."""
        return intents.c.history + self._stamp() + literal(" ") + note + literal("\n")

    def _stamp(self) -> ColumnElement[str]:
        """The database's present in ISO 8601, as text."""
        if self._database.is_sqlite:
            return func.strftime("%Y-%m-%dT%H:%M:%fZ", "now")
        return func.to_char(func.timezone("UTC", func.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')

    def intent_from(self, row: RowMapping, now: datetime, name: Name | None) -> Intent:
        """Read an intent. ``now``: by the database's clock. ``name``: the one that it was looked up by."""
        columns = intents.c
        wish = self._wishes.open(row[columns.id], row[columns.sealed_wish])
        due, looked = row[columns.due_at], row[columns.looked_at]
        return Intent(
            id=row[columns.id],
            organization_id=row[columns.organization_id],
            account_id=row[columns.account_id],
            user=User(row[columns.base_url], row[columns.host_id]),
            agent_id=row[columns.agent_id],
            call_session_id=wish.call_session_id if wish else "",
            errand=Errand(row[columns.action]),
            state=State(row[columns.state]),
            fence=row[columns.fence],
            event_type_id=row[columns.event_type_id],
            start=row[columns.starts_at],
            uid=row[columns.uid],
            seat_uid=row[columns.seat_uid],
            reason=row[columns.reason],
            wisher=wish.wisher if wish else None,
            has_payload=row[columns.payload] is not None,
            same_caller=name is not None and self._wishes.is_caller(row[columns.caller], name),
            same_payload=name is not None and self._wishes.is_payload(row[columns.payload], name),
            looks=row[columns.looks],
            age=now - row[columns.created_at],
            since_attempt=now - row[columns.attempted_at],
            since_look=None if looked is None else now - looked,
            overdue=due is not None and due <= now,
            created_at=row[columns.created_at],
            settled_at=row[columns.settled_at],
            history=row[columns.history],
        )
