"""GET /v2/bookings."""

from typing import Any

import pytest
from tests.sandbox.callers import Caller, Clock


@pytest.fixture
async def named(call: Caller, clock: Clock) -> dict[str, str]:
    """Make five bookings on one day; give their names by uid."""
    made = {}
    for hour, name in ((9, "gone"), (10, "one"), (11, "two"), (12, "moved")):
        attendee = {"name": name, "email": f"{name}@example.com", "timeZone": "Europe/London"}
        made[name] = (await call.book(f"2026-11-24T{hour:02}:00:00Z", attendee=attendee))["uid"]
        clock.advance(minutes=1)
    made["pending"] = (await call.book("2026-11-24T15:00:00Z", event_type=3))["uid"]
    await call.data("POST", f"/bookings/{made['gone']}/cancel", {"cancellationReason": "x"})
    clock.advance(minutes=1)
    body = {"start": "2026-11-24T13:00:00Z"}
    made["new"] = (await call.data("POST", f"/bookings/{made['moved']}/reschedule", body))["uid"]
    return {uid: name for name, uid in made.items()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "gone one two moved new pending"),
        ({"status": "upcoming"}, "one two new pending"),
        ({"status": "unconfirmed"}, "pending"),
        ({"status": "cancelled"}, "moved gone"),
        ({"status": "past"}, ""),
        ({"status": "recurring"}, ""),
        ({"status": "upcoming,cancelled"}, "gone one two moved new pending"),
        ({"attendeeEmail": "one@example.com"}, "one"),
        ({"attendeeEmail": "ONE@example.com"}, ""),
        ({"attendeeName": "moved"}, "moved new"),
        ({"eventTypeId": 3}, "pending"),
        ({"eventTypeIds": "3,4"}, "pending"),
        ({"teamId": 1}, ""),
        ({"afterStart": "2026-11-24T11:00:00Z", "beforeEnd": "2026-11-24T13:30:00Z"}, "two moved new"),
        ({"sortStart": "desc", "status": "upcoming"}, "pending new two one"),
        ({"sortCreated": "asc", "status": "upcoming"}, "one two pending new"),
        ({"sortUpdatedAt": "desc", "take": 1, "status": "cancelled"}, "moved"),
        ({"afterCreatedAt": "2026-11-20T06:04:00Z"}, "new pending"),
        ({"skip": 1, "take": 2}, "one two"),
    ],
)
async def test_filters_and_order(call: Caller, named: dict[str, str], query: dict[str, Any], names: str) -> None:
    found = await call.data("GET", "/bookings", **query)
    assert [named[each["uid"]] for each in found] == names.split()


async def test_bookings_that_are_over_are_past(call: Caller, named: dict[str, str], clock: Clock) -> None:
    clock.advance(days=10)
    assert [named[each["uid"]] for each in await call.data("GET", "/bookings", status="past")] == [
        "pending",
        "new",
        "two",
        "one",
    ]
    assert await call.data("GET", "/bookings", status="upcoming") == []


async def test_pages_are_counted(call: Caller, named: dict[str, str]) -> None:
    assert named
    page = (await call("GET", "/bookings", skip=2, take=2)).json()["pagination"]
    assert page == {
        "returnedItems": 2,
        "totalItems": 6,
        "itemsPerPage": 2,
        "remainingItems": 2,
        "currentPage": 2,
        "totalPages": 3,
        "hasNextPage": True,
        "hasPreviousPage": True,
    }
    blind = (await call("GET", "/bookings", afterUpdatedAt="2027-01-01T00:00:00Z")).json()["pagination"]
    assert (blind["returnedItems"], blind["totalItems"]) == (0, 6)


async def test_a_user_sees_what_they_host_or_attend(call: Caller, named: dict[str, str]) -> None:
    other = call.as_("cal_sandbox_other")
    assert await other.data("GET", "/bookings", bookingUid=next(iter(named))) == []
    attendee = {"name": "Other", "email": "other@clinic.example", "timeZone": "Europe/London"}
    invited = await call.book("2026-11-25T10:00:00Z", attendee=attendee)
    assert [each["uid"] for each in await other.data("GET", "/bookings")] == [invited["uid"]]


@pytest.mark.parametrize(
    ("query", "constraint"),
    [
        ({"take": 251}, {"max": "take must not be greater than 250"}),
        ({"take": 0}, {"min": "take must not be less than 1"}),
        ({"skip": -1}, {"min": "skip must not be less than 0"}),
        ({"take": "x"}, {"isNumber": "take must be a number conforming to the specified constraints"}),
        ({"status": "x"}, {"isEnum": "Invalid status. Allowed are upcoming, recurring, past, cancelled, unconfirmed"}),
        ({"sortStart": "up"}, {"isEnum": 'sortStart must be either "asc" or "desc".'}),
        ({"afterStart": "x"}, {"isISO8601": "afterStart must be a valid ISO 8601 date string"}),
        ({"foo": 1}, {"whitelistValidation": "property foo should not exist"}),
    ],
)
async def test_bad_parameters_are_refused(call: Caller, query: dict[str, Any], constraint: dict[str, str]) -> None:
    answer = await call("GET", "/bookings", **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["errors"][0]["constraints"] == constraint
