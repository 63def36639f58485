"""What every command that works on the database needs: the settings, the services, and a schema that fits."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import typer

from calbridge.bootstrap import Container, open_container
from calbridge.domain.ids import parse_uuid
from calbridge.settings import Settings
from calbridge.telemetry import logs
from calbridge.tools import understand

Result = TypeVar("Result")


class CommandError(Exception):
    """A command did not work; the message is the one line that the user sees."""


def with_services(work: Callable[[Container], Awaitable[Result]]) -> Result:
    """Run one piece of work over an open container."""
    logs.keep_off_standard_output()
    settings = Settings.load()

    async def run() -> Result:
        async with open_container(settings) as services:
            if not await services.database.ready():
                raise CommandError(
                    "the database does not answer, or its schema is not up to date: calbridge db upgrade"
                )
            return await work(services)

    return asyncio.run(run())


def read_by(read: Callable[[str], str]) -> Callable[[str], str]:
    """Return what reads a text on the command line as the API does; its ValueError is wrong usage."""

    def argument(text: str) -> str:
        try:
            return read(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return argument


name_argument = read_by(understand.person_name)
text_argument = read_by(partial(understand.plain, limit=understand.MAX_NAME))


def uuid_argument(text: str) -> UUID:
    """Parse an id on the command line."""
    value = parse_uuid(text)
    if value is None:
        raise typer.BadParameter("must be a UUID")
    return value
