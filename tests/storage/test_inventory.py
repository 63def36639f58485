"""Everything at once, and whatever is broken about it: on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.storage.factories import Store

from calbridge.domain.errors import UnavailableError
from calbridge.storage.database import Database, downgrade
from calbridge.storage.inventory import Inventory, SchemaState
from calbridge.storage.schema import SchemaError
from calbridge.storage.secrets import KeyRing

KEYS = KeyRing.parse("11" * 32)  # those of the store


@asynccontextmanager
async def inventory(url: str, keys: KeyRing | None = KEYS) -> AsyncIterator[Inventory]:
    """Open an inventory."""
    opened = Inventory(url, keys)
    try:
        yield opened
    finally:
        await opened.close()


async def state(url: str) -> SchemaState:
    async with inventory(url) as opened:
        return await opened.state()


async def execute(url: str, *statements: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def test_an_empty_database_has_no_schema(empty_database_url: str) -> None:
    assert await state(empty_database_url) is SchemaState.MISSING


async def test_the_newest_schema(database_url: str) -> None:
    assert await state(database_url) is SchemaState.NEWEST


async def test_a_schema_that_was_taken_down(database_url: str) -> None:
    await asyncio.to_thread(downgrade, database_url)
    assert await state(database_url) is SchemaState.MISSING


async def test_a_schema_that_nobody_here_knows(database_url: str) -> None:
    await execute(database_url, "UPDATE alembic_version SET version_num = 'from-the-future'")
    assert await state(database_url) is SchemaState.UNKNOWN


async def test_an_old_schema(database_url: str) -> None:
    await asyncio.to_thread(downgrade, database_url, "-1")
    assert await state(database_url) is SchemaState.OLD


@pytest.mark.parametrize("parameters", ["", "?nonsense=1", "?sslmode=nonsense"])
async def test_a_server_that_is_away(parameters: str) -> None:
    url = f"postgresql://nobody:x@127.0.0.1:1/none{parameters}"
    async with inventory(url) as opened:
        assert await opened.state() is SchemaState.AWAY


async def test_reading_from_a_server_that_is_away() -> None:
    async with inventory("postgresql://nobody:x@127.0.0.1:1/none") as opened:
        with pytest.raises(UnavailableError):
            await opened.stock()


async def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    assert await state(f"sqlite:///{tmp_path}") is SchemaState.AWAY


async def test_a_file_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "calbridge.db"
    assert await state(f"sqlite:///{file}") is SchemaState.MISSING
    assert not file.exists()


async def test_tables_of_another_version_cannot_be_read(database_url: str) -> None:
    await execute(database_url, "ALTER TABLE organizations DROP COLUMN require_key")
    async with inventory(database_url) as opened:
        with pytest.raises(SchemaError):
            await opened.stock()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin with"):
        Inventory("mysql://somewhere", KEYS)


async def test_all_that_is_set_up_in_all_organizations(store: Store, database_url: str) -> None:
    first, second = await store.organization(), await store.organization()
    linked, deleted, owner = [await store.agent(first.id) for _ in range(3)]
    connected, other, disconnected = (
        await store.account(first.id, 1),
        await store.account(second.id, 1),
        await store.account(second.id, 2),
    )
    private, erased = await store.private(owner, 3), await store.private(deleted, 4)
    await store.agents.link(first.id, linked.id, connected.id)
    await store.agents.delete(first.id, deleted.id)
    await store.accounts.disconnect(second.id, disconnected.id)

    async with inventory(database_url) as opened:
        stock = await opened.stock()

    assert stock.organizations == (first, second)
    assert [(each.id, each.linked_account_id) for each in stock.agents] == [(linked.id, connected.id), (owner.id, None)]
    holdings = {each.account.id: each for each in stock.accounts}
    assert list(holdings) == [connected.id, other.id, disconnected.id, private.id]
    assert erased.id not in holdings
    assert holdings[disconnected.id].connection is None
    opened_private = holdings[private.id].connection
    assert opened_private is not None
    assert opened_private.access.api_key == "cal_live_private"


@pytest.mark.parametrize("ring", [None, KeyRing.parse("22" * 32)], ids=["no keys", "other keys"])
async def test_a_key_that_does_not_open_hides_nothing_else(
    store: Store, database_url: str, ring: KeyRing | None
) -> None:
    account = await store.account((await store.organization()).id)
    async with inventory(database_url, ring) as opened:
        (holding,) = (await opened.stock()).accounts
    assert (holding.account, holding.connection) == (account, None)
