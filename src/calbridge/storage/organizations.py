"""Organizations: made by an operator, or springing into being when a token first names them."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import Organization
from calbridge.domain.errors import ConflictError, NotFoundError
from calbridge.storage.audit import Event, enter
from calbridge.storage.database import Database
from calbridge.storage.rows import organization_from
from calbridge.storage.tables import new_id, organizations


class Organizations:
    """The organizations that calbridge serves."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        name: str,
        id: UUID | None = None,  # noqa: A002 - it is the id
        *,
        by: Actor = CALBRIDGE,
    ) -> Organization:
        """Make an organization. Raises ConflictError when the id is in use."""
        async with self._database.write() as connection:
            made = await self._make(connection, id or new_id(), name, by)
        if made is None:
            raise ConflictError("An organization with this id exists already.")
        return made

    async def ensure(self, id: UUID, *, by: Actor = CALBRIDGE) -> Organization:  # noqa: A002 - it is the id
        """Return the organization; if nobody has made it yet, make it, named by its id."""
        async with self._database.write() as connection:
            made = await self._make(connection, id, str(id), by)
            if made is not None:
                return made
            row = (await connection.execute(select(organizations).where(organizations.c.id == id))).mappings().one()
        return organization_from(row)

    async def get(self, id: UUID) -> Organization | None:  # noqa: A002 - it is the id
        """Return the organization, or None."""
        statement = select(organizations).where(organizations.c.id == id)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else organization_from(row)

    async def list(self) -> tuple[Organization, ...]:
        """All organizations, the oldest first."""
        statement = select(organizations).order_by(organizations.c.created_at, organizations.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return tuple(organization_from(row) for row in rows)

    async def require_key(
        self,
        id: UUID,  # noqa: A002 - it is the id
        required: bool,
        *,
        by: Actor = CALBRIDGE,
    ) -> Organization:
        """Say whether acting for the organization takes a credential. Raises NotFoundError."""
        locking = select(organizations).where(organizations.c.id == id).with_for_update(key_share=True)
        change = update(organizations).where(organizations.c.id == id).values(require_key=required)
        async with self._database.write() as connection:
            row = (await connection.execute(locking)).mappings().one_or_none()
            if row is None:
                raise NotFoundError("Organization")
            if row[organizations.c.require_key] != required:
                row = (await connection.execute(change.returning(organizations))).mappings().one()
                await enter(connection, id, Event.ORGANIZATION_CHANGED, [id], by, self._clock())
        return organization_from(row)

    async def _make(
        self, connection: AsyncConnection, organization_id: UUID, name: str, by: Actor
    ) -> Organization | None:
        """Make an organization, or return None when the id is in use."""
        now = self._clock()
        values = {"id": organization_id, "name": name, "require_key": False, "created_at": now}
        insert = self._database.insert(organizations).on_conflict_do_nothing().values(values)
        row = (await connection.execute(insert.returning(organizations))).mappings().one_or_none()
        if row is None:
            return None
        await enter(connection, organization_id, Event.ORGANIZATION_CREATED, [organization_id], by, now)
        return organization_from(row)
