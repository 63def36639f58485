"""The hand of the owner: what an organization sets of its agents and accounts."""

from typing import Any
from uuid import UUID

import httpx
from tests.api.clinic import SANDBOX, Clinic, settings

from calbridge.bootstrap import key_ring_of
from calbridge.domain.agents import Access, Agent, Host
from calbridge.storage.accounts import Accounts

INTEGRATION = "/api/v1/calcom/integration"


def integration(clinic: Clinic, **fields: object) -> dict[str, Any]:
    """The body of an integration as the owner of the demo account would send it."""
    usual = {
        "title": "Front desk",
        "unitId": str(clinic.organization.id),
        "calcomUsername": "demo-clinic",
        "timezone": "Europe/London",
        "prompt": "",
        "checkAvailabilityEnabled": True,
        "createBookingEnabled": True,
    }
    return {**usual, **fields}


async def update(clinic: Clinic, account_id: UUID | None = None, **fields: object) -> httpx.Response:
    """Update an integration, if none is named that of the demo account; it must succeed."""
    async with clinic.authorized() as client:
        answer = await client.put(
            f"{INTEGRATION}/{account_id or clinic.account.id}", json=integration(clinic, **fields)
        )
    assert answer.status_code == 200, answer.text
    return answer


async def change_agent(clinic: Clinic, **fields: Any) -> Agent:  # noqa: ANN401 - what the repository takes
    """Change the agent."""
    return await clinic.services.agents.update(clinic.organization.id, clinic.agent.id, **fields)


def accounts(clinic: Clinic) -> Accounts:
    """The repository itself, for states that no endpoint makes."""
    return Accounts(clinic.services.database, key_ring_of(settings("sqlite://")), clinic.clock)


async def private_agent(clinic: Clinic, key: str) -> Agent:
    """Make an agent with a private Cal.com key, without proving it."""
    agent = await clinic.services.agents.create(clinic.organization.id, "Dr. Private")
    host = Host(99, "private", "Private Host", "private@clinic.example", "Europe/London")
    access = Access(SANDBOX, key)
    await accounts(clinic).connect(clinic.organization.id, access=access, host=host, agent_id=agent.id)
    return agent


async def make_primary(clinic: Clinic, key: str) -> UUID:
    """Connect a key, and switch the demo account off, so that the new one is the organization's primary."""
    account, _ = await clinic.services.connections.connect(clinic.organization.id, api_key=key, name="Second")
    await update(clinic, isActive=False)
    return account.id
