"""``calbridge db``: the schema."""

from collections.abc import Callable

import typer

from calbridge.cli.session import CommandError
from calbridge.domain.errors import UnavailableError
from calbridge.settings import StorageSettings
from calbridge.storage import schema
from calbridge.storage.engines import driver_url

app = typer.Typer(no_args_is_help=True, help="The database's schema.")


@app.command()
def upgrade() -> None:
    """Bring the database to the newest schema; an SQLite file is made where there is none."""
    _on_database(schema.upgrade)


@app.command()
def check() -> None:
    """Tell whether the schema is exactly what this version needs."""
    try:
        _on_database(schema.check)
    except schema.SchemaError as error:
        raise CommandError(f"{error} Bring it up to date with: calbridge db upgrade") from error


def _on_database(work: Callable[[str], None]) -> None:
    url = StorageSettings().database_url
    try:
        work(url)
    except UnavailableError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise CommandError(f"{driver_url(url).render_as_string()} cannot be used: {reason}") from error
    typer.echo("the schema is up to date")
