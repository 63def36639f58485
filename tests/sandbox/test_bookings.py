"""Creating, moving, cancelling, confirming."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock, message, wish

TAKEN = "User either already has booking at this time or is not available"


async def test_a_booking_is_answered_in_full_and_read_back(call: Caller) -> None:
    made = await call.book(metadata={"call": "c-1"}, guests=["guest@example.com"])
    assert made["hosts"][0]["email"] == "owner@clinic.example"
    assert (made["status"], made["duration"], made["location"]) == ("accepted", 30, "1 High Street, London")
    assert [one["name"] for one in made["attendees"]] == ["Jane Doe", ""]
    assert made["icsUid"] == f"{made['uid']}@Cal.diy"
    assert made.pop("isPlatformManagedUserBooking") is False
    assert await call.data("GET", f"/bookings/{made['uid']}") == made


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("2026-11-24T11:07:00Z", 201),
        ("2026-11-24T12:00:00+01:00", 201),
        ("2026-11-24T11:00:00", 201),
        ("2026-11-24T11:00Z", 201),
        ("2026-11-24T09:45:00Z", 400),
        ("2026-11-24T10:15:00Z", 400),
        ("2026-11-24T16:31:00Z", 400),
        ("2026-11-28T10:00:00Z", 400),
    ],
)
async def test_any_free_minute_can_be_booked(call: Caller, start: str, status: int) -> None:
    await call.book()
    answer = await call("POST", "/bookings", wish(start))
    assert answer.status_code == status
    if status == 400:
        assert message(answer) == TAKEN
    elif ":07" not in start:
        assert answer.json()["data"]["start"] == "2026-11-24T11:00:00.000Z"


async def test_past_notice_and_window_have_their_own_errors(call: Caller) -> None:
    assert "in the past" in message(await call("POST", "/bookings", wish("2026-11-20T05:00:00Z")))
    assert "too soon" in message(await call("POST", "/bookings", wish("2026-11-20T07:59:00Z")))


async def test_simultaneous_requests_for_one_time_give_one_booking_and_raw_conflicts(call: Caller) -> None:
    answers = await asyncio.gather(*(call("POST", "/bookings", wish()) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    conflict = next(answer for answer in answers if answer.status_code == 409)
    assert conflict.json() == {"statusCode": 409, "message": "booking_conflict_error"}
    assert len(await call.data("GET", "/bookings")) == 1


async def test_without_a_race_window_the_later_ones_see_the_booking(call: Caller) -> None:
    await call.control("POST", "/settings", {"race_window_ms": 0})
    answers = await asyncio.gather(*(call("POST", "/bookings", wish()) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400]


async def test_overlapping_times_slip_through_the_window_as_upstream(call: Caller) -> None:
    wishes = [wish("2026-11-24T10:00:00Z"), wish("2026-11-24T10:15:00Z")]
    answers = await asyncio.gather(*(call("POST", "/bookings", each) for each in wishes))
    assert [answer.status_code for answer in answers] == [201, 201]


async def test_a_phone_is_enough_where_the_event_type_says_so(call: Caller) -> None:
    caller = {"name": "Jane", "phoneNumber": "+442079460958", "timeZone": "Europe/London", "email": None}
    made = await call.book(event_type=6, attendee=caller)
    assert made["attendees"][0]["email"] == "442079460958@sms.cal.com"
    assert made["attendees"][0]["phoneNumber"] == "+442079460958"
    found = await call.data("GET", "/bookings", attendeeEmail="442079460958@sms.cal.com")
    assert [each["uid"] for each in found] == [made["uid"]]


JANE = {"name": "Jane", "email": "jane@example.com", "timeZone": "Europe/London"}
WITH_PHONE = {"name": "Jane", "phoneNumber": "+442079460958", "timeZone": "Europe/London"}


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"attendee": WITH_PHONE}, 400, "responses - {email}error_required_field, "),
        ({"attendee": JANE | {"email": "x"}}, 400, "responses - {email}email_validation_error, "),
        ({"eventTypeId": 6, "attendee": JANE}, 400, "Missing attendee phone number"),
        (
            {"eventTypeId": 6, "attendee": WITH_PHONE | {"phoneNumber": "12345"}},
            400,
            "{attendeePhoneNumber}invalid_num",
        ),
        ({"eventTypeId": 4}, 400, "Missing required booking field response: reason-for-visit"),
        ({"eventTypeId": 99}, 404, "Event type with id 99 not found."),
        ({"lengthInMinutes": 30}, 400, "does not have multiple possible lengths"),
        ({"eventTypeId": 7, "lengthInMinutes": 20}, 400, "The possible lengths are: 15, 30, 60"),
        ({"location": {"type": "attendeePhone"}}, 400, "Booking location with type attendeePhone not valid"),
        ({"foo": 1}, 400, "foo property is wrong,property foo should not exist "),
        ({"allowConflicts": True}, 400, "property allowConflicts should not exist"),
        ({"start": "tomorrow"}, 400, "start property is wrong,start must be a valid ISO 8601 date string "),
        ({"start": "2026-13-24T10:00:00Z"}, 400, "start must be a valid ISO 8601 date string"),
        ({"eventTypeId": "1"}, 400, "eventTypeId must be an integer number"),
        ({"attendee": None}, 400, "attendee should not be null or undefined"),
        ({"attendee": JANE | {"timeZone": ["UTC"], "language": "xx"}}, 400, "timeZone must be a valid IANA time-zone"),
        ({"attendee": JANE | {"phoneNumber": 44}}, 400, "phoneNumber must be a string"),
        ({"metadata": {"a": {"b": 1}}}, 400, "Metadata must have at most 50 keys"),
        ({"metadata": {"a": "x" * 501}}, 400, "Metadata must have at most 50 keys"),
        ({"guests": ["x"]}, 400, "each value in guests must be an email"),
        ({"bookingFieldsResponses": []}, 400, "bookingFieldsResponses must be an object"),
    ],
)
async def test_a_wish_that_does_not_fit_is_refused(
    call: Caller, changes: dict[str, Any], status: int, text: str
) -> None:
    answer = await call("POST", "/bookings", wish() | changes)
    assert answer.status_code == status
    assert text in message(answer)
    assert await call.data("GET", "/bookings") == []


async def test_an_event_type_has_an_address_too(call: Caller) -> None:
    by_name = wish() | {"eventTypeSlug": "consultation", "username": "demo-clinic"}
    del by_name["eventTypeId"]
    assert (await call.data("POST", "/bookings", by_name))["eventType"]["slug"] == "consultation"
    for change, text in (
        ({"username": "x"}, "User with username x not found"),
        ({"eventTypeSlug": "x"}, "slug x belo"),
    ):
        answer = await call("POST", "/bookings", by_name | change)
        assert answer.status_code == 404
        assert text in message(answer)
    del by_name["username"]
    assert "Either eventTypeId or" in message(await call("POST", "/bookings", by_name))


async def test_bad_json_is_refused_before_anything_else(call: Caller) -> None:
    for text, expected in (("{not json", "Expected property name"), ("nope", "Unexpected token 'n'")):
        headers = {"content-type": "application/json", "cal-api-version": "2024-08-13"}
        answer = await call.http.post("/v2/bookings", content=text, headers=headers)
        assert answer.status_code == 400
        assert expected in message(answer)


async def test_moving_makes_a_new_booking_and_links_both(call: Caller) -> None:
    old = await call.book(metadata={"k": "v"})
    body = {"start": "2026-11-25T10:00:00Z", "reschedulingReason": "later", "rescheduledBy": "jane@example.com"}
    new = await call.as_(None).data("POST", f"/bookings/{old['uid']}/reschedule", body)
    assert new["uid"] != old["uid"]
    assert new["id"] != old["id"]
    assert {name: new[name] for name in ("icsUid", "metadata", "attendees")} == {
        name: old[name] for name in ("icsUid", "metadata", "attendees")
    }
    assert new["rescheduledFromUid"] == old["uid"]
    assert new["bookingFieldsResponses"]["rescheduledReason"] == "later"
    before = await call.data("GET", f"/bookings/{old['uid']}")
    assert (before["status"], before["rescheduledToUid"]) == ("cancelled", new["uid"])
    again = await call("POST", f"/bookings/{old['uid']}/reschedule", body)
    assert f"rescheduled already to booking with uid={new['uid']}" in message(again)
    assert (await call.data("POST", f"/bookings/{new['uid']}/reschedule", {"start": body["start"]}))["start"]
    assert (await call("POST", "/bookings/unknown/reschedule", body)).status_code == 404
    assert "foo should not" in message(await call("POST", f"/bookings/{new['uid']}/reschedule", body | {"foo": 1}))


async def test_two_moves_at_once_leave_one_booking(call: Caller) -> None:
    old = await call.book()
    bodies = [{"start": "2026-11-25T10:00:00Z"}, {"start": "2026-11-25T12:00:00Z"}]
    answers = await asyncio.gather(*(call("POST", f"/bookings/{old['uid']}/reschedule", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 400]


async def test_cancelling_needs_a_reason_from_the_host_and_works_once(call: Caller) -> None:
    uid = (await call.book())["uid"]
    refused = await call("POST", f"/bookings/{uid}/cancel")
    assert refused.json() == {"statusCode": 400, "message": "Cancellation reason is required"}
    gone = await call.as_("cal_sandbox_other").data("POST", f"/bookings/{uid}/cancel", {})
    assert (gone["status"], gone["cancellationReason"]) == ("cancelled", "")
    again = await call("POST", f"/bookings/{uid}/cancel", {"cancellationReason": "x"})
    assert "has been cancelled already" in message(again)
    assert "has been cancelled." in message(
        await call("POST", f"/bookings/{uid}/reschedule", {"start": "2026-11-25T10:00:00Z"})
    )
    assert message(await call("POST", "/bookings/unknown/cancel", {})) == "Booking with uid=unknown not found"


async def test_what_is_over_or_may_not_be_cancelled_stays(call: Caller, clock: Clock, app: Starlette) -> None:
    uid = (await call.book())["uid"]
    app.state.world.event_types[1].disable_cancelling = True
    reason = {"cancellationReason": "x"}
    assert "does not allow" in message(await call("POST", f"/bookings/{uid}/cancel", reason))
    app.state.world.event_types[1].disable_cancelling = False
    clock.advance(days=7)
    assert "already ended" in message(await call("POST", f"/bookings/{uid}/cancel", reason))


async def test_only_the_host_confirms_and_declines(call: Caller) -> None:
    uid = (await call.book(event_type=3))["uid"]
    assert (await call.data("GET", f"/bookings/{uid}"))["status"] == "pending"
    stranger = await call.as_("cal_sandbox_other")("POST", f"/bookings/{uid}/confirm")
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (401, "TRPCError")
    assert (await call.as_(None)("POST", f"/bookings/{uid}/confirm")).status_code == 401
    assert (await call.data("POST", f"/bookings/{uid}/confirm"))["status"] == "accepted"
    assert message(await call("POST", f"/bookings/{uid}/confirm")) == "Booking already confirmed"
    other = (await call.book("2026-11-24T12:00:00Z", event_type=3))["uid"]
    assert (await call.data("POST", f"/bookings/{other}/decline", {"reason": "no"}))["status"] == "rejected"
    moved = await call("POST", f"/bookings/{other}/reschedule", {"start": "2026-11-25T10:00:00Z"})
    assert "has been rejected" in message(moved)


async def test_a_repeated_request_for_confirmation_gets_the_same_booking(call: Caller) -> None:
    assert (await call.book(event_type=3))["uid"] == (await call.book(event_type=3))["uid"]


async def test_moving_confirms_for_the_host_and_asks_again_for_others(call: Caller) -> None:
    uid = (await call.book(event_type=3))["uid"]
    body = {"start": "2026-11-25T10:00:00Z"}
    again = await call.as_(None).data("POST", f"/bookings/{uid}/reschedule", body)
    assert again["status"] == "pending"
    by_host = await call.data("POST", f"/bookings/{again['uid']}/reschedule", body)
    assert by_host["status"] == "accepted"


async def test_absence_is_noted_only_after_the_start(call: Caller, clock: Clock) -> None:
    uid = (await call.book())["uid"]
    body = {"attendees": [{"email": "jane@example.com", "absent": True}]}
    assert "after their scheduled start time" in message(await call("POST", f"/bookings/{uid}/mark-absent", body))
    clock.advance(days=5)
    assert (await call.data("POST", f"/bookings/{uid}/mark-absent", body))["attendees"][0]["absent"] is True


async def test_places_are_stored_as_upstream_does(call: Caller) -> None:
    assert (await call.book(event_type=2))["location"] == "phone"
    said = {"type": "attendeePhone", "phone": "+442079460958"}
    made = await call.book("2026-11-24T11:00:00Z", event_type=2, location=said)
    assert made["location"] == "+442079460958"
    assert made["bookingFieldsResponses"]["location"] == {"value": "phone", "optionValue": "+442079460958"}
    assert (await call.book("2026-11-24T12:00:00Z", event_type=5))["location"] == "integrations:daily"


async def test_a_series_is_an_array_and_can_be_cancelled_as_one(call: Caller) -> None:
    weekly = {"slug": "weekly", "minutes": 30, "recurring": 3}
    user = {"name": "N", "username": "n", "email": "n@x.org", "event_types": [weekly]}
    number = (await call.control("POST", "/users", user))["event_types"]["weekly"]
    series = await call.book(event_type=number)
    assert [each["start"][:10] for each in series] == ["2026-11-24", "2026-12-01", "2026-12-08"]
    uid = series[0]["recurringBookingUid"]
    assert [each["uid"] for each in await call.data("GET", f"/bookings/{uid}")] == [each["uid"] for each in series]
    assert (await call.data("POST", f"/bookings/{series[0]['uid']}/cancel", {}))["status"] == "cancelled"
    left = await call.data("POST", f"/bookings/{uid}/cancel", {"cancellationReason": "x"})
    assert [each["uid"] for each in left] == [each["uid"] for each in series[1:]]


async def test_seats_are_taken_and_given_back(call: Caller) -> None:
    course = {"slug": "course", "minutes": 60, "seats": 2}
    user = {"name": "N", "username": "n", "email": "n@x.org", "event_types": [course]}
    number = (await call.control("POST", "/users", user))["event_types"]["course"]
    first = await call.book(event_type=number)
    again = await call("POST", "/bookings", wish(event_type=number))
    assert again.json() == {"statusCode": 409, "message": "already_signed_up_for_this_booking_error"}
    second = await call.book(event_type=number, attendee=JANE | {"email": "two@example.com"})
    third = await call("POST", "/bookings", wish(event_type=number, attendee=JANE | {"email": "three@example.com"}))
    assert (third.status_code, message(third)) == (409, "No more seats left at this seated booking.")
    path = f"/bookings/{first['uid']}/cancel"
    assert "Invalid seatUid" in message(await call("POST", path, {"seatUid": "x", "cancellationReason": "x"}))
    left = await call.data("POST", path, {"seatUid": first["seatUid"]})
    assert (left["status"], [one["email"] for one in left["attendees"]]) == ("accepted", ["two@example.com"])
    assert (await call.data("POST", path, {"seatUid": second["seatUid"]}))["status"] == "cancelled"
