"""``calbridge manage``: one call of a voice agent, taken on the command line."""

import json
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import typer
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from calbridge.api.problems import of_validation
from calbridge.api.ravan.manage_answer import answer, refusal
from calbridge.api.ravan.manage_request import ManageBody, ManageRequest
from calbridge.bootstrap import Container
from calbridge.cli.agents import Org
from calbridge.cli.output import AsJson
from calbridge.cli.session import uuid_argument, with_services
from calbridge.domain.access import COMMAND, Credential, Scope
from calbridge.domain.errors import CalbridgeError

_BODY: TypeAdapter[ManageRequest] = TypeAdapter(ManageBody)


def field_argument(text: str) -> tuple[str, str]:
    """Read a field on the command line."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter("must be FIELD=VALUE")
    return name, value


def manage(
    action: Annotated[str, typer.Argument(help="suggest, availability, book, reschedule, cancel or find.")],
    org: Org,
    agent: Annotated[UUID, typer.Option(parser=uuid_argument, metavar="UUID", help="The agent that takes the call.")],
    fields: Annotated[
        list[Any] | None,  # of pairs
        typer.Argument(parser=field_argument, metavar="FIELD=VALUE", help='As in the API: name="Jane Doe"'),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take one call, as a voice agent's platform makes it, and print what the caller hears.

    It is a real one: what is booked is booked. Exit code 1: the caller does not get what they want.
    """
    body = {**dict(fields or ()), "action": action, "org_id": str(org), "agent_id": str(agent)}
    told = with_services(lambda services: _take(services, org, body))
    printed: dict[str, Any] = json.loads(bytes(told.body))
    typer.echo(json.dumps(printed) if as_json else printed["message"])
    if told.status_code >= HTTPStatus.BAD_REQUEST:
        raise typer.Exit(1)


async def _take(services: Container, org: UUID, body: dict[str, str]) -> Response:
    try:
        call = _BODY.validate_python(body).to_call()
    except ValidationError as error:
        located = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise of_validation(RequestValidationError(located)) from None
    credential = Credential(org, frozenset({Scope.MANAGE}), COMMAND, is_token=False)
    try:
        return answer(await services.front_desk.handle(call, credential, ""))
    except CalbridgeError as error:
        return refusal(error, call.action, body["action"])
