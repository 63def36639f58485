"""Windows and offers: which times are looked at, and which of them are picked."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from calbridge.domain.times import (
    Window,
    by_day,
    clamp_days_ahead,
    nearest,
    spread,
    suggest,
    window_ahead,
)

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo", "Africa/Cairo")
LONDON = ZoneInfo("Europe/London")

zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as asked
# Within a few weeks, so that days have several times.
close = st.integers(0, 30 * 24 * 4).map(lambda quarters: at("2026-03-10T00:00Z") + timedelta(minutes=15 * quarters))
openings = st.lists(close, max_size=60, unique=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_days_ahead_are_brought_into_what_is_served() -> None:
    assert [clamp_days_ahead(days) for days in (-5, 0, 1, 7, 30, 31, 10**6)] == [7, 7, 1, 7, 30, 30, 30]


def test_a_window_has_its_start_and_not_its_end() -> None:
    window = Window(at("2026-03-20T10:00Z"), at("2026-03-20T11:00Z"))
    assert at("2026-03-20T10:00Z") in window
    assert at("2026-03-20T11:59+01:00") in window
    assert at("2026-03-20T11:00Z") not in window
    assert at("2026-03-20T09:59Z") not in window


def test_a_window_ends_with_the_last_local_day() -> None:
    # The clocks go forward on March 29: that day's end is an hour nearer.
    assert window_ahead(at("2026-03-27T23:30Z"), 2, LONDON) == Window(at("2026-03-27T23:30Z"), at("2026-03-29T23:00Z"))
    # It is March 28 in Tokyo already.
    end = window_ahead(at("2026-03-27T23:30Z"), 2, ZoneInfo("Asia/Tokyo")).end
    assert end == at("2026-03-31T00:00+09:00")


@given(instants, st.integers(1, 60), zones)
def test_a_window_covers_whole_days(now: datetime, days: int, zone: ZoneInfo) -> None:
    window = window_ahead(now, days, zone)
    last = now.astimezone(zone).date() + timedelta(days=days)
    assert now in window
    assert (window.end - timedelta(microseconds=1)).astimezone(zone).date() == last
    assert window.end.astimezone(zone).date() == last + timedelta(days=1)


@given(openings, zones)
def test_days_hold_every_time_once_and_in_order(starts: list[datetime], zone: ZoneInfo) -> None:
    days = by_day(starts, zone)
    assert [start.timestamp() for day in days for start in day.starts] == sorted(s.timestamp() for s in starts)
    assert all(earlier.date < later.date for earlier, later in pairwise(days))
    assert all(start.date() == day.date and start.tzinfo is zone for day in days for start in day.starts)


def test_an_hour_that_is_repeated_keeps_its_order() -> None:
    first, second, between = at("2026-10-25T00:30Z"), at("2026-10-25T01:30Z"), at("2026-10-25T01:15Z")
    (day,) = by_day([second, between, first], LONDON)
    assert day.date == date(2026, 10, 25)
    assert [start.astimezone(UTC) for start in day.starts] == [first, between, second]


@given(st.lists(close, unique=True).map(sorted), st.integers(1, 9))
def test_times_are_spread_from_the_first_to_the_last(starts: list[datetime], count: int) -> None:
    picked = spread(starts, count)
    assert len(picked) == min(len(starts), count)
    assert list(picked) == sorted(set(picked) & set(starts))
    if picked:
        assert picked[0] == starts[0]
    if len(picked) > 1:
        assert picked[-1] == starts[-1]


@given(openings, zones)
def test_suggestions_are_few_and_from_the_whole_day(starts: list[datetime], zone: ZoneInfo) -> None:
    days = by_day(starts, zone)
    picked = [start.astimezone(zone) for start in suggest(starts, zone)]
    suggested = {day: list(times) for day, times in groupby(picked, key=lambda start: start.date())}
    assert list(suggested) == [day.date for day in days[:3]]
    for day in days[:3]:
        times = suggested[day.date]
        assert len(times) == min(3, len(day.starts))
        assert set(times) <= set(day.starts)
        assert times[0] == day.starts[0]
        assert {start.hour < 12 for start in times} == {start.hour < 12 for start in day.starts}


@given(openings, close, st.integers(1, 9))
def test_the_nearest_are_nearer_than_the_rest(starts: list[datetime], wanted: datetime, count: int) -> None:
    picked = nearest(starts, wanted, count)
    distances = [abs(start - wanted) for start in picked]
    assert len(picked) == min(count, len(starts))
    assert distances == sorted(distances)
    assert all(abs(start - wanted) >= distances[-1] for start in set(starts) - set(picked))


def test_of_two_that_are_equally_near_the_later_comes_first() -> None:
    starts = [at("2026-03-20T09:00Z"), at("2026-03-20T11:00Z"), at("2026-03-20T08:00Z")]
    assert nearest(starts, at("2026-03-20T10:00Z"), 2) == (starts[1], starts[0])
