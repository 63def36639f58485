"""The way from Cal.com to the product: a clinic that Cal.com tells of changes, and a hand on what is delivered."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select
from tests.api.clinic import Clinic, open_clinic

from calbridge.domain.appointments import BookingRecord
from calbridge.sandbox.world import Booking, Webhook
from calbridge.storage.tables import bookings

PUBLIC_URL = "http://calbridge.test"
PATH = "/api/v1/calcom/webhooks/"
DEMO, OTHER = "cal_sandbox_demo", "cal_sandbox_other"
SIGNATURE = "X-Cal-Signature-256"


@dataclass(slots=True)
class Post:
    """Keeps what Cal.com posts until it is carried."""

    letters: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take a delivery from Cal.com."""
        self.letters.append(request)
        return httpx.Response(200)


@dataclass(frozen=True, slots=True)
class Town:
    """A clinic, and the post that has not been carried yet."""

    clinic: Clinic
    post: Post

    @property
    def hooks(self) -> list[Webhook]:
        """The webhooks that Cal.com has."""
        return list(self.clinic.sandbox.state.world.webhooks.values())

    async def at_calcom(self, method: str, path: str, key: str = DEMO, **body: object) -> Any:  # noqa: ANN401 - JSON
        """Do something at Cal.com as its user would, and wait until it has posted what it has to tell."""
        answer = await self.clinic.at_calcom(method, path, key, json=body or None)
        await self.clinic.sandbox.state.deliveries.settle()
        return answer.get("data")

    async def book(self, start: str, key: str = DEMO, **fields: object) -> str:
        """Book past the product, as somebody on the web page; return the uid."""
        who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
        made = await self.at_calcom(
            "POST", "/v2/bookings", key, **{"eventTypeId": 1, "start": start, "attendee": who, **fields}
        )
        return str(made["uid"])

    async def carry(self, *letters: httpx.Request) -> list[int]:
        """Carry these deliveries, or all that wait, to the product; return its statuses."""
        carried = letters or tuple(self.post.letters)
        if not letters:
            self.post.letters.clear()
        async with self.clinic.client() as client:
            return [await self._hand_in(client, letter) for letter in carried]

    async def deliver(self) -> None:
        """Carry everything that waits, and have it looked into."""
        assert set(await self.carry()) <= {200}
        await self.clinic.services.inbox.work_off()

    async def poll(self) -> None:
        """Have the demo account polled."""
        connection = await self.clinic.services.connections.one(self.clinic.organization.id, self.clinic.account.id)
        assert connection is not None
        await self.clinic.services.poller.poll(connection)

    async def record(self, uid: str) -> BookingRecord | None:
        """Return the product's record of a booking."""
        return await self.clinic.services.bookings.get(self.clinic.organization.id, uid)

    def asked(self) -> int:
        """How many requests of the product have reached Cal.com."""
        entries = self.clinic.sandbox.state.ledger.entries
        return sum(entry.headers.get("user-agent") == "calbridge" for entry in entries)

    async def records(self) -> dict[str, tuple[object, ...]]:
        """What the product knows of each booking, by uid: status, times, and the first of its chain."""
        columns = bookings.c.uid, bookings.c.status, bookings.c.starts_at, bookings.c.ends_at, bookings.c.root_uid
        async with self.clinic.services.database.read() as connection:
            return {uid: tuple(rest) for uid, *rest in await connection.execute(select(*columns))}

    def truths(self) -> dict[str, tuple[object, ...]]:
        """The same, as it is at Cal.com."""
        world = self.clinic.sandbox.state.world
        return {
            each.uid: (each.status, each.start, each.end, _first(each, world.bookings))
            for each in world.bookings.values()
        }

    async def _hand_in(self, client: httpx.AsyncClient, letter: httpx.Request) -> int:
        headers = {name: letter.headers[name] for name in ("content-type", SIGNATURE)}
        return (await client.post(str(letter.url), content=letter.content, headers=headers)).status_code


def _first(booking: Booking, known: dict[str, Booking]) -> str:
    while booking.rescheduled_from:
        booking = known[booking.rescheduled_from]
    return booking.uid


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers of a delivery."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", SIGNATURE: digest}


def telling_of(uid: str, trigger: str = "BOOKING_CREATED", **payload: object) -> bytes:
    """The body of a delivery."""
    return json.dumps({"triggerEvent": trigger, "payload": {"uid": uid, **payload}}).encode()


@asynccontextmanager
async def open_town(database_url: str) -> AsyncIterator[Town]:
    """Open a clinic whose Cal.com posts into a bag: nothing arrives before it is carried."""
    async with open_clinic(database_url, public_url=PUBLIC_URL) as clinic:
        post = Post()
        async with httpx.AsyncClient(transport=httpx.MockTransport(post)) as client:
            clinic.sandbox.state.deliveries.client = client
            clinic.sandbox.state.deliveries.owned = False
            for key in clinic.sandbox.state.world.keys.values():
                key.limit = 10**9
            yield Town(clinic, post)
