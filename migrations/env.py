"""How Alembic reaches the database: one transaction for all steps, on both databases."""  # noqa: INP001 - Alembic loads it by its path

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from calbridge.storage.engines import make_migration_engine
from calbridge.storage.tables import metadata

DEFAULT_URL = "sqlite:///calbridge.db"  # for ``alembic`` in a checkout, as in the settings

# Two deployments that start at once must not both migrate: the second one waits, and finds nothing left to do.
ADVISORY_LOCK = 0x63616C62


def migrate(connection: Connection) -> None:
    """Run the steps that were asked for."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        context.run_migrations()


async def main(url: str) -> None:
    """Connect, migrate, disconnect."""
    engine = make_migration_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("calbridge migrates a live database only; --sql is not supported")
asyncio.run(main(context.config.attributes.get("url") or os.environ.get("CALBRIDGE_DATABASE_URL") or DEFAULT_URL))
