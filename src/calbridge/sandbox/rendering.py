"""The JSON of users, schedules, event types and bookings, key for key in Cal.com's order."""

from datetime import datetime
from itertools import groupby
from typing import Any

from calbridge.sandbox.world import WEEKDAYS, Attendee, Booking, EventType, Json, User, World

BOOKER_URL = "http://127.0.0.1:3000"


def stamp(moment: datetime) -> str:
    """Write an instant as Cal.com does nearly everywhere: UTC, milliseconds, Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def me(user: User) -> Json:
    """Render GET /v2/me."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "avatarUrl": None,
        "bio": None,
        "timeFormat": 12,
        "defaultScheduleId": user.id,
        "weekStart": "Sunday",
        "timeZone": user.time_zone,
        "username": user.username,
        "organizationId": None,
    }


def schedule(user: User) -> Json:
    """Render the only schedule of a user; days in a row with equal hours come together."""
    availability = [
        {"days": list(days), "startTime": opens, "endTime": closes}
        for hours, days in groupby(WEEKDAYS, lambda day: user.hours.get(day, []))
        for days in [list(days)]
        for opens, closes in hours
    ]
    return {
        "id": user.id,
        "ownerId": user.id,
        "name": "Working hours",
        "timeZone": user.time_zone,
        "availability": availability,
        "isDefault": True,
        "overrides": [],
    }


def _field(kind: str, slug: str, *, required: bool = False, hidden: bool = False) -> Json:
    return {
        "isDefault": True,
        "type": kind,
        "slug": slug,
        "required": required,
        "disableOnPrefill": False,
        "hidden": hidden,
    }


def booking_fields(event_type: EventType) -> list[Json]:
    """Render the booking form."""
    email, phone = event_type.email, event_type.phone
    questions = [
        {
            "isDefault": False,
            "type": question.get("type", "text"),
            "slug": question["slug"],
            "label": question.get("label", question["slug"]),
            "required": question.get("required", True),
            **({"options": question["options"]} if "options" in question else {"placeholder": ""}),
            "disableOnPrefill": False,
            "hidden": False,
        }
        for question in event_type.questions
    ]
    name = {"isDefault": True, "type": "name", "slug": "name", "required": True, "label": "your_name"}
    return [
        name | {"disableOnPrefill": False},
        _field("email", "email", required=email == "required", hidden=email == "hidden"),
        {"isDefault": True, "type": "radioInput", "slug": "location", "required": False, "hidden": False},
        *questions,
        _field("text", "title", required=True, hidden=True),
        _field("textarea", "notes"),
        _field("multiemail", "guests"),
        _field("textarea", "rescheduleReason"),
        *([_field("phone", "attendeePhoneNumber", required=phone == "required")] if phone != "hidden" else []),
    ]


