"""Agents over HTTP: the documented object, and how it is asked for."""

from typing import Any

import httpx
from tests.api.bodies import Json
from tests.api.clinic import SANDBOX, Clinic
from tests.api.office import AGENTS, ask

MASK = "cal_****************"
NOW = "2026-03-20T08:00:00Z"
UNCONNECTED: Json = {
    "calcomApiKey": "",
    "calcomApiUrl": "",
    "calcomAccountName": "",
    "calcomStatus": "",
    "calcomConnectionType": "none",
}


def shown(clinic: Clinic, agent_id: object = None, **fields: object) -> Json:
    """An agent as it is shown; without more, the clinic's own, which is linked to the demo account."""
    usual = {
        "id": str(agent_id or clinic.agent.id),
        "organizationId": str(clinic.organization.id),
        "agentName": "Dr. Rivera",
        "status": "ACTIVE",
        "calendarTimezone": "",
        "calcomCalendarId": "",
        "calcomApiKey": MASK,
        "calcomApiUrl": SANDBOX,
        "calcomAccountName": "Front desk",
        "calcomStatus": "active",
        "calcomConnectionType": "org_linked",
        "createdAt": NOW,
        "updatedAt": NOW,
    }
    assert fields.keys() <= usual.keys()
    return {**usual, **fields}


def told(message: str, agent: Json) -> Json:
    """An answer about one agent."""
    return {"success": True, "message": message, "data": agent}


def page(*agents: Json, total: int, limit: int = 50, offset: int = 0) -> Json:
    """An answer about several."""
    meta = {"total": total, "limit": limit, "offset": offset}
    return {"success": True, "message": "Agents retrieved", "data": list(agents), "meta": meta}


async def create(clinic: Clinic, **body: object) -> httpx.Response:
    """Make an agent."""
    return await ask(clinic, "POST", AGENTS, {"agentName": "Dr. New", **body})


async def get(clinic: Clinic, agent_id: object = None) -> httpx.Response:
    """Read an agent; without more, the clinic's."""
    return await ask(clinic, "GET", f"{AGENTS}/{agent_id or clinic.agent.id}")


async def patch(clinic: Clinic, agent_id: object = None, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    """Change an agent; without more, the clinic's."""
    return await ask(clinic, "PATCH", f"{AGENTS}/{agent_id or clinic.agent.id}", body)


async def delete(clinic: Clinic, agent_id: object = None) -> httpx.Response:
    """Delete an agent; without more, the clinic's."""
    return await ask(clinic, "DELETE", f"{AGENTS}/{agent_id or clinic.agent.id}")
