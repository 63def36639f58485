"""A copy of the database tells no Cal.com key, no API key and nothing about callers."""

from pathlib import Path

from sqlalchemy import make_url, select
from tests.storage.factories import Store, access, host, record

from calbridge.domain.access import Scope
from calbridge.storage.tables import metadata


async def filled(store: Store) -> tuple[str, ...]:
    """Store all kinds of secrets and return them."""
    organization = await store.organization()
    agent = await store.agent(organization.id)
    keys = ("cal_live_first", "cal_live_second", "cal_live_private")
    account, _ = await store.accounts.connect(organization.id, access=access(keys[0]), host=host(1))
    await store.accounts.connect(organization.id, access=access(keys[1]), host=host(1))
    await store.accounts.connect(organization.id, access=access(keys[2]), host=host(2), agent_id=agent.id)
    _, plaintext = await store.api_keys.create(organization.id, "Front desk", {Scope.READ})
    booking = record(organization.id, account.id, agent.id)
    await store.bookings.record(booking)
    await store.bookings.record(booking)
    return (*keys, plaintext, plaintext[9:], booking.name, booking.email, booking.phone, "her own tea")


async def test_no_column_holds_a_secret_in_clear(store: Store) -> None:
    secrets = await filled(store)
    async with store.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                for value in row:
                    shown = value if isinstance(value, bytes) else str(value).encode()
                    assert not [secret for secret in secrets if secret.encode() in shown]


async def test_no_file_of_sqlite_holds_a_secret_in_clear(sqlite_url: str, store: Store) -> None:
    secrets = await filled(store)
    file = Path(str(make_url(sqlite_url).database))
    contents = [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
    assert contents
    assert not [secret for secret in secrets for content in contents if secret.encode() in content]
