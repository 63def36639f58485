"""``calbridge mcp``: the tools of one agent for a program that starts us, over standard input and output."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from calbridge.bootstrap import Container
from calbridge.cli.agents import Org
from calbridge.cli.session import CommandError, uuid_argument, with_services
from calbridge.domain.access import COMMAND, Credential, Scope
from calbridge.mcp.line import Line

HOW_TO_INSTALL = "the MCP server is not installed: pip install 'calbridge[mcp]'"
Serve = Callable[[Container, Line], Awaitable[None]]


def mcp(
    org: Org,
    agent: Annotated[UUID, typer.Option(parser=uuid_argument, metavar="UUID", help="The agent.")],
) -> None:
    """Serve an agent's tools over standard input and output, for a client of the Model Context Protocol.

    Whoever can start it has the database and its keys, and needs no other credential.
    """
    serve = _server()
    line = Line(org, agent, Credential(org, frozenset({Scope.MANAGE}), COMMAND, is_token=False))

    async def work(services: Container) -> None:
        if await services.agents.get(org, agent) is None:
            raise CommandError("the organization has no such agent: calbridge agent list --org ...")
        await serve(services, line)

    with_services(work)


def _server() -> Serve:
    """Load the server. It takes a second, and an extra that need not be installed: no other command is to wait."""
    try:
        from calbridge.mcp.stdio import serve  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise CommandError(HOW_TO_INSTALL) from error
    return serve
