"""Repositories over one database, and the people and accounts that tests are about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from calbridge.domain.agents import Access, Account, AccountSettings, AccountStatus, Agent, Host, Organization
from calbridge.domain.appointments import BookingRecord
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents
from calbridge.storage.audit import Audit
from calbridge.storage.bookings import Bookings
from calbridge.storage.database import Database
from calbridge.storage.intents import Intents
from calbridge.storage.keys import ApiKeys
from calbridge.storage.offers import OffersOfCalls
from calbridge.storage.organizations import Organizations
from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id

START = datetime(2026, 3, 25, 10, 0, tzinfo=UTC)


def access(api_key: str = "cal_live_secret", base_url: str = "https://api.cal.com") -> Access:
    """Make an access."""
    return Access(base_url, api_key)


def host(number: int = 1) -> Host:
    """Make a Cal.com user."""
    return Host(number, f"user-{number}", f"Dr. {number}", f"user-{number}@clinic.test", "Europe/London")


def record(
    organization_id: UUID, account_id: UUID, agent_id: UUID, uid: str = "uid-1", name: str = "Ada Lovelace"
) -> BookingRecord:
    """Make a record of a booking."""
    return BookingRecord(
        id=new_id(),
        organization_id=organization_id,
        account_id=account_id,
        agent_id=agent_id,
        uid=uid,
        root_uid=uid,
        event_type_id=7,
        start=START,
        end=START + timedelta(minutes=30),
        status="accepted",
        call_session_id="session-1",
        name=name,
        email="ada@example.com",
        phone="+442079460000",
        notes="Brings her own tea \u2615",
        created_at=START,
        updated_at=START,
    )


def account_of(organization_id: UUID) -> Account:
    """Make an account that no database knows."""
    return Account(
        id=new_id(),
        organization_id=organization_id,
        agent_id=None,
        status=AccountStatus.ACTIVE,
        has_key=True,
        base_url="https://api.cal.com",
        bookings_version="2024-08-13",
        host=host(),
        settings=AccountSettings("Default", "user-1", "Europe/London"),
        connected_at=START,
        key_set_at=START,
        created_at=START,
        updated_at=START,
    )


class Clock:
    """A clock that moves by a minute whenever it is asked, so that no two instants are the same."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        self.now += timedelta(minutes=1)
        return self.now


@dataclass(frozen=True, slots=True)
class Store:
    """All repositories over one database."""

    database: Database
    organizations: Organizations
    agents: Agents
    accounts: Accounts
    bookings: Bookings
    api_keys: ApiKeys
    audit: Audit
    sealed: Sealed
    intents: Intents
    offers: OffersOfCalls

    async def organization(self) -> Organization:
        """Make an organization."""
        return await self.organizations.create("Smile Dental")

    async def agent(self, organization_id: UUID) -> Agent:
        """Make an agent."""
        return await self.agents.create(organization_id, "Reception")

    async def account(self, organization_id: UUID, number: int = 1) -> Account:
        """Connect an account of an organization."""
        connected, _ = await self.accounts.connect(organization_id, access=access(), host=host(number))
        return connected

    async def record(self, uid: str = "uid-1") -> BookingRecord:
        """Write down a booking of a new organization."""
        organization = await self.organization()
        account, agent = await self.account(organization.id), await self.agent(organization.id)
        written = record(organization.id, account.id, agent.id, uid)
        await self.bookings.record(written)
        return written

    async def events(self, organization_id: UUID) -> list[str]:
        """Tell what the audit log says has happened, the oldest first."""
        entries, _ = await self.audit.list(organization_id, limit=1_000, offset=0)
        return [entry.event for entry in reversed(entries)]

    async def private(self, agent: Agent, number: int = 1) -> Account:
        """Connect a private key of an agent."""
        connected, _ = await self.accounts.connect(
            agent.organization_id, access=access("cal_live_private"), host=host(number), agent_id=agent.id
        )
        return connected


def open_store(url: str, keys: KeyRing) -> Store:
    """Make the repositories; the database is the caller's to close."""
    database, clock = Database(url), Clock()
    bookings = Bookings(database, keys)
    return Store(
        database,
        Organizations(database, clock),
        Agents(database, keys, clock),
        Accounts(database, keys, clock),
        bookings,
        ApiKeys(database, clock),
        Audit(database),
        Sealed(database, keys),
        Intents(database, keys, bookings),
        OffersOfCalls(database, keys),
    )
