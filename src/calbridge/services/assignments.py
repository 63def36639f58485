"""Which organization account an agent uses."""

from uuid import UUID

from calbridge.domain.agents import Agent
from calbridge.storage.agents import Agents


class Assignments:
    """Links agents and accounts."""

    def __init__(self, agents: Agents) -> None:
        self._agents = agents

    async def link(self, organization_id: UUID, agent_id: UUID, account_id: UUID | None) -> Agent:
        """Link an agent to an account of its organization; None unlinks.

        Raises NotFoundError for an agent or account that the organization does not have, and ConflictError where the
        agent has a private Cal.com key.
        """
        return await self._agents.link(organization_id, agent_id, account_id)
