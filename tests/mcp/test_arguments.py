"""When something is wanted, as a tool call's arguments tell it: in one, in two, or twice."""

from datetime import UTC, datetime

import pytest

from calbridge.domain.actions import Spoken
from calbridge.mcp.arguments import Arguments

TEN = datetime(2026, 3, 25, 10, tzinfo=UTC)
ISO = "2026-03-25T10:00:00Z"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({}, (None, None, None)),
        ({"appointment_datetime": ISO}, (TEN, Spoken(ISO), None)),
        ({"appointment_datetime": ISO, "date": "Friday"}, (TEN, Spoken("Friday"), None)),
        ({"date": "Friday", "time": "3 PM"}, (None, Spoken("Friday", "3 PM"), None)),
        ({"appointment_datetime": "Friday", "time": "3 PM"}, (None, Spoken("Friday", "3 PM"), None)),
        ({"appointment_datetime": "2026-03-25", "time": "3 PM"}, (None, Spoken("2026-03-25", "3 PM"), None)),
        ({"appointment_datetime": "Friday at 3", "time": "4 PM"}, (None, Spoken("Friday at 3"), Spoken("", "4 PM"))),
        ({"appointment_datetime": "Friday", "date": "Monday"}, (None, Spoken("Friday"), Spoken("Monday"))),
    ],
)
def test_nothing_that_says_when_is_overlooked(told: dict[str, object], read: tuple[object, ...]) -> None:
    assert Arguments.of(told).when() == read


def test_of_two_names_for_the_same_the_first_that_says_anything_counts() -> None:
    sent = {"full_name": "null", "name": "Jane Doe", "attendeeName": "Bob Roe", "Weather": "fine"}
    assert Arguments.of(sent).given == {"name": "Jane Doe", "weather": "fine"}
