"""Checks bodies and queries as upstream's validating pipe does, and words the refusal as it does."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from calbridge.sandbox.envelopes import ApiError, refused
from calbridge.sandbox.world import Json

LANGUAGES = [
    "ar", "ca", "de", "es", "eu", "he", "id", "ja", "lv", "pl", "ro", "sr", "th", "vi", "az", "cs", "el", "es-419",
    "fi", "hr", "it", "km", "nl", "pt", "ru", "sv", "tr", "zh-CN", "bg", "da", "en", "et", "fr", "hu", "iw", "ko",
    "no", "pt-BR", "sk", "ta", "uk", "zh-TW", "bn",
]  # fmt: skip
BOOKING = {
    "start", "eventTypeId", "eventTypeSlug", "username", "teamSlug", "organizationSlug", "attendee", "guests",
    "bookingFieldsResponses", "location", "meetingUrl", "metadata", "lengthInMinutes", "recurrenceCount", "instant",
    "emailVerificationCode", "routing",
}  # fmt: skip
HOSTED_ONLY = {"allowConflicts", "allowBookingOutOfBounds", "skipBookingLimits"}
ATTENDEE = {"name", "email", "phoneNumber", "timeZone", "language"}
MOVE = {"start", "rescheduledBy", "reschedulingReason", "seatUid", "emailVerificationCode"}
SLOTS = {
    "start", "end", "timeZone", "duration", "format", "bookingUidToReschedule", "eventTypeId", "eventTypeSlug",
    "username", "teamSlug", "organizationSlug", "usernames",
}  # fmt: skip
ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500
NO_EVENT_TYPE = "Either eventTypeId or eventTypeSlug + username or eventTypeSlug + teamSlug must be provided"
NO_CONTACT = "Attendee must have at least one contact method (email or phone number)"
BAD_METADATA = (
    f"Metadata must have at most {MAX_KEYS} keys, each key up to {MAX_KEY} characters, and string values up to "
    f"{MAX_VALUE} characters."
)
NO_SLOT_EVENT_TYPE = (
    "each value in usernames must be a string, The array must contain at least 2 elements., usernames must be an array"
)


class Problem(NamedTuple):
    """What is wrong with a property, or with the properties inside it."""

    name: str
    constraints: str = ""
    children: tuple["Problem", ...] = ()

    def __str__(self) -> str:
        return f"{self.name} property is wrong,{self.constraints} {', '.join(map(str, self.children))}"


def refusal(problems: Iterable[Problem]) -> ApiError:
    """Make the 400 for these problems."""
    return refused(400, ", ".join(map(str, problems)))


def instant(text: object) -> datetime | None:
    """Read an ISO 8601 time; without an offset it means UTC. None if it is no time."""
    if not isinstance(text, str) or not ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def is_zone(name: object) -> bool:
    """Tell whether this is the name of a time zone."""
    try:
        return isinstance(name, str) and bool(ZoneInfo(name))
    except (ValueError, OSError, LookupError):
        return False


def _bad_time(name: str, moment: datetime | None) -> list[Problem]:
    return [] if moment else [Problem(name, f"{name} must be a valid ISO 8601 date string")]


def _unknown(body: Mapping[str, Any], known: set[str]) -> list[Problem]:
    return [Problem(name, f"property {name} should not exist") for name in body if name not in known]


def _attendee(attendee: object) -> Problem | None:
    if not isinstance(attendee, dict):
        return Problem("attendee", "attendee should not be null or undefined")
    found = _unknown(attendee, ATTENDEE)
    if not isinstance(attendee.get("name"), str):
        found.append(Problem("name", "name must be a string"))
    if not is_zone(attendee.get("timeZone")):
        found.append(Problem("timeZone", "timeZone must be a valid IANA time-zone"))
    if (attendee.get("language") or "en") not in LANGUAGES:
        found.append(Problem("language", f"language must be one of the following values: {', '.join(LANGUAGES)}"))
    found += [
        Problem(name, f"{name} must be a string")
        for name in ("email", "phoneNumber")
        if not isinstance(attendee.get(name) or "", str)
    ]
    if not attendee.get("email") and not attendee.get("phoneNumber"):
        found.append(Problem("attendee email or phone", NO_CONTACT))
    return Problem("attendee", "", tuple(found)) if found else None


def _metadata_fits(metadata: object) -> bool:
    return (
        isinstance(metadata, dict)
        and len(metadata) <= MAX_KEYS
        and all(len(key) <= MAX_KEY for key in metadata)
        and all(isinstance(value, (str, int, float, bool)) for value in metadata.values())
        and all(len(value) <= MAX_VALUE for value in metadata.values() if isinstance(value, str))
    )


def check_booking(body: Json, *, hosted: bool) -> datetime:
    """Refuse a body of POST /v2/bookings that does not fit, or give its start.

    `hosted` allows what only newer versions know.
    """
    start = instant(body.get("start"))
    problems = _unknown(body, BOOKING | HOSTED_ONLY if hosted else BOOKING) + _bad_time("start", start)
    for name in ("eventTypeId", "lengthInMinutes", "recurrenceCount"):
        value = body.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            problems.append(Problem(name, f"{name} must be an integer number"))
    if attendee := _attendee(body.get("attendee")):
        problems.append(attendee)
    if not isinstance(body.get("bookingFieldsResponses", {}), dict):
        problems.append(Problem("bookingFieldsResponses", "bookingFieldsResponses must be an object"))
    guests = body.get("guests", [])
    if not isinstance(guests, list) or not all(isinstance(guest, str) and "@" in guest for guest in guests):
        problems.append(Problem("guests", "each value in guests must be an email"))
    if not _metadata_fits(body.get("metadata", {})):
        problems.append(Problem("metadata", BAD_METADATA))
    slug = body.get("eventTypeSlug") and (body.get("username") or body.get("teamSlug"))
    if "eventTypeId" not in body and not slug:
        problems.append(Problem("eventTypeId or eventTypeSlug + username", NO_EVENT_TYPE))
    if problems or start is None:
        raise refusal(problems)
    return start


def check_move(body: Json) -> datetime:
    """Refuse a body of a reschedule that does not fit, or give its start."""
    start = instant(body.get("start"))
    problems = _unknown(body, MOVE) + _bad_time("start", start)
    if problems or start is None:
        raise refusal(problems)
    return start


def check_slots(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Refuse a query of GET /v2/slots that does not fit, or give its start and end."""
    start, end = instant(query.get("start")), instant(query.get("end"))
    problems = _unknown(query, SLOTS) + _bad_time("start", start) + _bad_time("end", end)
    if "timeZone" in query and not is_zone(query["timeZone"]):
        problems.append(Problem("timeZone", "timeZone must be a valid IANA time-zone"))
    problems += [
        Problem(name, f"{name} must be a number conforming to the specified constraints")
        for name in ("eventTypeId", "duration")
        if name in query and not query[name].isdecimal()
    ]
    if query.get("format", "time") not in ("time", "range"):
        problems.append(Problem("format", "format must be one of the following values: range, time"))
    if "eventTypeId" not in query and "eventTypeSlug" not in query:
        problems.append(Problem("usernames", NO_SLOT_EVENT_TYPE))
        problems.append(Problem("organizationSlug", "organizationSlug must be a string"))
    if problems or start is None or end is None:
        raise refusal(problems)
    return start, end
