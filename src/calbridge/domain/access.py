"""Who may do what: credentials, once they have been checked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """What an API key may be used for."""

    MANAGE = "manage"  # act on appointments
    READ = "read"  # see appointments and connections
    ADMIN = "admin"  # change connections, agents and keys


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, as the audit log names them: never a secret, never a caller's data."""

    kind: str  # token, key, command, or calbridge itself
    name: str = ""  # the token's subject, the key's id


CALBRIDGE = Actor("calbridge")
COMMAND = Actor("command")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of a connection, a link, a key or an agent: append-only."""

    id: UUID
    organization_id: UUID
    at: datetime
    actor: Actor
    event: str  # what happened, as noun.verb: account.connected, agent.linked, key.revoked, ...
    subject_id: UUID  # of the account, agent or key


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of an organization, without the secret."""

    id: UUID
    organization_id: UUID
    name: str
    hint: str  # its first characters, to tell keys apart
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that holds. ``organization_id`` is None for a token that names no organization."""

    organization_id: UUID | None
    scopes: frozenset[Scope]
    actor: Actor
    listed: frozenset[UUID] = frozenset()  # the token's ``orgs`` claim
    is_token: bool = True
