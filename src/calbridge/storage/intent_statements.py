"""The statements by which intents begin and end, made once: to make one takes longer than to execute it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Integer, Text, and_, bindparam, func, insert, select, true, update
from sqlalchemy.sql.dml import ReturningUpdate

from calbridge.domain.intents import Draft, Intent, State
from calbridge.storage.bookings import Bookings
from calbridge.storage.changes import noting
from calbridge.storage.database import Database
from calbridge.storage.intent_rows import IntentRows
from calbridge.storage.tables import AHEAD, changes, intents

OPEN = tuple(state.value for state in State if state.is_open)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an intent is settled.

    ``correcting``: also what was settled is written anew. ``swift``: the commit does not wait for the disk.
    """

    correcting: bool
    swift: bool


class IntentStatements:
    """Makes each statement when it is wanted for the first time."""

    def __init__(self, database: Database, rows: IntentRows, bookings: Bookings) -> None:
        self._database = database
        self._rows = rows
        self._bookings = bookings
        self._settling: dict[Ending, ReturningUpdate[Any]] = {}
        self._settling_with_record: dict[Ending, Executable] = {}

    @cached_property
    def begin(self) -> Executable:
        """Write an intent down if nothing bears its name or holds its claim, and return it."""
        columns = intents.c
        moments = self._rows.moments(bindparam("lease", type_=AHEAD))
        given = {
            column.name: bindparam(f"intent_{column.name}", type_=column.type)
            for column in columns
            if column.name not in moments
        }
        row = given | moments
        namesakes = select(columns.id).where(columns.key.in_(bindparam("namesakes", expanding=True)))
        values = select(*row.values()).where(~namesakes.exists())
        insert_it = self._database.insert(intents).from_select(list(row), values).on_conflict_do_nothing()
        return insert_it.returning(*columns, self._database.now().label("now"))

    def to_begin(self, row_id: UUID, draft: Draft, namesakes: tuple[bytes, ...]) -> dict[str, object]:
        """Give the parameters of ``begin``."""
        given = {f"intent_{name}": value for name, value in self._rows.fresh(row_id, draft).items()}
        return given | {"lease": draft.lease, "namesakes": namesakes}

    @cached_property
    def overdue(self) -> Executable:
        """Pick as many as ``limit`` that somebody has to see to, in turns of accounts, and lock them."""
        columns = intents.c
        is_due = columns.due_at <= self._database.now()
        turn = func.row_number().over(partition_by=columns.account_id, order_by=columns.due_at).label("turn")
        turns = select(columns.id, turn).where(is_due).subquery()
        return (
            select(columns.id, columns.account_id, columns.state)
            .join(turns, turns.c.id == columns.id)
            .where(is_due)
            .order_by(turns.c.turn, columns.due_at)
            .limit(bindparam("limit", type_=Integer()))
            .with_for_update(of=intents, skip_locked=True)
        )

    def settle(self, ending: Ending) -> ReturningUpdate[Any]:
        """Write down what became of an intent; return when it was made and settled."""
        if ending not in self._settling:
            self._settling[ending] = self._settle(ending)
        return self._settling[ending]

    def settle_with_record(self, ending: Ending) -> Executable:
        """Do so together with the record of the booking, and tell other processes, if the record is new.

        Returns a row if it is, without instants where the intent was not ours to settle. PostgreSQL only. Takes the
        parameters of ``Bookings.if_new`` and those of a change besides.
        """
        if ending not in self._settling_with_record:
            made = self._bookings.if_new.cte("made")
            is_new = select(made.c.id).exists()
            done = self._settle(Ending(ending.correcting, swift=False)).where(is_new).cte("done")
            told = noting(is_sqlite=False)
            noted = insert(changes).from_select(list(told), select(*told.values()).where(is_new)).cte("noted")
            swift = (self._database.swift(),) if ending.swift else ()
            written = select(made.c.id, done.c.created_at, done.c.settled_at, *swift)
            self._settling_with_record[ending] = written.select_from(made.outerjoin(done, true())).add_cte(noted)
        return self._settling_with_record[ending]

    def to_settle(
        self, intent: Intent, state: State, reason: str, note: str, uid: str | None, seat_uid: str | None
    ) -> dict[str, object]:
        """Give the parameters of either."""
        return {
            "intent": intent.id,
            "held_fence": intent.fence,
            "new_state": state.value,
            "new_reason": reason,
            "note": note,
            "new_uid": uid,
            "new_seat_uid": seat_uid,
        }

    def _settle(self, ending: Ending) -> ReturningUpdate[Any]:
        columns = intents.c
        values = {
            "state": bindparam("new_state", type_=Text()),
            "reason": bindparam("new_reason", type_=Text()),
            "claim": None,
            "due_at": None,
            "settled_at": self._database.now(),
            "history": self._rows.noted(bindparam("note", type_=Text())),
            "uid": func.coalesce(bindparam("new_uid", type_=Text()), columns.uid),
            "seat_uid": func.coalesce(bindparam("new_seat_uid", type_=Text()), columns.seat_uid),
        }
        still = and_(
            columns.id == bindparam("intent", type_=columns.id.type),
            columns.fence == bindparam("held_fence", type_=columns.fence.type),
        )
        ours = true() if ending.correcting else columns.state.in_((*OPEN, State.NEEDS_HUMAN.value))
        swift = (self._database.swift(),) if ending.swift else ()
        return (
            update(intents).where(still, ours).values(values).returning(columns.created_at, columns.settled_at, *swift)
        )
