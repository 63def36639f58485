"""Time zones that nobody named outright: that of a phone number, and that in "3 PM Eastern"."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

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
    """Return the zone of a number in E.164; None where it has several, such as a toll-free one, or none.

    https://github.com/daviddrysdale/python-phonenumbers, read 2026-11-20: by country and area code. People take their
    numbers along when they move, so whatever names a zone outright goes first.
    """
    try:
        zones = time_zones_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None
    return zone_named(zones[0]) if len(zones) == 1 else None


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
