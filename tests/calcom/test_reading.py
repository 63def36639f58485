"""The calendar's reading side: the user, open times, bookings, webhooks."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx
from tests.calcom.answers import Json, attendee, booking, enveloped, kind, page, raw, success, throttled

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Host, Webhook
from calbridge.domain.appointments import Attendee, BookingQuery
from calbridge.domain.errors import (
    BookingRefusedError,
    CalendarError,
    CalendarUnreachableError,
    KeyRefusedError,
    RateLimitedError,
    Refusal,
)
from calbridge.domain.times import Window

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("_at_once")


def slots(*starts: str) -> httpx.Response:
    days: dict[str, list[dict[str, str]]] = {}
    for start in starts:
        days.setdefault(start[:10], []).append({"start": start})
    return success(days)


async def test_the_user_behind_the_key(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/me").mock(
        success(
            {
                "id": 1,
                "email": "owner@clinic.example",
                "name": "Demo Clinic",
                "avatarUrl": None,
                "bio": None,
                "timeFormat": 12,
                "weekStart": "Sunday",
                "timeZone": "Europe/London",
                "username": "demo-clinic",
                "organizationId": None,
            }
        )
    )
    assert await calendar.me() == Host(1, "demo-clinic", "Demo Clinic", "owner@clinic.example", "Europe/London")


async def test_open_times_are_in_utc_sorted_single_and_inside(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/slots").mock(
        slots(
            "2026-11-25T09:00:00.000Z",  # outside: the window ends there
            "2026-11-24T10:00:00.000Z",
            "2026-11-24T11:00:00.000+02:00",
            "2026-11-24T09:00:00.000Z",
            "2026-11-24T08:30:00.000Z",
        )
    )
    found = await calendar.open_slots(kind(), Window(NINE, NINE + timedelta(days=1)))
    assert found == (NINE, NINE + timedelta(hours=1))
    assert {start.tzinfo for start in found} == {UTC}


@pytest.mark.parametrize(
    "data",
    [
        [],
        "none",
        {"2026-11-24": None},
        {"2026-11-24": ["2026-11-24T09:00:00.000Z"]},
        {"2026-11-24": [{}]},
        {"2026-11-24": [{"start": 9}]},
        {"2026-11-24": [{"start": "nine"}]},
        {"2026-11-24": [{"start": "0001-01-01T00:00:00+14:00"}]},
    ],
    ids=str,
)
async def test_open_times_that_make_no_sense(calcom: respx.MockRouter, calendar: Calendar, data: object) -> None:
    calcom.get("/v2/slots").mock(success(data))
    with pytest.raises(CalendarError):
        await calendar.open_slots(kind(), Window(NINE, NINE + timedelta(days=1)))


async def test_no_open_time(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/slots").mock(success({}))
    assert await calendar.open_slots(kind(), Window(NINE, NINE + timedelta(days=1))) == ()


async def test_an_empty_window_needs_no_call(calcom: respx.MockRouter, calendar: Calendar) -> None:
    assert await calendar.open_slots(kind(), Window(NINE, NINE)) == ()
    assert not calcom.calls


@pytest.mark.parametrize(
    ("end", "minutes", "asked"),
    [
        (NINE + timedelta(minutes=1), 30, "2026-11-24T09:31:00Z"),  # a start inside that is over after the window
        (NINE + timedelta(seconds=1, microseconds=1), 30, "2026-11-24T09:30:02Z"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), 30, "2026-11-24T23:59:59Z"),  # midnight would mean a day more
        (datetime(2026, 11, 25, tzinfo=UTC), 1440, "2026-11-25T23:59:59Z"),
        (datetime.fromisoformat("2026-11-25T05:00:00+05:30"), 30, "2026-11-24T23:59:59Z"),
    ],
)
async def test_what_is_asked_for(
    calcom: respx.MockRouter, calendar: Calendar, end: datetime, minutes: int, asked: str
) -> None:
    route = calcom.get("/v2/slots").mock(success({}))
    start = datetime.fromisoformat("2026-11-24T14:30:00.25+05:30")
    await calendar.open_slots(kind(id=7, minutes=minutes), Window(start, end), moving="u1")
    assert dict(route.calls.last.request.url.params) == {
        "eventTypeId": "7",
        "start": "2026-11-24T09:00:00Z",
        "end": asked,
        "bookingUidToReschedule": "u1",
    }


async def test_open_times_of_an_event_type_that_is_gone(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/slots").mock(enveloped(404, "Event Type not found", "NotFoundException"))
    with pytest.raises(BookingRefusedError) as caught:
        await calendar.open_slots(kind(), Window(NINE, NINE + timedelta(days=1)))
    assert caught.value.refusal is Refusal.UNKNOWN_EVENT_TYPE


async def test_a_booking_in_full(calcom: respx.MockRouter, calendar: Calendar) -> None:
    guest = attendee(name="", email="guest@example.com")
    calcom.get("/v2/bookings").mock(
        page(
            booking(
                uid="new",
                status="PENDING",
                attendees=[attendee(phoneNumber="+442079460958"), guest],
                metadata={"cb_intent": "abc", "attempt": 2, "test": True, "nested": {"x": 1}, "none": None},
                rescheduledFromUid="old",
                rescheduledToUid="newer",
                recurringBookingUid="series",
            )
        )
    )
    found = await calendar.own_booking("new")
    assert found is not None
    assert (found.uid, found.status, found.is_pending, found.title) == (
        "new",
        "pending",
        True,
        "Consultation between Demo Clinic and Jane Doe",
    )
    assert (found.start, found.duration) == (datetime(2026, 12, 1, 9, tzinfo=UTC), timedelta(minutes=30))
    assert (found.event_type_id, found.host_ids, found.host_emails, found.host_name) == (
        1,
        (1,),
        ("owner@clinic.example",),
        "Demo Clinic",
    )
    assert found.attendee == Attendee("Jane Doe", "jane@example.com", "+442079460958", "Europe/London")
    assert found.location == "1 High Street, London"
    assert found.metadata == {"cb_intent": "abc", "attempt": "2", "test": "true"}
    assert (found.rescheduled_from, found.rescheduled_to, found.series) == ("old", "newer", "series")
    assert (found.recurring, found.is_series, found.seated) == (True, False, False)
    assert found.created_at == datetime(2026, 11, 20, 6, 21, 47, 875_000, UTC)


@pytest.mark.parametrize("seats", [{"attendees": [attendee(seatUid="s1")]}, {"attendees": [], "seatUid": "s1"}])
async def test_a_booking_that_several_share(calcom: respx.MockRouter, calendar: Calendar, seats: Json) -> None:
    calcom.get("/v2/bookings").mock(page(booking(uid="new", **seats)))
    found = await calendar.own_booking("new")
    assert found is not None
    assert found.seated


async def test_a_series_is_told_as_its_next_booking_under_its_own_uid(
    calcom: respx.MockRouter, calendar: Calendar
) -> None:
    others = booking(uid="u1"), booking(uid="u2", recurringBookingUid="another")
    route = calcom.get("/v2/bookings").mock(
        page(*others, booking(uid="u3", recurringBookingUid="series"), booking(uid="u4", recurringBookingUid="series"))
    )
    found = await calendar.own_series("series")
    assert found is not None
    assert (found.uid, found.is_series) == ("series", True)
    assert await calendar.own_series("u1") is None
    assert dict(route.calls[0].request.url.params) == {"status": "recurring", "take": "250", "skip": "0"}


async def test_a_booking_with_nothing_but_the_necessary(calcom: respx.MockRouter, calendar: Calendar) -> None:
    bare = {"id": 5, "uid": "u5", "status": "accepted", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T09:30:00Z"}
    calcom.get("/v2/bookings").mock(page(bare))
    found = await calendar.own_booking("u5")
    assert found is not None
    assert (found.title, found.event_type_id, found.host_ids, found.location) == ("", None, (), "")
    assert found.attendee == Attendee("", "", "", "")
    assert (found.metadata, found.created_at, found.rescheduled_to) == ({}, None, None)


async def test_times_without_a_zone_are_utc(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/bookings").mock(
        page(booking(uid="u", start="2026-12-01T09:00:00", end="2026-12-01T10:30:00+01:00"))
    )
    found = await calendar.own_booking("u")
    assert found is not None
    assert (found.start, found.duration) == (datetime(2026, 12, 1, 9, tzinfo=UTC), timedelta(minutes=30))


async def test_a_booking_with_nonsense_in_all_the_rest(calcom: respx.MockRouter, calendar: Calendar) -> None:
    odd = booking(
        uid="odd",
        title=None,
        eventTypeId="unknown",
        eventType="unknown",
        hosts=[{"id": "unknown", "name": "unknown", "email": "unknown"}, "unknown"],
        attendees=[None, {"name": 5, "email": None, "timeZone": None}],
        location=None,
        metadata=[],
        bookingFieldsResponses=None,
        createdAt="yesterday",
        rescheduledToUid="",
        recurringBookingUid=None,
        rating={"stars": 5},
    )
    calcom.get("/v2/bookings").mock(page(odd))
    found = await calendar.own_booking("odd")
    assert found is not None
    assert (found.event_type_id, found.host_ids, found.host_emails, found.host_name) == (None, (), (), "")
    assert found.attendee == Attendee("", "", "", "")
    assert (found.metadata, found.created_at, found.rescheduled_to, found.recurring) == ({}, None, None, False)


@pytest.mark.parametrize(
    ("email", "phones", "shown"),
    [
        ("442079460958@sms.cal.com", {"number": "+442079460958"}, ("", "+442079460958")),
        ("442079460958@sms.cal.com", {"answer": "+442079460958"}, ("", "+442079460958")),
        ("442079460958@sms.cal.com", {}, ("", "+442079460958")),
        ("442079460958@SMS.cal.com", {}, ("", "+442079460958")),
        ("442079460958@callers.example", {}, ("", "+442079460958")),
        ("nobody@callers.example", {}, ("", "")),
        ("442079460958@example.com", {}, ("442079460958@example.com", "")),
        ("jane@example.com", {"answer": "+442079460958"}, ("jane@example.com", "+442079460958")),
        ("jane@notcallers.example", {}, ("jane@notcallers.example", "")),
    ],
)
async def test_stand_in_addresses_stay_behind_the_wall(
    calcom: respx.MockRouter, calendar: Calendar, email: str, phones: dict[str, str], shown: tuple[str, str]
) -> None:
    number = {"phoneNumber": phones["number"]} if "number" in phones else {}
    answers = {"attendeePhoneNumber": phones["answer"]} if "answer" in phones else {"email": email}
    calcom.get("/v2/bookings").mock(
        page(booking(uid="u", attendees=[attendee(email=email, **number)], bookingFieldsResponses=answers))
    )
    found = await calendar.own_booking("u")
    assert found is not None
    assert (found.attendee.email, found.attendee.phone) == shown


async def test_own_means_in_the_keys_own_list_under_that_very_uid(calcom: respx.MockRouter, calendar: Calendar) -> None:
    route = calcom.get("/v2/bookings").mock(side_effect=[page(), page(booking(uid="U1"), booking(uid="u12"))])
    assert await calendar.own_booking("u1") is None
    assert await calendar.own_booking("u1") is None
    assert route.calls.last.request.url.params["bookingUid"] == "u1"


async def test_pages_come_as_they_are_wanted(calcom: respx.MockRouter, calendar: Calendar) -> None:
    route = calcom.get("/v2/bookings").mock(
        side_effect=[
            page(booking(uid="a"), booking(uid="b"), more=True),
            page(booking(uid="b"), more=True),  # one slid onto the next page, one could not be loaded
            page(booking(uid="c")),
        ]
    )
    found = calendar.bookings(BookingQuery(page_size=2))
    assert (await anext(found)).uid == "a"
    assert route.call_count == 1
    assert [booking.uid async for booking in found] == ["b", "c"]
    assert [dict(call.request.url.params) for call in route.calls] == [
        {"take": "2", "skip": "0"},
        {"take": "2", "skip": "2"},
        {"take": "2", "skip": "4"},
    ]


async def test_every_filter(calcom: respx.MockRouter, calendar: Calendar) -> None:
    route = calcom.get("/v2/bookings").mock(page())
    query = BookingQuery(
        statuses=("upcoming", "past"),
        uid="u1",
        event_type_id=7,
        attendee_email="jane+call@example.com",
        starts_from=datetime.fromisoformat("2026-11-24T14:30:00+05:30"),
        ends_by=NINE + timedelta(days=1),
        newest_first=True,
        page_size=1000,
    )
    assert [booking async for booking in calendar.bookings(query)] == []
    assert dict(route.calls.last.request.url.params) == {
        "status": "upcoming,past",
        "bookingUid": "u1",
        "eventTypeId": "7",
        "attendeeEmail": "jane+call@example.com",
        "afterStart": "2026-11-24T09:00:00Z",
        "beforeEnd": "2026-11-25T09:00:00Z",
        "sortStart": "desc",
        "take": "250",
        "skip": "0",
    }


@pytest.mark.parametrize(
    "answer",
    [
        success([booking(uid="u1")]),  # a server that does not know the version ignores the filters too
        httpx.Response(200, json={"data": {"bookings": [], "totalCount": 0}, "pagination": {"hasNextPage": False}}),
        page(booking(uid="u1"), {"id": 2}),  # a list with a hole proves no absence
    ],
)
async def test_a_list_that_proves_nothing_is_an_error(
    calcom: respx.MockRouter, calendar: Calendar, answer: httpx.Response
) -> None:
    calcom.get("/v2/bookings").mock(answer)
    with pytest.raises(CalendarError):
        await calendar.own_booking("u2")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(500, "Internal server error"), CalendarError),
        (httpx.Response(502, text="<html>Bad Gateway</html>"), CalendarError),
        (httpx.Response(200, text="<html>hello</html>"), CalendarError),
        (httpx.Response(302, headers={"Location": "/"}), CalendarError),
        (raw(403, "PermissionsGuard"), CalendarError),
        (enveloped(404, "Cannot GET /v2/bookings", "NotFoundException"), CalendarError),
        (enveloped(401, "These credentials do not belong to you", "UnauthorizedException"), CalendarError),
        (enveloped(401, "CustomThrottlerGuard - Invalid API Key", "UnauthorizedException"), KeyRefusedError),
        (throttled(**{"X-RateLimit-Reset-Default": "57"}), RateLimitedError),
    ],
    ids=str,
)
async def test_what_goes_wrong_with_a_read(
    calcom: respx.MockRouter, calendar: Calendar, answer: httpx.Response, kind: type[Exception]
) -> None:
    calcom.get("/v2/bookings").mock(answer)
    with pytest.raises(kind) as caught:
        await calendar.own_booking("u1")
    assert type(caught.value) is kind


async def test_no_answer_to_a_read_leaves_all_as_it_was(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/event-types").mock(side_effect=httpx.ReadTimeout("x"))
    with pytest.raises(CalendarUnreachableError):
        await calendar.event_types()


async def test_webhooks_come_go_and_are_listed(calcom: respx.MockRouter, calendar: Calendar) -> None:
    sent: Json = {
        "id": "773fa7ed",
        "payloadTemplate": None,
        "triggers": ["BOOKING_CREATED"],
        "subscriberUrl": "https://calbridge.example/hook",
        "active": True,
        "secret": "whsec",
        "userId": 1,
    }
    create = calcom.post("/v2/webhooks").mock(success(sent, 201))
    calcom.get("/v2/webhooks").mock(success([sent, {**sent, "id": 7, "active": False}]))
    delete = calcom.delete("/v2/webhooks/773fa7ed").mock(
        side_effect=[success(sent), enveloped(404, "Webhook (773fa7ed) not found", "NotFoundException")]
    )

    made = await calendar.create_webhook(sent["subscriberUrl"], ["BOOKING_CREATED", "BOOKING_CREATED"], "whsec")
    assert made == "773fa7ed"
    assert json.loads(create.calls.last.request.content) == {
        "active": True,
        "subscriberUrl": "https://calbridge.example/hook",
        "triggers": ["BOOKING_CREATED"],
        "secret": "whsec",
    }
    url, triggers = "https://calbridge.example/hook", ("BOOKING_CREATED",)
    assert await calendar.webhooks() == (Webhook("773fa7ed", url, triggers, True), Webhook("7", url, triggers, False))  # noqa: FBT003
    await calendar.delete_webhook("773fa7ed")
    await calendar.delete_webhook("773fa7ed")
    assert delete.call_count == 2


async def test_a_webhook_that_may_not_be_deleted(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.delete("/v2/webhooks/w1").mock(raw(403, "no"))
    with pytest.raises(BookingRefusedError):
        await calendar.delete_webhook("w1")
