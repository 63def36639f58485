"""What the imitation of Cal.com answers: its JSON, key for key, made ahead of time as far as that goes.

https://cal.com/docs/api-reference/v2: bookings 2024-08-13, event types 2024-06-14, slots 2024-09-04.
"""

import json
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count

KEY_PREFIX = "cal_bench_"
EVENT_TYPE_MINUTES = 30
OPENS = 9
STARTS_A_DAY = 16
MOST_DAYS = 100
BOOKINGS_KEPT = 20_000

_JSON = dict[str, object]


def key_of(account: int) -> str:
    """Return the key of the account with this number; its user and its event type have the same number."""
    return f"{KEY_PREFIX}{account:06d}"


def encoded(value: object) -> bytes:
    """Write JSON as Cal.com does: without blanks."""
    return json.dumps(value, separators=(",", ":")).encode()


def stamp(moment: datetime) -> str:
    """Write an instant of UTC to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


@cache
def open_times(first: str, last: str) -> bytes:
    """Every half hour of the working days between two dates of UTC: the body of ``GET /v2/slots``."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    days: dict[str, list[dict[str, str]]] = {}
    while day <= end and len(days) < MOST_DAYS:
        opens = datetime(day.year, day.month, day.day, OPENS, tzinfo=UTC)
        starts = [opens + timedelta(minutes=EVENT_TYPE_MINUTES * each) for each in range(STARTS_A_DAY)]
        days[day.isoformat()] = [{"start": stamp(start)} for start in starts]
        day += timedelta(days=1)
    return encoded({"status": "success", "data": days})


def me(account: int) -> bytes:
    """The body of ``GET /v2/me``."""
    user = {
        "id": account, "email": f"host{account}@example.com", "name": "Dr. Rivera", "avatarUrl": None, "bio": None,
        "timeFormat": 12, "defaultScheduleId": account, "weekStart": "Sunday", "timeZone": "Europe/London",
        "username": f"host{account}", "organizationId": None,
    }  # fmt: skip
    return encoded({"status": "success", "data": user})


def event_types(account: int) -> bytes:
    """The body of ``GET /v2/event-types``: one that anybody can book."""
    plain = {"isDefault": True, "disableOnPrefill": False, "hidden": False}
    off = {"disabled": True}
    event_type = {
        "id": account, "ownerId": account, "lengthInMinutes": EVENT_TYPE_MINUTES, "title": "Consultation",
        "slug": "consultation", "description": "", "locations": [{"type": "integration", "integration": "cal-video"}],
        "bookingFields": [
            {**plain, "type": "name", "slug": "name", "required": True, "label": "your_name"},
            {**plain, "type": "email", "slug": "email", "required": True},
            {**plain, "type": "textarea", "slug": "notes", "required": False},
            {**plain, "type": "multiemail", "slug": "guests", "required": False},
        ],
        "recurrence": None, "minimumBookingNotice": 0, "confirmationPolicy": off, "seats": off, "price": 0,
        "currency": "usd", "hidden": False, "bookingWindow": off, "metadata": {},
        "disableCancelling": {"disabled": False}, "disableRescheduling": {"disabled": False},
    }  # fmt: skip
    return encoded({"status": "success", "data": [event_type]})


class Ledger:
    """The bookings that were made, the newest of them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._bookings: OrderedDict[str, bytes] = OrderedDict()

    def book(self, account: int, body: bytes) -> bytes:
        """Make a booking of what was posted, and return the answer's body."""
        asked = json.loads(body)
        number = next(self._numbers)
        uid = f"bench{number:017d}"
        start = datetime.fromisoformat(asked["start"]).astimezone(UTC)
        now = stamp(datetime.now(UTC))
        who: _JSON = asked["attendee"]
        name = f"host{account}"
        booking = {
            "id": number, "uid": uid, "title": "Consultation", "description": "",
            "hosts": [{"id": account, "name": "Dr. Rivera", "email": f"{name}@example.com",
                       "displayEmail": f"{name}@example.com", "username": name, "timeZone": "Europe/London"}],
            "status": "accepted", "cancellationReason": "", "cancelledByEmail": "", "rescheduledByEmail": "",
            "start": stamp(start), "end": stamp(start + timedelta(minutes=EVENT_TYPE_MINUTES)),
            "duration": EVENT_TYPE_MINUTES, "eventTypeId": asked["eventTypeId"],
            "eventType": {"id": asked["eventTypeId"], "slug": "consultation"},
            "meetingUrl": "integrations:daily", "location": "integrations:daily", "absentHost": False,
            "createdAt": now, "updatedAt": now, "metadata": asked.get("metadata", {}), "rating": None,
            "icsUid": f"{uid}@Cal.com",
            "attendees": [{"name": who["name"], "email": who.get("email", ""), "displayEmail": who.get("email", ""),
                           "timeZone": who["timeZone"], "language": "en", "absent": False}],
            "bookingFieldsResponses": asked.get("bookingFieldsResponses", {}),
        }  # fmt: skip
        told = encoded(booking)
        self._bookings[uid] = told
        if len(self._bookings) > BOOKINGS_KEPT:
            self._bookings.popitem(last=False)
        return b'{"status":"success","data":%b}' % told

    def page(self, uid: str) -> bytes:
        """Return the list of the bookings with this uid: one, or none."""
        found = self._bookings.get(uid)
        counted = 0 if found is None else 1
        pagination = {
            "totalItems": counted, "remainingItems": 0, "returnedItems": counted, "itemsPerPage": 100,
            "currentPage": counted, "totalPages": counted, "hasNextPage": False, "hasPreviousPage": False,
        }  # fmt: skip
        return b'{"status":"success","data":[%b],"pagination":%b}' % (found or b"", encoded(pagination))
