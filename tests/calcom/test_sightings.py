"""What answers tell besides their bodies: the time at Cal.com, and how much may still be asked."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from tests.calcom.answers import enveloped, success

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.sightings import Sightings, budget_left
from calbridge.domain.agents import Access
from calbridge.domain.errors import KeyRefusedError

NOW = datetime(2026, 11, 20, 6, 22, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"x-ratelimit-limit-default": "120", "x-ratelimit-remaining-default": "30"}, 0.25),
        ({"X-RateLimit-Limit-Default": "120", "X-RateLimit-Remaining-Default": "120"}, 1),
        ({"x-ratelimit-limit": "100", "x-ratelimit-remaining": "50"}, 0.5),
        (
            {
                "x-ratelimit-limit-default": "100",
                "x-ratelimit-remaining-default": "90",
                "x-ratelimit-limit-burst": "10",
                "x-ratelimit-remaining-burst": "1",
            },
            0.1,
        ),
        ({"x-ratelimit-limit-default": "10", "x-ratelimit-remaining-default": "20"}, 1),
        ({"x-ratelimit-limit-default": "0", "x-ratelimit-remaining-default": "0"}, None),
        ({"x-ratelimit-remaining-default": "30"}, None),
        ({"x-ratelimit-limit-default": "120", "x-ratelimit-remaining-default": "few"}, None),
        ({"x-ratelimit-limit-default": "nan", "x-ratelimit-remaining-default": "5"}, None),
        ({"x-ratelimit-limit-default": "120", "x-ratelimit-remaining-default": "-1"}, None),
        ({}, None),
    ],
)
def test_the_part_of_the_limit_that_is_left(headers: dict[str, str], left: float | None) -> None:
    assert budget_left(headers) == left


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        ("Fri, 20 Nov 2026 06:22:49 GMT", timedelta(seconds=1)),
        ("Fri, 20 Nov 2026 06:23:50 GMT", timedelta(minutes=-1)),
        ("Fri, 20 Nov 2026 07:22:50 +0100", timedelta(0)),
        ("Fri, 20 Nov 2026 06:22:50 -0000", timedelta(0)),
        ("yesterday", None),
        ("", None),
        ("Fri, 99 Nov 9999999 06:22:50 GMT", None),
    ],
)
def test_how_far_our_clock_is_ahead(date: str, skew: timedelta | None) -> None:
    sightings = Sightings(lambda: NOW)
    sightings.note({"date": date})
    assert sightings.clock_skew == skew


def test_the_smallest_difference_and_the_latest_budget_count() -> None:
    sightings = Sightings(lambda: NOW)
    assert (sightings.clock_skew, sightings.budget_left) == (None, None)
    for date, remaining in (("06:22:40", "90"), ("06:22:51", "80"), ("06:22:45", "none")):
        headers = {"X-RateLimit-Limit-Default": "100", "X-RateLimit-Remaining-Default": remaining}
        sightings.note({"Date": f"Fri, 20 Nov 2026 {date} GMT", **headers})
    assert sightings.clock_skew == timedelta(seconds=-1)
    assert sightings.budget_left == 0.8


async def test_every_answer_is_seen_errors_too(
    calcom: respx.MockRouter, calendars: Calendars, access: Access, deadline: Deadline
) -> None:
    seen: list[str] = []
    calendar = calendars.open(access, deadline, watch=lambda headers: seen.append(headers["date"]))
    me = {"id": 1, "username": "demo", "timeZone": "Europe/London"}
    refused = enveloped(401, "Invalid API Key", "UnauthorizedException")
    calcom.get("/v2/me").mock(side_effect=[_dated(success(me), "one"), _dated(refused, "two")])

    await calendar.me()
    with pytest.raises(KeyRefusedError):
        await calendar.me()
    calcom.get("/v2/me").mock(success(me))
    await calendars.open(access, deadline).me()

    assert seen == ["one", "two"]


def _dated(answer: httpx.Response, date: str) -> httpx.Response:
    answer.headers["date"] = date
    return answer
