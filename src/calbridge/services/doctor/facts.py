"""What the doctor knows before judging: plain values, gathered from the settings, the database and Cal.com."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from calbridge.domain.agents import Account, Agent, Host, Organization, Webhook
from calbridge.domain.appointments import EventType
from calbridge.domain.intents import Backlog
from calbridge.storage.inventory import SchemaState


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """The settings, without their secrets. A fault is what is wrong, in a few words; "" for nothing."""

    env_file_unreadable: bool
    invalid: tuple[tuple[str, str], ...]  # names of variables, and their faults
    has_encryption_keys: bool
    encryption_keys_fault: str
    signs_with_secrets: bool  # HS...; else public keys verify
    has_token_keys: bool
    shortest_jwt_secret: int | None  # bytes
    jwt_secret_reused: bool  # as an encryption key
    any_organization: bool  # a token without an organization may name any
    database_url_fault: str
    is_sqlite: bool
    calcom_address_fault: str
    placeholder_domain: str
    public_url: str = ""  # where Cal.com reaches this service; "" for nowhere


class Trouble(StrEnum):
    """Why Cal.com did not tell everything about an account."""

    NOT_ALLOWED = "not_allowed"  # the account's address may not be called
    KEY_REFUSED = "key_refused"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True, slots=True)
class Examination:
    """What Cal.com told about an account; None where it was not asked, or told nothing sensible."""

    trouble: Trouble | None = None
    busy_for: timedelta | None = None  # with Trouble.BUSY
    odd: tuple[str, ...] = ()  # what it gave no usable answer about
    host: Host | None = None
    event_types: tuple[EventType, ...] | None = None
    searched: EventType | None = None  # the one whose open times were asked for
    has_open_times: bool | None = None
    webhooks: tuple[Webhook, ...] | None = None
    clock_skew: timedelta | None = None  # how far this machine's clock is ahead of Cal.com's
    budget_left: float | None = None  # the part of the rate limit that is left, 0 to 1


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account whose key is stored."""

    account: Account
    key_opens: bool  # whether the stored key can be decrypted
    agents: tuple[Agent, ...]  # the active ones that use it
    sharers: tuple[UUID, ...]  # other organizations with the same Cal.com user
    examination: Examination | None  # None: Cal.com was not asked, because the account is not in use
    webhooks: frozenset[bytes] = frozenset()  # digests of the tokens of those that are ours


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """An agent, and the account that it uses: the private one, else the linked one, else none."""

    agent: Agent
    account: Account | None


@dataclass(frozen=True, slots=True)
class Request:
    """What the doctor is to look at; None for everything."""

    organization_id: UUID | None = None
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything. Lists are empty where the records could not be read."""

    now: datetime
    request: Request
    settings: SettingsFacts
    schema: SchemaState | None  # None: there is no address to look at
    records_readable: bool
    organizations: tuple[Organization, ...] = ()
    agents: tuple[AgentFacts, ...] = ()
    accounts: tuple[AccountFacts, ...] = ()
    backlog: Backlog = field(default_factory=Backlog)
