"""Subscriptions and signed deliveries."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock

from calbridge.sandbox.app import create_app

TRIGGERS = ["BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REQUESTED", "BOOKING_REJECTED"]
HOOK = {"subscriberUrl": "https://hooks.example/1", "active": True, "triggers": TRIGGERS, "secret": "s3cret"}


class Mailbox:
    """Takes deliveries."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take one, unless the listener is down."""
        if request.url.host == "down.example":
            raise httpx.ConnectError("down")
        self.requests.append(request)
        return httpx.Response(200)

    def bodies(self) -> list[dict[str, Any]]:
        """Give what was delivered."""
        return [json.loads(request.content) for request in self.requests]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def app(clock: Clock, mailbox: Mailbox) -> AsyncIterator[Starlette]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(mailbox)) as client:
        yield create_app(clock=clock, deliver=client)


async def test_every_change_is_told_to_the_host_once_and_signed(call: Caller, app: Starlette, mailbox: Mailbox) -> None:
    await call.data("POST", "/webhooks", HOOK)
    first = await call.book()
    body = {"start": "2026-11-25T10:00:00Z", "reschedulingReason": "later"}
    second = await call.data("POST", f"/bookings/{first['uid']}/reschedule", body)
    await call.data("POST", f"/bookings/{second['uid']}/cancel", {"cancellationReason": "x"})
    asked = await call.book(event_type=3)
    await call.data("POST", f"/bookings/{asked['uid']}/decline", {"reason": "no"})
    await app.state.deliveries.settle()
    told = {each["triggerEvent"]: each["payload"] for each in mailbox.bodies()}
    assert sorted(told) == sorted(TRIGGERS)
    assert len(mailbox.requests) == 5
    assert told["BOOKING_RESCHEDULED"]["rescheduleUid"] == first["uid"]
    assert told["BOOKING_RESCHEDULED"]["rescheduleStartTime"] == "2026-11-24T10:00:00Z"
    assert told["BOOKING_CANCELLED"]["iCalSequence"] == 2
    assert told["BOOKING_REJECTED"]["rejectionReason"] == "no"
    assert told["BOOKING_REQUESTED"]["status"] == "PENDING"
    for request in mailbox.requests:
        expected = hmac.new(b"s3cret", request.content, hashlib.sha256).hexdigest()
        assert request.headers["X-Cal-Signature-256"] == expected
        assert request.headers["X-Cal-Webhook-Version"] == "2021-10-20"


async def test_confirming_tells_that_a_booking_was_created(call: Caller, app: Starlette, mailbox: Mailbox) -> None:
    await call.data("POST", "/webhooks", {**HOOK, "secret": None})
    asked = await call.book(event_type=3)
    await call.data("POST", f"/bookings/{asked['uid']}/confirm")
    await app.state.deliveries.settle()
    assert sorted(each["triggerEvent"] for each in mailbox.bodies()) == ["BOOKING_CREATED", "BOOKING_REQUESTED"]
    assert mailbox.requests[0].headers["X-Cal-Signature-256"] == "no-secret-provided"


async def test_nobody_else_is_told_and_a_dead_listener_does_not_matter(
    call: Caller, app: Starlette, mailbox: Mailbox
) -> None:
    await call.as_("cal_sandbox_other").data("POST", "/webhooks", HOOK)
    await call.data("POST", "/webhooks", {**HOOK, "active": False})
    await call.data("POST", "/webhooks", {**HOOK, "triggers": ["BOOKING_CANCELLED"]})
    await call.data("POST", "/webhooks", {**HOOK, "subscriberUrl": "https://down.example/"})
    await call.book()
    await app.state.deliveries.settle()
    assert mailbox.requests == []
    told = (await call.control("GET", "/ledger"))["deliveries"]
    assert [(each["trigger"], each["answer"]) for each in told] == [("BOOKING_CREATED", "ConnectError")]


async def test_subscriptions_are_listed_and_deleted_by_their_owner(call: Caller) -> None:
    made = await call.data("POST", "/webhooks", HOOK)
    assert await call.data("GET", "/webhooks") == [made]
    other = call.as_("cal_sandbox_other")
    assert await other.data("GET", "/webhooks") == []
    assert (await other("DELETE", f"/webhooks/{made['id']}")).status_code == 404
    assert (await call("DELETE", f"/webhooks/{made['id']}")).status_code == 200
    assert await call.data("GET", "/webhooks") == []
    answer = await call("POST", "/webhooks", {"subscriberUrl": 1, "active": True})
    assert [each["property"] for each in answer.json()["error"]["details"]["errors"]] == ["subscriberUrl", "triggers"]


async def test_its_own_client_is_made_when_needed_and_closed_at_the_end(clock: Clock) -> None:
    app = create_app(clock=clock)
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as http:
            call = Caller(http)
            await call.data("POST", "/webhooks", {**HOOK, "subscriberUrl": "http://127.0.0.1:1/"})
            await call.book()
        await app.state.deliveries.settle()
        assert app.state.deliveries.client is not None
    assert app.state.deliveries.client is None
    assert app.state.deliveries.log[0].answer == "ConnectError"
