"""calbridge as processes, as its users run it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE_SECONDS = 60
COMMAND = (sys.executable, "-m", "calbridge")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def bare_environment(**settings: str) -> dict[str, str]:
    """The environment without any setting of calbridge but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALBRIDGE_")}
    return {**kept, **{f"CALBRIDGE_{name}": value for name, value in settings.items()}}


def run(*arguments: str, folder: Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        cwd=folder,
        env=bare_environment(**settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def running(*arguments: str, folder: Path, url: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the block ends; it answers at ``url`` when the block begins."""
    with (
        (folder / "out.txt").open("w") as out,
        (folder / "err.txt").open("w") as err,
        subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, *arguments], cwd=folder, env=bare_environment(**settings), stdout=out, stderr=err, text=True
        ) as process,
    ):
        try:
            wait_for(url, process, folder)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)


def wait_for(url: str, process: subprocess.Popen[str], folder: Path) -> None:
    """Wait until something answers."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer: {(folder / 'err.txt').read_text()[-2000:]}")
