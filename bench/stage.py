"""Everything that a run needs, started and ended again: the upstream, the database, the service, the references."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.connections import Client, request_of
from bench.postgres import empty_database, seconds_per_commit
from bench.processes import Process, bare_environment, free_port, running
from bench.town import Tenant, Town
from calbridge.services.tokens import TokenRules, Tokens

READY = "/health/ready"
POLLED_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Upstream:
    """The imitation of Cal.com, and what it can be told."""

    process: Process
    client: Client

    async def delay(self, seconds: float) -> None:
        """Have it take so long for each answer."""
        await self._tell({"delay": seconds})

    async def hang(self, *keys: str) -> None:
        """Have it answer nothing to these keys, and to no others; whoever waited is answered."""
        await self._tell({"hung": list(keys)})

    async def calls(self, of: str = "total") -> int:
        """How many calls it has got so far, in all or of one kind, as ``GET /v2/slots``."""
        answer = await self.client.ask(request_of("GET", "/bench/counts"))
        number: int = json.loads(answer.body).get(of, 0)
        return number

    async def _tell(self, orders: Mapping[str, object]) -> None:
        await self.client.ask(request_of("POST", "/bench/orders", orders))


@dataclass(frozen=True, slots=True)
class References:
    """The proxies P and Q, and the route M."""

    stock: Process
    aiohttp: Process
    models: Process


@dataclass(frozen=True, slots=True)
class Stage:
    """What is running. ``cold`` is the service with a memory for open times of no length, so that it always asks."""

    folder: Path
    database: str
    upstream: Upstream
    service: Process
    cold: Process
    town: Town  # at the service
    cold_town: Town  # at the cold one
    idle_memory: float
    seconds_per_commit: float

    @property
    def population(self) -> int:
        """How many accounts there are."""
        return self.town.population + self.cold_town.population

    async def quiet(self) -> None:
        """Wait until the new accounts have been polled for the first time, which is work in the background."""
        for _ in range(POLLED_SECONDS):
            if await self.upstream.calls("accounts that were polled") >= self.population:
                return
            await asyncio.sleep(1)

    @asynccontextmanager
    async def references(self, tenant: Tenant) -> AsyncIterator[References]:
        """Run the references; M answers what the service answers this tenant now."""
        async with Client(self.service.url) as client:
            answer = await client.ask(tenant.availability())
        told = self.folder / "answer.json"
        told.write_bytes(answer.body)
        upstream = self.upstream.process.url
        async with AsyncExitStack() as stack:
            start = partial(_reference, stack, self.folder, {"BENCH_UPSTREAM": upstream, "BENCH_ANSWER": str(told)})
            yield References(
                start("proxy_stock", "/bench/counts"),
                start("proxy_aiohttp", "/bench/counts"),
                start("models_only", "/openapi.json"),
            )


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Start everything but the references."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="calbridge-bench-")))
        database = await stack.enter_async_context(empty_database(folder))
        commit = await seconds_per_commit(database)
        port = free_port()
        calcom = stack.enter_context(
            running(
                "upstream",
                *("bench.upstream", str(port)),
                folder=folder,
                port=port,
                path="/bench/counts",
                environment=bare_environment({}),
            )
        )
        secret = secrets.token_urlsafe(48)
        settings = {
            "DATABASE_URL": database,
            "ENCRYPTION_KEYS": secrets.token_hex(32),
            "JWT_SECRET": secret,
            "CALCOM_API_URL": calcom.url,
            "LOG_FORMAT": "json",
        }
        _migrate(folder, settings)
        service = _service(stack, "service", folder, settings)
        idle_memory = service.memory()
        cold = _service(stack, "cold", folder, {**settings, "SLOT_CACHE_TTL": "0"})
        tokens = Tokens(TokenRules("HS256", (secret,), "", "", can_sign=True))
        orders = await stack.enter_async_context(Client(calcom.url))
        accounts = count(1)
        town, cold_town = [
            Town(await stack.enter_async_context(Client(each.url)), tokens, accounts) for each in (service, cold)
        ]
        yield Stage(folder, database, Upstream(calcom, orders), service, cold, town, cold_town, idle_memory, commit)


def _migrate(folder: Path, settings: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "calbridge", "db", "upgrade"]
    subprocess.run(command, cwd=folder, env=bare_environment(settings), check=True, capture_output=True)  # noqa: S603


def _service(stack: AsyncExitStack, name: str, folder: Path, settings: Mapping[str, str]) -> Process:
    port = free_port()
    command = ("calbridge", "serve", "--port", str(port))
    environment = bare_environment(settings)
    return stack.enter_context(running(name, *command, folder=folder, port=port, path=READY, environment=environment))


def _reference(stack: AsyncExitStack, folder: Path, environment: Mapping[str, str], name: str, path: str) -> Process:
    port = free_port()
    app = ("uvicorn", f"bench.references:{name}", "--factory", "--port", str(port))
    quiet = ("--no-access-log", "--log-level", "warning")
    server = running(
        name, *app, *quiet, folder=folder, port=port, path=path, environment={**bare_environment({}), **environment}
    )
    return stack.enter_context(server)
