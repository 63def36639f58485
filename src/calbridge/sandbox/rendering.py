"""The JSON of users, schedules, event types and bookings, key for key in Cal.com's order."""

from datetime import datetime
from itertools import groupby

from calbridge.sandbox.world import WEEKDAYS, Attendee, Booking, EventType, Json, User, World

BOOKER_URL = "http://127.0.0.1:3000"


def stamp(moment: datetime) -> str:
    """Write an instant as Cal.com does nearly everywhere: UTC, milliseconds, Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def minutes(booking: Booking) -> int:
    """Give the length of a booking."""
    return int((booking.end - booking.start).total_seconds()) // 60


def me(user: User) -> Json:
    """Render GET /v2/me."""
    return {
        "id": user.id, "email": user.email, "name": user.name, "avatarUrl": None, "bio": None, "timeFormat": 12,
        "defaultScheduleId": user.id, "weekStart": "Sunday", "timeZone": user.time_zone, "username": user.username,
        "organizationId": None,
    }  # fmt: skip


def schedule(user: User) -> Json:
    """Render the only schedule of a user; days in a row with equal hours come together."""
    availability = [
        {"days": days, "startTime": opens, "endTime": closes}
        for hours, group in groupby(WEEKDAYS, lambda day: user.hours.get(day, []))
        for days in [list(group)]
        for opens, closes in hours
    ]
    return {
        "id": user.id, "ownerId": user.id, "name": "Working hours", "timeZone": user.time_zone,
        "availability": availability, "isDefault": True, "overrides": [],
    }  # fmt: skip


def _field(kind: str, slug: str, *, required: bool = False, hidden: bool = False) -> Json:
    head = {"isDefault": True, "type": kind, "slug": slug, "required": required}
    return {**head, "disableOnPrefill": False, "hidden": hidden}


def _question(asked: Json) -> Json:
    slug, detail = asked["slug"], {"options": asked["options"]} if "options" in asked else {"placeholder": ""}
    return {
        "isDefault": False, "type": asked.get("type", "text"), "slug": slug, "label": asked.get("label", slug),
        "required": asked.get("required", True), **detail, "disableOnPrefill": False, "hidden": False,
    }  # fmt: skip


def booking_fields(event: EventType) -> list[Json]:
    """Render the booking form."""
    name = {"isDefault": True, "type": "name", "slug": "name", "required": True, "label": "your_name"}
    return [
        {**name, "disableOnPrefill": False},
        _field("email", "email", required=event.email == "required", hidden=event.email == "hidden"),
        {"isDefault": True, "type": "radioInput", "slug": "location", "required": False, "hidden": False},
        *map(_question, event.questions),
        _field("text", "title", required=True, hidden=True),
        _field("textarea", "notes"),
        _field("multiemail", "guests"),
        _field("textarea", "rescheduleReason"),
        *(
            [_field("phone", "attendeePhoneNumber", required=event.phone == "required")]
            if event.phone != "hidden"
            else []
        ),
    ]


def event_type(world: World, event: EventType, *, listed: bool = False) -> Json:
    """Render an event type; a list leaves hidden fields of the form out."""
    user, fields, off = world.users[event.owner_id], booking_fields(event), {"disabled": True}
    profile = {"id": user.id, "name": user.name, "username": user.username, "avatarUrl": None, "brandColor": None}
    weekly = {"interval": 1, "occurrences": event.recurring, "frequency": "weekly"}
    window = {"type": "calendarDays", "value": event.window_days, "rolling": False}
    policy = {"type": "always", "blockUnconfirmedBookingsInBooker": event.pending_blocks}
    seats = {"seatsPerTimeSlot": event.seats, "showAttendeeInfo": False, "showAvailabilityCount": True}
    return {
        "id": event.id, "ownerId": user.id, "lengthInMinutes": event.minutes,
        **({"lengthInMinutesOptions": event.options} if event.options else {}),
        "title": event.title, "slug": event.slug, "description": "", "locations": event.locations,
        "bookingFields": [each for each in fields if not (listed and each.get("hidden"))],
        "recurrence": weekly if event.recurring else None,
        "disableGuests": False, "slotInterval": event.interval, "minimumBookingNotice": event.notice,
        "beforeEventBuffer": event.before_buffer, "afterEventBuffer": event.after_buffer,
        "metadata": {"multipleDuration": event.options} if event.options else {},
        "price": 0, "currency": "usd", "lockTimeZoneToggleOnBookingPage": False, "forwardParamsSuccessRedirect": True,
        "successRedirectUrl": None, "isInstantEvent": False,
        "users": [{**profile, "darkBrandColor": None, "weekStart": "Sunday", "metadata": {}}],
        "scheduleId": None, "onlyShowFirstAvailableSlot": False, "offsetStart": 0,
        "bookingWindow": off if event.window_days is None else window,
        "confirmationPolicy": policy if event.confirmation else off,
        "requiresBookerEmailVerification": False, "hideCalendarNotes": False,
        "seats": seats if event.seats else off,
        "useDestinationCalendarEmail": False, "hideCalendarEventDetails": False, "hideOrganizerEmail": False,
        "calVideoSettings": {"sendTranscriptionEmails": True}, "hidden": event.hidden,
        "bookingRequiresAuthentication": False, "bookerActiveBookingsLimit": {"disabled": True},
        "bookingUrl": f"{BOOKER_URL}/{user.username}/{event.slug}",
        "disableCancelling": {"disabled": event.disable_cancelling},
        "disableRescheduling": {"disabled": event.disable_rescheduling}, "interfaceLanguage": None,
        "allowReschedulingPastBookings": False, "allowReschedulingCancelledBookings": False,
        "showOptimizedSlots": False,
    }  # fmt: skip


def _attendee(one: Attendee, *, with_phone: bool) -> Json:
    return {
        "name": one.name, "email": one.email, "displayEmail": one.email, "timeZone": one.time_zone,
        "language": one.language, "absent": one.absent,
        **({"phoneNumber": one.phone} if one.phone and with_phone else {}),
        **({"seatUid": one.seat_uid, "bookingFieldsResponses": {}, "metadata": {}} if one.seat_uid else {}),
    }  # fmt: skip


def booking(world: World, it: Booking) -> Json:
    """Render a booking. Series and seated bookings do not show phone numbers."""
    host, event = world.users[it.host_id], world.event_types[it.event_type_id]
    with_phone = not event.seats and not it.recurring_uid
    moves = {
        "reschedulingReason": it.rescheduling_reason, "rescheduledByEmail": it.rescheduled_by,
        "rescheduledFromUid": it.rescheduled_from, "rescheduledToUid": it.rescheduled_to,
    }  # fmt: skip
    return {
        "id": it.id, "uid": it.uid, "title": it.title, "description": it.responses.get("notes", ""),
        "hosts": [{"id": host.id, "name": host.name, "email": host.email, "displayEmail": host.email,
                   "username": host.username, "timeZone": host.time_zone}],
        "status": it.status, "cancellationReason": it.cancellation_reason, "cancelledByEmail": "",
        **{name: value for name, value in moves.items() if value or name == "rescheduledByEmail"},
        "start": stamp(it.start), "end": stamp(it.end), "duration": minutes(it),
        "eventTypeId": event.id, "eventType": {"id": event.id, "slug": event.slug},
        "meetingUrl": it.location, "location": it.location, "absentHost": it.absent_host,
        "createdAt": stamp(it.created_at), "updatedAt": stamp(it.updated_at),
        "metadata": it.metadata, "rating": None, "icsUid": it.ics_uid,
        "attendees": [_attendee(one, with_phone=with_phone) for one in it.attendees],
        **({"guests": it.guests} if it.guests else {}),
        "bookingFieldsResponses": it.responses,
        **({"recurringBookingUid": it.recurring_uid} if it.recurring_uid else {}),
    }  # fmt: skip
