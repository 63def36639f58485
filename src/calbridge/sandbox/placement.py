"""The rules of a new booking: its event type, length, answers and place, and whether its time can still be had."""

import asyncio
import re
import secrets
from datetime import datetime, timedelta

from calbridge.sandbox.envelopes import bare, coded, refused
from calbridge.sandbox.slots import bookable, is_free
from calbridge.sandbox.world import Attendee, Booking, EventType, Json, World

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
E164 = re.compile(r"\+[1-9]\d{6,14}")
# Places the attendee names: how they are stored, and where the request says them.
ATTENDEE_PLACES = {
    "attendeePhone": ("phone", "phone"),
    "attendeeAddress": ("attendeeInPerson", "address"),
    "attendeeDefined": ("somewhereElse", "location"),
}
TAKEN = "User either already has booking at this time or is not available"
PAST = "Attempting to book a meeting in the past."
OUT_OF_BOUNDS = (
    "The event type can't be booked at the \"start\" time provided. This could be because it's too soon (violating the "
    "minimum booking notice) or too far in the future (outside the event's scheduling window). Try fetching available "
    'slots first using the GET /v2/slots endpoint and then make a booking with "start" time equal to one of the '
    "available slots."
)
NO_LENGTHS = (
    "Can't specify 'lengthInMinutes' because event type does not have multiple possible lengths. Please, remove the "
    "'lengthInMinutes' field from the request."
)
NO_PHONE = (
    "Missing attendee phone number - it is required by the event type. Pass it as "
    '"attendee.phoneNumber" string in the request.'
)


def new_uid() -> str:
    """Make a uid of a booking: 22 characters that are not mistaken for each other."""
    return "".join(secrets.choice(BASE58) for _ in range(22))


def wanted_event_type(world: World, body: Json) -> EventType:
    """Find the event type a booking asks for, by id or by address."""
    if "eventTypeId" in body:
        found = world.event_types.get(body["eventTypeId"])
        if found is None:
            raise refused(404, f"Event type with id {body['eventTypeId']} not found.")
        return found
    username, slug = body.get("username"), body["eventTypeSlug"]
    user = world.user_named(username)
    if user is None:
        raise refused(404, f"User with username {username} not found")
    for event_type in world.event_types_of(user):
        if event_type.slug == slug:
            return event_type
    raise refused(404, f"Event type with slug {slug} belonging to user {username} not found.")


def wanted_length(event_type: EventType, body: Json) -> timedelta:
    """Give the length asked for, or the usual one."""
    minutes = body.get("lengthInMinutes", event_type.minutes)
    if "lengthInMinutes" in body and not event_type.options:
        raise refused(400, NO_LENGTHS)
    if event_type.options and minutes not in event_type.options:
        possible = ", ".join(map(str, event_type.options))
        raise refused(
            400,
            "Provided 'lengthInMinutes' is not one of the possible lengths for the event type. "
            f"The possible lengths are: {possible}",
        )
    return timedelta(minutes=minutes)


def wanted_place(event_type: EventType, body: Json) -> tuple[str, Json]:
    """Give the place as it is stored, and the answer in the booking form, which may be empty."""
    kinds = [each["type"] for each in event_type.locations] or ["integration"]
    wanted = body.get("location")
    place = wanted if isinstance(wanted, dict) else {"type": kinds[0]}
    kind = str(place.get("type"))
    if kind not in kinds:
        raise refused(
            400,
            f"Booking location with type {kind} not valid for event type with id={event_type.id}. "
            f"The event type has following location types: {', '.join(kinds)}",
        )
    if kind in ATTENDEE_PLACES:
        stored, where = ATTENDEE_PLACES[kind]
        said = place.get(where)
        return (said, {"location": {"value": stored, "optionValue": said}}) if said else (stored, {})
    own = next((each for each in event_type.locations if each["type"] == kind), {})
    if kind == "integration":
        name = place.get("integration", own.get("integration", "cal-video"))
        return f"integrations:{'daily' if name == 'cal-video' else name}", {}
    return str(own.get(kind, kind)), {}


def _check_questions(event_type: EventType, given: Json) -> None:
    for question in event_type.questions:
        slug, options = question["slug"], question.get("options")
        if question.get("required", True) and given.get(slug) in (None, ""):
            raise refused(
                400,
                f"Missing required booking field response: {slug} - it is required by the event type booking fields, "
                "but missing in the bookingFieldsResponses. You can fetch the event type with ID "
                f"{event_type.id} to see the required fields.",
            )
        if options and slug in given and given[slug] not in options:
            allowed = ", ".join(options)
            message = f"Invalid option '{given[slug]}' for booking field '{slug}'. Allowed options are: {allowed}."
            raise refused(400, message)


def filled_form(event_type: EventType, body: Json) -> tuple[Attendee, Json]:
    """Check the answers to the booking form; give the attendee and the answers as they are stored.

    Somebody without an e-mail address gets one made of the digits of their number, if the event type permits.
    A bad number is only noticed if the form asks for one.
    """
    attendee, given = body["attendee"], body.get("bookingFieldsResponses", {})
    email = attendee.get("email") if event_type.email != "hidden" else None
    phone, guests = attendee.get("phoneNumber"), body.get("guests", [])
    if event_type.phone == "required" and not phone:
        raise refused(400, NO_PHONE)
    _check_questions(event_type, given)
    if not email and event_type.email == "required":
        raise coded(400, "BAD_REQUEST", "responses - {email}error_required_field, ")
    if email and not EMAIL.fullmatch(email):
        raise coded(400, "BAD_REQUEST", "responses - {email}email_validation_error, ")
    if phone and event_type.phone != "hidden" and not E164.fullmatch(phone):
        raise coded(400, "BAD_REQUEST", "responses - {attendeePhoneNumber}invalid_number, ")
    if not email and not phone:
        raise bare(400, "Both Phone and Email are missing")
    email = email or f"{re.sub(r'[^0-9]', '', phone)}@sms.cal.com"
    responses = {
        "email": email,
        **({"attendeePhoneNumber": phone} if phone else {}),
        "name": attendee["name"],
        **({"guests": guests} if guests else {}),
        **given,
        **wanted_place(event_type, body)[1],
        "displayEmail": email,
        **({"displayGuests": guests} if guests else {}),
    }
    return Attendee(attendee["name"], email, attendee["timeZone"], attendee.get("language") or "en", phone), responses


async def secure(
    world: World, event_type: EventType, start: datetime, end: datetime, status: str, moved: Booking | None = None
) -> None:
    """Refuse a time that cannot be had; otherwise the caller must write its booking down without waiting again.

    As upstream looks for a free time long before it writes, others may get in between: then the unique interval of
    accepted bookings decides, with another error. `moved` is a booking that gives its own time up.
    """
    now, (earliest, latest) = world.now(), bookable(world, event_type)
    if start < now:
        raise refused(400, PAST)
    if not earliest <= start < latest:
        raise refused(400, OUT_OF_BOUNDS)
    if not is_free(world, event_type, start, end, moved.uid if moved else None):
        raise refused(400, TAKEN)
    if world.settings.race_window_ms:
        await asyncio.sleep(world.settings.race_window_ms / 1000)
    for other in world.calendar(event_type.owner_id) if status == "accepted" else ():
        if other.status == "accepted" and (other.start, other.end) == (start, end) and other is not moved:
            raise bare(409, "booking_conflict_error")
