"""Who is called: organizations with one agent and one Cal.com account each, made through the API itself."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from math import ceil
from uuid import UUID, uuid4

from bench.calcom import key_of
from bench.connections import Client, request_of
from bench.references import MANAGE
from calbridge.services.tokens import Tokens

CONNECTED_AT_ONCE = 8
TOKEN_SECONDS = 6 * 3600
DAYS_TO_BOOKINGS = 40  # beyond what anybody asks for, so that no memory of open times is in the way
SLOT_MINUTES = 30
API = "/api/v1"

# What an account takes by default: reads may use 80 of the 100 calls of a minute, and 8 of the 10 of a second. A lease
# of permits counts in full until its holder tells better, hence the rest.
READS_A_MINUTE = 72
READS_A_SECOND = 5

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization whose agent books at one account."""

    organization_id: UUID
    agent_id: UUID
    account: int
    token: str

    @property
    def key(self) -> str:
        """Its Cal.com key."""
        return key_of(self.account)

    def manage(self, action: str, **fields: object) -> bytes:
        """A call to ``manage``, as a voice agent makes it: without a credential."""
        who = {"action": action, "agent_id": str(self.agent_id), "org_id": str(self.organization_id)}
        return request_of("POST", MANAGE, {**who, **fields})

    def availability(self, **fields: object) -> bytes:
        """Ask what is free in the coming week."""
        return self.manage("availability", **fields)

    def book(self) -> bytes:
        """Book a time that nobody has asked for before, in a call of its own."""
        number = next(_numbers)
        return self.manage(
            "book",
            name="Jane Doe",
            email="jane@example.com",
            appointment_datetime=_start(number),
            call_session_id=f"bench-call-{number:08d}",
        )

    def get(self, uid: str) -> bytes:
        """Read an appointment."""
        return request_of("GET", f"{API}/calcom/appointments/{uid}", authorization=f"Bearer {self.token}")

    def slots_upstream(self) -> bytes:
        """What ``availability`` asks of Cal.com."""
        start = datetime.now(UTC)
        query = f"eventTypeId={self.account}&start={start:%Y-%m-%dT%H:%M:%SZ}"
        query += f"&end={start + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
        return self._upstream("GET", f"/v2/slots?{query}", version="2024-09-04")

    def booking_upstream(self) -> bytes:
        """What ``book`` asks of Cal.com."""
        body = {
            "start": _start(next(_numbers)),
            "eventTypeId": self.account,
            "attendee": {
                "name": "Jane Doe",
                "timeZone": "Europe/London",
                "language": "en",
                "email": "jane@example.com",
            },
            "metadata": {"cb_intent": str(uuid4()), "cb_sig": "0" * 64, "agent_id": str(self.agent_id)},
        }
        return self._upstream("POST", "/v2/bookings", body, version="2024-08-13")

    def list_upstream(self, uid: str) -> bytes:
        """What reading an appointment asks of Cal.com."""
        return self._upstream("GET", f"/v2/bookings?bookingUid={uid}", version="2024-08-13")

    def _upstream(self, method: str, path: str, body: object = None, *, version: str) -> bytes:
        return request_of(method, path, body, authorization=f"Bearer {self.key}", cal_api_version=version)


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment, and whose it is."""

    tenant: Tenant
    uid: str


class Town:
    """Lets each scenario have accounts of its own, so that no other one's calls count against them.

    ``service``: the process that knows them, their event types above all. ``accounts``: numbers for them.
    """

    def __init__(self, service: Client, tokens: Tokens, accounts: Iterator[int]) -> None:
        self._service = service
        self._tokens = tokens
        self._accounts = accounts
        self.population = 0

    async def settle(self, accounts: int) -> list[Tenant]:
        """Make so many organizations, each with an agent that is linked to an account."""
        at_once = asyncio.Semaphore(CONNECTED_AT_ONCE)

        async def one() -> Tenant:
            async with at_once:
                return await self._tenant()

        self.population += accounts
        return list(await asyncio.gather(*(one() for _ in range(accounts))))

    async def book(self, tenants: list[Tenant]) -> list[Booked]:
        """Have each agent make one appointment."""
        at_once = asyncio.Semaphore(CONNECTED_AT_ONCE)

        async def one(tenant: Tenant) -> Booked:
            async with at_once:
                answer = await self._told(tenant.book())
            return Booked(tenant, answer["data"]["appointment_id"])

        return list(await asyncio.gather(*(one(tenant) for tenant in tenants)))

    async def _tenant(self) -> Tenant:
        organization, account = uuid4(), next(self._accounts)
        token = self._tokens.issue(organization, subject="bench", ttl_seconds=TOKEN_SECONDS)
        bearer = {"authorization": f"Bearer {token}"}
        made = await self._told(request_of("POST", f"{API}/agents", {"agentName": "Dr. Rivera"}, **bearer))
        agent = UUID(made["data"]["id"])
        tenant = Tenant(organization, agent, account, token)
        connect = {"org_id": str(organization), "api_key": tenant.key}
        connected = await self._told(request_of("POST", f"{API}/calcom/connect", connect, **bearer))
        link = {"calcom_account_id": connected["data"]["calcom_account_id"]}
        await self._told(request_of("PUT", f"{API}/calcom/agents/{agent}/account", link, **bearer))
        return tenant

    async def _told(self, request: bytes) -> dict[str, dict[str, str]]:
        answer = await self._service.ask(request)
        if not answer.is_success:
            raise RuntimeError(f"the town cannot be settled: {answer.status} {answer.body[:500].decode()}")
        told: dict[str, dict[str, str]] = json.loads(answer.body)
        return told


def accounts_for(reads: int, *, a_second: float = 0) -> int:
    """How many accounts it takes for so many reads in a minute, and so many in a second, to be within the limit."""
    return max(1, ceil(reads / READS_A_MINUTE), ceil(a_second / READS_A_SECOND))


def availability_of(tenants: list[Tenant]) -> Iterator[bytes]:
    """Ask one tenant's agent after the other, for ever."""
    return cycle([tenant.availability() for tenant in tenants])


def bookings_of(tenants: list[Tenant]) -> Iterator[bytes]:
    """Book with one tenant's agent after the other, for ever."""
    return (tenant.book() for tenant in cycle(tenants))


def _start(number: int) -> str:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{midnight + timedelta(days=DAYS_TO_BOOKINGS, minutes=SLOT_MINUTES * number):%Y-%m-%dT%H:%M:%SZ}"
