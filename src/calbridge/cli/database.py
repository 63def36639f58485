"""``calbridge db``: the schema."""

import typer

from calbridge.settings import StorageSettings
from calbridge.storage import schema

app = typer.Typer(no_args_is_help=True, help="The database's schema.")


@app.command()
def upgrade() -> None:
    """Bring the database to the newest schema; an SQLite file is made where there is none."""
    schema.upgrade(StorageSettings().database_url)
    typer.echo("the schema is up to date")


@app.command()
def check() -> None:
    """Tell whether the schema is exactly what this version needs."""
    schema.check(StorageSettings().database_url)
    typer.echo("the schema is up to date")
