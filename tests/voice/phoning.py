"""Offices whose phone is answered by a platform's agent, and callers of whom every word that they hear is kept.

Each office is an organization of its own with a Cal.com user of its own, so that many share one running service.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.voice.grading import Calendar, Ear, Heard, faults
from tests.voice.simulators import SIMULATORS, Call, Json, Sent, Simulator, Workspace

from calbridge.domain.access import Scope

SIGNING = frozenset({"vapi", "retell", "telnyx"})
PROOFS = frozenset({"x-api-key", "authorization"})
LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
LONDONER, NEW_YORKER = "+442079460958", "+12125550123"
DAYS_AHEAD = timedelta(days=30)
WEB_WALKER = "web@example.com"
BEFORE_A_RETRY = timedelta(seconds=20)
LIVE = frozenset({"accepted", "pending"})


@dataclass(slots=True)
class Office:
    """An organization, its agent at one platform, and its calendar at Cal.com; ``proved``: who calls is proved."""

    clinic: Clinic
    platform: str
    organization: UUID
    agent: UUID
    calcom_key: str
    username: str
    event_type: int
    workspace: Workspace
    client: httpx.AsyncClient
    proved: bool = False
    heard: list[Heard] = field(default_factory=list)

    async def prove(self) -> None:
        """Set up whatever proves who calls: the secret that the platform signs with, and the key that it sends."""
        if self.platform in SIGNING:
            secret = self.workspace.public_key if self.platform == "telnyx" else self.workspace.secret
            kept = await self._ours("PUT", f"/voice/secrets/{self.platform}", {"secrets": [{"secret": secret}]})
            assert kept.status_code == 200, kept.text
        self.proved = True

    async def call(self, number: str = LONDONER, zone: ZoneInfo = LONDON, *, repeats: bool = False) -> "Caller":
        """Have somebody call. ``repeats``: the platform sends everything three times."""
        pasted = await self._ours("GET", f"/agents/{self.agent}/tools/{self.platform}")
        simulator = SIMULATORS[self.platform](pasted.json(), self.workspace, Call(str(uuid4()), number))
        return Caller(self, simulator, zone, repeats)

    async def taken_by_somebody_else(self, start: str) -> None:
        """Book on the web page."""
        who = {"name": "Web Walker", "email": WEB_WALKER, "timeZone": "Europe/London"}
        body = {"eventTypeId": self.event_type, "start": start, "attendee": who}
        await self.clinic.at_calcom("POST", "/v2/bookings", self.calcom_key, json=body)

    async def bookings(self) -> list[Json]:
        """Everything that callers have booked here, in the order of making."""
        return _of_callers(await self._all())

    async def calendar(self) -> Calendar:
        """The truth of this moment."""
        every = await self._all()
        own = _of_callers(every)
        starts = {live: [_start(each) for each in own if (each["status"] in LIVE) is live] for live in (True, False)}
        return Calendar(
            standing=tuple(sorted(starts[True])),
            cancelled=tuple(starts[False]),
            busy=frozenset(_start(each) for each in every if each["status"] in LIVE),
            open=await self._open(),
            uids=frozenset({*(each["uid"] for each in own), str(self.organization), str(self.agent)}),
        )

    def faults(self) -> list[str]:
        """Judge all that was heard."""
        return [each for heard in self.heard for each in faults(heard)]

    async def _all(self) -> list[Json]:
        return [each for each in await calcom.bookings(self.clinic) if each["host"] == self.username]

    async def _open(self) -> frozenset[datetime]:
        now = self.clinic.clock()
        span = f"start={now:%Y-%m-%dT%H:%M:%SZ}&end={now + DAYS_AHEAD:%Y-%m-%dT%H:%M:%SZ}"
        path = f"/v2/slots?eventTypeId={self.event_type}&{span}"
        headers = {"cal-api-version": "2024-09-04"}
        shown = await self.clinic.at_calcom("GET", path, self.calcom_key, headers=headers)
        return frozenset(_start(each) for day in shown["data"].values() for each in day)

    async def _ours(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        token = self.clinic.services.tokens.issue(self.organization, subject="tests", ttl_seconds=3600)
        headers = {"Authorization": f"Bearer {token}"}
        return await self.client.request(method, f"/api/v1/calcom{path}", json=body, headers=headers)


@dataclass(slots=True)
class Caller:
    """Somebody on the phone: ``use`` is what the platform's model does for them."""

    office: Office
    simulator: Simulator
    zone: ZoneInfo
    repeats: bool = False

    async def use(self, tool: str, *, wanted: str = "", **arguments: object) -> Json:
        """Have the model call a tool; return what it is told first. ``wanted``: the instant that is asked for."""
        tool_call = _new_id(tool)
        answer = await self._exchange(tool, arguments, tool_call, wanted)
        if self.repeats:
            await self._exchange(tool, arguments, tool_call, wanted)
            self.office.clinic.clock.advance(BEFORE_A_RETRY)
            await self._exchange(tool, arguments, _new_id(tool), wanted)
        return answer

    async def book(self, when: str, *, wanted: str = "", **more: object) -> Json:
        """Ask for an appointment in one's own name."""
        return await self.use("book_appointment", wanted=wanted, name="Jane Doe", appointment_datetime=when, **more)

    async def _exchange(self, tool: str, arguments: Json, tool_call: str, wanted: str) -> Json:
        pasted = self.simulator.tools[tool]
        sent = _named(self._proved(self.simulator.request(pasted, arguments)), self.simulator.name, tool_call)
        before = await self.office.calendar()
        response = await self.office.client.post(sent.url, content=sent.body, headers=dict(sent.headers))
        assert response.status_code == 200, response.text  # nobody hears anything else
        answer = self.simulator.heard(pasted, response.json())
        self.office.heard.append(
            Heard(
                sentence=answer["message"],
                ear=Ear(self.office.clinic.clock(), self.zone),
                before=before,
                after=await self.office.calendar(),
                wanted=datetime.fromisoformat(wanted) if wanted else None,
                slots=tuple(datetime.fromisoformat(each) for each in slots(answer)),
            )
        )
        return answer

    def _proved(self, sent: Sent) -> Sent:
        if self.office.proved:
            return sent
        return replace(sent, headers={name: each for name, each in sent.headers.items() if name.lower() not in PROOFS})


