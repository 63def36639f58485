"""Voice agents: whose they are, and which Cal.com account each one uses."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import AccountStatus, Agent, AgentStatus, Assignment
from calbridge.domain.errors import ConflictError, NotFoundError
from calbridge.storage.account_values import erased
from calbridge.storage.audit import Event, enter
from calbridge.storage.database import Database
from calbridge.storage.links import lock_agent, refuse_private_keys
from calbridge.storage.rows import agent_from, connection_from, organization_from
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import accounts, agents, new_id, organizations

# Made once: what statements are made of are cycles, which wait for the garbage collector.
_PRIVATE = accounts.alias("private")
_ASSIGNMENT = (
    select(agents, organizations, accounts)
    .where(
        agents.c.organization_id == bindparam("of_organization"),
        agents.c.id == bindparam("with_id"),
        agents.c.deleted_at.is_(None),
    )
    .join(organizations, organizations.c.id == agents.c.organization_id)
    .outerjoin(_PRIVATE, and_(_PRIVATE.c.agent_id == agents.c.id, _PRIVATE.c.sealed_key.is_not(None)))
    .outerjoin(
        accounts,
        and_(
            accounts.c.id == func.coalesce(_PRIVATE.c.id, agents.c.linked_account_id),
            accounts.c.status == AccountStatus.ACTIVE.value,
            accounts.c.sealed_key.is_not(None),
        ),
    )
)


_AGENT = select(agents).where(
    agents.c.organization_id == bindparam("of_organization"),
    agents.c.id == bindparam("with_id"),
    agents.c.deleted_at.is_(None),
)


class Agents:
    """The voice agents of all organizations. A deleted agent is as good as none."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def create(
        self,
        organization_id: UUID,
        name: str,
        *,
        id: UUID | None = None,  # noqa: A002 - it is the id
        timezone: str = "",
        event_type: str = "",
        status: AgentStatus = AgentStatus.ACTIVE,
        by: Actor = CALBRIDGE,
    ) -> Agent:
        """Make an agent. Raises ConflictError when the id is in use, be it elsewhere or by a deleted agent."""
        now = self._clock()
        insert = self._database.insert(agents).on_conflict_do_nothing()
        values = {
            "id": id or new_id(),
            "organization_id": organization_id,
            "name": name,
            "status": status.value,
            "timezone": timezone,
            "event_type": event_type,
            "created_at": now,
            "updated_at": now,
        }
        async with self._database.write() as connection:
            try:
                row = (await connection.execute(insert.values(values).returning(agents))).mappings().one_or_none()
            except IntegrityError as error:
                raise NotFoundError("Organization") from error
            if row is None:
                raise ConflictError("An agent with this id exists already.")
            await enter(connection, organization_id, Event.AGENT_CREATED, [row[agents.c.id]], by, now)
        return agent_from(row)

    async def get(self, organization_id: UUID, agent_id: UUID) -> Agent | None:
        """Return an agent of the organization, or None."""
        whose = {"of_organization": organization_id, "with_id": agent_id}
        async with self._database.read() as connection:
            row = (await connection.execute(_AGENT, whose)).mappings().one_or_none()
        return None if row is None else agent_from(row)

    async def list(self, organization_id: UUID, *, limit: int, offset: int) -> tuple[tuple[Agent, ...], int]:
        """Return a page of the organization's agents, the oldest first, and how many there are in all."""
        statement = select(agents).where(agents.c.organization_id == organization_id, agents.c.deleted_at.is_(None))
        count = select(func.count()).select_from(statement.subquery())
        page = statement.order_by(agents.c.created_at, agents.c.id).limit(limit).offset(offset)
        async with self._database.read() as connection:
            rows = (await connection.execute(page)).mappings().all()
            total = (await connection.execute(count)).scalar_one()
        return tuple(agent_from(row) for row in rows), total

    async def update(
        self,
        organization_id: UUID,
        agent_id: UUID,
        *,
        name: str | None = None,
        status: AgentStatus | None = None,
        timezone: str | None = None,
        event_type: str | None = None,
        by: Actor = CALBRIDGE,
    ) -> Agent:
        """Change what is given, leave what is None. Raises NotFoundError."""
        wanted = {"name": name, "status": status, "timezone": timezone, "event_type": event_type}
        now = self._clock()
        async with self._database.write() as connection:
            row = await lock_agent(connection, organization_id, agent_id)
            changes = {
                column: value
                for column, value in wanted.items()
                if value is not None and value != row[agents.c[column]]
            }
            if changes:
                change = update(agents).where(agents.c.id == agent_id).values(**changes, updated_at=now)
                row = (await connection.execute(change.returning(agents))).mappings().one()
                await enter(connection, organization_id, Event.AGENT_CHANGED, [agent_id], by, now)
        return agent_from(row)

    async def delete(self, organization_id: UUID, agent_id: UUID, *, by: Actor = CALBRIDGE) -> None:
        """Delete an agent, undo its link and erase its private Cal.com key. Raises NotFoundError."""
        now = self._clock()
        gone = {"deleted_at": now, "linked_account_id": None, "updated_at": now}
        private = update(accounts).where(accounts.c.agent_id == agent_id, accounts.c.sealed_key.is_not(None))
        async with self._database.write() as connection:
            agent = await lock_agent(connection, organization_id, agent_id)
            await connection.execute(update(agents).where(agents.c.id == agent_id).values(gone))
            keys = (await connection.scalars(private.values(erased(now)).returning(accounts.c.id))).all()
            unlinked = [agent_id] if agent[agents.c.linked_account_id] is not None else []
            await enter(connection, organization_id, Event.AGENT_UNLINKED, unlinked, by, now)
            await enter(connection, organization_id, Event.AGENT_KEY_DISCONNECTED, keys, by, now)
            await enter(connection, organization_id, Event.AGENT_DELETED, [agent_id], by, now)

    async def link(
        self, organization_id: UUID, agent_id: UUID, account_id: UUID | None, *, by: Actor = CALBRIDGE
    ) -> Agent:
        """Have an agent use an account of its organization, or none.

        Raises NotFoundError for the agent or for the account: unknown to the organization, private, or disconnected.
        Raises ConflictError for an agent with a private key: the two exclude each other.
        """
        # Shared: many agents may be linked to an account at once, but none while it is being disconnected.
        usable = select(accounts.c.id).where(
            accounts.c.id == account_id,
            accounts.c.organization_id == organization_id,
            accounts.c.agent_id.is_(None),
            accounts.c.status != AccountStatus.INACTIVE.value,
            accounts.c.sealed_key.is_not(None),
        )
        linked = update(agents).where(agents.c.id == agent_id).values(linked_account_id=account_id)
        event = Event.AGENT_UNLINKED if account_id is None else Event.AGENT_LINKED
        now = self._clock()
        async with self._database.write() as connection:
            found = account_id and (await connection.execute(usable.with_for_update(read=True))).one_or_none()
            row = await lock_agent(connection, organization_id, agent_id)
            if account_id is not None:
                if found is None:
                    raise NotFoundError("Cal.com account")
                await refuse_private_keys(connection, {agent_id})
            if row[agents.c.linked_account_id] != account_id:
                row = (await connection.execute(linked.values(updated_at=now).returning(agents))).mappings().one()
                await enter(connection, organization_id, event, [agent_id], by, now)
        return agent_from(row)

    async def assignment(self, organization_id: UUID, agent_id: UUID) -> Assignment | None:
        """Return an agent, its organization and the connection it uses: one statement, since every call begins here.

        A private key comes first, and if Cal.com refused it there is no connection: never the linked account instead.
        """
        whose = {"of_organization": organization_id, "with_id": agent_id}
        async with self._database.read() as connection:
            row = (await connection.execute(_ASSIGNMENT, whose)).mappings().one_or_none()
        if row is None:
            return None
        used = None if row[accounts.c.id] is None else connection_from(row, self._keys)
        return Assignment(organization_from(row), agent_from(row), used)
