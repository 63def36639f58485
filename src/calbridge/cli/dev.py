"""``calbridge dev``: the Cal.com sandbox, the service beside it, and something to try: no settings, no accounts."""

import asyncio
import contextlib
import json
import secrets
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from calbridge.api.drain import Drain
from calbridge.asgi import compose
from calbridge.bootstrap import Container, open_container
from calbridge.cli.server import GRACE_SECONDS, KEPT_ALIVE_SECONDS, LOOPBACK, listening
from calbridge.cli.session import CommandError
from calbridge.domain.access import COMMAND
from calbridge.sandbox.app import create_app as create_sandbox
from calbridge.settings import (
    CalcomSettings,
    DeskSettings,
    JwtAlgorithm,
    OrgFallback,
    ServerSettings,
    Settings,
    StorageSettings,
    TokenSettings,
)
from calbridge.storage import schema
from calbridge.telemetry import logs

ORGANIZATION = UUID("1268c1f0-19f3-47db-aefb-c16a7c3ace6e")
AGENT = UUID("019d1fdb-98e9-7c87-86c7-321e2fa98733")
ACCOUNT = UUID("019d1fdb-98e9-7c87-86c7-0000ca1c0000")
SANDBOX_KEY = "cal_sandbox_demo"
TOKEN_DAYS = 7

BANNER = """
calbridge {docs}    (Cal.com sandbox: {sandbox}; data: {data_dir}; stop with Ctrl-C)

In another terminal, in this folder, one after the other:

# What is free?
{suggest}

# Book the first of those times. APPOINTMENT keeps the booking's id.
{book}

# What is booked?
{list}

# Move it to another day.
{reschedule}

# And cancel it.
{cancel}
"""


def dev(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The service's port.")] = 8000,
    sandbox_port: Annotated[int, typer.Option(min=1, max=65535, help="The sandbox's port.")] = 8100,
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".calbridge"),
) -> None:
    """Run the sandbox and the service together, with a demo organization, agent and account to try."""
    if port == sandbox_port:
        raise CommandError("--port and --sandbox-port must differ")
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = _settings(data_dir, sandbox_port)
    logs.configure(settings.server.log_level, settings.server.log_format)
    schema.upgrade(settings.storage.database_url)
    asyncio.run(_run(settings, port, sandbox_port, data_dir))


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs several, and says when it has tried to start."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=KEPT_ALIVE_SECONDS,
            )
        )
        self.tried = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, or set ``should_exit`` where the application cannot."""
        await super().startup(sockets)
        self.tried.set()

    def stop(self) -> None:
        """Finish what is under way, and end."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _run(settings: Settings, port: int, sandbox_port: int, data_dir: Path) -> None:
    sandbox = _Server(create_sandbox(state_file=data_dir / "sandbox.json"))
    drain = Drain(settings.server.drain_delay)
    service = _Server(compose(partial(open_container, settings, serving=True), metrics_token="", drain=drain))
    with (
        listening(LOOPBACK, sandbox_port, "--sandbox-port") as sandbox_socket,
        listening(LOOPBACK, port, "--port") as service_socket,
    ):
        for number in (signal.SIGINT, signal.SIGTERM):
            begin = partial(drain.begin, service.stop, at_once=number is signal.SIGINT)
            asyncio.get_running_loop().add_signal_handler(number, begin)
        async with asyncio.TaskGroup() as group:
            group.create_task(sandbox.serve([sandbox_socket]))
            async with open_container(settings) as services:
                token = await _seed(services)
            _keep(data_dir / "token", f"{token}\n")
            group.create_task(_serve_both(service, service_socket, sandbox))
            await service.tried.wait()
            if service.started:
                typer.echo(banner(port, sandbox_port, data_dir))


async def _serve_both(service: _Server, listener: socket.socket, sandbox: _Server) -> None:
    """Serve until told to stop; the sandbox stops last, because what is under way may need it to the end."""
    try:
        await service.serve([listener])
    finally:
        sandbox.stop()


def _keep(path: Path, secret: str) -> None:
    """Write a secret that is nobody else's to read."""
    path.touch(mode=0o600)
    path.chmod(0o600)  # of a file that was there already
    path.write_text(secret)