def slots(answer: Json) -> list[str]:
    """The instants on offer, in their order."""
    return [answer[name] for number in range(1, 10) if (name := f"slot_{number}_start") in answer]


@asynccontextmanager
async def office(clinic: Clinic, platform: str, hours: Mapping[str, object]) -> AsyncIterator[Office]:
    """Open an office. ``hours``: local times by weekday; if none are given, those of the demo clinic."""
    name = f"office-{uuid4().hex[:12]}"
    calcom_key = f"cal_sandbox_{name}"
    keys = [{"key": calcom_key, "limit": 10_000}]
    about: Json = {"username": name, "email": f"{name}@clinic.example", **({"hours": hours} if hours else {})}
    (event_type,) = (await calcom.host(clinic, keys=keys, **about)).values()
    services = clinic.services
    organization = await services.organizations.create(name)
    agent = await services.agents.create(organization.id, "Dr. Rivera")
    account, _ = await services.connections.connect(organization.id, api_key=calcom_key, name=name)
    await services.assignments.link(organization.id, agent.id, account.id)
    _, api_key = await services.keys.create(organization.id, "phones", {Scope.MANAGE})
    workspace = Workspace(api_key=api_key, secret=f"a secret of {name}")
    async with clinic.client() as client:
        yield Office(clinic, platform, organization.id, agent.id, calcom_key, name, event_type, workspace, client)


def _of_callers(bookings: list[Json]) -> list[Json]:
    return [each for each in bookings if each["attendees"][0]["email"] != WEB_WALKER]


def _new_id(tool: str) -> str:
    return f"call_{uuid4().hex}_{tool}"


def _named(sent: Sent, platform: str, tool_call: str) -> Sent:
    """Give a tool call its id, at the platforms that have such."""
    match platform:
        case "vapi":
            body = json.loads(sent.body)
            for each in (body["message"]["toolCallList"][0], body["message"]["toolWithToolCallList"][0]["toolCall"]):
                each["id"] = tool_call
            return replace(sent, body=json.dumps(body).encode())
        case "generic":
            return replace(sent, headers={**sent.headers, "Idempotency-Key": tool_call})
        case _:
            return sent


def _start(shown: Json) -> datetime:
    return datetime.fromisoformat(shown["start"])
