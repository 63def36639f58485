"""When is meant: offers and pairs beside the phrases of the table, and what holds for every text whatever."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tools.samples import reply
from tests.tools.test_dates_table import ROWS

from calbridge.domain.actions import (
    Asked,
    Booked,
    Detail,
    Spoken,
    TimeFault,
    TwoTimes,
    WrongTime,
)
from calbridge.domain.loose import Meaning, Present
from calbridge.domain.times import SkippedTimeError, place
from calbridge.tools.clock import moment
from calbridge.tools.dates import is_day, meaning, when

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
WEDNESDAY_11, WEDNESDAY_14, THURSDAY_9 = (
    datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((25, 11), (25, 14), (26, 9))
)
OFFERED = (WEDNESDAY_11, WEDNESDAY_14, THURSDAY_9)
ZONES = st.sampled_from(sorted(name for name in available_timezones() if "/" in name and name[0].isupper()))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = (
    *("tomorrow", "today", "tonight", "next", "this", "friday", "sunday", "march", "5", "29", "31st", "the 16th", "at"),
    *(
        "3",
        "8",
        "12",
        "2:30",
        "10:30",
        "am",
        "pm",
        "noon",
        "midnight",
        "in",
        "two",
        "weeks",
        "hours",
        "half past",
        "on",
    ),
    *("morning", "evening", "3/4", "2026-03-29", "2025-11-01", "T01:30", "week", "of", "a", "from", "not", "or", "-"),
    *("yesterday", "last", "month", "february", "2028", "Z", "+14:00", "ma\u00f1ana", "um", "15 de abril"),
)
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
TEXTS = st.one_of(PHRASES, st.sampled_from([row[2] for row in ROWS]), st.text(max_size=30))


def meant(date: str, time: str = "", offered: tuple[datetime, ...] = ()) -> Meaning:
    return meaning(Spoken(date, time), Present(NOW, LONDON, offered))


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("2026-03-25", "14:00"),
        ("2026-03-25", "2:00 PM"),
        ("2026-03-25", "2"),
        ("the one on the 25th", "2 PM"),
        ("2026-03-25T00:00:00", "2 PM"),
        ("2026-03-25T00:00:00Z", "14:00"),
        ("", "2026-03-25T14:00"),
        ("2026-03-25", "2026-03-25T14:00:00"),
        ("Wednesday", "2 in the afternoon"),
        ("next Wednesday", "14:00"),
        ("March 25", "two"),
        ("2024-03-25", "14:00"),
    ],
)
def test_a_day_and_a_time_of_day_apart(date: str, time: str) -> None:
    assert meant(date, time) == WEDNESDAY_14


@pytest.mark.parametrize(
    ("said", "now", "wanted"),
    [
        ("Sunday at 1:30 am", "2026-03-29T00:10Z", TimeFault.SKIPPED),
        ("next Sunday at 1:30 am", "2026-03-28T00:10Z", TimeFault.SKIPPED),
        ("1:30 am", "2026-03-29T00:10Z", TimeFault.SKIPPED),
        ("today at 1:30 am", "2026-03-29T12:00Z", TimeFault.SKIPPED),
        ("Sunday at 1:30 am", "2026-03-29T12:00Z", datetime(2026, 4, 5, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_skipped_moves_to_no_other_day(said: str, now: str, wanted: TimeFault | datetime) -> None:
    found = meaning(Spoken(said), Present(datetime.fromisoformat(now), LONDON))
    assert (found.fault if isinstance(found, WrongTime) else found) == wanted


def test_a_number_is_no_beginning_of_a_date() -> None:
    assert meant("2", "2026-03-25T14:00:00") == Asked(Detail.DATETIME)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2026-03-27", True), ("tomorrow", True), ("tomorrow at 3", False), ("2026-03-27T09:00", False), ("3 PM", False)],
)
def test_a_day_is_told_from_a_time(text: str, is_one: bool) -> None:
    assert is_day(text) is is_one


@pytest.mark.parametrize("said", ["Friday", "at 3", "3 PM", "the afternoon", "Friday at 3"])
def test_a_part_of_a_time_agrees_with_the_time_that_is_told_beside_it(said: str) -> None:
    """Whatever was offered; and "Friday at 3" is today or in a week."""
    for wanted in (datetime(2026, 3, 20, 15, tzinfo=UTC), datetime(2026, 3, 27, 15, tzinfo=UTC)):
        assert meaning(Spoken(said), Present(NOW, LONDON, OFFERED, wanted=wanted)) == wanted


@pytest.mark.parametrize(
    "text", ["2026-02-30T10:00", "2026-03-25", "20260325", "banana", "", "2026-03-25T10:00ZZ", "3"]
)
def test_what_neither_is_iso_nor_english_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must"):
        when(text)


def test_iso_is_read_at_once_and_words_later() -> None:
    assert when("2026-03-25T14:00:00Z") == WEDNESDAY_14
    assert when("next Tuesday at 3") == Spoken("next Tuesday at 3")
    assert when("the second one") == Spoken("the second one")


@settings(deadline=None)  # the first foreign text has the languages read
@given(text=TEXTS, zone=ZONES, now=MOMENTS)
def test_nothing_that_is_said_is_in_the_past_or_skipped(text: str, zone: str, now: datetime) -> None:
    found = meaning(Spoken(text), Present(now, ZoneInfo(zone)))
    for start in [found] if isinstance(found, datetime) else []:
        assert start > now
        local = start.astimezone(ZoneInfo(zone))
        assert place(local.replace(tzinfo=None), ZoneInfo(zone)) == start or "T" in text or "+" in text or "Z" in text
    if isinstance(found, TwoTimes):
        assert now < found.first < found.second


@given(local=st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1)), zone=ZONES, now=MOMENTS)  # noqa: DTZ001
def test_iso_that_lies_ahead_means_what_it_says(local: datetime, zone: str, now: datetime) -> None:
    local = local.replace(microsecond=0)
    try:
        start = place(local, ZoneInfo(zone))
    except SkippedTimeError:
        return
    found = meaning(Spoken(local.isoformat()), Present(now, ZoneInfo(zone)))
    pair = meaning(Spoken(f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}"), Present(now, ZoneInfo(zone)))
    assert found == pair
    if start > now:
        assert found == start


@given(
    minutes=st.integers(60, 60 * 24 * 320),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_what_we_say_is_understood(minutes: int, zone: str) -> None:
    told = reply(Booked, timezone=ZoneInfo(zone))  # type: ignore[arg-type] # only the zone and the present matter
    start = (told.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    local = start.astimezone(told.timezone)
    if place(local.replace(tzinfo=None), told.timezone) != start:  # the second of two that sound alike
        return
    assert meaning(Spoken(moment(start, told)), Present(told.now, told.timezone)) == start
