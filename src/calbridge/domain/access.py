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
    listed: frozenset[UUID] = frozenset()  # the token's ``orgs`` claim
    is_token: bool = True
