"""Who books for whom: organizations, their voice agents, and the Cal.com accounts that these use."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

DEFAULT_BOOKINGS_VERSION = "2024-08-13"


@dataclass(frozen=True, slots=True)
class Organization:
    """The tenant (Toolzz: unit)."""

    id: UUID
    name: str
    require_key: bool
    created_at: datetime


class AgentStatus(StrEnum):
    """Whether an agent takes calls."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice agent of an organization (Toolzz: bot)."""

    id: UUID
    organization_id: UUID
    name: str
    status: AgentStatus
    timezone: str  # IANA name, "" when the agent has none of its own
    event_type: str  # number or slug of the event type it books, "" for the account's
    linked_account_id: UUID | None
    created_at: datetime
    updated_at: datetime


class AccountStatus(StrEnum):
    """The state of a connection to Cal.com."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # disconnected, or switched off by its owner
    NEEDS_REAUTH = "needs_reauth"  # Cal.com refused the key


@dataclass(frozen=True, slots=True)
class Host:
    """The Cal.com user whose calendar an account is, as ``GET /v2/me`` tells."""

    id: int
    username: str
    name: str
    email: str
    timezone: str  # IANA name


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What an account's owner may set (Toolzz's integration)."""

    name: str
    calcom_username: str
    timezone: str  # IANA name: how times without an offset are read
    prompt: str = ""
    can_check_availability: bool = True
    can_book: bool = True
    default_event_type_id: int | None = None
    default_event_type_slug: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A Cal.com user: each address has numbers of its own."""

    base_url: str
    id: int


@dataclass(frozen=True, slots=True)
class Account:
    """A connected Cal.com account: the organization's, or private to one agent (Toolzz: integration)."""

    id: UUID
    organization_id: UUID
    agent_id: UUID | None  # set: the private account of that agent
    status: AccountStatus
    has_key: bool  # False once disconnected: the key is erased
    base_url: str
    bookings_version: str
    host: Host
    settings: AccountSettings
    connected_at: datetime  # decides who is the primary; a new key does not change it
    key_set_at: datetime
    created_at: datetime
    updated_at: datetime

    @property
    def user(self) -> User:
        """Whose it is; an agent's private account may become somebody else's."""
        return User(self.base_url, self.host.id)


@dataclass(frozen=True, slots=True)
class Access:
    """All that a call to Cal.com needs to know of an account."""

    base_url: str  # scheme and host, without /v2
    api_key: str = field(repr=False)
    bookings_version: str = DEFAULT_BOOKINGS_VERSION


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to become of an account in one step; None leaves a thing as it is."""

    settings: AccountSettings | None = None
    access: Access | None = None  # a new key, proved
    host: Host | None = None  # comes with ``access``
    active: bool | None = None
    linked_agents: frozenset[UUID] | None = None  # exactly these agents are linked afterwards


@dataclass(frozen=True, slots=True)
class Connection:
    """An account that can be used now, together with its key."""

    account: Account
    access: Access


@dataclass(frozen=True, slots=True)
class Assignment:
    """An agent, whose it is, and the account it uses: the private one, else the linked one, else none."""

    organization: Organization
    agent: Agent
    connection: Connection | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription of ours at Cal.com to what happens to an account's bookings."""

    id: str
    url: str
    triggers: tuple[str, ...]  # Cal.com's words: BOOKING_CREATED, BOOKING_CANCELLED, ...
    active: bool
