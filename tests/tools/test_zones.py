"""The zone of a phone number, and zones in what is said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calbridge.domain.loose import Present
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
        ("+61291234567", "Australia/Sydney"),
        ("+12193001234", None),  # an exchange of no town, in an area of two zones
        ("+12194641234", None),
        ("+14232021234", None),  # Chattanooga
        ("+18505551234", None),  # Pensacola or Tallahassee
        ("+19285551234", None),  # Arizona, with the Navajo Nation
        ("+16025551234", "America/Phoenix"),
        ("+13135551234", "America/New_York"),
        ("+16045551234", "America/Vancouver"),
        ("+6281234567890", None),  # an Indonesian mobile: its code is its network's
        ("+62215123456", "Asia/Jakarta"),
        ("+5567912345678", None),
        ("+525512345678", "America/Mexico_City"),
        ("+5491112345678", "America/Buenos_Aires"),
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
        ("3 PM", "3 PM"),
        ("3 PM Pacific", None),
        ("3 PM UTC", None),
        ("3 PM GMT+2", "3 PM GMT+2"),  # not understood as a whole, then
    ],
)
def test_the_callers_own_zone_may_be_named(said: str, rest: str | None) -> None:
    found = without_zone(said, Present(SUMMER, NEW_YORK))
    assert (found if found is None else " ".join(found.split())) == rest


@pytest.mark.parametrize(
    ("said", "caller", "host", "is_certain"),
    [
        ("3 PM my time", "America/New_York", "Europe/London", True),
        ("3 PM my time", "America/Toronto", "Europe/London", True),
        ("3 PM my time", "Europe/London", "America/New_York", False),
        ("3 PM my time", None, "America/New_York", False),
        ("3 PM your time", "Europe/London", "America/New_York", True),
        ("3 PM your time", "America/New_York", "Europe/London", False),
        ("3 PM your time", "America/New_York", None, False),
        ("3 PM local time", "America/New_York", "America/New_York", True),
        ("3 PM local time", "Europe/London", "America/New_York", False),
        ("3 PM here", "America/New_York", "Europe/London", False),
        ("3 PM here", None, "America/New_York", False),
        ("3 PM here", "America/New_York", "America/New_York", True),
        ("3 PM our time", "America/New_York", "Europe/London", False),
    ],
)
def test_whose_time_it_is_tells_the_zone_of_those_whose_place_is_known(
    said: str, caller: str | None, host: str | None, is_certain: bool
) -> None:
    """Times are read in New York."""
    present = Present(
        SUMMER, NEW_YORK, caller_zone=ZoneInfo(caller) if caller else None, host_zone=ZoneInfo(host) if host else None
    )
    found = without_zone(said, present)
    assert (found and found.strip()) == ("3 PM" if is_certain else None)


def test_zones_that_agree_are_one() -> None:
    toronto = ZoneInfo("America/Toronto")
    assert without_zone("3 PM Eastern", Present(WINTER, toronto)) is not None
    assert without_zone("3 PM UTC", Present(SUMMER, ZoneInfo("Africa/Abidjan"))) is not None


@pytest.mark.parametrize("now", [SUMMER, WINTER])
@pytest.mark.parametrize(
    ("said", "zone"),
    [("3 PM UK time", "UTC"), ("3 PM UTC", "Europe/London"), ("3 PM Mountain", "America/Phoenix")],
)
def test_zones_that_agree_for_half_a_year_are_two(said: str, zone: str, now: datetime) -> None:
    assert without_zone(said, Present(now, ZoneInfo(zone))) is None
