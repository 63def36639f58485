"""The rule that ties agents to accounts: an agent has a private key or a link, never both.

Whoever changes either locks the agent first and looks afterwards. Rows are locked in one order everywhere, so that no
two transactions wait for each other: organization accounts, then agents, then private accounts, each kind by id. The
locks leave foreign keys alone (FOR NO KEY UPDATE): booking records are written meanwhile.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.access import Actor
from calbridge.domain.errors import AgentKeyedError, NotFoundError
from calbridge.storage.audit import Event, enter
from calbridge.storage.tables import accounts, agents


def alive(organization_id: UUID, agent_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    """Pick these agents: of the organization, and not deleted."""
    return agents.c.organization_id == organization_id, agents.c.id.in_(agent_ids), agents.c.deleted_at.is_(None)


async def lock_agent(connection: AsyncConnection, organization_id: UUID, agent_id: UUID) -> RowMapping:
    """Lock an agent and return its row. Raises NotFoundError."""
    statement = select(agents).where(*alive(organization_id, [agent_id])).with_for_update(key_share=True)
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("Agent")
    return row


async def refuse_private_keys(connection: AsyncConnection, agent_ids: Collection[UUID]) -> None:
    """Raise AgentKeyedError if one of the (locked) agents has a private key."""
    statement = select(accounts.c.id).where(accounts.c.agent_id.in_(agent_ids), accounts.c.sealed_key.is_not(None))
    if (await connection.execute(statement.limit(1))).one_or_none() is not None:
        raise AgentKeyedError


async def link_exactly(
    connection: AsyncConnection, account: RowMapping, agent_ids: Collection[UUID], by: Actor, now: datetime
) -> bool:
    """Link these agents to the (locked) account and unlink all others; whether that changed anything.

    Raises NotFoundError and ConflictError.
    """
    account_id, organization_id = account[accounts.c.id], account[accounts.c.organization_id]
    before = agents.c.linked_account_id == account_id
    concerned = select(agents.c.id).where(or_(before, agents.c.id.in_(agent_ids))).order_by(agents.c.id)
    await connection.execute(concerned.with_for_update(key_share=True))
    there = (await connection.scalars(select(agents.c.id).where(*alive(organization_id, agent_ids)))).all()
    if len(there) < len(agent_ids):
        raise NotFoundError("Agent")
    await refuse_private_keys(connection, agent_ids)
    strangers = update(agents).where(before, agents.c.id.not_in(agent_ids))
    unlink = strangers.values(linked_account_id=None, updated_at=now).returning(agents.c.id)
    unlinked = (await connection.scalars(unlink)).all()
    newcomers = update(agents).where(
        agents.c.id.in_(agent_ids), agents.c.linked_account_id.is_distinct_from(account_id)
    )
    link = newcomers.values(linked_account_id=account_id, updated_at=now).returning(agents.c.id)
    linked = (await connection.scalars(link)).all()
    await enter(connection, organization_id, Event.AGENT_UNLINKED, unlinked, by, now)
    await enter(connection, organization_id, Event.AGENT_LINKED, linked, by, now)
    return bool(unlinked or linked)


async def unlink_all(
    connection: AsyncConnection, organization_id: UUID, account_ids: Collection[UUID], by: Actor, now: datetime
) -> None:
    """Undo every link to these (locked) accounts of the organization."""
    linked = agents.c.linked_account_id.in_(account_ids)
    await connection.execute(select(agents.c.id).where(linked).order_by(agents.c.id).with_for_update(key_share=True))
    unlink = update(agents).where(linked).values(linked_account_id=None, updated_at=now).returning(agents.c.id)
    unlinked = (await connection.scalars(unlink)).all()
    await enter(connection, organization_id, Event.AGENT_UNLINKED, unlinked, by, now)
