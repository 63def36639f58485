"""An agent's private Cal.com key: how it is asked for, and the documented answers."""

from uuid import UUID

import httpx
from tests.api import calcom
from tests.api.bodies import Json
from tests.api.clinic import Clinic
from tests.api.office import PREFIX, ask

NONE_FOUND: Json = {
    "success": True,
    "message": "No agent-level connection found",
    "data": {"connected": False, "status": "not_connected", "accounts": []},
}


async def unlinked(clinic: Clinic) -> UUID:
    """Make an agent with neither a link nor a key."""
    return (await clinic.services.agents.create(clinic.organization.id, "Dr. Private")).id


async def connect(clinic: Clinic, agent_id: object, **body: object) -> httpx.Response:
    """Give an agent a key; without more, that of the other Cal.com user."""
    return await ask(clinic, "POST", f"{PREFIX}/agents/{agent_id}/connect", {"api_key": calcom.OTHER, **body})


async def to(clinic: Clinic, agent_id: object, what: str) -> httpx.Response:
    """Ask for ``status``, or to ``disconnect``."""
    return await ask(clinic, "GET" if what == "status" else "POST", f"{PREFIX}/agents/{agent_id}/{what}")


def connected(clinic: Clinic, account_id: str, name: str, at: str = "2026-03-20T08:00:00Z") -> Json:
    """The documented answer to a connect."""
    data = {
        "provider_id": account_id,
        "calcom_account_id": account_id,
        "org_id": str(clinic.organization.id),
        "account_name": name,
        "status": "active",
        "connected_at": at,
    }
    return {"success": True, "message": "Cal.com connected successfully", "data": data}


def found(account_id: str, name: str, status: str = "active", problem: str = "", *, works: bool = True) -> Json:
    """The documented answer about a key that is there."""
    account = {"id": account_id, "account_name": name, "status": status, "error": problem}
    data = {"connected": works, "status": status, "accounts": [account]}
    return {"success": True, "message": "Agent connection status retrieved", "data": data}
