"""``calbridge dev``, which is ``make run``: it starts from nothing, and the lines that it prints do what they say."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.processes import free_port, run, running

from calbridge.cli.dev import banner, curl_lines

README = Path(__file__).parents[2] / "README.md"
DEFAULT_BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder in which it runs, and its address."""
    folder, port = tmp_path_factory.mktemp("dev"), free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = ("dev", "--port", str(port), "--sandbox-port", str(free_port()))
    with running(*arguments, folder=folder, url=f"{base}/health/ready"):
        yield folder, base


def paste(lines: list[str], folder: Path) -> list[dict[str, object]]:
    """Paste lines into one shell; return the JSON of their answers, in order."""
    done = subprocess.run(  # noqa: S603 - lines of our own README
        [
            "/bin/bash",
            "-c",
            "\n".join(f"{line}; echo >&2" for line in lines).replace("tee /dev/stderr", "tee -a /dev/stderr"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(text) for text in (done.stderr + done.stdout).replace("}{", "}\n{").splitlines() if text]


def test_the_readmes_lines_work_as_they_stand(dev: tuple[Path, str]) -> None:
    folder, base = dev
    lines = [
        block.replace(DEFAULT_BASE, base) for block in re.findall(r"```bash\n(.*?)\n```", README.read_text(), re.DOTALL)
    ]

    answers = paste(
        [f"{{ {line}; }} > >(cat >&2)" if not line.startswith(("TIMES", "APPO")) else line for line in lines], folder
    )

    messages = [str(answer["message"]) for answer in answers]
    assert len(messages) == 7
    assert all(answer["success"] is True for answer in answers)
    told = {
        "I have": 0,
        "You're booked with Dr. Rivera for": 2,
        "Appointments retrieved": 3,
        "Appointment retrieved": 4,
        "I've moved your appointment with Dr. Rivera to": 5,
        "is cancelled.": 6,
    }
    assert all(words in messages[index] for words, index in told.items()), messages


def test_the_readme_has_the_lines_that_are_printed() -> None:
    blocks = re.findall(r"```bash\n(.*?)\n```", README.read_text(), re.DOTALL)

    assert sorted(blocks) == sorted(curl_lines(DEFAULT_BASE, Path(".calbridge")).values())
    assert all(
        line in banner(8000, 8100, Path(".calbridge"))
        for line in blocks
        if "availability" not in line and "/$" not in line
    )


def test_a_port_in_use_is_told_in_one_line(dev: tuple[Path, str], tmp_path: Path) -> None:
    _, base = dev

    done = run("dev", "--port", base.rpartition(":")[2], "--sandbox-port", str(free_port()), folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is in use; choose another one with --port" in done.stderr


def test_the_two_ports_must_differ(tmp_path: Path) -> None:
    done = run("dev", "--port", "8020", "--sandbox-port", "8020", folder=tmp_path)

    assert (done.returncode, done.stderr) == (1, "calbridge: --port and --sandbox-port must differ\n")


def test_it_keeps_its_data_and_stops_cleanly(tmp_path: Path) -> None:
    port, sandbox_port = free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = ("dev", "--port", str(port), "--sandbox-port", str(sandbox_port))
    lines = curl_lines(base, Path(".calbridge"))
    with running(*arguments, folder=tmp_path, url=f"{base}/health/ready") as process:
        paste([lines["suggest"], lines["book"]], tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert "Traceback" not in (tmp_path / "err.txt").read_text()
    secrets = [tmp_path / ".calbridge" / name for name in ("secrets.json", "token")]
    assert {each.stat().st_mode & 0o077 for each in secrets} == {0}

    with running(*arguments, folder=tmp_path, url=f"{base}/health/ready"):
        (listed,) = paste([lines["list"]], tmp_path)

    assert isinstance(listed["data"], dict)
    assert listed["data"]["count"] == 1
