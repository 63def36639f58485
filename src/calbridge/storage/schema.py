"""The schema's versions: bring a database to the newest, or tell whether it is there.

What changes or checks a database runs Alembic in a thread and an event loop of its own, so that it works from a command
as well as from a running server (which it holds up meanwhile). Alembic is imported only then: a server, which asks for
the newest revision and no more, need not have its ten mebibytes.
"""

import io
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

import calbridge
from calbridge.domain.errors import CalbridgeError, UnavailableError
from calbridge.storage.engines import driver_url

_NAMED = re.compile(r'^(revision|down_revision) = (?:None|"(\w+)")$', re.MULTILINE)


class SchemaError(CalbridgeError):
    """The schema is not what this version of calbridge needs, or cannot be brought there."""


def upgrade(url: str) -> None:
    """Bring the database to the newest schema, making an SQLite file where there is none."""
    _run(url, "upgrade", "head")


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision; by default to nothing at all."""
    _run(url, "downgrade", revision)


def check(url: str) -> None:
    """Raise SchemaError unless the schema is the newest and holds exactly what the tables in the code say."""
    _run(url, "check")


@cache
def head() -> str | None:
    """Return the newest revision that this installation knows."""
    known = revisions()
    heads = known.keys() - set(known.values())
    return heads.pop() if len(heads) == 1 else None


def revisions() -> Mapping[str, str | None]:
    """Return the revision before each one that this installation knows; None before the first."""
    files = [path.read_text() for path in (migrations() / "versions").glob("*.py")]
    named = [dict(_NAMED.findall(text)) for text in files]
    return {each["revision"]: each["down_revision"] or None for each in named}


def migrations() -> Path:
    """Return the folder of the migrations: inside an installed package, beside ``src`` in a checkout."""
    package = Path(calbridge.__file__).parent
    packaged = package / "migrations"
    return packaged if packaged.is_dir() else package.parents[1] / "migrations"


def _run(url: str, command: str, *arguments: str) -> None:
    from alembic import command as commands  # noqa: PLC0415 - see above, also for the next two
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    driver_url(url)  # what is wrong with the address is said here, plainly
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["url"] = url
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            thread.submit(getattr(commands, command), config, *arguments).result()
        except CommandError as error:
            raise SchemaError(f"{error}") from error
        except (OSError, SQLAlchemyError) as error:
            raise UnavailableError from error
