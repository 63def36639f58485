"""``calbridge secrets``: the encryption keys."""

from dataclasses import asdict

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from calbridge.bootstrap import Container
from calbridge.cli.output import AsJson, show
from calbridge.cli.session import CommandError, with_services
from calbridge.services.rotation import Rotated

app = typer.Typer(no_args_is_help=True, help="The encryption keys.")


@app.command()
def rotate(*, as_json: AsJson = False) -> None:
    """Encrypt everything anew under the first key of CALBRIDGE_ENCRYPTION_KEYS, while the service answers.

    Put the new key first and the old ones behind it, restart the service with that, rotate; then drop the old ones.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), disable=as_json)

    async def run(services: Container) -> Rotated:
        with bar:
            task = bar.add_task("sealed values", total=None)
            return await services.rotation.run(lambda done, total: bar.update(task, completed=done, total=total))

    rotated = with_services(run)
    counts = asdict(rotated)
    del counts["examples"]
    show(counts, as_json=as_json)
    if rotated.unreadable:
        raise CommandError(
            f"{rotated.unreadable} sealed values open under none of the encryption keys, such as "
            f"{', '.join(rotated.examples)}; all others are done"
        )
    if rotated.busy:
        raise CommandError(f"{rotated.busy} sealed values were being written all the time: run this again")
