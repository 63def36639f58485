"""The hand on the sandbox."""

import pytest
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock


async def test_the_ledger_tells_what_arrived_and_what_came_of_it(call: Caller) -> None:
    body = {"start": "2026-11-24T10:00:00Z", "eventTypeId": 1}
    await call("POST", "/bookings", body)
    made = await call.book(metadata={"k": "v"})
    await call.as_("cal_sandbox_other")("GET", "/me")
    await call.http.post("/v2/bookings", content=b"\xff{", headers={"idempotency-key": "k"})
    ledger = await call.control("GET", "/ledger")
    first, second, third, last = ledger["requests"]
    assert (first["n"], first["method"], first["path"], first["status"], first["user"]) == (
        1,
        "POST",
        "/v2/bookings",
        400,
        "demo-clinic",
    )
    assert first["body"] == body
    assert first["headers"]["cal-api-version"] == "2024-08-13"
    assert "cal_sandbox_demo" not in str(ledger)
    assert first["headers"]["authorization"] == second["headers"]["authorization"] != third["headers"]["authorization"]
    assert last["headers"]["idempotency-key"] == "k"
    assert last["body"] == "\ufffd{"
    (booking,) = ledger["bookings"]
    assert booking["uid"] == made["uid"]
    assert (booking["created_by_request"], booking["metadata"], booking["host"]) == (2, {"k": "v"}, "demo-clinic")
    later = await call.http.get("/sandbox/ledger?after=2")
    assert [each["n"] for each in later.json()["requests"]] == [3, 4]


async def test_reset_starts_over_but_goes_on_counting(call: Caller, app: Starlette) -> None:
    await call.book()
    await call.control("POST", "/faults", {"kind": "drop"})
    settings = await call.control("POST", "/reset", {"race_window_ms": 0, "limits": {"cal_sandbox_demo": 7}})
    assert settings["race_window_ms"] == 0
    assert (await call("GET", "/me")).headers["x-ratelimit-limit-default"] == "7"
    ledger = await call.control("GET", "/ledger")
    assert ([each["n"] for each in ledger["requests"]], ledger["bookings"]) == ([2], [])
    assert app.state.faults.orders == []


async def test_a_user_is_made_with_keys_hours_and_event_types(call: Caller) -> None:
    description = {
        "name": "Dr. New",
        "username": "new",
        "email": "new@x.org",
        "time_zone": "Asia/Kolkata",
        "keys": ["cal_new", {"key": "cal_new_small", "limit": 1}],
        "limit": 1000,
        "hours": {"Tuesday": [["09:00", "12:00"]], "Thursday": [["10:00", "11:00"], ["14:00", "15:00"]]},
        "event_types": [{"slug": "visit", "minutes": 60, "notice": 0, "email": "hidden", "phone": "optional"}],
    }
    made = await call.control("POST", "/users", description)
    new = call.as_("cal_new")
    answer = await new("GET", "/me")
    assert answer.json()["data"]["id"] == made["id"]
    assert answer.headers["x-ratelimit-limit-default"] == "1000"
    assert (await call.as_("cal_new_small")("GET", "/me")).headers["x-ratelimit-limit-default"] == "1"
    number = made["event_types"]["visit"]
    assert await new.starts(event_type=number) == ["03:30", "04:30", "05:30"]
    assert len((await new.data("GET", "/schedules/default"))["availability"]) == 3
    both = {"name": "J", "email": "j@example.com", "phoneNumber": "+919876543210", "timeZone": "Asia/Kolkata"}
    booked = await new.book("2026-11-24T03:30:00Z", number, attendee=both)
    assert booked["attendees"][0]["email"] == "919876543210@sms.cal.com"
    del both["phoneNumber"]
    answer = await new("POST", "/bookings", {"start": "2026-11-24T04:30:00Z", "eventTypeId": number, "attendee": both})
    assert answer.json()["message"] == "Both Phone and Email are missing"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users", {"name": "X"}),
        ("/users", {"name": "X", "username": "demo-clinic", "email": "x@x.org"}),
        ("/users", {"name": "X", "username": "x", "email": "x@x.org", "keys": ["cal_sandbox_demo"]}),
        ("/users", {"name": "X", "username": "x", "email": "x@x.org", "event_types": [{"slug": "a"}]}),
        ("/settings", {"foo": 1}),
        ("/settings", {"limits": {"nobody": 1}}),
    ],
)
async def test_what_does_not_fit_is_refused(call: Caller, app: Starlette, path: str, body: dict[str, object]) -> None:
    answer = await call.http.post(f"/sandbox{path}", json=body)
    assert answer.status_code == 400
    assert len(app.state.world.users) == 2
    assert (await call.http.get("/sandbox/nothing")).status_code == 404


async def test_a_booking_is_edited_by_hand(call: Caller, clock: Clock) -> None:
    uid = (await call.book())["uid"]
    clock.advance(minutes=1)
    body = {"start": "2026-11-19T23:00:00Z", "minutes": 45, "status": "pending"}
    await call.control("PATCH", f"/bookings/{uid}", body)
    edited = await call.data("GET", f"/bookings/{uid}")
    assert (edited["start"], edited["duration"], edited["status"]) == ("2026-11-19T23:00:00.000Z", 45, "pending")
    assert edited["updatedAt"] > edited["createdAt"]
    assert (await call.http.patch(f"/sandbox/bookings/{uid}", json={"uid": "x"})).status_code == 400
    assert (await call.http.patch("/sandbox/bookings/unknown", json={})).status_code == 400
