"""How many intents are not settled: cheap enough to be asked every few seconds, and needs no key."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from calbridge.domain.intents import Backlog, State
from calbridge.storage.database import Database
from calbridge.storage.tables import UNSETTLED, intents

LONG = timedelta(hours=1)
OVERDUE = timedelta(minutes=5)  # every process that serves looks every few seconds


class Backlogs:
    """Counts what is open; how long something is ago goes by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, organization_id: UUID | None = None, agent_id: UUID | None = None) -> Backlog:
        """Count the intents of one organization or agent; of all for None."""
        columns = intents.c
        needs_human = columns.state == State.NEEDS_HUMAN.value
        statement = select(
            _count(columns.state == State.SENDING.value),
            _count(columns.state == State.UNKNOWN.value),
            _count(needs_human),
            _count(~needs_human & (columns.attempted_at <= self._database.now(-LONG))),
            _count(columns.due_at <= self._database.now(-OVERDUE)),
        ).where(UNSETTLED)
        if organization_id is not None:
            statement = statement.where(columns.organization_id == organization_id)
        if agent_id is not None:
            statement = statement.where(columns.agent_id == agent_id)
        async with self._database.read() as connection:
            return Backlog(*(await connection.execute(statement.select_from(intents))).one())


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
