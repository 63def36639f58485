"""Time zones that nobody named outright: that of a phone number, and that in "3 PM Eastern"."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from calbridge.domain.loose import Present
from calbridge.domain.times import zone_named
from calbridge.tools.clock import zone_words

JANUARY, JULY = 1, 7

_MINE = re.compile(r"\bmy time\b", re.IGNORECASE)
_YOURS = re.compile(r"\byour time\b", re.IGNORECASE)
_EITHERS = re.compile(r"\b(?:our|local|here) time\b|\bhere\b", re.IGNORECASE)
_SPOKEN = {
    "America/New_York": re.compile(r"\b(?:eastern(?: standard| daylight)?(?: time)?|e[sd]?t)\b", re.IGNORECASE),
    "America/Chicago": re.compile(r"\b(?:central(?: standard| daylight)?(?: time)?|c[sd]t)\b", re.IGNORECASE),
    "America/Denver": re.compile(r"\b(?:mountain(?: standard| daylight)?(?: time)?|m[sd]t)\b", re.IGNORECASE),
    "America/Los_Angeles": re.compile(r"\b(?:pacific(?: standard| daylight)?(?: time)?|p[sd]?t)\b", re.IGNORECASE),
    "Europe/London": re.compile(r"\b(?:uk time|bst)\b", re.IGNORECASE),
    "Europe/Berlin": re.compile(r"\bces?t\b", re.IGNORECASE),
    "UTC": re.compile(r"\b(?:utc|gmt)\b(?! ?[+-]\d)", re.IGNORECASE),
}


def zone_of(number: str) -> ZoneInfo | None:
    """Return the zone of a number in E.164; None where it may be in several, as with a toll-free one, or in none.

    https://github.com/daviddrysdale/python-phonenumbers, read 2026-11-20: by country and area code. People take their
    numbers along when they move, so whatever names a zone outright goes first.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    zones = _zones_of(parsed)
    return zone_named(*zones) if len(zones) == 1 else None


def _zones_of(number: PhoneNumber) -> frozenset[str]:
    """Return the zones that a number may be in.

    A fixed line is where its exchange is. What may be a mobile is anywhere in the area: in +1 219 the library has one
    zone for the towns that it knows, and another for all other exchanges. Where mobiles have codes of their own, it is
    anywhere in the country.
    """
    area = phonenumbers.length_of_geographical_area_code(number)
    kind = phonenumbers.number_type(number)
    if kind not in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE} or not area:
        return frozenset(time_zones_for_number(number))
    if kind == PhoneNumberType.MOBILE and not _has_fixed_lines(number, area):
        return _zones_within(str(number.country_code))
    within = _zones_within(f"{number.country_code}{phonenumbers.national_significant_number(number)[:area]}")
    return within.union(time_zones_for_number(number))


def _has_fixed_lines(number: PhoneNumber, area: int) -> bool:
    """Whether fixed lines have the same area code, so that it is one of a place."""
    region = phonenumbers.region_code_for_number(number)
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.FIXED_LINE)
    if example is None:
        return False
    code, rest = (phonenumbers.national_significant_number(each) for each in (number, example))
    fixed = PhoneNumber(country_code=number.country_code, national_number=int(code[:area] + rest[area:]))
    return phonenumbers.number_type(fixed) == PhoneNumberType.FIXED_LINE


@lru_cache(maxsize=1024)
def _zones_within(prefix: str) -> frozenset[str]:
    return frozenset(zone for each, zones in TIMEZONE_DATA.items() if each.startswith(prefix) for zone in zones)


def without_zone(text: str, present: Present) -> str | None:
    """Leave the name of the zone in which times are read out of a text; None if another is meant, or may be.

    Whose time it is tells the zone only as far as it is known where they are: "my time" is not the host's because
    nobody knows where the caller is, and "here" is where either of them is.
    """
    zone, now = present.zone, present.now
    spoken = re.compile(rf"\b{re.escape(zone_words(zone, now))}(?!\w)", re.IGNORECASE)
    named = [
        (spoken, (zone,)),
        (_MINE, (present.caller_zone,)),
        (_YOURS, (present.host_zone,)),
        (_EITHERS, (present.caller_zone, present.host_zone)),
        *((pattern, (ZoneInfo(name),)) for name, pattern in _SPOKEN.items()),
    ]
    for pattern, zones in named:
        if pattern.search(text):
            if not all(each is not None and _agree(each, zone, now) for each in zones):
                return None
            text = pattern.sub(" ", text)
    return text


def _agree(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Whether two zones are one all year: whether it is about summer or winter, a text has yet to tell."""
    seasons = [datetime(now.year + 1, month, 1, tzinfo=UTC) for month in (JANUARY, JULY)]
    return all(each.replace(tzinfo=one) == each.replace(tzinfo=other) for each in seasons)
