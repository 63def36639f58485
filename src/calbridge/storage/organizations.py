"""Organizations: made by an operator, or springing into being when a token first names them."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from calbridge.domain.agents import Organization
from calbridge.domain.errors import ConflictError, NotFoundError
from calbridge.storage.database import Database
from calbridge.storage.rows import organization_from
from calbridge.storage.tables import new_id, organizations


class Organizations:
    """The organizations that calbridge serves."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def create(self, name: str, id: UUID | None = None) -> Organization:  # noqa: A002 - it is the id
        """Make an organization. Raises ConflictError when the id is in use."""
        insert = self._database.insert(organizations).on_conflict_do_nothing()
        values = self._values(id or new_id(), name)
        async with self._database.write() as connection:
            row = (await connection.execute(insert.values(values).returning(organizations))).mappings().one_or_none()
        if row is None:
            raise ConflictError("An organization with this id exists already.")
        return organization_from(row)

    async def ensure(self, id: UUID) -> Organization:  # noqa: A002 - it is the id
        """Return the organization; if nobody has made it yet, make it, named by its id."""
        insert = self._database.insert(organizations).on_conflict_do_nothing()
        async with self._database.write() as connection:
            await connection.execute(insert.values(self._values(id, str(id))))
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

    async def require_key(self, id: UUID, required: bool) -> Organization:  # noqa: A002 - it is the id
        """Say whether acting for the organization takes a credential. Raises NotFoundError."""
        statement = update(organizations).where(organizations.c.id == id).values(require_key=required)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(organizations))).mappings().one_or_none()
        if row is None:
            raise NotFoundError("Organization")
        return organization_from(row)

    def _values(self, organization_id: UUID, name: str) -> dict[str, object]:
        return {"id": organization_id, "name": name, "require_key": False, "created_at": self._clock()}
