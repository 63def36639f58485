"""The application for schemathesis: an ordinary ASGI application, though the clinic lives in a thread of its own.

Schemathesis calls from an event loop that it keeps for itself; database connections belong to the loop that opened
them. Every request comes from another address, since limits per address would soon be all there is to see.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import Message, Receive, Scope, Send
from tests.api.clinic import Clinic, open_clinic

from calbridge.domain import access

BUSY = 10**9
NOT_FOUND = 404
PREFIX = "/api/v1/calcom"


@dataclass
class Service:
    """A clinic behind ``/``, with what its ids are."""

    clinic: Clinic
    portal: BlockingPortal
    agent: str
    spare: str  # an agent without an account
    key: str
    bookings: list[str] = field(default_factory=list)
    addresses: Iterator[int] = field(default_factory=count)
    answered: dict[int, int] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the clinic's own loop answer."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        for message in await asyncio.wrap_future(self.portal.start_task_soon(self._answer, dict(scope), body)):
            await send(message)

    async def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        scope["client"] = (f"2001:db8::{next(self.addresses):x}", 1)
        scope["headers"] = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        await self.clinic.app(scope, receive, send)
        status = messages[0]["status"]
        self.answered[status] = self.answered.get(status, 0) + 1
        return messages

    async def _tidy(self) -> None:
        organization = str(self.clinic.organization.id)
        account = {
            "title": "Front desk", "unitId": organization, "apiKey": "cal_sandbox_demo", "calcomUsername": "x",
            "timezone": "Europe/London", "prompt": "", "checkAvailabilityEnabled": True, "createBookingEnabled": True,
        }  # fmt: skip
        idle = {"status": "ACTIVE", "calendarTimezone": "", "calcomCalendarId": ""}
        async with self.clinic.authorized() as client:
            for name, agent in (("agent", self.agent), ("spare", self.spare)):
                if (await client.patch(f"/api/v1/agents/{agent}", json=idle)).status_code == NOT_FOUND:
                    made = await client.post("/api/v1/agents", json={"agentName": "Dr. Rivera"})
                    setattr(self, name, made.json()["data"]["id"])
                await client.post(f"{PREFIX}/agents/{getattr(self, name)}/disconnect")
            await client.put(f"{PREFIX}/agents/{self.spare}/account", json={"calcom_account_id": None})
            connected = await client.post(f"{PREFIX}/integration", json=account)
            link = {"calcom_account_id": connected.json()["id"]}
            (await client.put(f"{PREFIX}/agents/{self.agent}/account", json=link)).raise_for_status()

    def tidy(self) -> None:
        """Undo what a request may have done to the connection, or there would soon be nothing left to ask."""
        self.portal.call(self._tidy)

    @property
    def headers(self) -> dict[str, str]:
        """The organization's token."""
        return {"Authorization": f"Bearer {self.clinic.token}"}


@contextmanager
def serving(database_url: str) -> Iterator[Service]:
    """Open the clinic, with some bookings in it."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(open_clinic(database_url)) as clinic:
        clinic.sandbox.state.world.keys["cal_sandbox_demo"].limit = BUSY
        key: Any = portal.call(clinic.services.keys.create, clinic.organization.id, "tests", [access.Scope.READ])
        spare = portal.call(clinic.services.agents.create, clinic.organization.id, "Spare")
        service = Service(clinic, portal, str(clinic.agent.id), str(spare.id), str(key[0].id))
        for hour in range(9, 16):
            answer: Any = portal.call(clinic.book, f"2026-03-25T{hour:02}:00:00")
            service.bookings.append(answer.json()["data"]["appointment_id"])
        yield service
