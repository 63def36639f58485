"""Profile, schedule and event types."""

from tests.sandbox.callers import Caller, message


async def test_profile_and_schedule_of_the_owner_of_the_key(call: Caller) -> None:
    assert (await call.data("GET", "/me"))["timeZone"] == "Europe/London"
    schedule = await call.data("GET", "/schedules/default")
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert schedule["availability"] == [{"days": days, "startTime": "09:00", "endTime": "17:00"}]


async def test_event_types_come_in_order_and_a_list_leaves_hidden_fields_out(call: Caller) -> None:
    listed = await call.data("GET", "/event-types")
    assert [(each["id"], each["slug"], each["lengthInMinutes"]) for each in listed] == [
        (1, "consultation", 30),
        (2, "phone-consultation", 15),
        (3, "needs-approval", 45),
        (4, "intake", 60),
        (5, "default-location", 30),
        (6, "phone-only", 15),
        (7, "flexible", 30),
    ]
    one = await call.data("GET", "/event-types/1")
    assert "title" in [field["slug"] for field in one["bookingFields"]]
    assert "title" not in [field["slug"] for field in listed[0]["bookingFields"]]
    assert listed[6]["lengthInMinutesOptions"] == [15, 30, 60]
    phone_only = {field["slug"]: field.get("required") for field in listed[5]["bookingFields"]}
    assert (phone_only["email"], phone_only["attendeePhoneNumber"]) == (False, True)


async def test_event_types_of_others_are_public_by_name_but_not_by_id(call: Caller) -> None:
    other = call.as_("cal_sandbox_other")
    assert await other.data("GET", "/event-types") == []
    assert len(await call.as_(None).data("GET", "/event-types", username="demo-clinic")) == 7
    assert len(await other.data("GET", "/event-types", username="demo-clinic", eventSlug="intake")) == 1
    assert await other.data("GET", "/event-types", username="nobody") == []
    assert message(await other("GET", "/event-types/1")) == "Event type with id 1 not found"
    assert (await call("GET", "/event-types/x")).status_code == 404


async def test_special_event_types_say_so(call: Caller) -> None:
    event_type = {
        "slug": "special",
        "minutes": 30,
        "seats": 4,
        "recurring": 2,
        "window_days": 9,
        "confirmation": True,
        "hidden": True,
        "disable_cancelling": True,
        "disable_rescheduling": True,
        "questions": [{"slug": "colour", "type": "select", "options": ["red", "blue"], "required": False}],
    }
    user = {"name": "S", "username": "s", "email": "s@x.org", "keys": ["cal_s"], "event_types": [event_type]}
    number = (await call.control("POST", "/users", user))["event_types"]["special"]
    shown = await call.as_("cal_s").data("GET", f"/event-types/{number}")
    assert shown["recurrence"] == {"interval": 1, "occurrences": 2, "frequency": "weekly"}
    assert shown["bookingWindow"]["value"] == 9
    assert shown["confirmationPolicy"]["type"] == "always"
    assert shown["seats"]["seatsPerTimeSlot"] == 4
    assert shown["disableCancelling"] == shown["disableRescheduling"] == {"disabled": True}
    assert await call.data("GET", "/event-types", username="s") == []
    assert len(await call.as_("cal_s").data("GET", "/event-types", username="s")) == 1
    wrong = {"start": "2026-11-24T10:00:00Z", "eventTypeId": number, "bookingFieldsResponses": {"colour": "green"}}
    attendee = {"name": "J", "email": "j@example.com", "timeZone": "UTC"}
    answer = await call("POST", "/bookings", wrong | {"attendee": attendee})
    assert "Invalid option 'green' for booking field 'colour'. Allowed options are: red, blue." in message(answer)


async def test_nobody_has_a_calendar(call: Caller) -> None:
    assert message(await call("GET", "/calendars/busy-times")) == "These credentials do not belong to you"
