"""Cal.com answers a booking badly or not at all: it is made once, or not at all, and its caller hears which."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.engine.practice import Practice
from tests.engine.stage import Stage

# What becomes of the answer to a POST: kind of fault, and how it is ordered.
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "closed": ("drop", {}),
    "reset": ("drop", {"reset": True}),
    "cut off": ("cut", {}),
    "reset in the middle": ("cut", {"reset": True}),
    "500": ("status", {"status": 500}),
    "502": ("status", {"status": 502}),
    "503": ("status", {"status": 503}),
    "504": ("status", {"status": 504}),
    "an HTML page as 502": ("html", {}),
    "an HTML page as 201": ("html", {"status": 201}),
    "half a JSON": ("malformed", {"status": 201}),
    "empty": ("empty", {"status": 201}),
    "null": ("status", {"status": 201, "body": "null"}),
    "an array": ("status", {"status": 201, "body": "[]"}),
    "without a uid": ("status", {"status": 201, "body": {"status": "success", "data": {}}}),
    "more than a MiB": ("huge", {"status": 201, "size": 1_500_000}),
    "a byte a second": ("slow", {"bytes_per_second": 1}),
    "a redirect": ("redirect", {}),
    "too late": ("delay", {"seconds": 30}),
}
# Those that a POST can meet without having had its effect. A "delay" always comes to its effect.
WITHOUT_EFFECT = [name for name in FAULTS if name != "too late"] + ["never"]
FAULTS["never"] = ("drop", {"seconds": 30})
# In process all are tried each time (tests/api/test_manage_faults.py), over real sockets those that sockets make.
ON_SOCKETS = frozenset(
    {
        "closed",
        "reset",
        "cut off",
        "reset in the middle",
        "a byte a second",
        "more than a MiB",
        "too late",
        "500",
        "half a JSON",
        "never",
    }
)
HURRY: dict[str, Any] = {"deadline_ms": 800}
PATIENCE = timedelta(seconds=10)
# What Cal.com, or a proxy in front of it, says of when to come again; and whether a caller can wait for it.
THROTTLES: dict[str, tuple[dict[str, str], bool]] = {
    "in a second": ({"X-RateLimit-Reset-Default": "1"}, True),
    "another limit": ({"x-ratelimit-reset-burst": "1"}, True),
    "the latest of two": ({"X-RateLimit-Reset-Default": "1", "X-RateLimit-Reset-Long": "42"}, False),
    "by Retry-After": ({"Retry-After": "1"}, True),
    "too long": ({"X-RateLimit-Reset-Default": "42"}, False),
    "for ever": ({"X-RateLimit-Reset-Default": "86400"}, False),
    "in no number": ({"X-RateLimit-Reset-Default": "soon"}, False),
    "not at all": ({}, False),
}
KEY_REFUSED = "ApiAuthStrategy - api key - Your api key is expired"


def each(names: Iterable[str]) -> list[Any]:
    """Try each fault; those that in-process tests try as well only at full length."""
    return [name if name in ON_SOCKETS else pytest.param(name, marks=pytest.mark.long) for name in names]


@pytest.mark.parametrize("fault", each(name for name in FAULTS if name != "never"))
async def test_a_booking_whose_answer_is_lost_is_made_once_and_told(
    small_practice: Practice[Stage], fault: str
) -> None:
    kind, how = FAULTS[fault]
    jane = small_practice.booking()
    await small_practice.strike(kind, **{**how, "when": "after"})

    first = await small_practice.ask(jane, **HURRY)
    final = await small_practice.insist(jane)

    assert first.succeeded or first.asks == "verify", first.body
    assert final.succeeded
    assert len(await small_practice.requests()) == 1
    await small_practice.verify(patience=PATIENCE)


@pytest.mark.parametrize("fault", each(WITHOUT_EFFECT))
async def test_a_booking_that_never_came_about_is_unknown_until_that_is_certain(
    small_practice: Practice[Stage], fault: str
) -> None:
    kind, how = FAULTS[fault]
    jane = small_practice.booking()
    await small_practice.strike(kind, **{**how, "when": "before"})

    first = await small_practice.ask(jane, **HURRY)
    at_once = await small_practice.ask(jane, **HURRY)
    sent_by_then = len(await small_practice.requests())
    final = await small_practice.insist(jane)

    assert (first.asks, at_once.asks) == ("verify", "verify")
    assert sent_by_then == 1
    assert final.succeeded
    assert len(await small_practice.requests()) == 2
    await small_practice.verify(patience=PATIENCE)


async def test_what_is_lost_is_found_on_each_kind_of_database(practice: Practice[Stage]) -> None:
    jane, bob = practice.booking(0), practice.booking(1)
    await practice.strike("drop", when="after")
    found = await practice.insist(jane)
    await practice.strike("drop", when="before")
    unknown = await practice.ask(bob)
    made = await practice.insist(bob)

    assert (found.succeeded, unknown.asks, made.succeeded) == (True, "verify", True)
    assert len(await practice.requests()) == 3
    await practice.verify(patience=PATIENCE)


async def test_a_booking_that_is_made_after_its_caller_was_answered_is_found(practice: Practice[Stage]) -> None:
    jane = practice.booking()
    await practice.strike("delay", when="before", seconds=2.5)

    first = await practice.ask(jane, **HURRY)
    while not (await practice.history()).bookings:  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.05)
    final = await practice.insist(jane)

    assert first.asks == "verify"
    assert final.succeeded
    assert len(await practice.requests()) == 1
    await practice.verify(patience=PATIENCE)


async def test_a_connection_that_turns_out_to_be_stale_is_no_reason_to_book_twice(
    small_practice: Practice[Stage],
) -> None:
    first, second = small_practice.booking(0), small_practice.booking(1)
    warm = await small_practice.ask(first)
    await small_practice.strike("drop", when="before")

    unknown = await small_practice.ask(second)
    final = await small_practice.insist(second)

    assert (warm.succeeded, unknown.asks, final.succeeded) == (True, "verify", True)
    assert len(await small_practice.requests()) == 3
    await small_practice.verify()


@pytest.mark.parametrize("case", THROTTLES)
async def test_too_many_requests_mean_that_nothing_was_done(small_practice: Practice[Stage], case: str) -> None:
    headers, waits = THROTTLES[case]
    jane = small_practice.booking()
    await small_practice.strike("throttle", headers=headers)

    heard = await small_practice.ask(jane)
    again = await small_practice.ask(jane) if not waits else heard

    if waits:
        assert heard.succeeded, heard.body
        assert len(await small_practice.requests()) == 2
    else:
        assert (heard.status, heard.code) == (429, "RATE_LIMITED")
        assert heard.retry_after is not None
        assert 1 <= heard.retry_after <= 60
        assert again.status == 429  # the account is left alone meanwhile
        assert len(await small_practice.requests()) == 1
    await small_practice.verify(patience=PATIENCE)


async def test_a_key_that_is_refused_is_told_plainly_and_not_tried_again(small_practice: Practice[Stage]) -> None:
    jane = small_practice.booking()
    error = {"code": "UnauthorizedException", "message": KEY_REFUSED, "details": {"message": KEY_REFUSED}}
    await small_practice.strike("status", status=401, body={"status": "error", "error": error})

    heard = await small_practice.ask(jane)
    status = await small_practice.http.get(
        f"{small_practice.stage.servers[0].url}/api/v1/calcom/agents/{small_practice.agent_id}/info",
        headers={"Authorization": f"Bearer {small_practice.token}"},
    )

    assert (heard.status, heard.code) == (502, "CALCOM_API_ERROR")
    assert status.json()["data"]["status"] == "needs_reauth"
    assert len(await small_practice.requests()) == 1
    assert (await small_practice.history()).bookings == ()
    await small_practice.verify()


async def test_a_late_answer_keeps_nobody_beyond_the_deadline(small_practice: Practice[Stage]) -> None:
    jane = small_practice.booking()
    await small_practice.strike("delay", "*", "*", times=50, seconds=5, when="after")

    began = datetime.now(UTC)
    heard = await small_practice.ask(jane, **HURRY)

    assert heard.status == httpx.codes.ACCEPTED
    assert datetime.now(UTC) - began < timedelta(seconds=4)
    await small_practice.at_calcom("DELETE", "/faults")
    assert (await small_practice.insist(jane)).succeeded
    await small_practice.verify()
