"""Which times are offered."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.sandbox.callers import Caller, Clock, message

HALF_HOURS = [f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 30)]


async def test_a_free_day_is_offered_on_the_grid_and_a_weekend_is_empty(call: Caller) -> None:
    assert await call.starts() == HALF_HOURS
    assert await call.data("GET", "/slots", eventTypeId=1, start="2026-11-28", end="2026-11-29") == {}


async def test_bookings_hide_what_they_overlap_also_off_the_grid(call: Caller) -> None:
    await call.book("2026-11-24T11:07:00Z")
    assert [slot for slot in HALF_HOURS if slot not in await call.starts()] == ["11:00", "11:30"]
    assert "11:45" not in await call.starts(event_type=4)


async def test_the_booking_to_be_moved_does_not_block_and_a_cancelled_one_neither(call: Caller) -> None:
    booked = await call.book()
    assert "10:00" not in await call.starts()
    assert await call.starts(bookingUidToReschedule=booked["uid"]) == HALF_HOURS
    await call.data("POST", f"/bookings/{booked['uid']}/cancel", {"cancellationReason": "x"})
    assert await call.starts() == HALF_HOURS


async def test_a_pending_booking_blocks_if_its_event_type_says_so(call: Caller) -> None:
    await call.book(event_type=3)
    assert "10:00" not in await call.starts()
    lax = {"slug": "lax", "minutes": 30, "confirmation": True, "pending_blocks": False}
    made = await call.control(
        "POST", "/users", {"name": "L", "username": "l", "email": "l@x.org", "event_types": [lax]}
    )
    number = made["event_types"]["lax"]
    await call.book(event_type=number)
    assert "10:00" in await call.starts(event_type=number)


async def test_buffers_keep_free_time_on_both_sides(call: Caller) -> None:
    await call.book("2026-11-24T10:00:00Z", 7, lengthInMinutes=60)
    found = await call.starts(event_type=7, duration=30)
    assert found[:3] == ["09:00", "09:15", "11:15"]


async def test_notice_is_kept_and_the_past_is_empty(call: Caller, clock: Clock) -> None:
    clock.advance(hours=4, minutes=10)
    assert (await call.starts("2026-11-20"))[0] == "12:30"
    assert await call.starts("2026-11-02") == []


async def test_a_window_of_days_ends_the_offer(call: Caller) -> None:
    near = {"slug": "near", "minutes": 60, "window_days": 3}
    user = {"name": "N", "username": "n", "email": "n@x.org", "time_zone": "Europe/London", "event_types": [near]}
    number = (await call.control("POST", "/users", user))["event_types"]["near"]
    found = await call.data("GET", "/slots", eventTypeId=number, start="2026-11-20", end="2026-12-20")
    assert list(found) == ["2026-11-20", "2026-11-23"]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z", 4),
        ("2026-11-24T10:01:00Z", "2026-11-24T11:59:00Z", 2),
        ("2026-11-24", "2026-11-25", 32),
        ("2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z", 16),
        ("2026-11-25", "2026-11-24", 0),
    ],
)
async def test_start_and_end_are_utc_and_a_bare_end_takes_in_its_day(
    call: Caller, start: str, end: str, count: int
) -> None:
    found = await call.data("GET", "/slots", eventTypeId=1, start=start, end=end, timeZone="Asia/Tokyo")
    assert sum(map(len, found.values())) == count


async def test_the_time_zone_is_how_slots_are_written_and_grouped(call: Caller) -> None:
    found = await call.data("GET", "/slots", eventTypeId=1, start="2026-11-24", end="2026-11-24", timeZone="Asia/Tokyo")
    assert [len(slots) for slots in found.values()] == [12, 4]
    assert found["2026-11-24"][0] == {"start": "2026-11-24T18:00:00.000+09:00"}
    assert found["2026-11-25"][0] == {"start": "2026-11-25T00:00:00.000+09:00"}
    ranges = await call.data("GET", "/slots", eventTypeId=1, start="2026-11-24", end="2026-11-24", format="range")
    assert ranges["2026-11-24"][0] == {"start": "2026-11-24T09:00:00.000Z", "end": "2026-11-24T09:30:00.000Z"}


async def test_any_duration_is_answered(call: Caller) -> None:
    assert await call.starts(duration=60) == [f"{hour:02}:00" for hour in range(9, 17)]
    assert (await call.starts(event_type=7, duration=20))[-1] == "16:30"


@pytest.mark.parametrize(("before", "after"), [("2027-03-26", "2027-03-29"), ("2026-10-23", "2026-10-26")])
async def test_working_hours_stay_local_when_clocks_change(call: Caller, clock: Clock, before: str, after: str) -> None:
    clock.now = clock.now.replace(month=10, day=20)
    found = await call.data("GET", "/slots", eventTypeId=1, start=before, end=after, timeZone="Europe/London")
    assert list(found) == [before, after]
    assert all([slot["start"][11:16] for slot in slots] == HALF_HOURS for slots in found.values())
    assert {slots[0]["start"][-6:] for slots in found.values()} == {"+00:00", "+01:00"}


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2026-10-25", 25)])
async def test_a_day_of_23_or_25_hours_has_as_many_slots(call: Caller, clock: Clock, day: str, hours: int) -> None:
    clock.now = clock.now.replace(month=10, day=20)
    always = {"Sunday": [["00:00", "24:00"]]}
    night = {"slug": "night", "minutes": 60}
    user = {"name": "N", "username": "n", "email": "n@x.org", "hours": always, "event_types": [night]}
    number = (await call.control("POST", "/users", user))["event_types"]["night"]
    eve = str(date.fromisoformat(day) - timedelta(days=1))
    found = await call.data(
        "GET", "/slots", eventTypeId=number, start=f"{eve}T20:00:00Z", end=f"{day}T23:59:59Z", timeZone="Europe/London"
    )
    slots = [slot["start"] for slots in found.values() for slot in slots]
    assert len(slots) == hours
    assert len(set(slots)) == hours


async def test_hours_that_meet_at_midnight_are_one(call: Caller) -> None:
    hours = {"Tuesday": [["22:00", "24:00"]], "Wednesday": [["00:00", "02:00"]]}
    late = {"slug": "late", "minutes": 90, "interval": 30}
    user = {"name": "N", "username": "n", "email": "n@x.org", "hours": hours, "event_types": [late]}
    number = (await call.control("POST", "/users", user))["event_types"]["late"]
    found = await call.data("GET", "/slots", eventTypeId=number, start="2026-11-24", end="2026-11-25")
    starts = [slot["start"][11:16] for slots in found.values() for slot in slots]
    assert starts == ["22:00", "22:30", "23:00", "23:30", "00:00", "00:30"]


async def test_a_reservation_hides_a_slot_until_it_ends_and_binds_nobody(call: Caller, clock: Clock) -> None:
    body = {"eventTypeId": 1, "slotStart": "2026-11-24T10:00:00Z"}
    held = await call.data("POST", "/slots/reservations", body)
    assert "10:00" not in await call.starts()
    assert "10:00" in await call.starts(event_type=5)
    assert (await call("POST", "/slots/reservations", body)).status_code == 422
    assert (await call.data("GET", f"/slots/reservations/{held['reservationUid']}"))["slotDuration"] == 30
    await call.book()
    clock.advance(minutes=6)
    assert await call.data("GET", f"/slots/reservations/{held['reservationUid']}") is None
    gone = await call("DELETE", f"/slots/reservations/{held['reservationUid']}")
    assert gone.json() == {"status": "success"}
    assert (await call("POST", "/slots/reservations", {"eventTypeId": 99})).status_code == 404
    assert (await call("POST", "/slots/reservations", {"eventTypeId": 1})).status_code == 400


async def test_seats_are_counted_until_none_is_left(call: Caller) -> None:
    course = {"slug": "course", "minutes": 60, "seats": 2}
    user = {"name": "N", "username": "n", "email": "n@x.org", "event_types": [course]}
    number = (await call.control("POST", "/users", user))["event_types"]["course"]
    booked = await call.book(event_type=number)
    day = (await call.data("GET", "/slots", eventTypeId=number, start="2026-11-24", end="2026-11-24"))["2026-11-24"]
    assert day[0].items() >= {"seatsBooked": 0, "seatsRemaining": 2, "seatsTotal": 2}.items()
    assert day[1].items() >= {"seatsBooked": 1, "seatsRemaining": 1, "bookingUid": booked["uid"]}.items()
    john = {"name": "John", "email": "john@example.com", "timeZone": "UTC"}
    shared = await call.book(event_type=number, attendee=john)
    assert (shared["uid"], len(shared["attendees"])) == (booked["uid"], 2)
    assert "10:00" not in await call.starts(event_type=number)


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"eventTypeId": 99}, 404, "Event Type not found"),
        ({"eventTypeSlug": "consultation", "username": "nobody"}, 404, "User with username nobody not found"),
        ({"eventTypeId": 1, "timeZone": "Mars/Base"}, 400, "timeZone must be a valid IANA time-zone"),
        ({"eventTypeId": 1, "start": "soon"}, 400, "start must be a valid ISO 8601 date string"),
        ({"eventTypeId": "x"}, 400, "eventTypeId must be a number"),
        ({"eventTypeId": 1, "format": "x"}, 400, "format must be one of"),
        ({"eventTypeId": 1, "foo": "x"}, 400, "property foo should not exist"),
        ({}, 400, "usernames must be an array"),
    ],
)
async def test_a_bad_question_is_refused(call: Caller, query: dict[str, Any], status: int, text: str) -> None:
    answer = await call("GET", "/slots", **{"start": "2026-11-24", "end": "2026-11-24"} | query)
    assert answer.status_code == status
    assert text in message(answer)
