"""``calbridge org``: organizations."""

from typing import Annotated
from uuid import UUID

import typer

from calbridge.cli.output import AsJson, Row, show, show_all
from calbridge.cli.session import name_argument, uuid_argument, with_services
from calbridge.domain.access import COMMAND
from calbridge.domain.agents import Organization

app = typer.Typer(no_args_is_help=True, help="Organizations: the tenants.")
Id = Annotated[UUID, typer.Argument(parser=uuid_argument, metavar="ID", help="The organization.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(parser=name_argument, metavar="NAME", help="What to call it.")],
    id_: Annotated[
        UUID | None, typer.Option("--id", parser=uuid_argument, metavar="UUID", help="Its id at the platform.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make an organization."""
    show(_row(with_services(lambda services: services.organizations.create(name, id_, by=COMMAND))), as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List all organizations."""
    found = with_services(lambda services: services.organizations.list())
    show_all([_row(each) for each in found], as_json=as_json)


@app.command("set")
def set_(
    organization: Id,
    *,
    require_key: Annotated[
        bool, typer.Option("--require-key/--no-require-key", help="Whether `manage` takes a credential.")
    ],
    as_json: AsJson = False,
) -> None:
    """Change an organization."""
    changed = with_services(lambda services: services.organizations.require_key(organization, require_key, by=COMMAND))
    show(_row(changed), as_json=as_json)


def _row(organization: Organization) -> Row:
    return {
        "id": organization.id,
        "name": organization.name,
        "require_key": organization.require_key,
        "created_at": organization.created_at.isoformat(),
    }
