"""The walk-throughs of the documentation, run as printed: from nothing to a booked appointment."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from tests.e2e.processes import bare_environment, free_port, run, running

DOCS = Path(__file__).parents[2] / "docs"
SECRETS = {"JWT_SECRET": "an operator of this service made this secret and it is long", "ENCRYPTION_KEYS": "cd" * 32}


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A service beside a sandbox: its address, and the settings that it has."""
    calcom, base = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
    settings = {**SECRETS, "DATABASE_URL": sqlite_url, "CALCOM_API_URL": calcom}
    folders = [tmp_path / name for name in ("sandbox", "service")]
    for folder in folders:
        folder.mkdir()
    with (
        running("sandbox", "--port", calcom.rpartition(":")[2], folder=folders[0], url=f"{calcom}/sandbox/ledger"),
        running("serve", "--port", base.rpartition(":")[2], folder=folders[1], url=f"{base}/health/ready", **settings),
    ):
        yield base, settings


def walk(script: str, folder: Path, settings: dict[str, str], **variables: str) -> str:
    """Run a script to its end; return what it printed."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(  # noqa: S603 - our own script
        [str(DOCS / script)],
        cwd=folder,
        env={**bare_environment(**settings), **variables, "CALCOM_KEY": "cal_sandbox_demo", "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_http_alone(service: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    base, settings = service
    organization = str(uuid4())
    token = run("token", "issue", "--org", organization, folder=tmp_path, **settings).stdout.strip()

    printed = walk("walkthrough-http.sh", tmp_path, settings, BASE=base, ORG=organization, TOKEN=token)

    listed = json.loads(printed.splitlines()[-1])
    assert "You're booked with Dr. Rivera" in printed
    assert [row["attendee_phone"] for row in listed["data"]["appointments"]] == ["+442079460958"]


def test_the_command_line_alone(service: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    base, settings = service

    printed = walk("walkthrough-cli.sh", tmp_path, settings)

    assert re.search(r"^You're booked with Dr\. Rivera for .+\.$", printed, re.MULTILINE)
    organization = str(json.loads(run("org", "list", "--json", folder=tmp_path, **settings).stdout)[-1]["id"])
    token = run("token", "issue", "--org", organization, folder=tmp_path, **settings).stdout.strip()
    url, bearer = f"{base}/api/v1/calcom/appointments", {"Authorization": f"Bearer {token}"}
    listed = httpx.get(url, params={"org_id": organization}, headers=bearer)
    assert [row["attendee_email"] for row in listed.json()["data"]["appointments"]] == ["jane@example.com"]
