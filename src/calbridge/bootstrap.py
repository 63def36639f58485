"""The only place where things are wired together: settings in, a container of services out."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.governor import Governor
from calbridge.calcom.transport import make_client
from calbridge.domain.permits import Pace
from calbridge.services.access import Gatekeeper
from calbridge.services.agents import AgentRegister
from calbridge.services.alternatives import Alternatives
from calbridge.services.appointments import Appointments
from calbridge.services.assignments import Assignments
from calbridge.services.base_urls import HOSTED, BaseUrls
from calbridge.services.booking import Booker
from calbridge.services.catalogue import Catalogue
from calbridge.services.census import Census
from calbridge.services.chains import Chains
from calbridge.services.changes import Changes
from calbridge.services.checks import KeyChecks
from calbridge.services.connections import Connections
from calbridge.services.context import Contexts
from calbridge.services.decisions import Decisions
from calbridge.services.deployment import Deployment
from calbridge.services.directory import Directory
from calbridge.services.doctor.doctor import Doctor
from calbridge.services.doctor.examiner import Examiner
from calbridge.services.doubles import Doubles
from calbridge.services.event_types import EventTypes
from calbridge.services.evidence import Evidence
from calbridge.services.front_desk import FrontDesk
from calbridge.services.hearing import Hearing
from calbridge.services.in_flight import InFlight
from calbridge.services.inquiries import Inquiries
from calbridge.services.limits import Limit
from calbridge.services.lookup import Lookup
from calbridge.services.memory import Memories
from calbridge.services.mirror import Mirror
from calbridge.services.offers import Offers
from calbridge.services.once import Once
from calbridge.services.openings import OpenTimes
from calbridge.services.poller import Poller
from calbridge.services.prefetch import Prefetch
from calbridge.services.proof import KeyProof
from calbridge.services.reception import Reception
from calbridge.services.records import Records
from calbridge.services.rehearsal import Rehearsal
from calbridge.services.resolver import Resolver
from calbridge.services.retention import Retention
from calbridge.services.rotation import Rotation
from calbridge.services.signatures import Signatures
from calbridge.services.slots import Slots
from calbridge.services.subscriptions import Subscriptions
from calbridge.services.sweeper import Sweeper
from calbridge.services.tokens import TokenRules, Tokens
from calbridge.services.voice_secrets import VoiceSecrets
from calbridge.services.warm_up import WarmUp
from calbridge.services.watch import Watch
from calbridge.services.webhooks import Inbox
from calbridge.settings import CalcomSettings, Settings, TokenSettings
from calbridge.storage.accounts import Accounts
from calbridge.storage.agents import Agents
from calbridge.storage.audit import Audit
from calbridge.storage.backlogs import Backlogs
from calbridge.storage.bookings import Bookings
from calbridge.storage.changes import Changes as NotedChanges
from calbridge.storage.database import Database
from calbridge.storage.intents import Intents
from calbridge.storage.inventory import Inventory
from calbridge.storage.keys import ApiKeys
from calbridge.storage.offers import OffersOfCalls
from calbridge.storage.organizations import Organizations
from calbridge.storage.permits import Permits
from calbridge.storage.polls import Polls
from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import KeyRing
from calbridge.storage.voice_secrets import VoiceSecretStore
from calbridge.storage.webhooks import Webhooks
from calbridge.telemetry.metrics import EngineMetrics
from calbridge.tools import choices, dates, foreign_days

STRANGE_IDS_A_MINUTE = 30
ANONYMOUS_WRITES_A_MINUTE = 60
# Names the budgets of keys. Keys are random, so that a known one gives nothing away; and it must not change with those
# that encrypt, or two generations of processes would each have a budget of their own.
RATE_BUDGETS = b"calbridge:rate-budget"
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
    intents: Intents
    audit: Audit
    rotation: Rotation
    inbox: Inbox
    poller: Poller
    in_flight: InFlight
    decisions: Decisions
    census: Census
    voice_secrets: VoiceSecrets
    rehearsal: Rehearsal
    deployment: Deployment
    contexts: Contexts


def utc_now() -> datetime:
    """Return the present, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_container(  # noqa: PLR0915 - a list of all there is, a line each
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
    calcom, metrics = settings.calcom, EngineMetrics()
    async with AsyncExitStack() as stack:
        memories = Memories()
        database = Database(settings.storage.database_url, on_change=memories.hear)
        stack.push_async_callback(database.close)
        base_urls = BaseUrls(calcom.calcom_api_url, calcom.calcom_allowed_hosts)
        governor = Governor(
            RATE_BUDGETS,
            Pace.of(calcom.calcom_rate_limit),
            settle=Permits(database).settle,
            observe_wait=metrics.waited,
            observe_refusal=metrics.held_back,
        )
        client = await _client(stack, calcom, governor, transport, metrics)
        calendars = Calendars(client, placeholder_domain=calcom.placeholder_email_domain, allows=base_urls.allows)
        inquiries = await stack.enter_async_context(Inquiries())
        organizations = Organizations(database, clock)
        agents = Agents(database, key_ring, clock)
        accounts = Accounts(database, key_ring, clock)
        bookings = Bookings(database, key_ring)
        intents = Intents(database, key_ring, bookings, on_settled=metrics.settled)
        keys = ApiKeys(database, clock)

        directory = Directory(agents, accounts, keys, memories)
        gatekeeper = Gatekeeper(tokens, directory, fallback=settings.tokens.jwt_org_fallback)
        event_types = EventTypes(inquiries)
        proof = KeyProof(calendars, event_types, base_urls, calcom.calcom_timeout)
        webhooks, polls = Webhooks(database, key_ring, clock), Polls(database)
        subscriptions = Subscriptions(webhooks, accounts, calendars, settings.server.public_url, calcom.calcom_timeout)
        connections = Connections(organizations, accounts, directory, proof, base_urls, subscriptions)
        assignments = Assignments(agents, accounts, proof, subscriptions)
        slots = Slots(settings.desk.slot_cache_ttl, memories, inquiries)
        prefetch = Prefetch(directory, connections, event_types, slots, memories, clock)
        records = Records(bookings, clock)
        alternatives = Alternatives(slots)
        settle = timedelta(seconds=settings.desk.settle_seconds)
        chains = Chains(event_types)
        signatures = Signatures(key_ring.derive_all("booking-signature"))
        evidence, doubles = Evidence(signatures, records), Doubles(intents, chains, metrics.repaired)
        resolver = Resolver(intents, calendars, connections, chains, records, evidence, doubles, settle)
        stack.push_async_callback(resolver.close)
        in_flight = InFlight(intents)
        stack.push_async_callback(in_flight.drain)
        once = Once(intents, resolver, in_flight)
        booker = Booker(event_types, slots, alternatives, once, resolver, evidence, signatures)
        reception = Reception(
            directory,
            gatekeeper,
            calendars,
            clock,
            deadline=timedelta(seconds=settings.desk.manage_deadline),
            strange_ids=Limit(STRANGE_IDS_A_MINUTE, 60),
            anonymous_writes=Limit(ANONYMOUS_WRITES_A_MINUTE, 60),
        )
        changes = Changes(event_types, slots, alternatives, intents, once, resolver, chains, records)
        offers = OffersOfCalls(database, key_ring)
        hearing = _hearing(stack, offers)
        lookup = Lookup(bookings, event_types, chains)
        open_times = OpenTimes(event_types, slots, prefetch)
        front_desk = FrontDesk(
            reception, connections, event_types, booker, changes, lookup, hearing, open_times, metrics.replayed
        )
        warm_up = WarmUp(connections, event_types, slots, settings.desk.manage_deadline)
        stack.push_async_callback(warm_up.close)
        contexts = Contexts(reception, connections, calendars, lookup, bookings, warm_up, clock)
        stack.push_async_callback(contexts.close)
        appointments = Appointments(
            directory,
            bookings,
            connections,
            calendars,
            event_types,
            clock=clock,
            timeout=calcom.calcom_timeout,
        )
        mirror = Mirror(bookings, agents, event_types, slots, resolver.saw, clock)
        poller = Poller(polls, connections, calendars, mirror, clock)
        inbox = Inbox(
            webhooks, polls, connections, calendars, mirror, timeout=calcom.calcom_timeout, count=metrics.delivered
        )
        if serving:
            await asyncio.to_thread(foreign_days.warm)
            await database.warm()
            await _start(
                stack,
                Watch(NotedChanges(database), memories).run,
                Sweeper(intents, connections, resolver, settle).run,
                inbox.run,
                poller.run,
                Retention(bookings, intents, offers, _kept_for(settings), clock).run,
                prefetch.run,
            )
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
            AgentRegister(organizations, agents, accounts, subscriptions),
            Catalogue(connections, event_types, calendars, calcom.calcom_timeout),
            appointments,
            front_desk,
            bookings,
            intents,
            Audit(database),
            Rotation(Sealed(database, key_ring)),
            inbox,
            poller,
            in_flight,
            Decisions(intents, connections, calendars, resolver, chains, records, signatures),
            Census(Backlogs(database), metrics),
            VoiceSecrets(VoiceSecretStore(database, key_ring, clock), clock),
            Rehearsal(reception, hearing),
            Deployment(settings.server.public_url, settings.desk.manage_deadline),
            contexts,
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
        http = await stack.enter_async_context(make_client(transport))
        calcom = settings.calcom
        # The doctor comes to databases that are broken, and must not depend on one: it has a budget of its own.
        governor = Governor(secrets.token_bytes(32), Pace.of(calcom.calcom_rate_limit))
        calendars = Calendars(
            CalcomClient(http, timeout=calcom.calcom_timeout, governor=governor),
            placeholder_domain=calcom.placeholder_email_domain,
            allows=_addresses(calcom).allows,
        )
        yield Doctor(inventory, Examiner(calendars, clock, patience=patience), clock)


def _addresses(calcom: CalcomSettings) -> BaseUrls:
    """The addresses that the doctor may call: where the settings cannot be used, those of Cal.com's own service."""
    try:
        return BaseUrls(calcom.calcom_api_url, calcom.calcom_allowed_hosts)
    except ValueError:
        return BaseUrls(f"https://{HOSTED[0]}")


async def _client(
    stack: AsyncExitStack,
    calcom: CalcomSettings,
    governor: Governor,
    transport: httpx.AsyncBaseTransport | None,
    metrics: EngineMetrics,
) -> CalcomClient:
    """Open the way to Cal.com, which ends with its permits being given back."""
    stack.push_async_callback(governor.close)
    http = await stack.enter_async_context(make_client(transport))
    return CalcomClient(http, timeout=calcom.calcom_timeout, governor=governor, observe_call=metrics.called)


def _hearing(stack: AsyncExitStack, kept: OffersOfCalls) -> Hearing:
    """Wire what understands callers: ``tools`` knows the words, ``services`` what was said before."""
    offers = Offers(kept, choices.told)
    stack.push_async_callback(offers.close)
    return Hearing(offers, dates.meaning)


def _kept_for(settings: Settings) -> timedelta | None:
    """Return how long callers' data is kept in records; None for good."""
    days = settings.storage.retention_days
    return None if days is None else timedelta(days=days)


async def _start(stack: AsyncExitStack, *works: Callable[[], Coroutine[None, None, None]]) -> None:
    """Have things done in the background until the stack is closed."""
    for work in works:
        await stack.enter_async_context(_running(work()))


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