def event_type(world: World, event: EventType, *, listed: bool = False) -> Json:
    """Render an event type; a list leaves hidden fields of the form out."""
    user = world.users[event.owner_id]
    recurrence = event.recurring and {"interval": 1, "occurrences": event.recurring, "frequency": "weekly"}
    window: Json = {"type": "calendarDays", "value": event.window_days, "rolling": False}
    seats: Json = {"seatsPerTimeSlot": event.seats, "showAttendeeInfo": False, "showAvailabilityCount": True}
    policy: Json = {"type": "always", "blockUnconfirmedBookingsInBooker": event.pending_blocks}
    fields = booking_fields(event)
    profile = {"id": user.id, "name": user.name, "username": user.username, "avatarUrl": None, "brandColor": None}
    return {
        "id": event.id,
        "ownerId": user.id,
        "lengthInMinutes": event.minutes,
        **({"lengthInMinutesOptions": event.options} if event.options else {}),
        "title": event.title,
        "slug": event.slug,
        "description": "",
        "locations": event.locations,
        "bookingFields": [each for each in fields if not each.get("hidden")] if listed else fields,
        "recurrence": recurrence,
        "disableGuests": False,
        "slotInterval": event.interval,
        "minimumBookingNotice": event.notice,
        "beforeEventBuffer": event.before_buffer,
        "afterEventBuffer": event.after_buffer,
        "metadata": {"multipleDuration": event.options} if event.options else {},
        "price": 0,
        "currency": "usd",
        "lockTimeZoneToggleOnBookingPage": False,
        "forwardParamsSuccessRedirect": True,
        "successRedirectUrl": None,
        "isInstantEvent": False,
        "users": [profile | {"darkBrandColor": None, "weekStart": "Sunday", "metadata": {}}],
        "scheduleId": None,
        "onlyShowFirstAvailableSlot": False,
        "offsetStart": 0,
        "bookingWindow": {"disabled": True} if event.window_days is None else window,
        "confirmationPolicy": policy if event.confirmation else {"disabled": True},
        "requiresBookerEmailVerification": False,
        "hideCalendarNotes": False,
        "seats": seats if event.seats else {"disabled": True},
        "useDestinationCalendarEmail": False,
        "hideCalendarEventDetails": False,
        "hideOrganizerEmail": False,
        "calVideoSettings": {"sendTranscriptionEmails": True},
        "hidden": event.hidden,
        "bookingRequiresAuthentication": False,
        "bookerActiveBookingsLimit": {"disabled": True},
        "bookingUrl": f"{BOOKER_URL}/{user.username}/{event.slug}",
        "disableCancelling": {"disabled": event.disable_cancelling},
        "disableRescheduling": {"disabled": event.disable_rescheduling},
        "interfaceLanguage": None,
        "allowReschedulingPastBookings": False,
        "allowReschedulingCancelledBookings": False,
        "showOptimizedSlots": False,
    }


def _attendee(one: Attendee, *, with_phone: bool) -> Json:
    seat = {"seatUid": one.seat_uid, "bookingFieldsResponses": {}, "metadata": {}} if one.seat_uid else {}
    return {
        "name": one.name,
        "email": one.email,
        "displayEmail": one.email,
        "timeZone": one.time_zone,
        "language": one.language,
        "absent": one.absent,
        **({"phoneNumber": one.phone} if one.phone and with_phone else {}),
        **seat,
    }


def booking(world: World, it: Booking) -> Json:
    """Render a booking. Series and seated bookings do not show phone numbers."""
    host, event = world.users[it.host_id], world.event_types[it.event_type_id]
    optional: dict[str, Any] = {
        "reschedulingReason": it.rescheduling_reason,
        "rescheduledFromUid": it.rescheduled_from,
        "rescheduledToUid": it.rescheduled_to,
    }
    with_phone = not event.seats and not it.recurring_uid
    return {
        "id": it.id,
        "uid": it.uid,
        "title": it.title,
        "description": it.responses.get("notes", ""),
        "hosts": [
            {
                "id": host.id,
                "name": host.name,
                "email": host.email,
                "displayEmail": host.email,
                "username": host.username,
                "timeZone": host.time_zone,
            }
        ],
        "status": it.status,
        "cancellationReason": it.cancellation_reason,
        "cancelledByEmail": "",
        "rescheduledByEmail": it.rescheduled_by,
        **{name: value for name, value in optional.items() if value},
        "start": stamp(it.start),
        "end": stamp(it.end),
        "duration": int((it.end - it.start).total_seconds()) // 60,
        "eventTypeId": event.id,
        "eventType": {"id": event.id, "slug": event.slug},
        "meetingUrl": it.location,
        "location": it.location,
        "absentHost": it.absent_host,
        "createdAt": stamp(it.created_at),
        "updatedAt": stamp(it.updated_at),
        "metadata": it.metadata,
        "rating": None,
        "icsUid": it.ics_uid,
        "attendees": [_attendee(one, with_phone=with_phone) for one in it.attendees],
        **({"guests": it.guests} if it.guests else {}),
        "bookingFieldsResponses": it.responses,
        **({"recurringBookingUid": it.recurring_uid} if it.recurring_uid else {}),
    }
