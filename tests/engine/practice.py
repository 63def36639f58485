"""A practice on the stage: one organization, one agent, one calendar; and callers, who note what they hear."""

import asyncio
import random
import string
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import uuid4

import httpx
from jose import jwt
from tests.engine.history import Book, Cancel, Exchange, History, Json, Move, Wish, read_bookings
from tests.engine.promises import violations
from tests.engine.stage import GIVES_UP_SECONDS, JWT_SECRET, Scene, let_pass, unsettled

MANAGE = "/api/v1/calcom/appointments/manage"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HALF_HOUR = timedelta(minutes=30)
A_WHILE = timedelta(seconds=20)
INSISTS_SECONDS = 90
CREATE = {"method": "POST", "path": "/v2/bookings"}
AnyWish = TypeVar("AnyWish", Book, Move, Cancel)
AnyScene = TypeVar("AnyScene", bound=Scene)
_numbers = count(1)


@dataclass(slots=True)
class Practice(Generic[AnyScene]):
    """What a test needs to play callers, and everything that they wanted and heard."""

    stage: AnyScene
    http: httpx.AsyncClient
    organization_id: str
    agent_id: str
    host: str
    calcom_key: str
    event_type: int
    api_key: str
    token: str
    wishes: list[Wish] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    first_slot: datetime = field(init=False)

    def __post_init__(self) -> None:
        midnight = self.stage.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        self.first_slot = midnight + timedelta(days=1)

    def booking(self, slot: int = 0, name: str = "", contacts: Iterable[str] = ()) -> Book:
        """Somebody's wish for a slot; the slots begin tomorrow, half an hour each."""
        name = name or _name(next(_numbers))
        known = frozenset(contacts) or frozenset({f"{name}@example.com"})
        return self.wish(Book(name, self.host, self.event_type, self.slot(slot), known))

    def move(self, book: Book, slot: int) -> Move:
        """The wish to have an appointment at another time."""
        return self.wish(Move(f"{book.name}-moves-{next(_numbers)}", book.name, self.slot(slot)))

    def cancel(self, book: Book) -> Cancel:
        """The wish to have an appointment no more."""
        return self.wish(Cancel(f"{book.name}-cancels-{next(_numbers)}", book.name))

    def wish(self, wish: AnyWish) -> AnyWish:
        """Note a wish."""
        self.wishes.append(wish)
        return wish

    def slot(self, number: int) -> datetime:
        """The start of a slot."""
        return self.first_slot + number * HALF_HOUR

    async def ask(
        self,
        wish: Wish,
        uid: str = "",
        *,
        server: int = 0,
        anonymous: bool = False,
        headers: dict[str, str] | None = None,
        gives_up: float = GIVES_UP_SECONDS,
        **fields: object,
    ) -> Exchange:
        """Make a request for a wish; ``uid`` names the appointment that is to be changed."""
        body = {"org_id": self.organization_id, "agent_id": self.agent_id, **_fields(wish, uid), **fields}
        known = {} if anonymous else {"X-Api-Key": self.api_key}
        url = f"{self.stage.servers[server].url}{MANAGE}"
        sent = self.stage.clock()
        try:
            async with asyncio.timeout(gives_up):
                response = await self.http.post(url, json=body, headers=known | (headers or {}))
            heard = _heard(wish, sent, self.stage.clock(), response)
        except (TimeoutError, httpx.TransportError) as error:
            heard = Exchange(wish.name, sent, self.stage.clock(), None, {}, failure=repr(error))
        self.exchanges.append(heard)
        return heard

    async def insist(self, wish: Wish, uid: str = "", *, aging: bool = True, **options: Any) -> Exchange:  # noqa: ANN401 - those of ask
        """Ask, and ask again for as long as nobody knows.

        ``aging``: meanwhile, time passes for the database; not to be had while requests of others are under way, which
        would be taken for older than they are.
        """
        end = time.monotonic() + INSISTS_SECONDS
        while True:
            heard = await self.ask(wish, uid, **options)
            if heard.succeeded or heard.refused:
                return heard
            assert time.monotonic() < end, f"{wish.name} hears nothing but {heard.status}: {heard.body}"
            if aging:
                await let_pass(self.stage.database_url, A_WHILE)
            await asyncio.sleep(0.05 if aging and heard.status == httpx.codes.ACCEPTED else 0.3)

    async def strike(self, kind: str, method: str = "POST", path: str = "/v2/bookings", **how: object) -> None:
        """Have Cal.com fail at the next request of this practice that fits."""
        order = {"kind": kind, "method": method, "path": path, "user": self.host, **how}
        await self.at_calcom("POST", "/faults", order)

    async def at_calcom(self, method: str, path: str, body: object = None) -> Json:
        """Use a control endpoint of the sandbox."""
        answer = await self.http.request(method, f"{self.stage.sandbox.url}/sandbox{path}", json=body)
        assert answer.is_success, answer.text
        shown: Json = answer.json()
        return shown

    async def requests(self, method: str = "POST", path: str = "/v2/bookings") -> list[Json]:
        """What has arrived at Cal.com from this practice."""
        ledger = await self.at_calcom("GET", "/ledger")
        mine = [each for each in ledger["requests"] if each["user"] == self.host]
        return [each for each in mine if (each["method"], each["path"]) == (method, path)]

    async def book_at_calcom(self, start: datetime, email: str = "web@example.com") -> str:
        """Book past calbridge, as somebody on the web page does."""
        self.strangers.add(email)
        who = {"name": "Web Walker", "email": email, "timeZone": "Europe/London"}
        body = {"eventTypeId": self.event_type, "start": start.isoformat(), "attendee": who}
        headers = {"cal-api-version": "2024-08-13"}
        made = await self.http.post(f"{self.stage.sandbox.url}/v2/bookings", json=body, headers=headers)
        assert made.is_success, made.text
        return str(made.json()["data"]["uid"])

    async def history(self, **more: Any) -> History:  # noqa: ANN401 - any field of History
        """Everything that happened in this practice."""
        bookings = read_bookings(await self.at_calcom("GET", "/ledger"), [self.host])
        return History(tuple(self.wishes), tuple(self.exchanges), bookings, frozenset(self.strangers), **more)

    async def verify(self, *, settled: bool = True, **more: Any) -> None:  # noqa: ANN401 - any field of History
        """End the story: every promise was kept. ``settled``: also, calbridge knows of all that it began."""
        left = await unsettled(self.stage.database_url) if settled else ()
        found = violations(await self.history(unsettled=left, **more))
        assert found == [], "\n".join(found)


