"""``GET /appointments``: which bookings are listed, in which order, and how a row looks."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.api import calcom, owner
from tests.api.bodies import NOT_CONNECTED, Json, error
from tests.api.clinic import Clinic

PATH = "/api/v1/calcom/appointments"
WORDS = "upcoming, recurring, past, cancelled, unconfirmed, accepted, pending, rejected"


async def test_a_list_is_the_documented_object(clinic: Clinic) -> None:
    uid = calcom.uid_of(await clinic.book(phone="+442079460958", timezone="America/New_York"))

    answer = await listed(clinic)

    org = str(clinic.organization.id)
    row = {
        "id": uid,
        "organization_id": org,
        "agent_id": "",
        "attendee_name": "Jane Doe",
        "attendee_email": "jane@example.com",
        "attendee_phone": "+442079460958",
        "attendee_timezone": "America/New_York",
        "start_time": "2026-03-25T14:00:00Z",
        "end_time": "2026-03-25T14:30:00Z",
        "duration_minutes": 30,
        "status": "accepted",
    }
    assert answer == {
        "success": True,
        "message": "Appointments retrieved",
        "data": {"appointments": [row], "count": 1, "org_id": org, "agent_id": ""},
    }


async def test_a_list_can_be_empty(small_clinic: Clinic) -> None:
    answer = await listed(small_clinic)

    org = str(small_clinic.organization.id)
    assert answer["data"] == {"appointments": [], "count": 0, "org_id": org, "agent_id": ""}


async def test_the_agent_is_stamped_on_every_row_and_echoed_and_filters_nothing(small_clinic: Clinic) -> None:
    await small_clinic.book()
    anybody = str(uuid4())

    data = (await listed(small_clinic, agent_id=anybody))["data"]

    assert data["agent_id"] == anybody
    assert [row["agent_id"] for row in data["appointments"]] == [anybody]


async def test_bookings_that_were_made_elsewhere_are_listed_too(small_clinic: Clinic) -> None:
    await calcom.book(small_clinic, "2026-03-25T12:00:00Z", slug="flexible")

    (row,) = (await listed(small_clinic))["data"]["appointments"]
    assert (row["attendee_name"], row["attendee_email"], row["attendee_phone"]) == (
        "Web Walker",
        "web@example.com",
        "",
    )


async def test_bookings_where_the_accounts_user_is_merely_a_guest_are_not_listed(small_clinic: Clinic) -> None:
    await calcom.foreign_uid(small_clinic, "the user's as a guest")

    assert (await listed(small_clinic))["data"]["count"] == 0


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("", ["later", "pending", "soon", "rejected", "moved", "cancelled", "missed", "past"]),
        ("upcoming", ["moved", "soon", "pending", "later"]),
        ("unconfirmed", ["pending"]),
        ("pending", ["pending"]),  # of what lies ahead, as Cal.com's own filter has it
        ("upcoming,unconfirmed", ["moved", "soon", "pending", "later"]),
        ("past", ["missed", "past"]),
        ("cancelled", ["rejected", "original", "cancelled"]),
        ("rejected", ["rejected"]),
        ("accepted", ["later", "soon", "moved", "past"]),
        ("recurring", []),
        ("past,cancelled", ["rejected", "original", "cancelled", "missed", "past"]),
        ("accepted,rejected", ["later", "soon", "rejected", "moved", "past"]),
        (" Past , PENDING,", ["pending", "missed", "past"]),
    ],
)
async def test_every_status_word_keeps_its_rows_in_its_order(
    small_clinic: Clinic, status: str, names: list[str]
) -> None:
    await full_calendar(small_clinic)

    rows = (await listed(small_clinic, status=status))["data"]["appointments"]

    assert [row["attendee_name"] for row in rows] == names


async def test_a_series_is_recurring_and_each_of_it_is_a_row(small_clinic: Clinic) -> None:
    numbers = await calcom.host(
        small_clinic, event_types=[{"slug": "weekly", "minutes": 30, "recurring": 3}], keys=["cal_sandbox_new"]
    )
    await owner.make_primary(small_clinic, "cal_sandbox_new")
    who = {"name": "Web Walker", "email": "web@example.com", "timeZone": "Europe/London"}
    body = {"eventTypeId": numbers["weekly"], "start": "2026-03-25T10:00:00Z", "attendee": who}
    await small_clinic.at_calcom("POST", "/v2/bookings", "cal_sandbox_new", json=body)

    rows = (await listed(small_clinic, status="recurring"))["data"]["appointments"]

    assert [row["start_time"][:10] for row in rows] == ["2026-04-08", "2026-04-01", "2026-03-25"]


@pytest.mark.parametrize("status", ["booked", "upcoming,booked", "all", "accepted past", "-"])
async def test_any_other_status_is_refused(small_clinic: Clinic, status: str) -> None:
    answer = await listed(small_clinic, 400, status=status)

    assert answer == error("INVALID_REQUEST", f"status must be among {WORDS}")


async def test_a_limit_is_fifty_unless_it_is_a_number_from_one_to_two_hundred(crowded: Clinic) -> None:
    limits = {"1": 1, "2": 2, "55": 55, "200": 60, "0": 50, "-1": 50, "201": 50, "9" * 20: 50}

    for limit, count in limits.items():
        data = (await listed(crowded, limit=limit))["data"]
        assert data["count"] == len(data["appointments"]) == count
    assert (await listed(crowded))["data"]["count"] == 50


@pytest.mark.parametrize("limit", ["many", "1.5", "", "null"])
async def test_a_limit_that_is_no_number_is_refused(small_clinic: Clinic, limit: str) -> None:
    answer = await listed(small_clinic, 400, limit=limit)

    assert answer == error("INVALID_REQUEST", "limit must be a whole number")


async def test_pages_are_turned_until_enough_rows_are_kept(crowded: Clinic) -> None:
    before = len(await calcom.requests(crowded))

    rows = (await listed(crowded, status="accepted", limit=2))["data"]["appointments"]

    asked = (await calcom.requests(crowded))[before:]
    pages = [each["query"] for each in asked if each["path"] == "/v2/bookings"]
    assert [row["status"] for row in rows] == ["accepted", "accepted"]
    assert len(pages) > 5
    assert len({row["id"] for row in rows}) == 2


async def test_pages_are_turned_no_further_than_wanted(crowded: Clinic) -> None:
    before = len(await calcom.requests(crowded))

    await listed(crowded, limit=20)

    assert len([each for each in (await calcom.requests(crowded))[before:] if each["path"] == "/v2/bookings"]) == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"agent_id": "the agent"}, "agent_id must be a UUID"),
        ({"org_id": "the clinic"}, "org_id must be a UUID"),
        ({"org_id": ""}, "org_id must be a UUID"),
    ],
)
async def test_ids_that_are_none_are_refused(small_clinic: Clinic, query: dict[str, str], message: str) -> None:
    assert await listed(small_clinic, 400, **query) == error("INVALID_REQUEST", message)


async def test_the_organization_must_be_named(small_clinic: Clinic) -> None:
    async with small_clinic.authorized() as client:
        answer = await client.get(PATH)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", "org_id is required")


async def test_an_empty_agent_is_none(small_clinic: Clinic) -> None:
    assert (await listed(small_clinic, agent_id=""))["data"]["agent_id"] == ""


async def test_without_any_account_nothing_is_connected(small_clinic: Clinic) -> None:
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, None)

    assert await listed(small_clinic, 400) == error("NOT_CONNECTED", NOT_CONNECTED)


@pytest.mark.parametrize(
    ("kind", "how", "message"),
    [
        ("status", {"status": 500}, "Cal.com did not answer as expected."),
        ("malformed", {}, "Cal.com did not answer as expected."),
        ("drop", {}, "Cal.com could not be reached."),
    ],
)
async def test_a_calcom_that_fails_is_502(small_clinic: Clinic, kind: str, how: Json, message: str) -> None:
    await calcom.fault(small_clinic, kind, "GET", "/v2/bookings", times=3, **how)

    assert await listed(small_clinic, 502) == error("CALCOM_API_ERROR", message)


async def test_a_refused_key_is_502_and_the_account_is_out_of_use(small_clinic: Clinic) -> None:
    await calcom.refuse_key(small_clinic)

    refused = error("CALCOM_API_ERROR", "Cal.com refused the API key of this account.")
    assert await listed(small_clinic, 502) == refused
    assert await listed(small_clinic, 400) == error("NOT_CONNECTED", NOT_CONNECTED)


async def test_too_many_requests_at_calcom_are_told_with_the_time_to_wait(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "throttle", "GET", "/v2/bookings", headers={"X-RateLimit-Reset-Default": "42"})

    async with small_clinic.authorized() as client:
        answer = await client.get(PATH, params={"org_id": str(small_clinic.organization.id)})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "42")
    assert answer.json() == error("RATE_LIMITED", "Too many requests. Please try again later.")


@pytest.fixture
async def crowded(small_clinic: Clinic) -> Clinic:
    """A clinic with sixty bookings, of which every twentieth is confirmed."""
    await small_clinic.at_calcom("POST", "/sandbox/settings", json={"race_window_ms": 0, "limits": {calcom.DEMO: 9999}})
    number = await calcom.event_type(small_clinic, "phone-only")
    who = {"name": "Somebody", "phoneNumber": "+442079460958", "timeZone": "Europe/London"}
    for n in range(60):
        start = f"2026-03-{23 + n // 30}T{9 + n % 30 // 4:02}:{n % 30 % 4 * 15:02}:00Z"
        body = {"eventTypeId": number, "start": start, "attendee": who}
        made = await small_clinic.at_calcom("POST", "/v2/bookings", json=body)
        if n % 20:
            await calcom.edit(small_clinic, made["data"]["uid"], status="pending")
    return small_clinic


async def full_calendar(clinic: Clinic) -> None:
    """Fill a calendar with one booking of every kind; each is under the name of its kind."""
    await calcom.book(clinic, "2026-03-20T10:00:00Z", name="past")
    missed = await calcom.book(clinic, "2026-03-20T11:00:00Z", name="missed")
    clinic.clock.advance(timedelta(days=3))
    await calcom.edit(clinic, missed, status="pending")
    cancelled = await calcom.book(clinic, "2026-03-24T09:00:00Z", name="cancelled")
    await calcom.edit(clinic, cancelled, status="cancelled")
    original = await calcom.book(clinic, "2026-03-24T12:00:00Z", name="original")
    made = await clinic.at_calcom("POST", f"/v2/bookings/{original}/reschedule", json={"start": "2026-03-25T09:00:00Z"})
    clinic.sandbox.state.world.bookings[made["data"]["uid"]].attendees[0].name = "moved"
    rejected = await calcom.book(clinic, "2026-03-25T10:00:00Z", name="rejected")
    await calcom.edit(clinic, rejected, status="rejected")
    await calcom.book(clinic, "2026-03-25T11:00:00Z", name="soon")
    pending = await calcom.book(clinic, "2026-03-26T10:00:00Z", name="pending")
    await calcom.edit(clinic, pending, status="pending")
    await calcom.book(clinic, "2026-04-10T10:00:00Z", name="later")


async def listed(clinic: Clinic, status_code: int = 200, **query: Any) -> Json:  # noqa: ANN401 - any parameter
    """Ask for the list as the organization; return the whole body."""
    async with clinic.authorized() as client:
        answer = await client.get(PATH, params={"org_id": str(clinic.organization.id), **query})
    assert answer.status_code == status_code, answer.text
    body: Json = answer.json()
    return body
