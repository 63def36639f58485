"""What a missing or unknown version header gets: answers of 2024-04-15, other shapes for the same things.

A booking, its cancellation and the refusal to create one are whole; event types, schedule and list show the outline.
"""

from typing import NoReturn

from calbridge.sandbox import bookings, rendering
from calbridge.sandbox.calls import Call, Success
from calbridge.sandbox.envelopes import invalid, invalid_property, refused
from calbridge.sandbox.world import Booking, Json, World


def _booking(world: World, it: Booking) -> Json:
    host, event = world.users[it.host_id], world.event_types[it.event_type_id]
    return {
        "title": it.title, "id": it.id, "uid": it.uid, "description": it.responses.get("notes", ""),
        "customInputs": {}, "smsReminderNumber": it.attendees[0].phone, "recurringEventId": it.recurring_uid,
        "startTime": rendering.stamp(it.start), "endTime": rendering.stamp(it.end), "location": it.location,
        "status": it.status.upper(), "metadata": it.metadata, "cancellationReason": it.cancellation_reason or None,
        "cancelledBy": None,
        "responses": {name: value for name, value in it.responses.items() if not name.startswith("display")},
        "rejectionReason": it.rejection_reason or None, "userPrimaryEmail": host.email,
        "fromReschedule": it.rescheduled_from, "rescheduled": True if it.rescheduled_to else None,
        "rescheduledBy": it.rescheduled_by,
        "user": {"id": host.id, "name": host.name, "email": host.email, "username": host.username,
                 "timeZone": host.time_zone, "avatarUrl": None},
        "attendees": [{"name": one.name, "email": one.email, "timeZone": one.time_zone, "phoneNumber": one.phone}
                      for one in it.attendees],
        "eventTypeId": event.id,
        "eventType": {"eventName": None, "slug": event.slug, "timeZone": None, "schedulingType": None,
                      "hideOrganizerEmail": False},
        "seatsReferences": [], "tracking": None, "assignmentReason": [],
    }  # fmt: skip


async def get_booking(call: Call) -> Success:
    """Answer GET /v2/bookings/{uid} as of old."""
    found = call.world.bookings.get(call.params["uid"])
    if found is None:
        raise refused(404, f"Booking with UID={call.params['uid']} does not exist.")
    return Success(_booking(call.world, found))


async def list_bookings(call: Call) -> Success:
    """Answer GET /v2/bookings as of old: filters are ignored."""
    found = [_booking(call.world, it) for it in call.world.seen_by(call.owner)]
    return Success({"bookings": found, "recurringInfo": [], "nextCursor": None})


async def create_booking(call: Call) -> NoReturn:
    """Refuse POST /v2/bookings: what is inside `attendee` today is missed on the outside."""
    target = {name: value for name, value in call.body.items() if name != "attendee"}
    zone = invalid_property(target, "timeZone", "isTimeZone", "timeZone must be a valid IANA time-zone")
    raise invalid([zone, invalid_property(target, "language", "isString", "language must be a string")])


async def cancel_booking(call: Call) -> Success:
    """Answer POST /v2/bookings/{uid}/cancel as of old: it cancels, and says so in another way."""
    await bookings.cancel(call)
    cancelled = call.world.with_uid(call.params["uid"])[0]
    return Success({"bookingId": cancelled.id, "bookingUid": cancelled.uid, "onlyRemovedAttendee": False}, 201)


async def list_event_types(call: Call) -> Success:
    """Answer GET /v2/event-types as of old, in outline."""
    user = call.owner
    shown = [
        {"id": event.id, "slug": event.slug, "title": event.title, "length": event.minutes, "userId": user.id}
        for event in call.world.event_types_of(user)
    ]
    group = {"teamId": None, "bookerUrl": rendering.BOOKER_URL, "membershipRole": None, "eventTypes": shown}
    return Success({"eventTypeGroups": [group], "profiles": [], "allUsersAcrossAllEventTypes": {}})


async def default_schedule(call: Call) -> Success:
    """Answer GET /v2/schedules/default as of old, in outline."""
    user = call.owner
    return Success({"id": user.id, "name": "Working hours", "timeZone": user.time_zone, "workingHours": []})
