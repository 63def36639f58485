"""What a webhook delivery tells about a booking: each trigger has its own keys, and its own way to write times."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calbridge.sandbox.rendering import BOOKER_URL, stamp
from calbridge.sandbox.world import Attendee, Booking, EventType, Json, World

MADE, MOVED, ASKED = "BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_REQUESTED"
CANCELLED, REJECTED = "BOOKING_CANCELLED", "BOOKING_REJECTED"
TIME_FORMS = {MADE: "%Y-%m-%dT%H:%M:%SZ", MOVED: "%Y-%m-%dT%H:%M:%SZ", CANCELLED: "%Y-%m-%dT%H:%M:%S+00:00"}
FORM = [  # the fields of the booking form: slug, label, hidden
    ("attendeePhoneNumber", "phone_number", True),
    ("name", "your_name", False),
    ("email", "email_address", False),
    ("location", "location", False),
    ("title", "what_is_this_meeting_about", True),
    ("notes", "additional_notes", False),
    ("guests", "additional_guests", False),
    ("rescheduleReason", "reason_for_reschedule", False),
]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a booking; `previous` is the one it was moved from."""

    trigger: str
    booking: Booking
    previous: Booking | None = None


def _time(trigger: str, moment: datetime) -> str:
    return moment.strftime(TIME_FORMS[trigger]) if trigger in TIME_FORMS else stamp(moment)


def _person(zone: str, at: datetime, language: str = "en") -> Json:
    offset = ZoneInfo(zone).utcoffset(at.astimezone(ZoneInfo(zone)))
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    return {"timeZone": zone, "language": {"locale": language}, "utcOffset": minutes}


def _attendee(trigger: str, one: Attendee, at: datetime) -> Json:
    first, _, last = one.name.partition(" ")
    phone = {"phoneNumber": one.phone}
    extra: Json
    if trigger == ASKED:
        extra = {**phone, "bookingSeat": None, "firstName": first, "lastName": last}
    elif trigger in (MADE, MOVED):
        extra = {"firstName": "", "lastName": "", **(phone if one.phone else {})}
    else:
        extra = phone
    return {"name": one.name, "email": one.email, **_person(one.time_zone, at, one.language), **extra}


def _answers(change: Change, event: EventType) -> tuple[Json, Json]:
    """Give all answers of the booking form, and those to the owner's own questions."""
    given, made = change.booking.responses, change.trigger in (MADE, MOVED)
    values = {slug: given[slug] for slug, *_ in FORM if slug in given and slug != "location"}
    if made:
        values["location"] = {"value": change.booking.location, "optionValue": ""}
    form = FORM if made or "attendeePhoneNumber" in given else FORM[1:]
    own = {
        question["slug"]: {"label": question.get("label", question["slug"]), "value": given[question["slug"]]}
        for question in event.questions
        if question["slug"] in given
    }
    answers = {
        slug: {"label": label, **({"value": values[slug]} if slug in values else {}), "isHidden": hidden}
        for slug, label, hidden in form
    }
    return answers | {slug: {**answer, "isHidden": False} for slug, answer in own.items()}, own


def _long(change: Change, event: EventType) -> Json:
    """Keys that only created, rescheduled and requested bookings show."""
    booking, asked = change.booking, change.trigger == ASKED
    return {
        "hideCalendarNotes": False,
        "hideCalendarEventDetails": False,
        "schedulingType": None,
        "seatsShowAttendees": True,
        "seatsShowAvailabilityCount": True,
        "disableRescheduling": event.disable_rescheduling,
        "disableCancelling": event.disable_cancelling,
        "destinationCalendar": None,
        "iCalSequence": booking.sequence,
        "oneTimePassword": str(uuid.uuid4()) if asked else None,
        "hashedLink": None,
        "metadata": booking.metadata,
        **({} if change.trigger == MOVED else {"iCalUID": booking.ics_uid}),
    }


def _of_its_own(change: Change, event: EventType) -> Json:
    """Keys and values that one trigger has and the others lack."""
    booking, previous = change.booking, change.previous
    match change.trigger:
        case "BOOKING_RESCHEDULED" if previous:
            return _long(change, event) | {
                "appsStatus": [],
                "rescheduleId": previous.id,
                "rescheduleUid": previous.uid,
                "rescheduleStartTime": _time(MOVED, previous.start),
                "rescheduleEndTime": _time(MOVED, previous.end),
                **({"rescheduledBy": booking.rescheduled_by} if booking.rescheduled_by else {}),
            }
        case "BOOKING_REQUESTED":
            platform = ("platformClientId", "platformRescheduleUrl", "platformCancelUrl", "platformBookingUrl")
            return _long(change, event) | dict.fromkeys(platform, "") | {"organizationId": None, "assignmentReason": []}
        case "BOOKING_CANCELLED":
            return {
                "cancellationReason": booking.cancellation_reason,
                "schedulingType": None,
                "iCalUID": booking.ics_uid,
                "iCalSequence": booking.sequence + 1,
                "requiresConfirmation": None,
                "price": None,
                "requestReschedule": False,
            }
        case "BOOKING_REJECTED":
            return {
                "rejectionReason": booking.rejection_reason,
                "hideCalendarNotes": False,
                "hideCalendarEventDetails": False,
                "disableCancelling": event.disable_cancelling,
                "disableRescheduling": event.disable_rescheduling,
                "organizationId": None,
                "assignmentReason": None,
            }
        case _:
            return _long(change, event)


def payload(world: World, change: Change) -> Json:
    """Render the inside of a delivery."""
    booking, trigger = change.booking, change.trigger
    host, event = world.users[booking.host_id], world.event_types[booking.event_type_id]
    answers, own_answers = _answers(change, event)
    organizer = {"id": host.id, "name": host.name, "email": host.email, "username": host.username}
    notes = booking.responses.get("notes", "")
    return {
        "bookerUrl": BOOKER_URL,
        "title": booking.title,
        "type": event.slug,
        "startTime": _time(trigger, booking.start),
        "endTime": _time(trigger, booking.end),
        "organizer": {**organizer, **_person(host.time_zone, booking.start), "timeFormat": "h:mma"},
        "attendees": [_attendee(trigger, one, booking.start) for one in booking.attendees],
        "additionalNotes": notes,
        "description": notes,
        "eventTypeId": event.id,
        "hideOrganizerEmail": False,
        "seatsPerTimeSlot": event.seats,
        "seatsShowAttendees": False,
        "customReplyToEmail": None,
        "customInputs": {},
        "responses": answers,
        "userFieldsResponses": own_answers,
        "location": booking.location,
        "destinationCalendar": [],
        "requiresConfirmation": event.confirmation,
        "hideBranding": False,
        "uid": booking.uid,
        "eventTitle": event.title,
        "eventDescription": None,
        "price": 0,
        "currency": "usd",
        "length": int((booking.end - booking.start).total_seconds()) // 60,
        "bookingId": booking.id,
        "status": booking.status.upper(),
        **_of_its_own(change, event),
    }
