"""The audit log: who changed which connection, link, key, agent or organization. The database lets it only grow."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.access import Actor, AuditEntry
from calbridge.storage.changes import note_change
from calbridge.storage.database import Database
from calbridge.storage.tables import audit_entries, new_id

MAX_ACTOR_NAME = 255


class Event(StrEnum):
    """What can happen to something, as noun.verb."""

    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    ACCOUNT_CONNECTED = "account.connected"
    ACCOUNT_RECONNECTED = "account.reconnected"  # a key was proved anew, the same one or another
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_DISCONNECTED = "account.disconnected"
    ACCOUNT_KEY_REFUSED = "account.key_refused"  # by Cal.com, while it was used
    AGENT_KEY_CONNECTED = "agent_key.connected"  # a private account, which is the subject; likewise below
    AGENT_KEY_ROTATED = "agent_key.rotated"
    AGENT_KEY_DISCONNECTED = "agent_key.disconnected"
    AGENT_KEY_REFUSED = "agent_key.refused"
    AGENT_CREATED = "agent.created"
    AGENT_CHANGED = "agent.changed"
    AGENT_DELETED = "agent.deleted"
    AGENT_LINKED = "agent.linked"
    AGENT_UNLINKED = "agent.unlinked"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    VOICE_SECRETS_SET = "voice_secrets.set"
    VOICE_SECRETS_REMOVED = "voice_secrets.removed"
    INTENT_CONFIRMED = "intent.confirmed"  # by an operator: calbridge's own findings are in the intent's history
    INTENT_REJECTED = "intent.rejected"


class Audit:
    """Reads the audit log. It is written by whoever changes something, in the transaction of the change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, organization_id: UUID, *, limit: int, offset: int) -> tuple[tuple[AuditEntry, ...], int]:
        """Return a page of an organization's entries, the newest first, and how many there are in all."""
        own = audit_entries.c.organization_id == organization_id
        newest_first = select(audit_entries).where(own).order_by(audit_entries.c.at.desc(), audit_entries.c.id.desc())
        count = select(func.count()).select_from(audit_entries).where(own)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest_first.limit(limit).offset(offset))).mappings().all()
            total = (await connection.execute(count)).scalar_one()
        return tuple(_entry_from(row) for row in rows), total


async def enter(
    connection: AsyncConnection,
    organization_id: UUID,
    event: Event,
    subject_ids: Iterable[UUID],
    by: Actor,
    at: datetime,
) -> None:
    """Write down what happens to these in the transaction of ``connection``: both are kept, or neither.

    Whatever is worth an entry also has every process forget what it remembers of the organization.
    """
    entries = [
        {
            "id": new_id(),
            "organization_id": organization_id,
            "at": at,
            "actor_kind": by.kind,
            "actor_name": _storable(by.name),
            "event": event.value,
            "subject_id": subject_id,
        }
        for subject_id in subject_ids
    ]
    if entries:
        await connection.execute(insert(audit_entries), entries)
        await note_change(connection, organization_id)


def _storable(name: str) -> str:
    """A name comes from a token, which may hold what no database stores; that is no reason to refuse the change."""
    return name.encode("utf-8", "replace").decode().replace("\0", "?")[:MAX_ACTOR_NAME]


def _entry_from(row: RowMapping) -> AuditEntry:
    columns = audit_entries.c
    return AuditEntry(
        id=row[columns.id],
        organization_id=row[columns.organization_id],
        at=row[columns.at],
        actor=Actor(row[columns.actor_kind], row[columns.actor_name]),
        event=row[columns.event],
        subject_id=row[columns.subject_id],
    )
