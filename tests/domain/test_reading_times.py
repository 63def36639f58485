"""Dates and zones as text: what is read, and what is refused."""

import zoneinfo
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calbridge.domain.times import parse_when, zone_named

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
local_times = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31))  # noqa: DTZ001 - local time
moments = local_times | st.builds(lambda local, offset: local.replace(tzinfo=offset), local_times, offsets)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-25T14:00:00Z", "2026-03-25t14:00z", " 2026-03-25 14:00Z ", "2026-03-25T14Z", "20260325T140000Z"),
        *("2026-03-25T09:00-05:00", "2026-03-25T09:00:00 -05:00", "2026-03-25T19:30:00.000+0530", "2026-W13-3T14:00Z"),
        "2026-03-25T14:00:00.000000000Z",
    ],
)
def test_an_offset_makes_it_an_instant(text: str) -> None:
    assert parse_when(text) == datetime(2026, 3, 25, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-25T14:00", "2026-03-25 14:00:00", "20260325t1400"])
def test_without_an_offset_it_is_local_time(text: str) -> None:
    assert parse_when(text) == datetime(2026, 3, 25, 14)  # noqa: DTZ001 - local time


@pytest.mark.parametrize("text", ["2026-03-25", "20260325", "2026-W13-3", " 2026-03-25 ", "2026-03-25T"])
def test_a_date_alone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must have a time of day, such as 2026-03-25T14:00:00Z$"):
        parse_when(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "tomorrow at 3",
            "14:00",
            "2026-03-25T25:00",
            "2026-02-30T10:00",
            "2026-03-25T14:00 London",
            "1774447200",
        ),
        *("2026-03-25-05:00", "2026-03-25+10:00", "2026-03-25x10:00", "2026-03-25T14:00:00+24:00", "10000-01-01T00:00"),
        *("2026-03-25T14:00Z\0", "\uff12026-03-25T14:00", "2026-03-25T14:00[Europe/London]", "9" * 100_000),
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_what_is_no_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be an ISO 8601 date and time, such as 2026-03-25T14:00:00Z$"):
        parse_when(text)


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00", "1999-12-31T10:00", "3000-01-01T10:00Z"]
)
def test_a_year_of_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a date that a calendar can hold$"):
        parse_when(text)


@given(moments, st.sampled_from("T t"))
def test_what_python_writes_is_read(moment: datetime, separator: str) -> None:
    assert parse_when(moment.isoformat(separator)) == moment.replace(microsecond=0)


@given(st.text(max_size=40) | st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9:]{2,8}[zZ+-]?[0-9:]{0,5}\Z"))
def test_text_is_read_or_refused(text: str) -> None:
    try:
        moment = parse_when(text)
    except ValueError as error:
        assert str(error).startswith("must ")  # noqa: PT017 - either way is right
    else:
        assert 2000 <= moment.year < 3000
        assert moment.tzinfo is None or moment.astimezone(UTC) == moment


@pytest.mark.parametrize("name", ["UTC", "Europe/London", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific"])
def test_zones_go_by_their_names(name: str) -> None:
    found = zone_named(name)
    assert found is not None
    assert found.key == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "london",
            "europe/london",
            "Europe/London ",
            "Europe//London",
            "Europe/./London",
            "Europe",
            "Europe/",
        ),
        *("../x", "/etc/localtime", "Europe/../UTC", ".", "./UTC", "localtime", "posixrules", "Factory"),
        *("posix/Europe/London", "right/Europe/London", "tzdata.zi", "zone.tab", "__init__.py", "+01:00", "GMT+5"),
        *("EST", "MST", "CET", "GMT", "EST5EDT", "Japan"),
        *("\0", "Europe/London\0", "\ud800", "Z\u00fcrich", "a" * 100_000, "A/" * 5_000, "C:\\zones", "Mars/Olympus"),
    ],
    ids=lambda name: ascii(name)[:40],
)
def test_what_names_no_zone_is_none(name: str) -> None:
    assert zone_named(name) is None


@given(st.text(max_size=40) | st.sampled_from(sorted(zoneinfo.available_timezones())))
def test_any_name_is_a_zone_or_none(name: str) -> None:
    found = zone_named(name)
    assert found is None or found.key == name
