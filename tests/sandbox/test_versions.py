"""The version header decides which API answers."""

import pytest
from tests.sandbox.callers import Caller, message, wish


async def test_a_known_version_of_another_resource_finds_nothing(call: Caller) -> None:
    answer = await call("GET", "/slots", version="2024-08-13", eventTypeId=1)
    assert answer.status_code == 404
    assert message(answer) == "Cannot GET /v2/slots?eventTypeId=1"
    assert "x-ratelimit-limit-default" not in answer.headers


@pytest.mark.parametrize("version", [None, "2026-02-25", "2031-01-01", "nonsense"])
async def test_a_missing_or_unknown_version_is_the_oldest(call: Caller, version: str | None) -> None:
    booked = await call.book()
    old = await call("GET", f"/bookings/{booked['uid']}", version=version)
    assert old.json()["data"]["startTime"] == booked["start"]
    assert old.json()["data"]["status"] == "ACCEPTED"
    refused = await call("POST", "/bookings", wish("2026-11-24T11:00:00Z"), version=version)
    assert refused.status_code == 400
    assert [each["property"] for each in refused.json()["error"]["details"]["errors"]] == ["timeZone", "language"]
    listed = await call("GET", "/event-types", version=version)
    assert "eventTypeGroups" in listed.json()["data"]
    everything = await call("GET", "/bookings", version=version, attendeeEmail="nobody@example.com")
    assert [each["uid"] for each in everything.json()["data"]["bookings"]] == [booked["uid"]]
    schedule = await call("GET", "/schedules/default", version=version)
    assert "availability" not in schedule.json()["data"]
    cancelled = await call("POST", f"/bookings/{booked['uid']}/cancel", {"cancellationReason": "x"}, version=version)
    assert (cancelled.status_code, cancelled.json()["data"]["bookingUid"]) == (201, booked["uid"])
    assert (await call("GET", "/bookings/unknown", version=version)).status_code == 404


async def test_a_hosted_cal_com_knows_a_newer_version_of_bookings_only(call: Caller) -> None:
    await call.control("POST", "/settings", {"extra_versions": ["2026-02-25"]})
    made = await call("POST", "/bookings", wish(allowConflicts=True), version="2026-02-25")
    assert made.status_code == 201
    assert (await call("GET", "/slots", version="2026-02-25")).status_code == 404
    assert (await call("GET", "/me", version="2026-02-25")).status_code == 200


async def test_unknown_paths_and_methods_are_404_with_a_prefix_or_without(call: Caller) -> None:
    assert message(await call("DELETE", "/bookings")) == "Cannot DELETE /v2/bookings"
    assert message(await call("GET", "/nope")) == "Cannot GET /v2/nope"
    answer = await call.http.get("/api/v2/me", headers={"Authorization": "Bearer cal_sandbox_demo"})
    assert answer.json()["data"]["username"] == "demo-clinic"
