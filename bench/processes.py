"""The processes that are measured: started, looked at through /proc, ended."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

LOOPBACK = "127.0.0.1"
ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
MEBIBYTE = 1024.0
LOG_SHOWN = 3000  # characters of what a process has said, when something went wrong


@dataclass(frozen=True, slots=True)
class Process:
    """A server of one process."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Seconds of a core that it has used so far, its own and the kernel's on its behalf."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Its resident memory in MiB, what it shares with others included."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split(None, 1)[0]) / MEBIBYTE


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


def bare_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of calbridge but these; ``bench`` can be imported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALBRIDGE_")}
    named = {f"CALBRIDGE_{name}": value for name, value in settings.items()}
    return {**kept, "PYTHONPATH": str(ROOT), **named}


@contextmanager
def running(
    name: str, *command: str, folder: Path, port: int, path: str, environment: Mapping[str, str]
) -> Iterator[Process]:
    """Run a Python module as a server until the block ends; it answers at ``path`` when the block begins."""
    log = folder / f"{name}.log"
    with (
        log.open("w") as out,
        subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**environment},
            stdout=out,
            stderr=out,
        ) as process,
    ):
        try:
            server = Process(f"http://{LOOPBACK}:{port}", process.pid)
            _wait_for(server.url + path, process)
            yield server
        except Exception as error:
            if said := log.read_text():
                error.add_note(f"{name}: {said[-LOG_SHOWN:]}")
            raise
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=PATIENCE_SECONDS):  # noqa: S310 - on loopback
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")
