"""``calbridge caller``: the people on the phone, and their right to be forgotten."""

from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from calbridge.bootstrap import Container
from calbridge.cli.output import AsJson, show
from calbridge.cli.session import CommandError, read_by, uuid_argument, with_services
from calbridge.tools import understand

app = typer.Typer(no_args_is_help=True, help="The people on the phone.")


@app.command()
def erase(
    phone: Annotated[
        str | None,
        typer.Option(parser=read_by(understand.phone), metavar="NUMBER", help="With its country code."),
    ] = None,
    email: Annotated[
        str | None, typer.Option(parser=read_by(understand.email), metavar="ADDRESS", help="In either case.")
    ] = None,
    org: Annotated[
        UUID | None, typer.Option(parser=uuid_argument, metavar="UUID", help="Only this organization's records.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase a caller's name, phone, e-mail and notes from the records of that phone number or e-mail address.

    The records themselves stay (booking id, times, status, agent), and so does the booking at Cal.com. Exit code 1 if
    something of theirs is under way: what becomes of it must be found out first.
    """
    if not (phone or email):
        raise typer.BadParameter("give --phone, --email or both")
    records, intents, left = with_services(partial(_erase, org, phone or "", email or ""))
    show({"records": records, "intents": intents, "open": left}, as_json=as_json)
    if left:
        raise CommandError(f"{left} of their wishes are not settled yet: run this again in a few minutes")


async def _erase(org: UUID | None, phone: str, email: str, services: Container) -> tuple[int, int, int]:
    """Erase wishes first: some are known to be the caller's only by the record of the appointment."""
    intents, left = await services.intents.erase_caller(org, phone=phone, email=email)
    records = await services.bookings.erase_caller(org, phone=phone, email=email)
    return records, intents, left
