"""``calbridge worker``: what a server does in the background, in a process of its own."""

import asyncio
import signal

import typer

from calbridge.bootstrap import open_container
from calbridge.cli.server import is_sqlite
from calbridge.cli.session import CommandError
from calbridge.settings import Settings
from calbridge.telemetry import logs


def worker() -> None:
    """Do the background work alone: find out what became of intents, poll Cal.com, erase old callers.

    Every server does it, too; a worker goes on while servers are replaced.
    """
    settings = Settings.load()
    if is_sqlite(settings):
        raise CommandError("SQLite is for one process, and the server does this work itself: use PostgreSQL")
    logs.configure(settings.server.log_level, settings.server.log_format)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    async with open_container(settings, serving=True):
        typer.echo("calbridge worker: at work; stop it with Ctrl-C")
        await told_to_stop.wait()
