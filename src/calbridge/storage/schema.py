"""The schema's versions: bring a database to the newest, or tell whether it is there.

Each function runs Alembic in a thread and an event loop of its own, so that it works from a command as well as from
a running server (which it holds up meanwhile).
"""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

import calbridge
from calbridge.domain.errors import CalbridgeError, UnavailableError
from calbridge.storage.engines import driver_url


class SchemaError(CalbridgeError):
    """The schema is not what this version of calbridge needs, or cannot be brought there."""


def upgrade(url: str) -> None:
    """Bring the database to the newest schema, making an SQLite file where there is none."""
    _run(url, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision; by default to nothing at all."""
    _run(url, lambda config: command.downgrade(config, revision))


def check(url: str) -> None:
    """Raise SchemaError unless the schema is the newest and holds exactly what the tables in the code say."""
    _run(url, command.check)


@cache
def head() -> str | None:
    """Return the newest revision that this installation knows."""
    return ScriptDirectory(str(migrations())).get_current_head()


def migrations() -> Path:
    """Return the folder of the migrations: inside an installed package, beside ``src`` in a checkout."""
    package = Path(calbridge.__file__).parent
    packaged = package / "migrations"
    return packaged if packaged.is_dir() else package.parents[1] / "migrations"


def _run(url: str, action: Callable[[Config], None]) -> None:
    driver_url(url)  # what is wrong with the address is said here, plainly
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["url"] = url
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            thread.submit(action, config).result()
        except CommandError as error:
            raise SchemaError(f"{error}") from error
        except (OSError, SQLAlchemyError) as error:
            raise UnavailableError from error
