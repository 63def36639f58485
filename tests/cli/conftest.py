"""Commands, run over a database of their own as an operator's shell would run them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from tests.storage.factories import Store, open_store

from calbridge.cli import main
from calbridge.storage.secrets import KeyRing

OLD_KEY = "11" * 32
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell with settings for one database, and a way to look into that database."""

    url: str
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Answer:
        """Run ``calbridge`` with these words."""
        self.capsys.readouterr()
        self.monkeypatch.setattr("sys.argv", ["calbridge", *words])
        with pytest.raises(SystemExit) as stopped:
            main.main()
        captured = self.capsys.readouterr()
        code = stopped.value.code
        return Answer(code if isinstance(code, int) else 0, captured.out, captured.err)

    def rotate_in(self, *keys: str) -> None:
        """Set the encryption keys, the newest first."""
        self.monkeypatch.setenv("CALBRIDGE_ENCRYPTION_KEYS", ",".join(keys))

    def within(self, work: Callable[[Store], Awaitable[Result]], keys: str = OLD_KEY) -> Result:
        """Do something to the database directly."""

        async def run() -> Result:
            store = open_store(self.url, KeyRing.parse(keys))
            try:
                return await work(store)
            finally:
                await store.database.close()

        return asyncio.run(run())


@pytest.fixture
def shell(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """A shell over an empty database, once on each kind."""
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("CALBRIDGE_DATABASE_URL", database_url)
    monkeypatch.setenv("CALBRIDGE_ENCRYPTION_KEYS", OLD_KEY)
    monkeypatch.setenv("CALBRIDGE_JWT_SECRET", "s" * 48)
    return Shell(database_url, monkeypatch, capsys)
