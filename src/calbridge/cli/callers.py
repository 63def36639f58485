"""``calbridge caller``: the people on the phone, and their right to be forgotten."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from calbridge.cli.output import AsJson, show
from calbridge.cli.session import uuid_argument, with_services
from calbridge.tools import understand

app = typer.Typer(no_args_is_help=True, help="The people on the phone.")


def _read_by(read: Callable[[str], str]) -> Callable[[str], str]:
    def argument(text: str) -> str:
        try:
            return read(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return argument


@app.command()
def erase(
    phone: Annotated[
        str | None,
        typer.Option(parser=_read_by(understand.phone), metavar="NUMBER", help="With its country code."),
    ] = None,
    email: Annotated[
        str | None, typer.Option(parser=_read_by(understand.email), metavar="ADDRESS", help="In either case.")
    ] = None,
    org: Annotated[
        UUID | None, typer.Option(parser=uuid_argument, metavar="UUID", help="Only this organization's records.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase a caller's name, phone, e-mail and notes from the records of that phone number or e-mail address.

    The records themselves stay (booking id, times, status, agent), and so does the booking at Cal.com.
    """
    if not (phone or email):
        raise typer.BadParameter("give --phone, --email or both")
    count = with_services(lambda services: services.bookings.erase_caller(org, phone=phone or "", email=email or ""))
    show({"records": count}, as_json=as_json)
