"""Server processes that can be ended in any way and started again at the same address."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.e2e.processes import COMMAND, PATIENCE_SECONDS, bare_environment, free_port

STEP_SECONDS = 0.02


class Server:
    """``calbridge serve`` or ``calbridge sandbox``: ``arguments`` without the port, ``settings`` without the prefix."""

    def __init__(self, *arguments: str, folder: Path, ready: str, **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._ready = f"{self.url}{ready}"
        self._command = [*COMMAND, *arguments, "--port", str(port)]
        self._folder = folder
        self._environment = bare_environment(**settings)
        self._log = folder / f"{arguments[0]}-{port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def give(self, *options: str) -> None:
        """Give it further options for its next start."""
        self._command += options

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it without waiting."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_ready(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for it to say that it can serve."""
        wait_for(lambda: self.is_ready or self.has_ended, seconds, lambda: self.log)
        assert not self.has_ended, self.log

    @property
    def is_ready(self) -> bool:
        """Whether it says that it can serve."""
        return self.answers(self._ready) == httpx.codes.OK

    @property
    def has_ended(self) -> bool:
        """Whether the process is no more."""
        assert self._process is not None
        return self._process.poll() is not None

    @property
    def log(self) -> str:
        """The last that it has printed."""
        return self._log.read_text(errors="replace")[-4000:]

    def answers(self, url: str) -> int | None:
        """The status of an answer; None if there is none."""
        try:
            return httpx.get(url, timeout=PATIENCE_SECONDS).status_code
        except httpx.TransportError:
            return None

    def kill(self) -> None:
        """End it in the middle of whatever it does, with all of its workers."""
        self._signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask it to end, as an orchestrator does; nobody waits here."""
        self._signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        assert self._process is not None
        return self._process.wait(PATIENCE_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)


def wait_for(condition: Callable[[], object], seconds: float, complaint: Callable[[], str]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, complaint()
        time.sleep(STEP_SECONDS)
