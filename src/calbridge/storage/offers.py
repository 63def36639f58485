"""What was said in a call, times on offer above all, for all processes: the next request may reach another one."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from calbridge.domain.said import Said
from calbridge.domain.times import zone_named
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import offers

REMEMBERED = timedelta(hours=6)  # no call is longer
NOTHING = "[]"


class OffersOfCalls:
    """What was said, by call. Neither organization nor session can be had from a row: its id is a keyed hash."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._hash_keys = keys.derive_all("offers")

    async def remember(self, organization_id: UUID, agent_id: UUID, session: str, said: Said) -> None:
        """Note what was said in place of what was before, and leave of that what nothing was said of.

        Calls of hours ago are forgotten.
        """
        newest = self._ids(organization_id, agent_id, session)[0]
        told = {"told_at": self._database.now(), **_written(said)}
        note = self._database.insert(offers).values(id=newest, **{"starts": NOTHING, **told})
        async with self._database.write() as connection:
            await connection.execute(delete(offers).where(offers.c.told_at < self._database.now(-REMEMBERED)))
            await connection.execute(note.on_conflict_do_update(index_elements=["id"], set_=told))

    async def of_call(self, organization_id: UUID, agent_id: UUID, session: str) -> Said:
        """Return what was said last in a call, if that is not too long ago."""
        recent = offers.c.told_at >= self._database.now(-REMEMBERED)
        ids = self._ids(organization_id, agent_id, session)
        statement = select(offers).where(offers.c.id.in_(ids), recent).order_by(offers.c.told_at.desc())
        async with self._database.read() as connection:
            row = (await connection.execute(statement.limit(1))).one_or_none()
        return Said() if row is None else Said(_read(row.starts), _read(row.own), zone_named(row.zone))

    def _ids(self, organization_id: UUID, agent_id: UUID, session: str) -> tuple[bytes, ...]:
        """Under each key of the ring, the newest first."""
        name = f"{organization_id}\n{agent_id}\n{session}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, name, "sha256") for key in self._hash_keys)


def _written(said: Said) -> dict[str, str]:
    """Return the columns of which something was said."""
    columns = {
        "starts": None if said.offered is None else _json(said.offered),
        "own": None if said.own is None else _json(said.own),
        "zone": None if said.zone is None else said.zone.key,
    }
    return {name: text for name, text in columns.items() if text is not None}


def _json(instants: Sequence[datetime]) -> str:
    return json.dumps([each.isoformat() for each in instants])


def _read(instants: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(each) for each in json.loads(instants))
