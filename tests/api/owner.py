"""The hand of the owner: what an organization sets of its agents and accounts."""

from typing import Any
from uuid import UUID

import httpx
from tests.api.clinic import Clinic

from calbridge.domain.agents import Agent

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
