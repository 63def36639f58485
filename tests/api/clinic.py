"""A clinic to test against: the real application over the real container, with the sandbox in process as Cal.com."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.applications import Starlette

from calbridge.api.app import create_app
from calbridge.bootstrap import Container, open_container
from calbridge.domain.agents import Account, Agent, Organization
from calbridge.sandbox.app import create_app as create_sandbox
from calbridge.settings import (
    CalcomSettings,
    DeskSettings,
    OrgFallback,
    ServerSettings,
    Settings,
    StorageSettings,
    TokenSettings,
)

SANDBOX = "http://sandbox.test:5555"
JWT_SECRET = "a secret for tests that is long enough"
FRIDAY_MORNING = datetime(2026, 3, 20, 8, tzinfo=UTC)  # in London, too: the clocks change on March 29
SETTLE_SECONDS = 0.3
MANAGE = "/api/v1/calcom/appointments/manage"


class Clock:
    """A clock that stands still until it is told to go on; the product and the sandbox share it."""

    def __init__(self, now: datetime = FRIDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


def settings(
    database_url: str,
    *,
    public_url: str = "",
    **tokens: Any,  # noqa: ANN401 - any field of the section
) -> Settings:
    """Settings for tests, which no environment changes."""
    given: dict[str, Any] = {
        "jwt_secret": SecretStr(JWT_SECRET),
        "jwt_algorithm": "HS256",
        "jwt_public_key": "",
        "jwt_issuer": "",
        "jwt_audience": "",
        "jwt_org_fallback": OrgFallback.ANY,
    }
    return Settings(
        storage=StorageSettings(database_url=database_url, encryption_keys=SecretStr("ab" * 32), _env_file=None),
        tokens=TokenSettings(**(given | tokens), _env_file=None),
        calcom=CalcomSettings(
            calcom_api_url=SANDBOX,
            calcom_allowed_hosts=(),
            calcom_timeout=5,
            calcom_rate_limit=10_000,  # no test is to wait for its turn, but those that are about that
            _env_file=None,
        ),
        desk=DeskSettings(settle_seconds=SETTLE_SECONDS, _env_file=None),
        server=ServerSettings(public_url=public_url, _env_file=None),
    )


@dataclass(frozen=True, slots=True)
class Clinic:
    """One organization with one agent that is linked to the sandbox's demo account."""

    app: FastAPI
    services: Container
    sandbox: Starlette
    clock: Clock
    organization: Organization
    agent: Agent
    account: Account
    token: str

    def client(self, **headers: str) -> httpx.AsyncClient:
        """A client with these headers and no others: ``x_api_key="..."``, ``authorization="Bearer ..."``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://calbridge.test", headers=named)

    def authorized(self) -> httpx.AsyncClient:
        """A client that shows the organization's token."""
        return self.client(authorization=f"Bearer {self.token}")

    async def manage(self, action: str, /, **fields: object) -> httpx.Response:
        """Call ``manage`` as a voice agent does: without a credential."""
        body = {"action": action, "agent_id": str(self.agent.id), "org_id": str(self.organization.id), **fields}
        async with self.client() as client:
            return await client.post(MANAGE, json=body)

    async def book(self, when: str = "2026-03-25T10:00:00", **fields: object) -> httpx.Response:
        """Book as Jane Doe; a time without an offset is London's."""
        who = {"name": "Jane Doe", "email": "jane@example.com", "appointment_datetime": when}
        return await self.manage("book", **{**who, **fields})

    async def at_calcom(self, method: str, path: str, key: str = "cal_sandbox_demo", **options: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask the sandbox itself, as the host would with a key, or at its control endpoints."""
        headers = {"Authorization": f"Bearer {key}", "cal-api-version": "2024-08-13"} | options.pop("headers", {})
        transport = httpx.ASGITransport(self.sandbox)
        async with httpx.AsyncClient(transport=transport, base_url=SANDBOX) as client:
            answer = await client.request(method, path, headers=headers, **options)
        answer.raise_for_status()
        return answer.json()

    async def requests_at_calcom(self) -> list[tuple[str, str]]:
        """Method and path of every request that has reached the sandbox's API, in order."""
        ledger = await self.at_calcom("GET", "/sandbox/ledger")
        return [(each["method"], each["path"]) for each in ledger["requests"] if each["path"].startswith("/v2/")]


Opener = Callable[[], AbstractAsyncContextManager[Container]]
_idle: list[tuple[FastAPI, list[Opener]]] = []


@contextmanager
def _application(opened: Opener) -> Iterator[FastAPI]:
    """Lend an application that opens this container; to make one with all its routes takes longer than most tests."""
    app, openers = _idle.pop() if _idle else _made()
    openers[:] = [opened]
    try:
        yield app
    finally:
        _idle.append((app, openers))


def _made() -> tuple[FastAPI, list[Opener]]:
    openers: list[Opener] = []

    def open_the_next() -> AbstractAsyncContextManager[Container]:
        return openers[0]()

    return create_app(open_the_next, metrics_token=""), openers


@asynccontextmanager
async def open_clinic(
    database_url: str,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    organization_id: UUID | None = None,
    public_url: str = "",
    serving: bool = False,
    **tokens: object,
) -> AsyncIterator[Clinic]:
    """Open a clinic. ``transport`` stands in for the way to the sandbox; ``tokens`` are token settings.

    ``public_url``: where Cal.com reaches it. ``serving``: it also does what a server does in the background.
    """
    clock = Clock()
    sandbox = create_sandbox(clock=clock)
    opened = partial(
        open_container,
        settings(database_url, public_url=public_url, **tokens),
        transport=transport or httpx.ASGITransport(sandbox),
        clock=clock,
        serving=serving,
    )
    with _application(opened) as app:
        async with app.router.lifespan_context(app):
            services: Container = app.state.container
            organization = await services.organizations.create("Demo Clinic", organization_id)
            agent = await services.agents.create(organization.id, "Dr. Rivera")
            account, _ = await services.connections.connect(
                organization.id, api_key="cal_sandbox_demo", name="Front desk"
            )
            agent = await services.assignments.link(organization.id, agent.id, account.id)
            token = services.tokens.issue(organization.id, subject="tests", ttl_seconds=3600)
            yield Clinic(app, services, sandbox, clock, organization, agent, account, token)
