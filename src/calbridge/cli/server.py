"""``calbridge serve`` and ``calbridge sandbox``: the processes."""

import contextlib
import errno
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn

from calbridge.bootstrap import key_ring_of, tokens_of
from calbridge.cli.session import CommandError
from calbridge.cli.supervisor import Supervisor
from calbridge.sandbox.app import create_app as create_sandbox
from calbridge.services.in_flight import DRAIN_SECONDS
from calbridge.settings import OrgFallback, Settings
from calbridge.storage.engines import driver_url
from calbridge.telemetry import logs

LOOPBACK = "127.0.0.1"
LEAST_SECRET_BYTES = 32
GRACE_SECONDS = int(DRAIN_SECONDS)  # for requests under way, once nothing new begins
# Longer than load balancers and HTTP clients keep an idle connection: most do for 60 or 90 seconds, some for 600. Who
# closes it must be who sends next: else a booking that is on its way meets a closed door, and nobody knows what came
# of it.
KEPT_ALIVE_SECONDS = 620
APP = "calbridge.asgi:app"
log = structlog.get_logger()


def is_sqlite(settings: Settings) -> bool:
    """Whether the database is an SQLite file, which is for one process."""
    return driver_url(settings.storage.database_url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def listening(host: str, port: int, option: str = "--port") -> Iterator[socket.socket]:
    """Bind a port before anything is started, so that one that is in use is told plainly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on: {error.strerror}"
            raise CommandError(f"port {port} {reason}; choose another one with {option}") from error
        yield listener


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes.")] = 1,
) -> None:
    """Run the production server. Secrets are checked before it starts."""
    settings = Settings.load()
    key_ring_of(settings)
    tokens_of(settings.tokens)
    if workers > 1 and is_sqlite(settings):
        raise CommandError("SQLite is for one process: use PostgreSQL with --workers, or --workers 1")
    logs.configure(settings.server.log_level, settings.server.log_format)
    if settings.tokens.jwt_org_fallback is OrgFallback.ANY:
        log.warning("settings.org_fallback", hint="a token without an organization may name any: JWT_ORG_FALLBACK")
    secret = settings.tokens.jwt_secret.get_secret_value() if settings.tokens.jwt_secret else ""
    if settings.tokens.jwt_algorithm.is_symmetric and min(map(len, secret.split(","))) < LEAST_SECRET_BYTES:
        log.warning("settings.weak_secret", hint="JWT_SECRET should have 32 bytes or more")
    with listening(host, port):
        pass  # uvicorn binds it itself
    options: dict[str, Any] = {
        "factory": True,
        "host": host,
        "port": port,
        "workers": workers,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "forwarded_allow_ips": settings.server.forwarded_allow_ips,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "timeout_keep_alive": KEPT_ALIVE_SECONDS,
    }
    if workers == 1:
        uvicorn.run(APP, **options)
    else:
        config = uvicorn.Config(APP, **options)
        Supervisor(config, [config.bind_socket()]).run()


def sandbox(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The loopback port to listen on.")] = 8100,
    state_file: Annotated[Path | None, typer.Option(help="Keep users and bookings in this file.")] = None,
) -> None:
    """Run the Cal.com sandbox alone: keys cal_sandbox_demo, cal_sandbox_other and cal_sandbox_expired."""
    try:
        app = create_sandbox(state_file=state_file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{state_file} is not a state of the sandbox: {error!r}") from error
    if state_file is not None and not state_file.parent.is_dir():
        raise CommandError(f"{state_file.parent} is no folder: the sandbox's state cannot be kept there")
    with listening(LOOPBACK, port):
        pass
    typer.echo(f"Cal.com sandbox on http://{LOOPBACK}:{port}/v2")
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning")
