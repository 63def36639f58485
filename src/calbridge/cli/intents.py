"""``calbridge intents``: what callers wish to happen once, and what became of it; nothing of the callers themselves."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from calbridge.bootstrap import Container
from calbridge.cli.output import AsJson, Row, show, show_all
from calbridge.cli.session import CommandError, uuid_argument, with_services
from calbridge.domain.access import COMMAND
from calbridge.domain.intents import Intent, State

app = typer.Typer(no_args_is_help=True, help="What callers wish to happen once, and what became of it.")
UNSETTLED = (State.SENDING, State.UNKNOWN, State.NEEDS_HUMAN)
MOST_LISTED = 10_000


@app.command("list")
def list_(
    org: Annotated[
        UUID | None, typer.Option(parser=uuid_argument, metavar="UUID", help="Only this organization's.")
    ] = None,
    state: Annotated[
        list[State] | None, typer.Option(help="Only those in this state; give it several times for several.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many at most.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List intents, the newest first: without --state those that are open, unknown or need a person."""
    found = with_services(lambda services: services.intents.list(org, state or UNSETTLED, limit))
    if as_json:
        show_all([_row(each) | {"history": _history(each)} for each in found], as_json=True)
        return
    if not found:
        typer.echo("none")
    for number, each in enumerate(found):
        if number:
            typer.echo()
        _show(each)


@app.command()
def resolve(
    id_: Annotated[UUID, typer.Argument(parser=uuid_argument, metavar="ID", help="The intent.")],
    confirmed: Annotated[
        str | None, typer.Option(metavar="UID", help="Decide: this booking came of it. Cal.com is asked for it.")
    ] = None,
    *,
    rejected: Annotated[bool, typer.Option("--rejected", help="Decide: nothing came of it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find out now at Cal.com what became of an intent, or decide it.

    What is decided is written to the audit log. Decide "rejected" only if you have seen that there is no such booking:
    whoever wishes it again has it booked. Exit code 1 if it is not settled even now.
    """
    if confirmed is not None and rejected:
        raise typer.BadParameter("give --confirmed or --rejected, not both")
    intent = with_services(partial(_settle, id_, confirmed, rejected=rejected))
    if as_json:
        show(_row(intent) | {"history": _history(intent)}, as_json=True)
    else:
        _show(intent)
    if intent.state in UNSETTLED:
        raise CommandError("Cal.com did not tell what became of it: look again later, or decide it")


async def _settle(intent_id: UUID, confirmed: str | None, services: Container, *, rejected: bool) -> Intent:
    if confirmed is not None:
        return await services.decisions.confirm(intent_id, confirmed, by=COMMAND)
    if rejected:
        return await services.decisions.reject(intent_id, by=COMMAND)
    return await services.decisions.look(intent_id)


def _show(intent: Intent) -> None:
    show(_row(intent), as_json=False)
    for entry in _history(intent):
        typer.echo(f"  {entry['at']}  {entry['event']}")


def _row(intent: Intent) -> dict[str, object]:
    """Tell of an intent what is no caller's business; not of the wish, which is sealed."""
    return {
        "id": intent.id,
        "organization": intent.organization_id,
        "account": intent.account_id,
        "agent": intent.agent_id,
        "action": intent.errand.value,
        "state": intent.state.value,
        "start": intent.start.isoformat() if intent.start else "",
        "uid": intent.uid or "",
        "reason": intent.reason,
        "created_at": intent.created_at.isoformat(),
        "settled_at": intent.settled_at.isoformat() if intent.settled_at else "",
    }


def _history(intent: Intent) -> Sequence[Row]:
    """Take the lines apart: an instant, a blank, and what happened then."""
    lines = (line.partition(" ") for line in intent.history.splitlines())
    return [{"at": at, "event": event} for at, _, event in lines]
