"""``calbridge token`` and ``calbridge key``: what callers of the API show."""

import re
from typing import Annotated
from uuid import UUID

import typer

from calbridge.bootstrap import Container
from calbridge.cli.agents import Org
from calbridge.cli.output import AsJson, Row, show, show_all
from calbridge.cli.session import CommandError, text_argument, uuid_argument, with_services
from calbridge.domain.access import COMMAND, ApiKey, Scope

tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens.")
keys = typer.Typer(no_args_is_help=True, help="API keys.")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_TTL_SECONDS = 366 * 86400


def seconds(text: str) -> int:
    """Parse a length of time such as 90s, 15m, 1h or 30d."""
    match = re.fullmatch(r"(\d{1,9})([smhd])", text)
    length = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < length <= MAX_TTL_SECONDS:
        raise typer.BadParameter("must be a length of time such as 15m, 1h or 30d, at most a year")
    return length


@tokens.command()
def issue(
    org: Org,
    sub: Annotated[str, typer.Option(help="Whom the token speaks for.")] = "cli",
    ttl: Annotated[str, typer.Option(help="How long it is valid: 15m, 1h, 30d.")] = "1h",
    *,
    as_json: AsJson = False,
) -> None:
    """Sign a token for an organization."""
    length = seconds(ttl)

    async def sign(services: Container) -> str:
        return services.tokens.issue(org, subject=sub, ttl_seconds=length)

    try:
        token = with_services(sign)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if as_json:
        show({"token": token, "expires_in": length}, as_json=True)
    else:
        typer.echo(token)


@keys.command()
def create(
    org: Org,
    name: Annotated[str, typer.Option(parser=text_argument, metavar="TEXT", help="What it is for.")] = "",
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do; give it several times.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key. It is shown this once. Without --scope it may manage and read appointments."""
    scopes = frozenset(scope or (Scope.MANAGE, Scope.READ))
    key, secret = with_services(lambda services: services.keys.create(org, name, scopes, by=COMMAND))
    show({**_row(key), "key": secret}, as_json=as_json)


@keys.command("list")
def list_(
    org: Annotated[
        UUID | None, typer.Option(parser=uuid_argument, metavar="UUID", help="Only this organization's.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List API keys, revoked ones too. The keys themselves are not kept."""
    show_all([_row(key) for key in with_services(lambda services: services.keys.list(org))], as_json=as_json)


@keys.command()
def revoke(
    id_: Annotated[UUID, typer.Argument(parser=uuid_argument, metavar="ID", help="The key's id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke an API key: from now on it opens nothing."""
    show(_row(with_services(lambda services: services.keys.revoke(None, id_, by=COMMAND))), as_json=as_json)


def _row(key: ApiKey) -> Row:
    return {
        "id": key.id,
        "organization": key.organization_id,
        "name": key.name,
        "hint": f"{key.hint}...",
        "scopes": " ".join(sorted(scope.value for scope in key.scopes)),
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else "",
    }
