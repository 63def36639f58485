"""Two organizations with everything at one service, and the witnesses: the database file and the sandbox's ledger."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from tests.api.clinic import JWT_SECRET, Clinic, settings
from tests.security.forge import Issuer

from calbridge.api.app import create_app
from calbridge.bootstrap import open_container
from calbridge.domain.access import Scope

Row = tuple[object, ...]
NEIGHBOUR = {
    "name": "Secret Neighbour", "username": "neighbour", "email": "neighbour@secret.example",
    "keys": [{"key": "cal_sandbox_neighbour", "limit": 10**9}],
    "event_types": [{"slug": "secret-visit", "minutes": 30}],
}  # fmt: skip
ISSUER = Issuer("HS256", JWT_SECRET)
EVERY_SCOPE = frozenset(Scope)
_addresses = count(1)


@dataclass(frozen=True, slots=True)
class Names:
    """What a request can name of an organization."""

    organization: str
    agent: str
    account: str
    booking: str
    key: str

    @classmethod
    def unknown(cls) -> "Names":
        """Names that nobody bears."""
        return cls(str(uuid4()), str(uuid4()), str(uuid4()), uuid4().hex[:22], str(uuid4()))


@dataclass(frozen=True, slots=True)
class Town:
    """The clinic (``own``) and its neighbours (``foreign``), who have never heard of each other."""

    clinic: Clinic
    database_url: str
    own: Names
    foreign: Names

    async def send(self, method: str, path: str, app: FastAPI | None = None, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's options
        """Ask from an address that nobody has asked from yet, so that no limit is in the way.

        JSON is sent as ASCII, so that it may hold what UTF-8 cannot: halves of characters.
        """
        if "json" in options:
            options["content"] = json.dumps(options.pop("json"))
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        address = f"2001:db8::{next(_addresses):x}"
        transport = httpx.ASGITransport(app or self.clinic.app, client=(address, 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client:
            return await client.request(method, path, **options)

    async def key(self, organization: str, *scopes: Scope) -> dict[str, str]:
        """The header with a new API key of an organization."""
        _, secret = await self.clinic.services.keys.create(UUID(organization), "tests", scopes or EVERY_SCOPE)
        return {"X-Api-Key": secret}

    def rows(self) -> Mapping[str, list[Row]]:
        """Everything that the database holds, but for how often Cal.com was asked: that is the host's affair."""
        with sqlite3.connect(self.database_url.removeprefix("sqlite:///")) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            tables.remove("rate_budgets")
            rows = {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in tables}  # noqa: S608 - names of tables
        connection.close()
        return rows

    def asked(self, after: int = 0) -> list[tuple[str, str, str]]:
        """Method, path with query, and user of every request at Cal.com since then."""
        entries = self.clinic.sandbox.state.ledger.entries
        return [(each.method, f"{each.path}?{each.query}", each.user or "") for each in entries if each.n > after]

    def last(self) -> int:
        """The number of the last request at Cal.com."""
        number: int = self.clinic.sandbox.state.ledger.last
        return number

    @asynccontextmanager
    async def deployed(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        **tokens: Any,  # noqa: ANN401 - any field of the section
    ) -> AsyncIterator[FastAPI]:
        """Another deployment over the same database and Cal.com, with another way there, or with token settings."""
        opened = partial(
            open_container,
            settings(self.database_url, **tokens),
            transport=transport or httpx.ASGITransport(self.clinic.sandbox),
            clock=self.clinic.clock,
        )
        app = create_app(opened)
        async with app.router.lifespan_context(app):
            yield app


def bearer(organization: str | None, **claims: object) -> dict[str, str]:
    """The header with a token of an organization, or of none."""
    named = ISSUER.claims(UUID(organization) if organization else None, **claims)
    return {"Authorization": f"Bearer {ISSUER.token(named)}"}


async def settled(clinic: Clinic, database_url: str) -> Town:
    """Give the clinic a booking, and a neighbour with all that it has itself."""
    clinic.sandbox.state.world.keys["cal_sandbox_demo"].limit = 10**9
    await clinic.at_calcom("POST", "/sandbox/users", json=NEIGHBOUR)
    services = clinic.services
    other = await services.organizations.create("Secret Neighbour")
    agent = await services.agents.create(other.id, "Secret Agent")
    account, _ = await services.connections.connect(other.id, api_key="cal_sandbox_neighbour", name="Secret account")
    await services.assignments.link(other.id, agent.id, account.id)
    mine = (await clinic.book()).json()["data"]["appointment_id"]
    fields = {
        "org_id": str(other.id),
        "agent_id": str(agent.id),
        "name": "Secret Caller",
        "email": "secret@secret.example",
    }
    theirs = (await clinic.book(**fields)).json()["data"]["appointment_id"]
    keys = [
        (await services.keys.create(each, "Secret key", [Scope.READ]))[0] for each in (clinic.organization.id, other.id)
    ]
    own = Names(str(clinic.organization.id), str(clinic.agent.id), str(clinic.account.id), mine, str(keys[0].id))
    foreign = Names(str(other.id), str(agent.id), str(account.id), theirs, str(keys[1].id))
    return Town(clinic, database_url, own, foreign)