def _settings(data_dir: Path, sandbox_port: int) -> Settings:
    """Settings that need no environment: secrets are made once and kept in the data folder."""
    kept = data_dir / "secrets.json"
    if not kept.exists():
        _keep(kept, json.dumps({"jwt": secrets.token_urlsafe(48), "encryption": secrets.token_hex(32)}))
    made = json.loads(kept.read_text())
    return Settings(
        storage=StorageSettings(
            database_url=f"sqlite:///{data_dir / 'calbridge.db'}", encryption_keys=SecretStr(made["encryption"])
        ),
        tokens=TokenSettings(
            jwt_secret=SecretStr(made["jwt"]),
            jwt_algorithm=JwtAlgorithm.HS256,
            jwt_public_key="",
            jwt_issuer="",
            jwt_audience="",
            jwt_org_fallback=OrgFallback.ANY,
        ),
        calcom=CalcomSettings(calcom_api_url=f"http://{LOOPBACK}:{sandbox_port}"),
        desk=DeskSettings(),
        server=ServerSettings(docs=True, log_format="console"),
    )


async def _seed(services: Container) -> str:
    """Make the demo organization, its agent and its linked account, once; return a token for it."""
    if await services.organizations.get(ORGANIZATION) is None:
        await services.organizations.create("Demo Clinic", ORGANIZATION, by=COMMAND)
    if await services.agents.get(ORGANIZATION, AGENT) is None:
        await services.agents.create(ORGANIZATION, "Dr. Rivera", id=AGENT, by=COMMAND)
        account, _ = await services.connections.connect(
            ORGANIZATION, by=COMMAND, api_key=SANDBOX_KEY, name="Demo Clinic", account_id=ACCOUNT
        )
        await services.assignments.link(ORGANIZATION, AGENT, account.id, by=COMMAND)
    return services.tokens.issue(ORGANIZATION, subject="demo", ttl_seconds=TOKEN_DAYS * 86400)


def banner(port: int, sandbox_port: int, data_dir: Path) -> str:
    """Tell where everything is, and what to paste."""
    base = f"http://{LOOPBACK}:{port}"
    return BANNER.format(
        docs=f"{base}/docs",
        sandbox=f"http://{LOOPBACK}:{sandbox_port}",
        data_dir=data_dir,
        **curl_lines(base, data_dir),
    )


def curl_lines(base: str, data_dir: Path) -> dict[str, str]:
    """Return curl lines that work when they are pasted in this order: the times in them come from the first answer."""
    url = f"{base}/api/v1/calcom/appointments"

    def manage(**fields: str) -> str:
        call = json.dumps({**fields, "agent_id": str(AGENT), "org_id": str(ORGANIZATION)})
        return f"curl -s {url}/manage -H 'Content-Type: application/json' -d '{call}'"

    shown = "tee /dev/stderr | grep -o"
    first, last = """'$(echo "$TIMES" | head -1)'""", """'$(echo "$TIMES" | tail -1)'"""
    mine = "'$APPOINTMENT'"
    book = manage(action="book", name="Jane Doe", email="jane@example.com", appointment_datetime="<first>")
    move = manage(action="reschedule", appointment_id=mine, appointment_datetime="<last>")
    return {
        "suggest": f"TIMES=$({manage(action='suggest')} | {shown} '20[0-9-]*T[0-9:]*Z')",
        "book": f'APPOINTMENT=$({book} | {shown} \'"appointment_id":"[^"]*\' | cut -d\'"\' -f4)'.replace(
            "<first>", first
        ),
        "list": f'curl -s "{url}?org_id={ORGANIZATION}&status=upcoming" '
        f'-H "Authorization: Bearer $(cat {data_dir / "token"})"',
        "reschedule": move.replace("<last>", last),
        "availability": manage(action="availability"),
        "get": f'curl -s {url}/$APPOINTMENT -H "Authorization: Bearer $(cat {data_dir / "token"})"',
        "cancel": manage(action="cancel", appointment_id=mine),
    }
