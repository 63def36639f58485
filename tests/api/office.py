"""The organization's office: what its administrator asks over HTTP, and a neighbour whose things are nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.bodies import error
from tests.api.clinic import Clinic

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.governor import Governor
from calbridge.domain.agents import Account, Agent, Organization
from calbridge.domain.permits import Pace

PREFIX = "/api/v1/calcom"
AGENTS = "/api/v1/agents"
KEYS = "/api/v1/keys"
KEY_REFUSED = "Cal.com refused the API key of this account."
UNREACHABLE = "Cal.com could not be reached."
UNEXPECTED = "Cal.com did not answer as expected."
FORBIDDEN = error("", "This credential does not allow that.")
UNAUTHORIZED = error("", "Authentication is required.")
NO_AGENT = error("NOT_FOUND", "Agent not found")


async def ask(
    clinic: Clinic,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str | None = None,
    key: str | None = None,
    **query: object,
) -> httpx.Response:
    """Ask with the organization's own token, or with another token, or with an API key alone."""
    headers = {"x_api_key": key} if key else {"authorization": f"Bearer {token or clinic.token}"}
    params = {name: str(value) for name, value in query.items()}
    async with clinic.client(**headers) as client:
        return await client.request(method, path, json=body, params=params)


async def done(clinic: Clinic, method: str, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401 - JSON
    """Ask for what must succeed; return ``data``, if there is any."""
    answer = await ask(clinic, method, path, body, **options)
    assert answer.is_success, answer.text
    return answer.json().get("data") if answer.content else None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another organization, with an agent that is linked to an account."""

    organization: Organization
    agent: Agent
    account: Account
    token: str


async def neighbour(clinic: Clinic) -> Neighbour:
    """Have another organization move in."""
    services = clinic.services
    organization = await services.organizations.create("Neighbour")
    agent = await services.agents.create(organization.id, "Dr. Neighbour")
    account, _ = await services.connections.connect(organization.id, api_key="cal_sandbox_other", name="Theirs")
    await services.assignments.link(organization.id, agent.id, account.id)
    token = services.tokens.issue(organization.id, subject="neighbour", ttl_seconds=3600)
    return Neighbour(organization, agent, account, token)


@asynccontextmanager
async def calendars(transport: httpx.AsyncBaseTransport) -> AsyncIterator[Calendars]:
    """Calendars over another way to Cal.com than the clinic's own."""
    async with httpx.AsyncClient(transport=transport) as http:
        client = CalcomClient(http, timeout=5, governor=Governor(b"tests", Pace.of(10_000)))
        yield Calendars(client, placeholder_domain="phone.invalid", allows=lambda _: True)


class Silence(httpx.AsyncBaseTransport):
    """A Cal.com that takes every request and never answers; ``waiting``: how many wait at the moment, ``most`` ever."""

    def __init__(self) -> None:
        self.waiting = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Keep it."""
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await asyncio.Event().wait()
            raise AssertionError(request.url)
        finally:
            self.waiting -= 1
