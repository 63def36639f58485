"""The only place where things are wired together: settings in, a container of services out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.transport import make_transport
from calbridge.services.access import Gatekeeper
from calbridge.services.agents import AgentRegister
from calbridge.services.alternatives import Alternatives
from calbridge.services.appointments import Appointments
from calbridge.services.assignments import Assignments
from calbridge.services.base_urls import BaseUrls
from calbridge.services.booking import Booker
from calbridge.services.catalogue import Catalogue
from calbridge.services.changes import Changes
from calbridge.services.checks import KeyChecks
from calbridge.services.connections import Connections
from calbridge.services.doctor.doctor import Doctor
from calbridge.services.doctor.examiner import Examiner
from calbridge.services.event_types import EventTypes
from calbridge.services.front_desk import FrontDesk
from calbridge.services.limits import Limit
from calbridge.services.marks import Marks
from calbridge.services.proof import KeyProof
from calbridge.services.reception import Reception
from calbridge.services.records import Records
from calbridge.services.retention import Retention
from calbridge.services.rotation import Rotation
from calbridge.services.slots import Slots
from calbridge.services.tokens import TokenRules, Tokens
from calbridge.settings import Settings, TokenSettings
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents
from calbridge.storage.audit import Audit
from calbridge.storage.bookings import Bookings
from calbridge.storage.database import Database
from calbridge.storage.inventory import Inventory
from calbridge.storage.keys import ApiKeys
from calbridge.storage.organizations import Organizations
from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import KeyRing

STRANGE_IDS_A_MINUTE = 30
ANONYMOUS_WRITES_A_MINUTE = 60
DOCTOR_SECONDS = 120  # for asking Cal.com about all accounts together


class MissingSettingError(Exception):
    """A setting without a default is not set; the message says which, and how to make one."""


@dataclass(frozen=True, slots=True)
class Container:
    """What the doors may use."""

    database: Database
    gatekeeper: Gatekeeper
    tokens: Tokens
    organizations: Organizations
    agents: Agents
    keys: ApiKeys
    connections: Connections
    assignments: Assignments
    checks: KeyChecks
    register: AgentRegister
    catalogue: Catalogue
    appointments: Appointments
    front_desk: FrontDesk
    bookings: Bookings
    audit: Audit
    rotation: Rotation


def utc_now() -> datetime:
    """Return the present, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_container(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    serving: bool = False,
) -> AsyncIterator[Container]:
    """Open everything that needs closing, wire the services, and close in reverse.

    ``transport`` stands in for the network to Cal.com. ``serving``: also do what a server does in the background.
    Raises MissingSettingError before anything is opened.
    """
    key_ring, tokens = key_ring_of(settings), tokens_of(settings.tokens)
    calcom = settings.calcom
    async with AsyncExitStack() as stack:
        database = Database(settings.storage.database_url)
        stack.push_async_callback(database.close)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport or make_transport(), trust_env=False, follow_redirects=False)
        )
        base_urls = BaseUrls(calcom.calcom_api_url, calcom.calcom_allowed_hosts)
        calendars = Calendars(
            CalcomClient(http, timeout=calcom.calcom_timeout),
            placeholder_domain=calcom.placeholder_email_domain,
            allows=base_urls.allows,
        )
        organizations = Organizations(database, clock)
        agents = Agents(database, key_ring, clock)
        accounts = Accounts(database, key_ring, clock)
        bookings = Bookings(database, key_ring, clock)
        keys = ApiKeys(database, clock)

        gatekeeper = Gatekeeper(tokens, keys, fallback=settings.tokens.jwt_org_fallback)
        proof = KeyProof(calendars, base_urls, calcom.calcom_timeout)
        connections = Connections(organizations, accounts, proof, base_urls)
        assignments = Assignments(agents, accounts, proof)
        event_types = EventTypes()
        slots = Slots(settings.desk.slot_cache_ttl)
        records = Records(bookings, clock)
        alternatives = Alternatives(slots)
        marks = Marks(key_ring.derive_all("booking-mark"))
        booker = Booker(event_types, slots, alternatives, marks, records)
        reception = Reception(
            agents,
            gatekeeper,
            calendars,
            clock,
            deadline=timedelta(seconds=settings.desk.manage_deadline),
            strange_ids=Limit(STRANGE_IDS_A_MINUTE, 60),
            anonymous_writes=Limit(ANONYMOUS_WRITES_A_MINUTE, 60),
        )
        changes = Changes(event_types, slots, alternatives, records)
        front_desk = FrontDesk(reception, connections, event_types, slots, booker, changes)
        appointments = Appointments(
            agents,
            bookings,
            connections,
            calendars,
            event_types,
            clock=clock,
            timeout=calcom.calcom_timeout,
        )
        if serving and settings.storage.retention_days is not None:
            keep = timedelta(days=settings.storage.retention_days)
            await stack.enter_async_context(_running(Retention(bookings, keep, clock).run()))
        yield Container(
            database,
            gatekeeper,
            tokens,
            organizations,
            agents,
            keys,
            connections,
            assignments,
            KeyChecks(connections, assignments, calendars, calcom.calcom_timeout),
            AgentRegister(organizations, agents, accounts),
            Catalogue(connections, event_types, calendars, calcom.calcom_timeout),
            appointments,
            front_desk,
            bookings,
            Audit(database),
            Rotation(Sealed(database, key_ring)),
        )


