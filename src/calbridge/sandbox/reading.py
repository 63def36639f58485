"""Everything around bookings: profile, schedule, event types, slots and their reservations, webhooks, calendars."""

import uuid
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from calbridge.sandbox import rendering, webhooks
from calbridge.sandbox.calls import NO_DATA, Call, Success
from calbridge.sandbox.envelopes import invalid, invalid_property, refused
from calbridge.sandbox.slots import held, slots
from calbridge.sandbox.validation import check_slots, instant
from calbridge.sandbox.world import EventType, Hold, Json

DAY_END = timedelta(hours=23, minutes=59, seconds=59)
HOLD_MINUTES = 5


async def me(call: Call) -> Success:
    """GET /v2/me."""
    return Success(rendering.me(call.owner))


async def default_schedule(call: Call) -> Success:
    """GET /v2/schedules/default."""
    return Success(rendering.schedule(call.owner))


async def event_types(call: Call) -> Success:
    """GET /v2/event-types: one's own, or the public ones of a username; nobody known has none."""
    name, slug = call.query.get("username"), call.query.get("eventSlug")
    user = call.world.user_named(name) if name else call.user
    found = call.world.event_types_of(user) if user else []
    shown = [e for e in found if slug in (None, e.slug) and (not e.hidden or user is call.user)]
    return Success([rendering.event_type(call.world, each, listed=True) for each in shown])


async def event_type(call: Call) -> Success:
    """GET /v2/event-types/{id}: only the owner's."""
    number = call.params["id"]
    found = call.world.event_types.get(int(number)) if number.isdecimal() else None
    if found is None or found.owner_id != call.owner.id:
        raise refused(404, f"Event type with id {number} not found")
    return Success(rendering.event_type(call.world, found))


def _asked_event_type(call: Call) -> EventType:
    query = call.query
    if "eventTypeId" in query:
        found = call.world.event_types.get(int(query["eventTypeId"]))
    else:
        username = query.get("username")
        user = call.world.user_named(username)
        if user is None:
            raise refused(404, f"User with username {username} not found")
        found = next((e for e in call.world.event_types_of(user) if e.slug == query["eventTypeSlug"]), None)
    if found is None:
        raise refused(404, "Event Type not found")
    return found


async def free_slots(call: Call) -> Success:
    """GET /v2/slots: starts by local date. `timeZone` only says how to write them; `start` and `end` are UTC."""
    query = call.query
    start, end = check_slots(query)
    asked = _asked_event_type(call)
    if (end.hour, end.minute, end.second) == (0, 0, 0):
        end += DAY_END
    zone, minutes = ZoneInfo(query.get("timeZone", "UTC")), int(query.get("duration", asked.minutes))
    days: dict[str, list[Json]] = {}
    shared = {b.start: b for b in call.world.calendar(asked.owner_id) if b.event_type_id == asked.id and b.alive}
    for slot in slots(call.world, asked, start, end, minutes, query.get("bookingUidToReschedule")):
        shown: Json = {"start": slot}
        if query.get("format") == "range":
            shown["end"] = slot + timedelta(minutes=minutes)
        shown = {name: _written(moment.astimezone(zone)) for name, moment in shown.items()}
        if asked.seats:
            booking = shared.get(slot)
            booked = len(booking.attendees) if booking else 0
            shown |= {"seatsBooked": booked, "seatsRemaining": asked.seats - booked, "seatsTotal": asked.seats}
            shown |= {"bookingUid": booking.uid} if booking else {}
        days.setdefault(shown["start"][:10], []).append(shown)
    return Success(days)


def _written(moment: datetime) -> str:
    text = moment.isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z" if str(moment.tzinfo) in ("UTC", "Etc/UTC") else text


def _rendered(hold: Hold) -> Json:
    minutes = int((hold.end - hold.start).total_seconds()) // 60
    return {
        "eventTypeId": hold.event_type_id, "slotStart": rendering.stamp(hold.start),
        "slotEnd": rendering.stamp(hold.end), "slotDuration": minutes, "reservationUid": hold.uid,
        "reservationUntil": rendering.stamp(hold.until),
    }  # fmt: skip


async def reserve(call: Call) -> Success:
    """POST /v2/slots/reservations. Bookings neither check nor consume it."""
    world, body, start = call.world, call.body, instant(call.body.get("slotStart"))
    event = world.event_types.get(body.get("eventTypeId", 0))
    if event is None:
        raise refused(404, f"Event Type with ID={body.get('eventTypeId')} not found")
    if start is None:
        text = "slotStart must be a valid ISO 8601 date string"
        raise invalid([invalid_property(body, "slotStart", "isDateString", text)])
    end = start + timedelta(minutes=body.get("slotDuration", event.minutes))
    if any(begins < end and start < ends for begins, ends in held(world, event)):
        raise refused(422, "This time slot is already reserved by another user. Please choose a different time.")
    minutes = body.get("reservationDuration", HOLD_MINUTES)
    hold = Hold(str(uuid.uuid4()), event.id, start, end, world.now() + timedelta(minutes=minutes))
    world.holds[hold.uid] = hold
    return Success(_rendered(hold) | {"reservationDuration": minutes}, 201)


async def reservation(call: Call) -> Success:
    """GET /v2/slots/reservations/{uid}; null if it is over."""
    hold = call.world.holds.get(call.params["uid"])
    return Success(_rendered(hold) if hold and hold.until > call.world.now() else None)


async def release(call: Call) -> Success:
    """DELETE /v2/slots/reservations/{uid}."""
    call.world.holds.pop(call.params["uid"], None)
    return Success(NO_DATA)


async def subscribe(call: Call) -> Success:
    """POST /v2/webhooks."""
    kinds = {"subscriberUrl": (str, "isString", "a string"), "active": (bool, "isBoolean", "a boolean value")}
    errors = [
        invalid_property(call.body, name, constraint, f"{name} must be {text}")
        for name, (kind, constraint, text) in (kinds | {"triggers": (list, "isArray", "an array")}).items()
        if not isinstance(call.body.get(name), kind)
    ]
    if errors:
        raise invalid(errors)
    return Success(webhooks.render(webhooks.subscribe(call.world, call.owner.id, call.body)), 201)


async def subscriptions(call: Call) -> Success:
    """GET /v2/webhooks."""
    return Success([webhooks.render(h) for h in call.world.webhooks.values() if h.user_id == call.owner.id])


async def unsubscribe(call: Call) -> Success:
    """DELETE /v2/webhooks/{id}."""
    hook = call.world.webhooks.get(call.params["id"])
    if hook is None or hook.user_id != call.owner.id:
        raise refused(404, f"Webhook ({call.params['id']}) not found")
    del call.world.webhooks[hook.id]
    return Success(webhooks.render(hook))


async def busy_times(call: Call) -> NoReturn:
    """GET /v2/calendars/busy-times: nobody has connected a calendar."""
    del call
    raise refused(401, "These credentials do not belong to you")
