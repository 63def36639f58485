"""The tools of one agent, and where a platform calls them."""

import math
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from calbridge.domain.errors import NotConnectedError
from calbridge.services.assignments import Effective
from calbridge.services.deployment import Deployment
from calbridge.tools.catalog import Tool, offered

DOORS = "/api/v1/calcom/voice"
# A platform that gives up before we do never hears "I'm still confirming": the margin is for the way there and back,
# and for the second of two calls that a model makes at once. Most platforms wait for 20 seconds anyway.
MARGIN_SECONDS, LEAST_SECONDS = 5, 20


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of an agent. ``base_url`` has no slash at its end; ``patience``: seconds a platform should wait."""

    organization_id: UUID
    agent_id: UUID
    tools: tuple[Tool, ...]
    base_url: str
    patience: int

    @classmethod
    def of(cls, effective: Effective, deployment: Deployment, seen_at: str) -> Self:
        """Put a toolbox together. ``seen_at``: by which base URL somebody reaches this service just now.

        Raises NotConnectedError for an agent without an account: what is allowed is a matter of the account.
        """
        if effective.account is None:
            raise NotConnectedError
        agent = effective.agent
        base_url = (deployment.public_url or seen_at).rstrip("/")
        patience = max(math.ceil(deployment.deadline) + MARGIN_SECONDS, LEAST_SECONDS)
        return cls(agent.organization_id, agent.id, offered(effective.account.settings), base_url, patience)

    def url(self, platform: str, action: str) -> str:
        """Return the address of an action at the door of a platform."""
        return f"{self.base_url}{DOORS}/{platform}/{self.organization_id}/{self.agent_id}/{action}"
