"""Local times around clock changes: skipped ones are refused, repeated ones mean the first."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calbridge.domain.times import SkippedTimeError, place, start_of_day

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo", "Africa/Cairo")

zones = st.sampled_from(ZONES).map(ZoneInfo)
locals_ = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - local time
instants = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as asked


@pytest.mark.parametrize(
    ("zone", "last", "skipped", "first"),
    [
        ("Europe/London", "2026-03-29T00:59", "2026-03-29T01:00", "2026-03-29T02:00"),
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T02:00", "2026-03-08T03:00"),
        ("Australia/Lord_Howe", "2026-10-04T01:59", "2026-10-04T02:00", "2026-10-04T02:30"),
        ("Africa/Casablanca", "2026-03-22T01:59", "2026-03-22T02:00", "2026-03-22T03:00"),
        ("Africa/Cairo", "2026-04-23T23:59", "2026-04-24T00:00", "2026-04-24T01:00"),
    ],
)
def test_a_skipped_time_is_refused(zone: str, last: str, skipped: str, first: str) -> None:
    before, gap, after = map(datetime.fromisoformat, (last, skipped, first))
    assert place(after, ZoneInfo(zone)) - place(before, ZoneInfo(zone)) == timedelta(minutes=1)
    for wanted in (gap, gap.replace(fold=1), after - timedelta(minutes=1), after - timedelta(microseconds=1)):
        with pytest.raises(SkippedTimeError, match="the clocks go forward") as caught:
            place(wanted, ZoneInfo(zone))
        assert (caught.value.local, caught.value.zone.key) == (wanted, zone)


@pytest.mark.parametrize(
    ("zone", "repeated", "first"),
    [
        ("Europe/London", "2026-10-25T01:00", "2026-10-25T00:00Z"),
        ("Europe/London", "2026-10-25T01:59", "2026-10-25T00:59Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-04T14:30Z"),
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30Z"),
    ],
)
def test_a_repeated_time_means_the_first(zone: str, repeated: str, first: str) -> None:
    wanted = datetime.fromisoformat(repeated)
    assert place(wanted, ZoneInfo(zone)) == datetime.fromisoformat(first)
    assert place(wanted.replace(fold=1), ZoneInfo(zone)) == datetime.fromisoformat(first)


@given(locals_)
def test_where_clocks_never_change_every_time_exists(wanted: datetime) -> None:
    assert place(wanted, ZoneInfo("Asia/Tokyo")) == (wanted - timedelta(hours=9)).replace(tzinfo=UTC)


@given(instants, zones)
def test_a_local_time_comes_back_as_itself_or_as_the_first_of_its_kind(instant: datetime, zone: ZoneInfo) -> None:
    local = instant.astimezone(zone)
    placed = place(local.replace(tzinfo=None), zone)
    assert placed.tzinfo is UTC
    assert placed.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
    assert placed < instant if local.fold else placed == instant


@given(locals_, zones)
def test_what_is_placed_reads_as_it_was_wanted(wanted: datetime, zone: ZoneInfo) -> None:
    try:
        placed = place(wanted, zone)
    except SkippedTimeError:
        later = wanted + timedelta(hours=1)
        assert place(later, zone).astimezone(zone).replace(tzinfo=None) == later
    else:
        assert placed.astimezone(zone).replace(tzinfo=None) == wanted


@given(locals_, zones, st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_honoured_whatever_the_zone(wanted: datetime, zone: ZoneInfo, minutes: int) -> None:
    aware = wanted.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert place(aware, zone) == aware
    assert place(aware, zone).tzinfo is UTC


@given(st.dates(date(2025, 1, 1), date(2030, 1, 1)), zones)
def test_a_day_begins_with_its_first_instant(day: date, zone: ZoneInfo) -> None:
    begins = start_of_day(day, zone)
    assert begins.astimezone(zone).date() == day
    assert (begins - timedelta(microseconds=1)).astimezone(zone).date() == day - timedelta(days=1)


def test_a_day_whose_midnight_is_skipped_begins_after_it() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    begins = start_of_day(date(2026, 4, 24), cairo)
    assert begins.astimezone(cairo).isoformat() == "2026-04-24T01:00:00+03:00"
