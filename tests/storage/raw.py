"""What somebody finds who gets hold of the database itself."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import Table, make_url, select, text
from tests.storage.factories import Store

from calbridge.storage.tables import bookings, metadata


async def holds(store: Store, url: str, value: bytes) -> bool:
    """Whether the value is anywhere in SQLite's files, or in a dump of PostgreSQL's tables."""
    if store.database.is_sqlite:
        file = Path(str(make_url(url).database))
        return any(value in path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    return any(value.hex() in line or value.decode(errors="replace") in line for line in await _dump(store))


async def sealed_caller(store: Store, record_id: UUID) -> bytes | None:
    """Read what is sealed in a record, as it is."""
    async with store.database.read() as connection:
        sealed: bytes | None = await connection.scalar(
            select(bookings.c.sealed_caller).where(bookings.c.id == record_id)
        )
    return sealed


async def rows(store: Store, *without: Table) -> list[object]:
    """Read everything there is, to compare it with what there will be."""
    async with store.database.read() as connection:
        return [
            tuple(row)
            for table in metadata.sorted_tables
            if table not in without
            for row in await connection.execute(select(table).order_by(table.c.id))
        ]


async def _dump(store: Store) -> list[str]:
    async with store.database.read() as connection:
        return [
            line
            for table in metadata.sorted_tables
            for line in await connection.scalars(text(f"SELECT each::text FROM {table.name} AS each"))  # noqa: S608 - ours
        ]
