"""Which account an agent uses: a private one, or one of its organization's; never both."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import Account, AccountStatus, Agent, Connection
from calbridge.domain.errors import AgentLinkedError, NotFoundError
from calbridge.services.proof import KeyProof
from calbridge.services.subscriptions import Subscriptions
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents


class Kind(StrEnum):
    """Where an agent's account comes from, in order of priority."""

    AGENT = "agent"  # its private key
    ORG_LINKED = "org_linked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Effective:
    """An agent and the account that it uses: there is no falling through to the organization's primary."""

    agent: Agent
    kind: Kind
    account: Account | None

    @property
    def is_connected(self) -> bool:
        """Whether the account can be used now."""
        return self.account is not None and self.account.status is AccountStatus.ACTIVE and self.account.has_key


class Assignments:
    """Links agents and accounts, and keeps private keys."""

    def __init__(self, agents: Agents, accounts: Accounts, proof: KeyProof, subscriptions: Subscriptions) -> None:
        self._agents = agents
        self._accounts = accounts
        self._proof = proof
        self._subscriptions = subscriptions

    async def link(
        self, organization_id: UUID, agent_id: UUID, account_id: UUID | None, *, by: Actor = CALBRIDGE
    ) -> Agent:
        """Link an agent to an account of its organization; None unlinks.

        Raises NotFoundError for an agent or account that the organization does not have, and ConflictError where the
        agent has a private Cal.com key.
        """
        return await self._agents.link(organization_id, agent_id, account_id, by=by)

    async def private(self, organization_id: UUID, agent_id: UUID) -> Account | None:
        """Return an agent's private account, if it has one. Raises NotFoundError for the agent."""
        if await self._agents.get(organization_id, agent_id) is None:
            raise NotFoundError("Agent")
        return await self._accounts.private(agent_id)

    async def connect_private(
        self,
        organization_id: UUID,
        agent_id: UUID,
        *,
        by: Actor = CALBRIDGE,
        api_key: str,
        name: str | None,
        base_url: str = "",
    ) -> Account:
        """Prove and store an agent's private key; a second one replaces the first and keeps the account's id.

        Raises AgentLinkedError while an account of the organization is linked: that is also decided where it is stored,
        for a link that is made at the same moment. Then the event types are read, for the first call, and Cal.com is
        asked to tell of changes.
        """
        agent = await self._agents.get(organization_id, agent_id)
        if agent is None:
            raise NotFoundError("Agent")
        if agent.linked_account_id is not None:
            raise AgentLinkedError
        access, host = await self._proof.of_new(api_key, base_url, field="api_key")
        private = await self._accounts.private(agent_id)
        before = await self._accounts.connection(organization_id, private.id) if private else None
        account, _ = await self._accounts.connect(
            organization_id, access=access, host=host, name=name, agent_id=agent_id, by=by
        )
        connection = Connection(account, access)
        await self._proof.prepare(connection)
        if before is not None and (before.account.host.id, before.access.base_url) != (host.id, access.base_url):
            await self._subscriptions.remove(before)  # another Cal.com user's, whom the new key does not concern
        await self._subscriptions.renew(connection)
        return account

    async def disconnect_private(self, organization_id: UUID, agent_id: UUID, *, by: Actor = CALBRIDGE) -> None:
        """Erase an agent's private key, if it has one. Raises NotFoundError for the agent."""
        private = await self.private(organization_id, agent_id)
        if private is not None:
            await self._subscriptions.end(organization_id, private.id)
            await self._accounts.disconnect(organization_id, private.id, by=by)