@asynccontextmanager
async def open_practice(stage: AnyScene, **event: object) -> AsyncIterator[Practice[AnyScene]]:
    """Found a practice over the public API; ``event``: properties of its event type."""
    name = f"host-{uuid4().hex[:12]}"
    organization_id, key = str(uuid4()), f"cal_sandbox_{name}"
    claims = {"org_id": organization_id, "sub": "scenarios", "exp": datetime.now(UTC) + timedelta(hours=12)}
    token = jwt.encode(claims, JWT_SECRET, "HS256")
    async with stage.client() as http:
        user = {
            "name": "Dr. Rivera",
            "username": name,
            "email": f"{name}@clinic.example",
            "keys": [{"key": key, "limit": 1_000_000}],
            "time_zone": "UTC",
            "hours": {day: [["00:00", "24:00"]] for day in WEEKDAYS},
            "event_types": [{"slug": "visit", "minutes": 30, "notice": 0, **event}],
        }
        made = await http.post(f"{stage.sandbox.url}/sandbox/users", json=user)
        assert made.is_success, made.text
        calls = _Office(http, stage.servers[0].url, {"Authorization": f"Bearer {token}"})
        connected = await calls("POST", "/api/v1/calcom/connect", org_id=organization_id, api_key=key)
        agent = await calls("POST", "/api/v1/agents/", agentName="Dr. Rivera")
        account = connected["data"]["calcom_account_id"]
        await calls("PUT", f"/api/v1/calcom/agents/{agent['data']['id']}/account", calcom_account_id=account)
        made_key = await calls("POST", "/api/v1/keys", name="scenarios", scopes=["manage"])
        yield Practice(
            stage,
            http,
            organization_id,
            agent["data"]["id"],
            host=name,
            calcom_key=key,
            event_type=made.json()["event_types"]["visit"],
            api_key=made_key["data"]["key"],
            token=token,
        )


@dataclass(frozen=True, slots=True)
class _Office:
    http: httpx.AsyncClient
    url: str
    headers: dict[str, str]

    async def __call__(self, method: str, path: str, **body: object) -> Json:
        answer = await self.http.request(method, f"{self.url}{path}", json=body, headers=self.headers)
        assert answer.is_success, answer.text
        shown: Json = answer.json()
        return shown


def _name(number: int) -> str:
    """Name somebody, so that no two sound alike."""
    dice = random.Random(number)  # noqa: S311 - chance for tests, the same in every run
    return "".join(dice.choices(string.ascii_lowercase, k=14))


def _heard(wish: Wish, sent: datetime, ended: datetime, response: httpx.Response) -> Exchange:
    headers = response.headers
    replayed, retry_after = headers.get("Idempotent-Replayed") == "true", headers.get("Retry-After")
    seconds = int(retry_after) if retry_after else None
    return Exchange(wish.name, sent, ended, response.status_code, response.json(), replayed, seconds)


def _fields(wish: Wish, uid: str) -> dict[str, object]:
    match wish:
        case Book():
            email = min((one for one in wish.contacts if "@" in one), default="")
            phone = min((one for one in wish.contacts if "@" not in one), default="")
            contact = {"name": wish.name, "email": email, "phone": phone}
            return {"action": "book", "appointment_datetime": wish.start.isoformat(), **contact}
        case Move():
            return {"action": "reschedule", "appointment_datetime": wish.start.isoformat(), "appointment_id": uid}
        case Cancel():
            return {"action": "cancel", "appointment_id": uid}
