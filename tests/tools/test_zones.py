"""The zone of a phone number, and zones in what is said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calbridge.tools.zones import without_zone, zone_of

NEW_YORK = ZoneInfo("America/New_York")
SUMMER, WINTER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+12125550123", "America/New_York"),
        ("+14155550100", "America/Los_Angeles"),
        ("+442079460958", "Europe/London"),
        ("+4915112345678", "Europe/Berlin"),
        ("+5511912345678", "America/Sao_Paulo"),
        ("+18005550123", None),  # toll-free: everywhere
        ("+61412345678", None),  # an Australian mobile: five zones
        ("+999123", None),
        ("2125550123", None),
        ("", None),
    ],
)
def test_a_number_has_a_zone_if_it_has_but_one(number: str, zone: str | None) -> None:
    assert zone_of(number) == (zone and ZoneInfo(zone))


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("3 PM Eastern", "3 PM"),
        ("3 PM EST", "3 PM"),
        ("3 PM Eastern time tomorrow", "3 PM tomorrow"),
        ("3 PM New York time", "3 PM"),
        ("3 PM my time", "3 PM"),
        ("3 PM", "3 PM"),
        ("3 PM Pacific", None),
        ("3 PM UTC", None),
        ("3 PM GMT+2", "3 PM GMT+2"),  # not understood as a whole, then
    ],
)
def test_the_callers_own_zone_may_be_named(said: str, rest: str | None) -> None:
    found = without_zone(said, NEW_YORK, SUMMER)
    assert (found if found is None else " ".join(found.split())) == rest


def test_zones_that_agree_are_one() -> None:
    toronto = ZoneInfo("America/Toronto")
    assert without_zone("3 PM Eastern", toronto, WINTER) is not None
    assert without_zone("3 PM UTC", ZoneInfo("Africa/Abidjan"), SUMMER) is not None


@pytest.mark.parametrize("now", [SUMMER, WINTER])
@pytest.mark.parametrize(
    ("said", "zone"),
    [("3 PM UK time", "UTC"), ("3 PM UTC", "Europe/London"), ("3 PM Mountain", "America/Phoenix")],
)
def test_zones_that_agree_for_half_a_year_are_two(said: str, zone: str, now: datetime) -> None:
    assert without_zone(said, ZoneInfo(zone), now) is None
