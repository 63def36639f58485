"""The voice agents of an organization, each with the account that it uses."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import Agent, AgentStatus
from calbridge.domain.errors import NotFoundError
from calbridge.services.assignments import Effective, Kind
from calbridge.services.subscriptions import Subscriptions
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents
from calbridge.storage.organizations import Organizations


class AgentRegister:
    """Makes, shows, changes and deletes agents."""

    def __init__(
        self, organizations: Organizations, agents: Agents, accounts: Accounts, subscriptions: Subscriptions
    ) -> None:
        self._organizations = organizations
        self._agents = agents
        self._accounts = accounts
        self._subscriptions = subscriptions

    async def create(
        self,
        organization_id: UUID,
        name: str,
        *,
        agent_id: UUID | None,
        timezone: str,
        event_type: str,
        status: AgentStatus,
        by: Actor = CALBRIDGE,
    ) -> Effective:
        """Make an agent; its organization springs into being with the first, but not with one whose id is in use.

        Raises ConflictError for such an id.
        """
        create = partial(
            self._agents.create,
            organization_id,
            name,
            id=agent_id,
            timezone=timezone,
            event_type=event_type,
            status=status,
            by=by,
        )
        try:
            agent = await create()
        except NotFoundError:
            await self._organizations.ensure(organization_id, by=by)
            agent = await create()
        return Effective(agent, Kind.NONE, None)

    async def list(self, organization_id: UUID, *, limit: int, offset: int) -> tuple[tuple[Effective, ...], int]:
        """Return a page of agents, the oldest first, and how many there are in all."""
        agents, total = await self._agents.list(organization_id, limit=limit, offset=offset)
        return await self._with_accounts(organization_id, agents), total

    async def get(self, organization_id: UUID, agent_id: UUID) -> Effective:
        """Return an agent. Raises NotFoundError."""
        agent = await self._agents.get(organization_id, agent_id)
        if agent is None:
            raise NotFoundError("Agent")
        (effective,) = await self._with_accounts(organization_id, [agent])
        return effective

    async def update(
        self,
        organization_id: UUID,
        agent_id: UUID,
        *,
        name: str | None,
        status: AgentStatus | None,
        timezone: str | None,
        event_type: str | None,
        by: Actor = CALBRIDGE,
    ) -> Effective:
        """Change what is not None. Raises NotFoundError."""
        agent = await self._agents.update(
            organization_id, agent_id, name=name, status=status, timezone=timezone, event_type=event_type, by=by
        )
        (effective,) = await self._with_accounts(organization_id, [agent])
        return effective

    async def delete(self, organization_id: UUID, agent_id: UUID, *, by: Actor = CALBRIDGE) -> None:
        """Delete an agent: its link is undone, its private key erased. Raises NotFoundError."""
        private = await self._accounts.private(agent_id)
        if private is not None:
            await self._subscriptions.end(organization_id, private.id)
        await self._agents.delete(organization_id, agent_id, by=by)

    async def _with_accounts(self, organization_id: UUID, agents: Sequence[Agent]) -> tuple[Effective, ...]:
        """Two reads, however many agents."""
        linked = {account.id: account for account in await self._accounts.list(organization_id)}
        private = {account.agent_id: account for account in await self._accounts.private_ones(organization_id)}
        effective = []
        for agent in agents:
            own = private.get(agent.id)
            account = own or (linked.get(agent.linked_account_id) if agent.linked_account_id else None)
            kind = Kind.AGENT if own else Kind.ORG_LINKED if account else Kind.NONE
            effective.append(Effective(agent, kind, account))
        return tuple(effective)
