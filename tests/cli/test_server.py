"""How ``serve`` runs the server."""

from pathlib import Path
from typing import Any

import pytest
import uvicorn

from calbridge.cli.server import serve

LONGEST_OF_CLIENTS_SECONDS = 600  # for which Google's load balancer keeps an idle connection; others do for 60 or 90


def test_it_is_the_client_who_closes_an_idle_connection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALBRIDGE_JWT_SECRET", "an operator of this service made this secret and it is long")
    monkeypatch.setenv("CALBRIDGE_ENCRYPTION_KEYS", "cd" * 32)
    monkeypatch.setattr("calbridge.telemetry.logs.configure", lambda *_: None)  # of the whole process
    monkeypatch.setattr(uvicorn, "run", lambda _app, **options: ran.update(options))

    serve(port=0)

    assert ran["timeout_keep_alive"] > LONGEST_OF_CLIENTS_SECONDS
