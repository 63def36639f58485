"""What a webhook delivery tells about a booking: each trigger has its own keys, and its own way to write times."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calbridge.sandbox.rendering import BOOKER_URL, minutes, stamp
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
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    west = int(offset.total_seconds()) // 60 if offset else 0
    return {"timeZone": zone, "language": {"locale": language}, "utcOffset": west}


def _attendee(trigger: str, one: Attendee, at: datetime) -> Json:
    first, _, last = one.name.partition(" ")
    extra: Json = {"phoneNumber": one.phone}
    if trigger == ASKED:
        extra |= {"bookingSeat": None, "firstName": first, "lastName": last}
    elif trigger in (MADE, MOVED):
        extra = {"firstName": "", "lastName": "", **(extra if one.phone else {})}
    return {"name": one.name, "email": one.email, **_person(one.time_zone, at, one.language), **extra}


def _answers(change: Change, event: EventType) -> tuple[Json, Json]:
    """Give all answers of the booking form, and those to the owner's own questions."""
    given, made = change.booking.responses, change.trigger in (MADE, MOVED)
    values = {name: value for name, value in given.items() if name != "location"}
    if made:
        values["location"] = {"value": change.booking.location, "optionValue": ""}
    own = [(asked["slug"], asked.get("label", asked["slug"]), False) for asked in event.questions]
    answers = {
        slug: {"label": label, **({"value": values[slug]} if slug in values else {}), "isHidden": hidden}
        for slug, label, hidden in [*FORM, *own]
        if slug != "attendeePhoneNumber" or made or slug in given
    }
    return answers, {slug: answers[slug] for slug, *_ in own}


def _of_its_own(change: Change, event: EventType) -> Json:
    """Keys and values that a trigger does not share with all others."""
    booking = change.booking
    switches: Json = {
        "hideCalendarNotes": False, "hideCalendarEventDetails": False,
        "disableRescheduling": event.disable_rescheduling, "disableCancelling": event.disable_cancelling,
    }  # fmt: skip
    match change.trigger:
        case "BOOKING_CANCELLED":
            return {
                "cancellationReason": booking.cancellation_reason, "schedulingType": None, "iCalUID": booking.ics_uid,
                "iCalSequence": booking.sequence + 1, "requiresConfirmation": None, "price": None,
                "requestReschedule": False,
            }  # fmt: skip
        case "BOOKING_REJECTED":
            reason = booking.rejection_reason
            return {**switches, "rejectionReason": reason, "organizationId": None, "assignmentReason": None}
        case _:
            return _of_living(change, switches)


def _of_living(change: Change, switches: Json) -> Json:
    """Show more of created, rescheduled and requested bookings."""
    booking, old = change.booking, change.previous
    shared = switches | {
        "schedulingType": None, "seatsShowAttendees": True, "seatsShowAvailabilityCount": True,
        "destinationCalendar": None, "oneTimePassword": None, "hashedLink": None, "metadata": booking.metadata,
        "iCalSequence": booking.sequence,
    }  # fmt: skip
    if change.trigger == MOVED and old:
        return shared | {
            "appsStatus": [], "rescheduleId": old.id, "rescheduleUid": old.uid,
            "rescheduleStartTime": _time(MOVED, old.start), "rescheduleEndTime": _time(MOVED, old.end),
            **({"rescheduledBy": booking.rescheduled_by} if booking.rescheduled_by else {}),
        }  # fmt: skip
    shared["iCalUID"] = booking.ics_uid
    if change.trigger == ASKED:
        platform = ("platformClientId", "platformRescheduleUrl", "platformCancelUrl", "platformBookingUrl")
        shared |= dict.fromkeys(platform, "") | {"oneTimePassword": str(uuid.uuid4())}
        shared |= {"organizationId": None, "assignmentReason": []}
    return shared


def payload(world: World, change: Change) -> Json:
    """Render the inside of a delivery."""
    booking, trigger = change.booking, change.trigger
    host, event = world.users[booking.host_id], world.event_types[booking.event_type_id]
    answers, own_answers = _answers(change, event)
    organizer = {"id": host.id, "name": host.name, "email": host.email, "username": host.username}
    notes = booking.responses.get("notes", "")
    return {
        "bookerUrl": BOOKER_URL, "title": booking.title, "type": event.slug,
        "startTime": _time(trigger, booking.start), "endTime": _time(trigger, booking.end),
        "organizer": {**organizer, **_person(host.time_zone, booking.start), "timeFormat": "h:mma"},
        "attendees": [_attendee(trigger, one, booking.start) for one in booking.attendees],
        "additionalNotes": notes, "description": notes, "eventTypeId": event.id, "hideOrganizerEmail": False,
        "seatsPerTimeSlot": event.seats, "seatsShowAttendees": False, "customReplyToEmail": None, "customInputs": {},
        "responses": answers, "userFieldsResponses": own_answers, "location": booking.location,
        "destinationCalendar": [], "requiresConfirmation": event.confirmation, "hideBranding": False,
        "uid": booking.uid, "eventTitle": event.title, "eventDescription": None, "price": 0, "currency": "usd",
        "length": minutes(booking), "bookingId": booking.id, "status": booking.status.upper(),
        **_of_its_own(change, event),
    }  # fmt: skip
