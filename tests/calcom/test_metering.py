"""Requests to Cal.com are counted by endpoint and outcome, and no label holds an id."""

import asyncio

import httpx
import pytest

from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import CalcomError
from calbridge.calcom.governor import Governor
from calbridge.calcom.wire import CancelBooking
from calbridge.domain.agents import Access
from calbridge.domain.permits import Pace

ACCESS = Access("https://api.cal.com", "cal_live_secret")
UID = "secretUid123"


async def counted(answer: httpx.Response | Exception, *, seconds: float = 0) -> tuple[str, str]:
    """Cancel a booking at a Cal.com that answers like this; return what was counted."""
    told: list[tuple[str, str]] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        assert UID in request.url.path
        await asyncio.sleep(seconds)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
        client = CalcomClient(
            http,
            timeout=0.2,
            governor=Governor(b"k" * 32, Pace.of(10_000)),
            observe_call=lambda endpoint, outcome, took: told.append((endpoint, outcome)) if took >= 0 else None,
        ).set_up(watch=None, urgent=True)
        with pytest.raises(CalcomError):
            await client.cancel_booking(ACCESS, Deadline.after(5), UID, CancelBooking(cancellation_reason="why"))
    (one,) = told
    return one


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "success"), (400, "refused"), (404, "refused"), (429, "throttled"), (500, "failed"), (302, "odd")],
)
async def test_answers_are_counted_by_their_class(status: int, outcome: str) -> None:
    headers = {"x-ratelimit-reset-default": "60"}

    assert await counted(httpx.Response(status, text="x", headers=headers)) == (
        "POST /v2/bookings/{id}/cancel",
        outcome,
    )


@pytest.mark.parametrize(
    ("answer", "seconds", "outcome"),
    [
        (httpx.ReadError("reset"), 0, "no_answer"),
        (httpx.Response(200), 0.4, "no_answer"),
        (httpx.Response(200, content=b"x" * 1_500_000), 0, "odd"),
    ],
    ids=["reset", "late", "huge"],
)
async def test_what_is_no_answer_is_counted_too(
    answer: httpx.Response | Exception, seconds: float, outcome: str
) -> None:
    assert (await counted(answer, seconds=seconds))[1] == outcome
