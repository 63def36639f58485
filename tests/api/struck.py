"""Cal.com as one key alone finds it: the sandbox's faults strike whoever comes next."""

import asyncio
from collections.abc import Mapping

import pytest

from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import CalcomError, Evidence, NoAnswerError, ThrottledError
from calbridge.calcom.wire import BookingPage
from calbridge.domain.agents import Access

AWAY = NoAnswerError()
THROTTLED = ThrottledError(Evidence(429), retry_after=42)


def strike(
    monkeypatch: pytest.MonkeyPatch,
    keys: Mapping[str, CalcomError],
    *,
    hangs: bool = False,
    at_once: int = 99,
) -> list[tuple[str, float]]:
    """Have the look for bookings fail under these keys; return who is asked, and how many seconds each is given.

    No more than ``at_once`` may be asked at the same time.
    """
    usual = CalcomClient.list_bookings
    asked: list[tuple[str, float]] = []
    waiting: list[str] = []

    async def list_bookings(
        self: CalcomClient, access: Access, deadline: Deadline, query: Mapping[str, str]
    ) -> BookingPage:
        asked.append((access.api_key, deadline.remaining))
        if access.api_key in keys:
            waiting.append(access.api_key)
            assert len(waiting) <= at_once
            await asyncio.sleep(deadline.remaining if hangs else 0.01)
            waiting.remove(access.api_key)
            raise keys[access.api_key]
        return await usual(self, access, deadline, query)

    monkeypatch.setattr(CalcomClient, "list_bookings", list_bookings)
    return asked
