"""The table of what the API can be asked, and in which versions; a version decides which row a request means."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from calbridge.sandbox import booking_list, bookings, legacy, reading
from calbridge.sandbox.calls import Call, Success

OLD = "2024-04-15"  # also what a missing or unknown version stands for
KNOWN = {OLD, "2024-06-11", "2024-06-14", "2024-08-13", "2024-09-04"}
EVENT_TYPES, SCHEDULES, SLOTS, BOOKINGS = (
    ("2024-06-14",),
    ("2024-06-11", "2024-06-14"),
    ("2024-09-04",),
    ("2024-08-13",),
)
OLD_ONES, OLD_EVENT_TYPES = (OLD,), (OLD, "2024-06-11")
ANY: tuple[str, ...] = ()


class Access(Enum):
    """Whether a call needs a key, and which of upstream's guards refuses one without."""

    OPEN = "open"
    KEY = "key"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row. No versions: any version."""

    method: str
    path: str
    versions: tuple[str, ...]
    access: Access
    handler: Callable[[Call], Awaitable[Success]]


OPEN, KEY, PERMISSION = Access.OPEN, Access.KEY, Access.PERMISSION
ENDPOINTS = [
    Endpoint("GET", "/v2/me", ANY, KEY, reading.me),
    Endpoint("GET", "/v2/schedules/default", SCHEDULES, KEY, reading.default_schedule),
    Endpoint("GET", "/v2/event-types", EVENT_TYPES, OPEN, reading.event_types),
    Endpoint("GET", "/v2/event-types/{id}", EVENT_TYPES, KEY, reading.event_type),
    Endpoint("GET", "/v2/slots", SLOTS, OPEN, reading.free_slots),
    Endpoint("POST", "/v2/slots/reservations", SLOTS, OPEN, reading.reserve),
    Endpoint("GET", "/v2/slots/reservations/{uid}", SLOTS, OPEN, reading.reservation),
    Endpoint("DELETE", "/v2/slots/reservations/{uid}", SLOTS, OPEN, reading.release),
    Endpoint("POST", "/v2/bookings", BOOKINGS, OPEN, bookings.create),
    Endpoint("GET", "/v2/bookings", BOOKINGS, PERMISSION, booking_list.find),
    Endpoint("GET", "/v2/bookings/{uid}", BOOKINGS, OPEN, bookings.get),
    Endpoint("POST", "/v2/bookings/{uid}/reschedule", BOOKINGS, OPEN, bookings.reschedule),
    Endpoint("POST", "/v2/bookings/{uid}/cancel", BOOKINGS, OPEN, bookings.cancel),
    Endpoint("POST", "/v2/bookings/{uid}/confirm", BOOKINGS, KEY, bookings.confirm),
    Endpoint("POST", "/v2/bookings/{uid}/decline", BOOKINGS, KEY, bookings.decline),
    Endpoint("POST", "/v2/bookings/{uid}/mark-absent", BOOKINGS, KEY, bookings.mark_absent),
    Endpoint("POST", "/v2/webhooks", ANY, KEY, reading.subscribe),
    Endpoint("GET", "/v2/webhooks", ANY, KEY, reading.subscriptions),
    Endpoint("DELETE", "/v2/webhooks/{id}", ANY, KEY, reading.unsubscribe),
    Endpoint("GET", "/v2/calendars/busy-times", ANY, KEY, reading.busy_times),
    Endpoint("GET", "/v2/bookings", OLD_ONES, PERMISSION, legacy.list_bookings),
    Endpoint("GET", "/v2/bookings/{uid}", OLD_ONES, OPEN, legacy.get_booking),
    Endpoint("POST", "/v2/bookings", OLD_ONES, OPEN, legacy.create_booking),
    Endpoint("POST", "/v2/bookings/{uid}/cancel", OLD_ONES, OPEN, legacy.cancel_booking),
    Endpoint("GET", "/v2/event-types", OLD_EVENT_TYPES, KEY, legacy.list_event_types),
    Endpoint("GET", "/v2/schedules/default", OLD_ONES, KEY, legacy.default_schedule),
]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))


def find(method: str, path: str, version: str, extra_versions: list[str]) -> tuple[Endpoint, dict[str, str]] | None:
    """Find the row of a request and the parts of its path.

    A version that is known, but not here, finds nothing; an unknown one is the oldest. `extra_versions` of bookings
    are served like the newest of the table.
    """
    if version in extra_versions and path.startswith("/v2/bookings"):
        version = BOOKINGS[0]
    elif version not in KNOWN and version not in extra_versions:
        version = OLD
    for endpoint in ENDPOINTS:
        if method == endpoint.method and (not endpoint.versions or version in endpoint.versions):
            found = _pattern(endpoint.path).fullmatch(path)
            if found:
                return endpoint, found.groupdict()
    return None
