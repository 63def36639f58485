"""The wheel alone, installed in another folder: it migrates, serves and shows its documentation page."""

import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
from tests.e2e import processes
from tests.e2e.processes import PATIENCE_SECONDS, bare_environment, free_port

ROOT = Path(__file__).parents[2]
SECRETS = {"JWT_SECRET": "an operator of this service made this secret and it is long", "ENCRYPTION_KEYS": "cd" * 32}


def test_the_wheel_needs_no_checkout(tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603 - pip, on our own project
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
        timeout=4 * PATIENCE_SECONDS,
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)  # what pip does with a pure wheel; the dependencies are there already
    settings = {**SECRETS, "DATABASE_URL": f"sqlite:///{tmp_path / 'wheel.db'}"}
    # Only the wheel's own files may be found: the editable install's path is not on this interpreter's.
    environment = {**bare_environment(**settings), "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "import calbridge, sys; print(calbridge.__file__)"]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.startswith(str(installed))

    migrated = subprocess.run(  # noqa: S603
        [*processes.COMMAND, "db", "upgrade"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr

    port = free_port()
    with (
        (tmp_path / "err.txt").open("w") as err,
        subprocess.Popen(  # noqa: S603
            [*processes.COMMAND, "serve", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=err,
            text=True,
        ) as server,
    ):
        try:
            processes.wait_for(f"http://127.0.0.1:{port}/health/ready", server, tmp_path)
            docs = httpx.get(f"http://127.0.0.1:{port}/docs")
            script = httpx.get(f"http://127.0.0.1:{port}/static-offline-docs/swagger-ui-bundle.js")
        finally:
            server.terminate()
    assert "swagger-ui-bundle.js" in docs.text
    assert "https://" not in docs.text
    assert len(script.content) > 100_000
