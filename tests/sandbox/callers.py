"""Who calls the sandbox in these tests, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

VERSIONS = {"bookings": "2024-08-13", "slots": "2024-09-04", "event-types": "2024-06-14", "schedules": "2024-06-11"}


class Clock:
    """Gives the time it was set to: at first a Friday, three hours before the clinic opens."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


class Caller:
    """Calls a sandbox as a user with a key, with the version header that belongs to each resource."""

    def __init__(self, http: httpx.AsyncClient, key: str | None = "cal_sandbox_demo") -> None:
        self.http, self.key = http, key

    def as_(self, key: str | None) -> "Caller":
        """Call with another key, or none."""
        return Caller(self.http, key)

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        version: str | None = "",
        **query: Any,  # noqa: ANN401 - whatever a query may hold
    ) -> httpx.Response:
        """Call, and give the answer; without a version, none is sent."""
        resource = path.strip("/").split("/")[0]
        version = VERSIONS.get(resource) if version == "" else version
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"cal-api-version": version} if version else {}
        params = {name: str(value) for name, value in query.items()}
        return await self.http.request(method, f"/v2{path}", json=body, params=params, headers=headers)

    async def data(self, method: str, path: str, body: object = None, **query: Any) -> Any:  # noqa: ANN401 - JSON
        """Call, and give the data of a success."""
        answer = await self(method, path, body, **query)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def book(self, start: str = "2026-11-24T10:00:00Z", event_type: int = 1, **changes: Any) -> Any:  # noqa: ANN401
        """Book something, and give the booking."""
        return await self.data("POST", "/bookings", wish(start, event_type, **changes))

    async def starts(self, day: str = "2026-11-24", event_type: int = 1, **query: Any) -> list[str]:  # noqa: ANN401
        """Give the free times of a UTC day, without the date."""
        found = await self.data("GET", "/slots", **{"eventTypeId": event_type, "start": day, "end": day} | query)
        return [slot["start"][11:16] for slots in found.values() for slot in slots]

    async def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Use a control endpoint."""
        answer = await self.http.request(method, f"/sandbox{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()


def wish(start: str = "2026-11-24T10:00:00Z", event_type: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Make the body of a booking."""
    jane = {"name": "Jane Doe", "email": "jane@example.com", "timeZone": "Europe/London"}
    return {"start": start, "eventTypeId": event_type, "attendee": jane} | changes


def message(answer: httpx.Response) -> str:
    """Give the text of an error, wherever it stands."""
    body = answer.json()
    return str(body["error"]["message"] if "error" in body else body["message"])
