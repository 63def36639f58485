"""Who is who: agents, the accounts that they use with their keys, and who may call; remembered until it changes.

Every call begins here, so what was read once is not read and decrypted again. Whatever of an organization changes, in
whichever process, is read anew; see ``services/memory.py``.
"""

import hashlib
from functools import partial
from uuid import UUID

from cachetools import LRUCache

from calbridge.domain.access import ApiKey
from calbridge.domain.agents import Agent, Assignment, Connection
from calbridge.services.memory import Memories, Memory
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents
from calbridge.storage.keys import ApiKeys

KNOWN_KEYS = 10_000


class Directory:
    """Looks up what calls need to know. Raises UnavailableError without the database, whatever is remembered."""

    def __init__(self, agents: Agents, accounts: Accounts, keys: ApiKeys, memories: Memories) -> None:
        self._agents = agents
        self._accounts = accounts
        self._keys = keys
        self._assignments = Memory[Assignment](memories)
        self._known_agents = Memory[Agent](memories)
        self._usable = Memory[tuple[Connection, ...]](memories)
        self._connections = Memory[Connection](memories)
        self._known_keys = Memory[ApiKey](memories)
        self._owners: LRUCache[bytes, UUID] = LRUCache(KNOWN_KEYS)  # by digest; a key never changes hands

    def known_assignment(self, organization_id: UUID, agent_id: UUID) -> Assignment | None:
        """Return what ``assignment`` would, if it is remembered."""
        return self._assignments.known(organization_id, agent_id)

    async def assignment(self, organization_id: UUID, agent_id: UUID) -> Assignment | None:
        """Return an agent, its organization and the connection it uses; None for an agent that is not theirs."""
        read = partial(self._agents.assignment, organization_id, agent_id)
        return await self._assignments.recall(organization_id, agent_id, read)

    async def agent(self, organization_id: UUID, agent_id: UUID) -> Agent | None:
        """Return an agent of the organization, or None."""
        read = partial(self._agents.get, organization_id, agent_id)
        return await self._known_agents.recall(organization_id, agent_id, read)

    async def connections(self, organization_id: UUID) -> tuple[Connection, ...]:
        """Return the organization's usable accounts with their keys, the primary first."""
        read = partial(self._accounts.connections, organization_id)
        return await self._usable.recall(organization_id, None, read) or ()

    async def connection(self, organization_id: UUID, account_id: UUID) -> Connection | None:
        """Return one usable account of the organization with its key, be it private to an agent; None for any other."""
        read = partial(self._accounts.connection, organization_id, account_id)
        return await self._connections.recall(organization_id, account_id, read)

    async def key(self, plaintext: str) -> ApiKey | None:
        """Return the API key with this secret unless it is revoked.

        Whose it is has to be known first: only then it can be told from what page it would have to be torn.
        """
        digest = hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).digest()
        owner = self._owners.get(digest)
        if owner is not None:
            return await self._known_keys.recall(owner, digest, partial(self._keys.find, plaintext))
        found = await self._keys.find(plaintext)
        if found is not None:
            self._owners[digest] = found.organization_id
        return found
