"""API keys: kept as digests, so that the database cannot be used to call us."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from calbridge.domain.access import CALBRIDGE, Actor, ApiKey, Scope
from calbridge.domain.errors import NotFoundError
from calbridge.storage.audit import Event, enter
from calbridge.storage.database import Database
from calbridge.storage.rows import api_key_from
from calbridge.storage.tables import api_keys, new_id

PREFIX = "ak_"
SECRET_BYTES = 32
HINT_LENGTH = len(PREFIX) + 6


class ApiKeys:
    """The API keys of all organizations."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, organization_id: UUID, name: str, scopes: Collection[Scope], *, by: Actor = CALBRIDGE
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its secret, which is told this once. Raises NotFoundError."""
        now = self._clock()
        plaintext = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        statement = insert(api_keys).values(
            id=new_id(),
            organization_id=organization_id,
            name=name,
            hint=plaintext[:HINT_LENGTH],
            digest=_digest(plaintext),
            scopes=" ".join(sorted(scopes)),
            created_at=now,
        )
        async with self._database.write() as connection:
            try:
                row = (await connection.execute(statement.returning(api_keys))).mappings().one()
            except IntegrityError as error:
                raise NotFoundError("Organization") from error
            await enter(connection, organization_id, Event.KEY_CREATED, [row[api_keys.c.id]], by, now)
        return api_key_from(row), plaintext

    async def find(self, plaintext: str) -> ApiKey | None:
        """Return the key with this secret unless it is revoked.

        The secret is random and long: its plain SHA-256 cannot be guessed, and looking that up tells nothing by time.
        """
        statement = select(api_keys).where(api_keys.c.digest == _digest(plaintext), api_keys.c.revoked_at.is_(None))
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else api_key_from(row)

    async def list(self, organization_id: UUID | None) -> tuple[ApiKey, ...]:
        """Return the keys of an organization, or of all, revoked ones too, the oldest first."""
        statement = select(api_keys).where(*_of(organization_id)).order_by(api_keys.c.created_at, api_keys.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return tuple(api_key_from(row) for row in rows)

    async def revoke(
        self,
        organization_id: UUID | None,
        id: UUID,  # noqa: A002 - it is the id
        *,
        by: Actor = CALBRIDGE,
    ) -> ApiKey:
        """Revoke a key, of this organization or of any; one that is revoked stays so. Raises NotFoundError."""
        now = self._clock()
        locking = select(api_keys).where(api_keys.c.id == id, *_of(organization_id)).with_for_update()
        revoke = update(api_keys).where(api_keys.c.id == id).values(revoked_at=now)
        async with self._database.write() as connection:
            row = (await connection.execute(locking)).mappings().one_or_none()
            if row is None:
                raise NotFoundError("API key")
            if row[api_keys.c.revoked_at] is None:
                row = (await connection.execute(revoke.returning(api_keys))).mappings().one()
                await enter(connection, row[api_keys.c.organization_id], Event.KEY_REVOKED, [id], by, now)
        return api_key_from(row)


def _of(organization_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    return () if organization_id is None else (api_keys.c.organization_id == organization_id,)


def _digest(plaintext: str) -> bytes:
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).digest()
