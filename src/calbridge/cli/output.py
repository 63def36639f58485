"""How commands print: tables for people, JSON for scripts, one line on standard error when something went wrong."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Row = Mapping[str, object]
WIDEST = 10_000  # columns: a table is as wide as what is in it, since an id that is cut is none


def show(row: Row, *, as_json: bool) -> None:
    """Print one thing: ``name: value`` lines, or a JSON object."""
    if as_json:
        typer.echo(json.dumps(row, default=str))
        return
    for name, value in row.items():
        typer.echo(f"{name}: {value}")


def show_all(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print several things: a table, or a JSON array."""
    if as_json:
        typer.echo(json.dumps(rows, default=str))
        return
    if not rows:
        typer.echo("none")
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))  # names come from outside: none is markup
    Console(width=WIDEST).print(table)
