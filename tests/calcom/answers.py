"""Answers as Cal.com gives them, and the values of ours that go with them: small builders, everything changeable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from calbridge.domain.appointments import EventType, NewBooking

Json = dict[str, Any]

BASE_URL = "https://api.cal.example"
KEY = "cal_live_0123456789abcdef"
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
PLACEHOLDER_DOMAIN = "callers.example"
PHONE = "+442079460958"

RATE_LIMIT = {
    "X-RateLimit-Limit-Default": "120",
    "X-RateLimit-Remaining-Default": "88",
    "X-RateLimit-Reset-Default": "58",
    "X-Request-Id": "ff951e65-4561-4607-b856-d1752fa04a37",
}


def success(data: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, headers=RATE_LIMIT, json={"status": "success", "data": data})


def page(*bookings: Json, more: bool = False) -> httpx.Response:
    pagination = {"returnedItems": len(bookings), "totalItems": len(bookings), "itemsPerPage": 100, "hasNextPage": more}
    return httpx.Response(
        200, headers=RATE_LIMIT, json={"status": "success", "data": list(bookings), "pagination": pagination}
    )


def enveloped(status: int, message: str, code: str = "BadRequestException") -> httpx.Response:
    """The shape of most errors; those that the form or the database brings up have no ``details``."""
    error: Json = {"code": code, "message": message}
    if code.endswith("Exception"):
        error["details"] = {"message": message, "error": "Bad Request", "statusCode": status}
    body = {"status": "error", "timestamp": "2026-11-20T06:22:49.755Z", "path": "/v2/bookings?x=1", "error": error}
    return httpx.Response(status, headers=RATE_LIMIT, json=body)


def raw(status: int, message: str) -> httpx.Response:
    """The shape of errors from within the booking core."""
    return httpx.Response(status, headers=RATE_LIMIT, json={"statusCode": status, "message": message})


def throttled(**headers: str) -> httpx.Response:
    message = "CustomThrottlerGuard - Too many requests. Please try again later."
    error = {"code": "ThrottlerException", "message": message, "details": message}
    return httpx.Response(429, headers=headers, json={"status": "error", "path": "/v2/me", "error": error})


def booking(**changes: object) -> Json:
    return {
        "id": 1,
        "uid": "byMva4K7mBrJqtvFvcgbgd",
        "title": "Consultation between Demo Clinic and Jane Doe",
        "description": "",
        "hosts": [
            {
                "id": 1,
                "name": "Demo Clinic",
                "email": "Owner@clinic.example",
                "displayEmail": "Owner@clinic.example",
                "username": "demo-clinic",
                "timeZone": "Europe/London",
            }
        ],
        "status": "accepted",
        "cancellationReason": "",
        "cancelledByEmail": "",
        "rescheduledByEmail": None,
        "start": "2026-12-01T09:00:00.000Z",
        "end": "2026-12-01T09:30:00.000Z",
        "duration": 30,
        "eventTypeId": 1,
        "eventType": {"id": 1, "slug": "consultation"},
        "meetingUrl": "1 High Street, London",
        "location": "1 High Street, London",
        "absentHost": False,
        "createdAt": "2026-11-20T06:21:47.875Z",
        "updatedAt": "2026-11-20T06:21:48.113Z",
        "metadata": {"source": "agent", "call_id": "c-1"},
        "rating": None,
        "icsUid": "byMva4K7mBrJqtvFvcgbgd@Cal.diy",
        "attendees": [attendee()],
        "bookingFieldsResponses": {"email": "jane@example.com", "name": "Jane Doe", "displayEmail": "jane@example.com"},
        "isPlatformManagedUserBooking": False,
        **changes,
    }


def attendee(**changes: object) -> Json:
    return {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "displayEmail": "jane@example.com",
        "timeZone": "Europe/London",
        "language": "en",
        "absent": False,
        **changes,
    }


def field(slug: str, **changes: object) -> Json:
    """A built-in field of the booking form, optional and shown."""
    return {"isDefault": True, "type": "text", "slug": slug, "required": False, "hidden": False, **changes}


EMAIL = field("email", type="email", required=True)


def event_type(**changes: object) -> Json:
    return {
        "id": 1,
        "ownerId": 1,
        "lengthInMinutes": 30,
        "title": "Consultation",
        "slug": "consultation",
        "description": "",
        "locations": [{"type": "address", "address": "1 High Street, London", "public": True}],
        "bookingFields": [
            field("name", type="name", required=True, label="your_name"),
            EMAIL,
            field("location", type="radioInput"),
            field("title", required=True, hidden=True),
            field("notes", type="textarea"),
            field("guests", type="multiemail"),
            field("rescheduleReason", type="textarea"),
        ],
        "recurrence": None,
        "minimumBookingNotice": 120,
        "metadata": {},
        "price": 0,
        "currency": "usd",
        "confirmationPolicy": {"disabled": True},
        "seats": {"disabled": True},
        "hidden": False,
        "disableCancelling": {"disabled": False},
        "disableRescheduling": {"disabled": False},
        **changes,
    }


def kind(**changes: Any) -> EventType:  # noqa: ANN401 - any field of the dataclass
    """An event type of the domain."""
    given: Json = {
        "id": 1,
        "slug": "consultation",
        "title": "Consultation",
        "description": "",
        "minutes": 30,
        "minutes_options": (),
        "hidden": False,
        "recurring": False,
        "needs_confirmation": False,
        "email_required": True,
        "phone_required": False,
        "phone_visible": False,
        "location_needs_phone": False,
        "questions": (),
        "cancelling_disabled": False,
        "rescheduling_disabled": False,
        "has_seats": False,
        "minimum_notice": timedelta(hours=2),
        "price": 0,
        "currency": "usd",
        **changes,
    }
    return EventType(**given)


def wish(**changes: Any) -> NewBooking:  # noqa: ANN401 - any field of the dataclass
    """A new booking of the domain."""
    given: Json = {
        "event_type": kind(),
        "start": START,
        "name": "Jane Doe",
        "email": "jane@example.com",
        "phone": "",
        "timezone": "Europe/London",
        **changes,
    }
    return NewBooking(**given)
