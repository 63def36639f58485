"""Times in words."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from calbridge.tools.clock import clock, day_label, on, spoken_clock, spoken_date, spoken_day, zone_words

TODAY = date(2026, 3, 20)  # a Friday
WINTER = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "written", "spoken"),
    [
        (time(0, 0), "12:00 AM", "12 AM"),
        (time(0, 30), "12:30 AM", "12:30 AM"),
        (time(9, 0), "9:00 AM", "9 AM"),
        (time(9, 5), "9:05 AM", "9:05 AM"),
        (time(12, 0), "12:00 PM", "noon"),
        (time(12, 1), "12:01 PM", "12:01 PM"),
        (time(14, 30), "2:30 PM", "2:30 PM"),
        (time(23, 59), "11:59 PM", "11:59 PM"),
    ],
)
def test_clock(local: time, written: str, spoken: str) -> None:
    start = datetime.combine(TODAY, local, ZoneInfo("Asia/Tokyo"))
    assert (clock(start), spoken_clock(start)) == (written, spoken)


@pytest.mark.parametrize(
    ("day", "label", "spoken", "dated"),
    [
        (date(2026, 3, 19), "Thursday, March 19", "yesterday", "yesterday"),
        (date(2026, 3, 20), "Today", "today", "today"),
        (date(2026, 3, 21), "Tomorrow", "tomorrow", "tomorrow"),
        (date(2026, 3, 22), "Sunday", "Sunday", "Sunday, March 22"),
        (date(2026, 3, 26), "Thursday", "Thursday", "Thursday, March 26"),
        (date(2026, 3, 27), "Friday, March 27", "Friday, March 27", "Friday, March 27"),
        (date(2027, 1, 4), "Monday, January 4", "Monday, January 4", "Monday, January 4"),
        (date(2027, 3, 22), "Monday, March 22", "Monday, March 22, 2027", "Monday, March 22, 2027"),
        (date(2025, 3, 20), "Thursday, March 20", "Thursday, March 20, 2025", "Thursday, March 20, 2025"),
    ],
)
def test_days(day: date, label: str, spoken: str, dated: str) -> None:
    assert (day_label(day, TODAY), spoken_day(day, TODAY), spoken_date(day, TODAY)) == (label, spoken, dated)


def test_only_named_days_take_a_preposition() -> None:
    assert [on(day) for day in ("today", "tomorrow at 9 AM", "Monday, March 30")] == [
        *("today", "tomorrow at 9 AM", "on Monday, March 30"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("America/Port-au-Prince", "Port au Prince time"),
        ("US/Eastern", "Eastern time"),
        ("Mexico/General", "Mexico General time"),
        ("Japan", "Japan time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "UTC minus 5"),
        ("EST5EDT", "UTC minus 5"),
        ("NZ-CHAT", "UTC plus 13:45"),
        ("CET", "UTC plus 1"),
    ],
)
def test_zones_are_called_by_their_place(name: str, words: str) -> None:
    assert zone_words(ZoneInfo(name), WINTER) == words
