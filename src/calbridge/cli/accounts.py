"""``calbridge account``: connected Cal.com accounts."""

import sys
from typing import Annotated

import typer

from calbridge.cli.agents import Org
from calbridge.cli.output import AsJson, Row, show, show_all
from calbridge.cli.session import name_argument, with_services
from calbridge.domain.access import COMMAND
from calbridge.domain.agents import Account

app = typer.Typer(no_args_is_help=True, help="Connected Cal.com accounts.")


def key_from_outside(text: str) -> str:
    """Read the key from standard input or a prompt: on the command line it would stay in the shell's history."""
    if text != "-":
        raise typer.BadParameter("give '-' and send the key on standard input: it must not be on the command line")
    if sys.stdin.isatty():
        return str(typer.prompt("Cal.com API key", hide_input=True))
    return sys.stdin.readline().strip()


@app.command()
def connect(
    org: Org,
    api_key: Annotated[
        str, typer.Option(metavar="-", help="'-': read the key from standard input, or ask for it.", show_default=True)
    ] = "-",
    name: Annotated[
        str | None, typer.Option(parser=name_argument, metavar="NAME", help="What to call the account.")
    ] = None,
    api_base_url: Annotated[str, typer.Option(help="Where this Cal.com is, if not at CALBRIDGE_CALCOM_API_URL.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Prove a Cal.com key with one live call, and store it."""
    key = key_from_outside(api_key)
    account, _ = with_services(
        lambda services: services.connections.connect(org, by=COMMAND, api_key=key, name=name, base_url=api_base_url)
    )
    show(_row(account), as_json=as_json)


@app.command("list")
def list_(org: Org, *, as_json: AsJson = False) -> None:
    """List an organization's accounts, the oldest first."""
    found = with_services(lambda services: services.connections.list(org))
    show_all([_row(each) for each in found], as_json=as_json)


def _row(account: Account) -> Row:
    return {
        "id": account.id,
        "name": account.settings.name,
        "status": account.status.value,
        "calcom_user": account.host.username,
        "timezone": account.settings.timezone,
        "base_url": account.base_url,
    }
