"""Without the extra: there is no ``/mcp``, the command says how to install it, and everything else is as it was."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from tests.e2e.processes import PATIENCE_SECONDS, bare_environment

WITHOUT = """
import sys
from importlib.machinery import PathFinder

find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name.partition(".")[0] == "mcp" else find(name, *where)

"""
POST = """
import asyncio, httpx
from calbridge.asgi import compose

async def ask():
    transport = httpx.ASGITransport(compose(lambda: None, docs=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client:
        answer = await client.post("/mcp", json={})
        print(answer.status_code, answer.json()["code"])

asyncio.run(ask())
"""


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run some code in a process where the SDK cannot be imported."""
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", WITHOUT + code],
        cwd=folder,
        env=bare_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_there_is_no_door(tmp_path: Path) -> None:
    done = python(POST, tmp_path)

    assert done.stdout.splitlines()[-1:] == ["404 NOT_FOUND"], done.stderr


def test_the_command_says_how_to_install_it_and_no_other_loads_it(tmp_path: Path) -> None:
    words = ["calbridge", "mcp", "--org", str(uuid4()), "--agent", str(uuid4())]

    done = python(f"sys.argv = {words}; from calbridge.cli.main import main; main()", tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "calbridge: the MCP server is not installed: pip install 'calbridge[mcp]'\n"


def test_a_server_loads_it_when_somebody_comes(tmp_path: Path) -> None:
    made = "from calbridge.asgi import compose; compose(lambda: None, docs=False)"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", f"import sys; {made}; print({{'mcp', 'mcp_types'}} & set(sys.modules))"],
        cwd=tmp_path,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "set()\n"
