"""Migrations on a real database: up, down, up again, and in step with the tables."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from tests.storage.factories import open_store
from tests.storage.wishes import begun, draft

import calbridge
from calbridge.domain.errors import UnavailableError
from calbridge.storage import schema
from calbridge.storage.database import Database, check, downgrade, upgrade
from calbridge.storage.schema import SchemaError
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import metadata


async def table_names(url: str) -> set[str]:
    database = Database(url)
    found = MetaData()
    async with database.read() as connection:
        await connection.run_sync(found.reflect)
    await database.close()
    return set(found.tables)


async def ready(url: str) -> bool:
    database = Database(url)
    answer = await database.ready()
    await database.close()
    return answer


async def test_up_down_and_up_again(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    assert await table_names(empty_database_url) == {*metadata.tables, "alembic_version"}
    downgrade(empty_database_url)
    assert await table_names(empty_database_url) == {"alembic_version"}
    upgrade(empty_database_url)
    upgrade(empty_database_url)
    assert await ready(empty_database_url)
    check(empty_database_url)


async def test_intents_of_before_are_taken_for_those_of_the_accounts_present_user(
    empty_database_url: str, keys: KeyRing
) -> None:
    upgrade(empty_database_url)
    store = open_store(empty_database_url, keys)
    intent = await begun(store, await draft(store))
    await store.database.close()
    downgrade(empty_database_url, "0010")
    upgrade(empty_database_url)
    check(empty_database_url)
    store = open_store(empty_database_url, keys)
    read = await store.intents.get(intent.id)
    await store.database.close()
    assert read is not None
    assert (read.user, read.state, read.start) == (intent.user, intent.state, intent.start)


async def test_records_go_down_to_before_hashes_and_up_again(empty_database_url: str, keys: KeyRing) -> None:
    upgrade(empty_database_url)
    store = open_store(empty_database_url, keys)
    kept, erased = await store.record("kept"), await store.record("erased")
    await store.bookings.erase_caller(erased.organization_id, phone=erased.phone)
    await store.database.close()
    downgrade(empty_database_url, "0001")
    upgrade(empty_database_url)
    check(empty_database_url)
    store = open_store(empty_database_url, keys)
    assert await store.bookings.get(kept.organization_id, kept.uid) == kept
    assert await store.bookings.get(erased.organization_id, erased.uid) is None
    assert await store.events(kept.organization_id) == []
    assert await store.bookings.erase_caller(None, phone=kept.phone) == 1
    await store.database.close()


async def test_migrations_and_tables_agree(database_url: str) -> None:
    check(database_url)


async def test_check_finds_a_column_that_the_code_does_not_know(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE agents ADD COLUMN stray TEXT"))
    await database.close()
    with pytest.raises(SchemaError, match="stray"):
        check(database_url)


async def test_check_and_readiness_refuse_an_empty_database(empty_database_url: str) -> None:
    with pytest.raises(SchemaError, match="not up to date"):
        check(empty_database_url)
    assert not await ready(empty_database_url)


async def test_readiness_refuses_another_revision(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert not await database.ready()
    await database.close()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/none"])
async def test_a_database_that_is_away_is_unavailable(url: str) -> None:
    with pytest.raises(UnavailableError):
        upgrade(url)
    assert not await ready(url)


async def test_a_failing_migration_leaves_nothing_behind(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(schema.migrations(), tmp_path / "migrations")
    broken = f'"""Break halfway."""\nfrom alembic import op\nrevision = "broken"\ndown_revision = "{schema.head()}"\n'
    broken += "def upgrade():\n    op.execute('CREATE TABLE half (id INTEGER)')\n    raise OSError('power cut')\n"
    (folder / "versions" / "broken.py").write_text(broken)
    monkeypatch.setattr(schema, "migrations", lambda: folder)
    with pytest.raises(UnavailableError):
        upgrade(empty_database_url)
    assert await table_names(empty_database_url) == set()


def test_an_installed_package_carries_its_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "calbridge"
    monkeypatch.setattr(calbridge, "__file__", str(package / "__init__.py"))
    (package / "migrations").mkdir(parents=True)
    assert schema.migrations() == package / "migrations"


def test_the_newest_revision_is_the_one_that_alembic_knows() -> None:
    scripts = ScriptDirectory(str(schema.migrations()))

    assert schema.head() == scripts.get_current_head() is not None
    assert schema.revisions() == {each.revision: each.down_revision for each in scripts.walk_revisions()}


def test_a_server_does_not_load_what_only_commands_need() -> None:
    loaded = "import sys, calbridge.__main__, calbridge.asgi; print({'alembic', 'mako'} & set(sys.modules))"

    ran = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True)  # noqa: S603 - our own command

    assert ran.stdout.strip() == "set()"
