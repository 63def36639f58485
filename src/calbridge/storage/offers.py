"""Which times a caller was offered last in a call, for all processes: the next request may reach another one."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import offers

REMEMBERED = timedelta(hours=6)  # no call is longer


class OffersOfCalls:
    """Times by call. Neither organization nor session can be had from a row: its id is a keyed hash of both."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._hash_keys = keys.derive_all("offers")

    async def remember(self, organization_id: UUID, agent_id: UUID, session: str, starts: Sequence[datetime]) -> None:
        """Note what was offered, in the order in which it was told, for whatever was before; forget old calls."""
        newest = self._ids(organization_id, agent_id, session)[0]
        told = {"starts": json.dumps([start.isoformat() for start in starts]), "told_at": self._database.now()}
        note = self._database.insert(offers).values(id=newest, **told)
        async with self._database.write() as connection:
            await connection.execute(delete(offers).where(offers.c.told_at < self._database.now(-REMEMBERED)))
            await connection.execute(note.on_conflict_do_update(index_elements=["id"], set_=told))

    async def of_call(self, organization_id: UUID, agent_id: UUID, session: str) -> tuple[datetime, ...]:
        """Return what was offered last in a call; () if nothing was, or too long ago."""
        recent = offers.c.told_at >= self._database.now(-REMEMBERED)
        ids = self._ids(organization_id, agent_id, session)
        statement = select(offers.c.starts).where(offers.c.id.in_(ids), recent).order_by(offers.c.told_at.desc())
        async with self._database.read() as connection:
            starts = (await connection.scalars(statement.limit(1))).one_or_none()
        return () if starts is None else tuple(datetime.fromisoformat(start) for start in json.loads(starts))

    def _ids(self, organization_id: UUID, agent_id: UUID, session: str) -> tuple[bytes, ...]:
        """Under each key of the ring, the newest first."""
        name = f"{organization_id}\n{agent_id}\n{session}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, name, "sha256") for key in self._hash_keys)
