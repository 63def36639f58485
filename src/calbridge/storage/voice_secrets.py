"""What voice platforms prove themselves with: sealed, and never told to anybody but who checks a request."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import IntegrityError

from calbridge.domain.access import CALBRIDGE, Actor
from calbridge.domain.agents import AgentStatus
from calbridge.domain.errors import NotFoundError
from calbridge.domain.voice import HmacOptions, Scheme, SecretsInUse, VoiceSecret
from calbridge.storage.audit import Event, enter
from calbridge.storage.database import Database
from calbridge.storage.secrets import KeyRing, row_name
from calbridge.storage.tables import agents, new_id, voice_secrets


class VoiceSecretStore:
    """The secrets of all organizations: at one platform, all candidates of an organization are one row."""

    def __init__(self, database: Database, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def put(
        self, organization_id: UUID, platform: str, secrets: Sequence[VoiceSecret], *, by: Actor = CALBRIDGE
    ) -> SecretsInUse:
        """Put these in the place of whatever was there. Raises NotFoundError for an unknown organization."""
        now = self._clock()
        async with self._database.write() as connection:
            locking = select(voice_secrets.c.id).where(*_of(organization_id, platform)).with_for_update()
            row_id = await connection.scalar(locking) or new_id()
            values = {
                "id": row_id,
                "organization_id": organization_id,
                "platform": platform,
                "sealed_secrets": self._keys.seal(_written(secrets), row=_place(row_id)),
                "changed_at": now,
            }
            insert = self._database.insert(voice_secrets).values(values)
            write = insert.on_conflict_do_update(
                index_elements=[voice_secrets.c.id],
                set_={name: values[name] for name in ("sealed_secrets", "changed_at")},
            )
            try:
                await connection.execute(write)
            except IntegrityError as error:  # or somebody else has just put the first ones: then theirs stand
                raise NotFoundError("Organization") from error
            await enter(connection, organization_id, Event.VOICE_SECRETS_SET, [row_id], by, now)
        return SecretsInUse(platform, tuple(secrets), now)

    async def get(self, organization_id: UUID, platform: str) -> SecretsInUse | None:
        """Return the secrets of an organization at a platform. Raises SealError for what opens under no key."""
        statement = select(voice_secrets).where(*_of(organization_id, platform))
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            return None
        columns = voice_secrets.c
        return SecretsInUse(
            platform, self._opened(row[columns.id], row[columns.sealed_secrets]), row[columns.changed_at]
        )

    async def of_agent(self, organization_id: UUID, agent_id: UUID, platform: str) -> tuple[VoiceSecret, ...]:
        """Return what a platform has to prove itself with when it speaks for this agent; () for nothing.

        For an agent that the organization does not have there is nothing, so that nobody learns from a refusal which
        organizations exist. Raises SealError: a secret that cannot be read is not one that was never set.
        """
        theirs = and_(
            agents.c.organization_id == voice_secrets.c.organization_id,
            agents.c.id == agent_id,
            agents.c.status == AgentStatus.ACTIVE.value,
        )
        statement = select(voice_secrets.c.id, voice_secrets.c.sealed_secrets).join(agents, theirs)
        async with self._database.read() as connection:
            row = (await connection.execute(statement.where(*_of(organization_id, platform)))).one_or_none()
        return () if row is None else self._opened(*row)

    async def remove(self, organization_id: UUID, platform: str, *, by: Actor = CALBRIDGE) -> bool:
        """Forget the secrets of an organization at a platform; whether there were any."""
        removal = delete(voice_secrets).where(*_of(organization_id, platform)).returning(voice_secrets.c.id)
        async with self._database.write() as connection:
            row_id = await connection.scalar(removal)
            if row_id is not None:
                event = Event.VOICE_SECRETS_REMOVED
                await enter(connection, organization_id, event, [row_id], by, self._clock())
        if row_id is not None:
            await self._database.scrub()
        return row_id is not None

    def _opened(self, row_id: UUID, sealed: bytes) -> tuple[VoiceSecret, ...]:
        return tuple(
            VoiceSecret(**each | {"scheme": Scheme(each["scheme"]), "hmac": HmacOptions(**each["hmac"])})
            for each in json.loads(self._keys.open(sealed, row=_place(row_id)))
        )


def _written(secrets: Sequence[VoiceSecret]) -> bytes:
    return json.dumps([asdict(each) for each in secrets]).encode()


def _of(organization_id: UUID, platform: str) -> tuple[ColumnElement[bool], ...]:
    return voice_secrets.c.organization_id == organization_id, voice_secrets.c.platform == platform


def _place(row_id: UUID) -> str:
    return row_name("voice_secrets", "sealed_secrets", row_id)
