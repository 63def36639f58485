"""The command's entrance: all its parts, and one plain line for whatever did not work."""

import sys

import typer
from pydantic import ValidationError

from calbridge.bootstrap import MissingSettingError
from calbridge.cli import accounts, agents, callers, credentials, database, intents, organizations, secrets, server
from calbridge.cli.dev import dev
from calbridge.cli.doctor import doctor
from calbridge.cli.manage import manage
from calbridge.cli.mcp import mcp
from calbridge.cli.session import CommandError
from calbridge.cli.worker import worker
from calbridge.domain.errors import CalbridgeError

app = typer.Typer(
    name="calbridge",
    help="Book, move and cancel Cal.com appointments for voice agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(dev)
app.command()(server.serve)
app.command()(worker)
app.command()(mcp)
app.command()(manage)
app.command()(server.sandbox)
app.command()(doctor)
app.add_typer(database.app, name="db")
app.add_typer(organizations.app, name="org")
app.add_typer(agents.app, name="agent")
app.add_typer(accounts.app, name="account")
app.add_typer(credentials.tokens, name="token")
app.add_typer(credentials.keys, name="key")
app.add_typer(secrets.app, name="secrets")
app.add_typer(callers.app, name="caller")
app.add_typer(intents.app, name="intents")


def main() -> None:
    """Run the command. Exit codes: 0 well, 1 it did not work, 2 wrong usage."""
    try:
        app()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        _fail(f"CALBRIDGE_{name}: {first['msg']}")
    except (CalbridgeError, CommandError, MissingSettingError, ValueError, OSError) as error:
        _fail(str(error))


def _fail(message: str) -> None:
    sys.stderr.write(f"calbridge: {message.splitlines()[0] if message else 'it did not work'}\n")
    sys.exit(1)
