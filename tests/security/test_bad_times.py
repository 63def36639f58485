"""Dates, times and zones that are none; times that the clocks skip, or that are over."""

import pytest
from tests.security.refusals import fault
from tests.security.town import Town

NO_TIMES = [
    "tomorrow", "next Tuesday", "not Tuesday at 3", "10 or 11 tomorrow",
    "2026-02-29T10:00:00", "2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z",
    "2026-00-10T10:00:00Z",
    "2026-03-00T10:00:00Z", "2026-03-32T10:00:00Z", "2026-03-25T24:30:00Z", "2026-03-25T25:00:00Z",
    "2026-03-25T10:60:00Z",
    "2026-03-25T10:00:61Z", "2026-03-25T10:00:00+25:00", "2026-03-25T10:00:00+99:99", "2026-03-25T10:00:00-24:00",
    "2026-03-25",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "99999-01-01T00:00:00Z",
    "-2026-03-25T10:00:00Z", "T10:00",
    "2026-03-25T", "2026/02/30 10:00", "32.03.2026 10:00", "13/25/2026 10:00 AM", "1774432800", "1e9",
    "2026-03-25T10:00:00ZZ", "now", "null-",
    "2026-03-25T10:00:00Z2026-03-26T10:00:00Z", "2026-03-25T10:00:00Z; DROP TABLE",
    "\uff12\uff10\uff12\uff16-03-25T10:00:00Z",
    "2026-03-25T10:00:00 UTC+1",
    "2026-03-25T10:00:00[Europe/London]", "P1D", "2026-03-25T10:00:00Z/P1D", "2026-03-25-10:00",
    "2026-03-25T10:00:00\0", "2026-W13-3",
    1774432800, 1774432800000, 10**300, 1e308, -1,
]  # fmt: skip
NO_ZONES = [
    "Mars/Base", "EST5EDT4", "+01:00", "UTC+1", "GMT+1", "London", "europe/london", "Europe/London/",
    "/Europe/London", "../etc/passwd",
    "/etc/passwd", "../../../../etc/passwd", "Europe/../Europe/London", "./Europe/London", "posix/Europe/London",
    "right/Europe/London",
    "posixrules", "localtime", "Factory", "tzdata.zi", "zone.tab", "zone1970.tab", "leapseconds", "Europe", "America",
    "Europe/London\0",
    "Europe\\London", "x" * 5000, "Europe/Ł", "C:/x", "file:///etc/localtime", "Europe//London", "__init__.py",
    "zones", "%45urope/London", 1, 0,
]  # fmt: skip
SKIPPED = [
    ("2026-03-29T01:30:00", "Europe/London", "1:30 AM"), ("2026-03-29T01:00", "Europe/London", "1 AM"),
    ("2026-03-29T02:59:59", "Europe/Berlin", "2:59 AM"), ("2027-03-14T02:30:00", "America/New_York", "2:30 AM"),
    ("2026-10-04T02:15:00", "Australia/Lord_Howe", "2:15 AM"), ("2026-04-24T00:30:00", "Africa/Cairo", "12:30 AM"),
]  # fmt: skip
OVER = [
    "2026-03-20T07:59:59Z",
    "2026-03-20T08:00:00Z",
    "2000-01-01T00:00:00Z",
    "2026-03-20T08:59:00+01:00",
    "2026-03-20T07:00:00",
]


async def refusal(town: Town, action: str, **fields: object) -> tuple[int, str, str]:
    """Status, message and action_required of a refusal that is in order."""
    known = {"action": action, "org_id": town.own.organization, "agent_id": town.own.agent}
    who = (
        {"name": "Jane Doe", "email": "jane@example.com"} if action == "book" else {"appointment_id": town.own.booking}
    )
    answer = await town.send("POST", "/api/v1/calcom/appointments/manage", json={**known, **who, **fields})
    assert fault(answer) == "", fields
    body = answer.json()
    return answer.status_code, body["message"], body["data"]["action_required"]


@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_times_that_are_none(town: Town, action: str) -> None:
    rows, last = town.rows(), town.last()
    for when in NO_TIMES:
        status, message, required = await refusal(town, action, appointment_datetime=when)
        assert (status, required) == (400, "provide_datetime"), (when, message)
        assert "appointment" in message or "time" in message
    assert (town.rows(), town.asked(last)) == (rows, [])


@pytest.mark.parametrize("action", ["book", "reschedule", "suggest", "availability", "cancel"])
async def test_zones_that_are_none(town: Town, action: str) -> None:
    rows, last = town.rows(), town.last()
    for zone in NO_ZONES:
        status, message, _ = await refusal(town, action, timezone=zone, appointment_datetime="2026-03-25T11:00:00")
        assert status == 400, (zone, message)
        assert "time zone" in message or "timezone" in message
    assert (town.rows(), town.asked(last)) == (rows, [])


@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_a_time_that_the_clocks_skip_is_named(town: Town, action: str) -> None:
    rows, last = town.rows(), town.last()
    for when, zone, spoken in SKIPPED:
        status, message, required = await refusal(town, action, appointment_datetime=when, timezone=zone)
        assert (status, required) == (400, "provide_datetime"), (when, message)
        assert spoken in message, message
    assert (town.rows(), town.asked(last)) == (rows, [])


@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_a_time_that_is_over(town: Town, action: str) -> None:
    rows, last = town.rows(), town.last()
    for when in OVER:
        status, message, required = await refusal(town, action, appointment_datetime=when)
        assert (status, required) == (400, "provide_datetime"), (when, message)
    assert (town.rows(), town.asked(last)) == (rows, [])


@pytest.mark.parametrize(
    "days",
    ["seven", "7 days", "1e2", "7.5", 7.5, "\u0667", "", "0x7", "9" * 20, 10**16, [7], {"days": 7}, True, "1,000"],
)
async def test_days_that_are_no_number(town: Town, days: object) -> None:
    known = {"action": "suggest", "org_id": town.own.organization, "agent_id": town.own.agent, "days_ahead": days}
    answer = await town.send("POST", "/api/v1/calcom/appointments/manage", json=known)
    if days == "":  # the same as absent
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert fault(answer) == ""
    assert "days ahead" in answer.json()["message"]
