"""``calbridge agent``: voice agents of an organization."""

from typing import Annotated
from uuid import UUID

import typer

from calbridge.cli.output import AsJson, Row, show, show_all
from calbridge.cli.session import name_argument, text_argument, uuid_argument, with_services
from calbridge.domain.access import COMMAND
from calbridge.domain.agents import Agent
from calbridge.domain.times import zone_named

app = typer.Typer(no_args_is_help=True, help="Voice agents of an organization.")
Org = Annotated[UUID, typer.Option("--org", parser=uuid_argument, metavar="UUID", help="The organization.")]
MOST_LISTED = 1_000


def zone_argument(name: str) -> str:
    """Check a zone on the command line."""
    if name and zone_named(name) is None:
        raise typer.BadParameter("must be an IANA time zone, such as Europe/London")
    return name


@app.command()
def create(
    org: Org,
    name: Annotated[str, typer.Option(parser=name_argument, metavar="NAME", help="The name that callers hear.")],
    id_: Annotated[
        UUID | None, typer.Option("--id", parser=uuid_argument, metavar="UUID", help="Its id at the platform.")
    ] = None,
    timezone: Annotated[
        str, typer.Option(parser=zone_argument, metavar="ZONE", help="IANA zone in which its callers' times are read.")
    ] = "",
    event_type: Annotated[
        str,
        typer.Option(
            parser=text_argument,
            metavar="NUMBER OR SLUG",
            help="Of the event type that it books.",
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Make an agent."""
    agent = with_services(
        lambda services: services.agents.create(org, name, id=id_, timezone=timezone, event_type=event_type, by=COMMAND)
    )
    show(_row(agent), as_json=as_json)


@app.command("list")
def list_(org: Org, *, as_json: AsJson = False) -> None:
    """List an organization's agents, the oldest first."""
    found, _ = with_services(lambda services: services.agents.list(org, limit=MOST_LISTED, offset=0))
    show_all([_row(each) for each in found], as_json=as_json)


@app.command()
def link(
    org: Org,
    agent: Annotated[UUID, typer.Option(parser=uuid_argument, metavar="UUID", help="The agent.")],
    account: Annotated[
        UUID | None, typer.Option(parser=uuid_argument, metavar="UUID", help="The account; none unlinks.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Have an agent use one of its organization's Cal.com accounts."""
    show(
        _row(with_services(lambda services: services.assignments.link(org, agent, account, by=COMMAND))),
        as_json=as_json,
    )


def _row(agent: Agent) -> Row:
    return {
        "id": agent.id,
        "name": agent.name,
        "status": agent.status.value,
        "timezone": agent.timezone,
        "event_type": agent.event_type,
        "account": agent.linked_account_id or "",
    }
