"""What was said in a call, times on offer above all, for all processes: the next request may reach another one."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import Executable, Text, bindparam, delete, func, select

from calbridge.domain.said import Said
from calbridge.domain.times import zone_named
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import offers

REMEMBERED = timedelta(hours=6)  # no call is longer
TOLD = (offers.c.starts, offers.c.own, offers.c.zone)
NOTHING = {"starts": "[]", "own": "[]", "zone": ""}


class OffersOfCalls:
    """What was said, by call. Neither organization nor session can be had from a row: its id is a keyed hash."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._hash_keys = keys.derive_all("offers")

    async def remember(self, organization_id: UUID, agent_id: UUID, session: str, said: Said) -> None:
        """Note what was said in place of what was before, and leave of that what nothing was said of."""
        newest = self._ids(organization_id, agent_id, session)[0]
        async with self._database.write_at_once() as connection:
            await connection.execute(self._note, {"call": newest, **_written(said)})

    async def of_call(self, organization_id: UUID, agent_id: UUID, session: str) -> Said:
        """Return what was said last in a call, if that is not too long ago."""
        async with self._database.read() as connection:
            found = await connection.execute(self._find, {"calls": self._ids(organization_id, agent_id, session)})
        row = found.one_or_none()
        return Said() if row is None else Said(_read(row.starts), _read(row.own), zone_named(row.zone))

    async def forget_old(self) -> None:
        """Drop what was said in calls of hours ago."""
        async with self._database.write_at_once() as connection:
            await connection.execute(delete(offers).where(offers.c.told_at < self._database.now(-REMEMBERED)))

    @cached_property
    def _note(self) -> Executable:
        told = {column.name: bindparam(f"told_{column.name}", type_=Text()) for column in TOLD}
        first = {column.name: func.coalesce(told[column.name], NOTHING[column.name]) for column in TOLD}
        later = {column.name: func.coalesce(told[column.name], column) for column in TOLD}
        now = {"told_at": self._database.now()}
        note = self._database.insert(offers).values(id=bindparam("call"), **first, **now)
        return note.on_conflict_do_update(index_elements=["id"], set_=later | now)

    @cached_property
    def _find(self) -> Executable:
        recent = offers.c.told_at >= self._database.now(-REMEMBERED)
        ours = offers.c.id.in_(bindparam("calls", expanding=True))
        return select(offers).where(ours, recent).order_by(offers.c.told_at.desc()).limit(1)

    def _ids(self, organization_id: UUID, agent_id: UUID, session: str) -> tuple[bytes, ...]:
        """Under each key of the ring, the newest first."""
        name = f"{organization_id}\n{agent_id}\n{session}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, name, "sha256") for key in self._hash_keys)


def _written(said: Said) -> dict[str, str | None]:
    """Return the parameters of what was told; None where nothing was said of it."""
    return {
        "told_starts": None if said.offered is None else _json(said.offered),
        "told_own": None if said.own is None else _json(said.own),
        "told_zone": None if said.zone is None else said.zone.key,
    }


def _json(instants: Sequence[datetime]) -> str:
    return json.dumps([each.isoformat() for each in instants])


def _read(instants: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(each) for each in json.loads(instants))