@asynccontextmanager
async def open_doctor(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
    patience: float = DOCTOR_SECONDS,
) -> AsyncIterator[Doctor]:
    """Open what it takes to look everything over, also where ``open_container`` refuses: what is broken is left out."""
    async with AsyncExitStack() as stack:
        try:
            keys = key_ring_of(settings)
        except (MissingSettingError, ValueError):
            keys = None
        try:
            inventory = Inventory(settings.storage.database_url, keys)
            stack.push_async_callback(inventory.close)
        except ValueError:
            inventory = None
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport or make_transport(), trust_env=False, follow_redirects=False)
        )
        calcom = settings.calcom
        calendars = Calendars(
            CalcomClient(http, timeout=calcom.calcom_timeout), placeholder_domain=calcom.placeholder_email_domain
        )
        yield Doctor(inventory, Examiner(calendars, clock, patience=patience), clock)


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Have some work done in the background, and stop it at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def key_ring_of(settings: Settings) -> KeyRing:
    """Make the key ring. Raises MissingSettingError."""
    keys = settings.storage.encryption_keys
    if keys is None or not keys.get_secret_value().strip():
        raise MissingSettingError(
            "CALBRIDGE_ENCRYPTION_KEYS is not set; make one with: "
            'python3 -c "import secrets; print(secrets.token_hex(32))"'
        )
    return KeyRing.parse(keys.get_secret_value())


def tokens_of(settings: TokenSettings) -> Tokens:
    """Make the verifier of tokens. Raises MissingSettingError."""
    algorithm = settings.jwt_algorithm
    if algorithm.is_symmetric:
        secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret else ""
        keys = tuple(part.strip() for part in secret.split(",") if part.strip())
        if not keys:
            raise MissingSettingError(
                "CALBRIDGE_JWT_SECRET is not set; make one with: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
    else:
        keys = _pems(settings.jwt_public_key)
        if not keys:
            raise MissingSettingError(
                f"CALBRIDGE_JWT_PUBLIC_KEY is not set, and CALBRIDGE_JWT_ALGORITHM is {algorithm.value}: "
                "give it the PEM public key of whoever issues the tokens"
            )
    rules = TokenRules(
        algorithm.value, keys, settings.jwt_issuer, settings.jwt_audience, can_sign=algorithm.is_symmetric
    )
    return Tokens(rules)


def _pems(text: str) -> tuple[str, ...]:
    """Take PEMs that follow one another apart; in an environment variable, line breaks may be escaped."""
    end = "-----END PUBLIC KEY-----"
    parts = text.replace("\\n", "\n").split(end)
    return tuple(part.strip() + "\n" + end for part in parts if "-----BEGIN PUBLIC KEY-----" in part)
