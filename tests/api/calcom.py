"""The hand on Cal.com: what has arrived there, what is booked there, and how it is to fail."""

import sys
from typing import Any

import httpx
from tests.api.clinic import Clinic

DEMO = "cal_sandbox_demo"
OTHER = "cal_sandbox_other"
Json = dict[str, Any]


async def fault(clinic: Clinic, kind: str, method: str = "*", path: str = "*", **how: object) -> None:
    """Have Cal.com fail at the next request that fits."""
    order = {"kind": kind, "method": method, "path": path, **how}
    await clinic.at_calcom("POST", "/sandbox/faults", json=order)


async def booking(clinic: Clinic, uid: str) -> Json:
    """A booking as Cal.com shows it."""
    shown: Json = (await clinic.at_calcom("GET", f"/v2/bookings/{uid}"))["data"]
    return shown


async def bookings(clinic: Clinic) -> list[Json]:
    """Every booking that there is."""
    ledger = await clinic.at_calcom("GET", f"/sandbox/ledger?after={sys.maxsize}")  # and no requests, which are many
    found: list[Json] = ledger["bookings"]
    return found


async def requests(clinic: Clinic) -> list[Json]:
    """Every request that the product has sent, in order, but for those of these helpers."""
    ledger = await clinic.at_calcom("GET", "/sandbox/ledger")
    return [each for each in ledger["requests"] if each["headers"].get("user-agent") == "calbridge"]


async def sent(clinic: Clinic, method: str, path: str) -> list[Json]:
    """The bodies of the product's requests to a path."""
    return [each["body"] for each in await requests(clinic) if (each["method"], each["path"]) == (method, path)]


async def event_type(clinic: Clinic, slug: str) -> int:
    """The number of an event type of the demo clinic."""
    headers = {"cal-api-version": "2024-06-14"}
    listed = await clinic.at_calcom("GET", "/v2/event-types", headers=headers)
    return next(int(each["id"]) for each in listed["data"] if each["slug"] == slug)


async def book(clinic: Clinic, start: str, slug: str = "consultation", key: str = DEMO, **attendee: str) -> str:
    """Book past the product, as somebody on the web page; return the uid."""
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London", **attendee}
    body = {"eventTypeId": await event_type(clinic, slug), "start": start, "attendee": who}
    made = await clinic.at_calcom("POST", "/v2/bookings", key, json=body)
    return str(made["data"]["uid"])


async def edit(clinic: Clinic, uid: str, **values: object) -> None:
    """Change a booking as if in Cal.com's database."""
    await clinic.at_calcom("PATCH", f"/sandbox/bookings/{uid}", json=values)


async def host(clinic: Clinic, *, key: str = "cal_sandbox_new", **description: object) -> dict[str, int]:
    """Make a Cal.com user with one event type of 30 minutes; return the numbers of its event types by slug."""
    usual = {"name": "New Host", "username": "new-host", "email": "new@clinic.example", "keys": [key]}
    types = {"event_types": [{"slug": "visit", "minutes": 30}]}
    made = await clinic.at_calcom("POST", "/sandbox/users", json={**usual, **types, **description})
    numbers: dict[str, int] = made["event_types"]
    return numbers


async def offer(clinic: Clinic, **event: object) -> None:
    """Have the agent use a Cal.com user who offers one event type with these properties."""
    await host(clinic, event_types=[{"slug": "visit", "minutes": 30, **event}])
    await use(clinic, "cal_sandbox_new")


async def use(clinic: Clinic, key: str) -> None:
    """Connect a key to the organization, and have the agent use it."""
    account, _ = await clinic.services.connections.connect(clinic.organization.id, api_key=key, name="Second")
    await clinic.services.assignments.link(clinic.organization.id, clinic.agent.id, account.id)


async def series(clinic: Clinic, key: str = "cal_sandbox_new") -> list[Json]:
    """Book three weeks on end from March 25 with a new user; the agent then uses ``key``."""
    (number,) = (await host(clinic, event_types=[{"slug": "weekly", "minutes": 30, "recurring": 3}])).values()
    if key != DEMO:
        await use(clinic, key)
    return list(await _taken(clinic, number))


async def unlisted_group(clinic: Clinic) -> Json:
    """Have the agent use a new user, and book a seat of an event type that Cal.com does not list."""
    (number,) = (await host(clinic, event_types=[{"slug": "class", "minutes": 30, "seats": 5}])).values()
    nothing = {"status": "success", "data": []}
    await fault(clinic, "status", "GET", "/v2/event-types", status=200, body=nothing, times=99)
    await use(clinic, "cal_sandbox_new")
    return dict(await _taken(clinic, number))


async def _taken(clinic: Clinic, number: int) -> Any:  # noqa: ANN401 - a booking, or the list of a series
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
    body = {"eventTypeId": number, "start": "2026-03-25T10:00:00Z", "attendee": who}
    return (await clinic.at_calcom("POST", "/v2/bookings", json=body))["data"]


async def foreign_uid(clinic: Clinic, whose: str) -> str:
    """Return the uid of a booking that is none of the demo account's."""
    if whose == "nobody's":
        return "aBcDeFgHiJkLmNoPqRsTuV"
    (number,) = (await host(clinic)).values()
    email = "owner@clinic.example" if whose == "the user's as a guest" else "stranger@example.com"
    who = {"name": "Somebody", "email": email, "timeZone": "Europe/London"}
    body = {"eventTypeId": number, "start": "2026-03-25T10:00:00Z", "attendee": who}
    made = await clinic.at_calcom("POST", "/v2/bookings", "cal_sandbox_new", json=body)
    return str(made["data"]["uid"])


async def refuse_key(clinic: Clinic, path: str = "*", times: int = 1) -> None:
    """Have Cal.com refuse a key as it does."""
    message = "ApiAuthStrategy - api key - Your api key is expired"
    details = {"message": message, "error": "Unauthorized", "statusCode": 401}
    body = {"status": "error", "error": {"code": "UnauthorizedException", "message": message, "details": details}}
    await fault(clinic, "status", path=path, status=401, body=body, times=times)


def uid_of(answer: httpx.Response) -> str:
    """The appointment that an answer of ``manage`` names."""
    return str(answer.json()["data"]["appointment_id"])
