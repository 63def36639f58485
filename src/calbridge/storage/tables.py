"""The tables, and the column types that both databases need help with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine
from uuid6 import uuid7

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC on this side, whatever the database keeps (SQLite loses zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Take an aware instant. A naive one is a mistake of ours: ValueError."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an instant in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ahead(TypeDecorator[timedelta]):
    """A span of time as each database adds it to its clock: SQLite reads it from a text."""

    impl = Interval
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Bind a text in SQLite."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Interval())

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:  # noqa: ANN401 - as the database's
        """Take a span, which may be negative."""
        if value is None or dialect.name != "sqlite":
            return value
        return f"{value.total_seconds():+.3f} seconds"


# One of each does for all expressions: SQLAlchemy makes a class for each of them.
INSTANT, AHEAD = UTCDateTime(), Ahead()


def new_id() -> UUID:
    """Mint an id that sorts by the time it was made (UUID v7)."""
    return UUID(int=uuid7().int)


organizations = Table(
    "organizations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("require_key", Boolean, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    # Agents and accounts point at each other: this constraint comes after both tables.
    Column("linked_account_id", ForeignKey("accounts.id", use_alter=True), index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("deleted_at", UTCDateTime),
    Index(None, "organization_id", "created_at"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id")),  # set: private to that agent
    Column("status", Text, nullable=False),
    Column("sealed_key", LargeBinary),  # NULL once disconnected
    Column("base_url", Text, nullable=False),
    Column("bookings_version", Text, nullable=False),
    Column("host_id", BigInteger, nullable=False),
    Column("host_username", Text, nullable=False),
    Column("host_name", Text, nullable=False),
    Column("host_email", Text, nullable=False),
    Column("host_timezone", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("calcom_username", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("can_check_availability", Boolean, nullable=False),
    Column("can_book", Boolean, nullable=False),
    Column("default_event_type_id", BigInteger),
    Column("default_event_type_slug", Text),
    Column("connected_at", UTCDateTime, nullable=False),
    Column("key_set_at", UTCDateTime, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
)
# One row for a Cal.com user that an organization connected, and one for what is private to an agent.
Index(
    "uq_accounts_organization_id_base_url_host_id",
    accounts.c.organization_id,
    accounts.c.base_url,
    accounts.c.host_id,
    unique=True,
    sqlite_where=accounts.c.agent_id.is_(None),
    postgresql_where=accounts.c.agent_id.is_(None),
)
Index(
    "uq_accounts_agent_id",
    accounts.c.agent_id,
    unique=True,
    sqlite_where=accounts.c.agent_id.is_not(None),
    postgresql_where=accounts.c.agent_id.is_not(None),
)

bookings = Table(
    "bookings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id")),  # NULL: made at Cal.com, by somebody else
    Column("intent_id", Uuid),  # of ours, if one led to it
    Column("uid", Text, nullable=False),
    Column("seat_uid", Text, nullable=False),  # "" where the booking is one person's alone
    Column("root_uid", Text, nullable=False),
    Column("event_type_id", BigInteger),
    Column("starts_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False),
    Column("status", Text, nullable=False),
    Column("call_session_id", Text, nullable=False),
    Column("sealed_caller", LargeBinary),  # JSON: name, email, phone, notes; NULL once erased
    Column("phone_hash", LargeBinary, index=True),  # NULL where there is no phone, and once erased
    Column("email_hash", LargeBinary, index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("calcom_updated_at", UTCDateTime),  # by Cal.com's clock: how new the word was that this was written after
    UniqueConstraint("account_id", "uid", "seat_uid"),
    Index(None, "organization_id", "uid"),
)
# For retention, which asks every hour for the few that are due.
Index(
    "ix_bookings_ends_at",
    bookings.c.ends_at,
    sqlite_where=bookings.c.sealed_caller.is_not(None),
    postgresql_where=bookings.c.sealed_caller.is_not(None),
)

# What callers want to happen once, and what became of it. Instants here are the database's own, but for ``starts_at``.
intents = Table(
    "intents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    # Of the Cal.com user in whose calendar: a private account may become another one's.
    Column("base_url", Text, nullable=False),
    Column("host_id", BigInteger, nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("key", LargeBinary),  # keyed hash of what names the intent; NULL once a new wish may bear that name
    Column("caller", LargeBinary, nullable=False),  # keyed hash of who it is for, where the key leaves it open
    Column("payload", LargeBinary),  # keyed hash of the whole wish, where the client chose the key
    Column("tool_call", LargeBinary, index=True),  # keyed hash of the tool call that it is an attempt for, if one is
    Column("state", Text, nullable=False),
    Column("fence", Integer, nullable=False),  # grows whenever somebody takes the intent over: one writes at a time
    Column("claim", Text),  # the slot or chain that no other open intent of the account may touch; NULL once settled
    Column("event_type_id", BigInteger),
    Column("starts_at", UTCDateTime),  # the wanted time; NULL for a cancellation
    Column("uid", Text),  # the booking that is to be changed, then the one that came of it
    Column("seat_uid", Text),  # the one seat in it that is to be cancelled
    Column("reason", Text, nullable=False),  # why nothing came of it
    Column("sealed_wish", LargeBinary),  # JSON; NULL once erased
    Column("phone_hash", LargeBinary, index=True),
    Column("email_hash", LargeBinary, index=True),
    Column("history", Text, nullable=False),  # a line for each attempt and answer
    Column("looks", Integer, nullable=False),  # complete look-ups that found nothing since the last attempt
    Column("looked_at", UTCDateTime),  # the last of them
    Column("attempted_at", UTCDateTime, nullable=False),  # the last moment at which it may have been sent
    Column("due_at", UTCDateTime),  # the end of the lease, or the next look-up; NULL once settled
    Column("settled_at", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("key", "caller"),
    UniqueConstraint("account_id", "claim"),
    Index(None, "organization_id", "created_at"),
)
Index(
    "ix_intents_due_at",
    intents.c.due_at,
    sqlite_where=intents.c.due_at.is_not(None),
    postgresql_where=intents.c.due_at.is_not(None),
)
# For operators and Prometheus, who ask again and again for the few that are not settled.
UNSETTLED = text("state IN ('sending', 'unknown', 'needs_human')")
Index("ix_intents_state", intents.c.state, sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)
# For retention, which asks every hour for the few that are due.
Index(
    "ix_intents_settled_at",
    intents.c.settled_at,
    sqlite_where=intents.c.sealed_wish.is_not(None),
    postgresql_where=intents.c.sealed_wish.is_not(None),
)

# What Cal.com was given to tell us of an account's changes: of several of one account, the newest is in use.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the token in its address
    Column("sealed_secret", LargeBinary, nullable=False),  # signs what is delivered
    Column("created_at", UTCDateTime, nullable=False),
)

# What has been delivered lately, so that it is heeded once by all processes together.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the account and the body
    Column("received_at", UTCDateTime, nullable=False, index=True),
)

# How far each account's bookings have been read, and when they are to be read on.
polls = Table(
    "polls",
    metadata,
    Column("id", ForeignKey("accounts.id"), primary_key=True),  # the account's
    Column("due_at", UTCDateTime, nullable=False, index=True),  # by the database's clock; a lease while it is polled
    # Of whom ``seen_until`` tells: a private account may become another Cal.com user's.
    Column("base_url", Text, nullable=False),
    Column("host_id", BigInteger, nullable=False),
    Column("seen_until", UTCDateTime),  # by Cal.com's clock; NULL: never
)

# How much of Cal.com's rate limit each key has used, for all processes; a short row a key. Instants are the database's.
rate_budgets = Table(
    "rate_budgets",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # keyed hash of address and key; neither can be had from it
    Column("leases", Text, nullable=False),  # JSON: those that still count
    Column("told_limit", Integer),  # calls a minute, as Cal.com told last
    Column("paused_until", UTCDateTime),  # Cal.com has refused a call: nobody asks before
    Column("seen_at", UTCDateTime, nullable=False, index=True),
    Column("version", BigInteger, nullable=False, server_default="1"),  # one more with each writing; no row is 0
)

# What has changed lately, for all processes: each forgets what it remembers of it.
changes = Table(
    "changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False),  # of an organization, or of an account for its calendar
    Column("mark", BigInteger, nullable=False, index=True),  # orders them by when they could be seen at the earliest
    Column("at", UTCDateTime, nullable=False, index=True),
)

# What was offered last in each call, for hours.
offers = Table(
    "offers",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # keyed hash of organization, agent and call session
    Column("starts", Text, nullable=False),  # JSON: instants, in the order in which they were told
    Column("own", Text, nullable=False, server_default="[]"),  # likewise: when the caller's appointments start
    Column("zone", Text, nullable=False, server_default=""),  # that the caller has named
    Column("told_at", UTCDateTime, nullable=False, index=True),  # by the database's clock
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),  # separated by blanks
    Column("created_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
)

# What voice platforms prove themselves with: one row for each platform of an organization.
voice_secrets = Table(
    "voice_secrets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("sealed_secrets", LargeBinary, nullable=False),  # JSON: all candidates, in use or being rotated
    Column("changed_at", UTCDateTime, nullable=False),
    UniqueConstraint("organization_id", "platform"),
)

# Append-only: the migration has made triggers that refuse to change and to delete.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Index(None, "organization_id", "at"),
)
