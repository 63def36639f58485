"""``calbridge worker``: the background work, in a process of its own."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.processes import COMMAND, bare_environment, run
from tests.engine.practice import open_practice
from tests.engine.stage import SECRETS, Stage, unsettled

LINE = "calbridge worker: at work; stop it with Ctrl-C\n"
PATIENCE_SECONDS = 30
SOON_SECONDS = 10.0  # it takes a fraction of a second, unless the machine is busy


@contextmanager
def working(folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run a worker until the block ends; it is at work when the block begins."""
    environment = {**bare_environment(**settings), "PYTHONUNBUFFERED": "1"}
    with (
        (folder / "worker.log").open("w") as log,
        subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, "worker"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == LINE, (folder / "worker.log").read_text()
        try:
            yield process
        finally:
            process.kill()


def test_it_stops_at_once_when_it_is_told_to(postgres_url: str, tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with working(tmp_path, **SECRETS, DATABASE_URL=postgres_url) as worker:
            began = time.monotonic()
            worker.send_signal(number)
            assert worker.wait(PATIENCE_SECONDS) == 0
            assert time.monotonic() - began < SOON_SECONDS
            assert worker.stdout is not None
            assert worker.stdout.read() == ""
        assert "Traceback" not in (tmp_path / "worker.log").read_text()


def test_it_is_not_for_sqlite(tmp_path: Path) -> None:
    done = run("worker", folder=tmp_path, **SECRETS)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("calbridge: SQLite is for one process")
    assert done.stderr.count("\n") == 1


async def test_it_settles_what_a_server_has_left_behind(postgres_url: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, postgres_url, MANAGE_DEADLINE="1")  # the lease ends 10 seconds after
    with stage.open():
        async with open_practice(stage) as practice:
            jane = practice.booking()
            await practice.strike("delay", when="after", seconds=3)
            asking = asyncio.create_task(practice.ask(jane))
            while not await practice.requests():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)
            stage.servers[0].kill()
            assert (await asking).status is None
            assert await unsettled(postgres_url)

            with working(tmp_path, **stage.settings):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while await unsettled(postgres_url):  # noqa: ASYNC110 - another process settles it
                        await asyncio.sleep(0.1)

            await practice.verify()
            assert len((await practice.history()).bookings) == 1
