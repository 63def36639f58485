"""What can be done to bookings: create, get, reschedule, cancel, confirm, decline, mark absent."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from calbridge.sandbox.calls import Call, Success
from calbridge.sandbox.envelopes import bare, coded, refused
from calbridge.sandbox.payloads import ASKED, CANCELLED, MADE, MOVED, REJECTED, Change
from calbridge.sandbox.placement import (
    filled_form,
    new_uid,
    secure,
    wanted_event_type,
    wanted_length,
    wanted_place,
)
from calbridge.sandbox.rendering import booking as render
from calbridge.sandbox.rendering import stamp
from calbridge.sandbox.validation import check_booking, check_move
from calbridge.sandbox.world import Attendee, Booking, EventType, Json

WEEK = timedelta(weeks=1)


def _found(call: Call, message: str = "was not found in the database") -> Booking:
    found = call.world.bookings.get(call.params["uid"])
    if found is None:
        raise refused(404, f"Booking with uid={call.params['uid']} {message}")
    return found


def _draft(call: Call, event: EventType, start: datetime, attendee: Attendee, responses: Json) -> Booking:
    world, body, now, uid = call.world, call.body, call.world.now(), new_uid()
    guests = [replace(attendee, name="", email=email, phone=None) for email in body.get("guests", [])]
    return Booking(
        id=len(world.bookings) + 1,
        uid=uid,
        event_type_id=event.id,
        host_id=event.owner_id,
        start=start,
        end=start + wanted_length(event, body),
        status="pending" if event.confirmation else "accepted",
        title=f"{event.title} between {world.users[event.owner_id].name} and {attendee.name}",
        location=wanted_place(event, body)[0],
        attendees=[replace(attendee), *guests],
        guests=body.get("guests", []),
        responses=responses,
        metadata=body.get("metadata", {}),
        created_at=now,
        updated_at=now,
        ics_uid=f"{uid}@Cal.diy",
        created_by_request=call.number,
    )


def _take_seat(call: Call, event: EventType, booking: Booking, attendee: Attendee) -> Success:
    """Add somebody to a booking that several share."""
    if any(one.email == attendee.email for one in booking.attendees):
        raise bare(409, "already_signed_up_for_this_booking_error")
    if len(booking.attendees) >= (event.seats or 0):
        raise refused(409, "No more seats left at this seated booking.")
    booking.attendees.append(attendee)
    booking.updated_at = call.world.now()
    return Success(render(call.world, booking) | {"seatUid": attendee.seat_uid}, 201)


async def create(call: Call) -> Success:
    """POST /v2/bookings. A repeated request for something to be confirmed gets the booking that exists."""
    world, body = call.world, call.body
    start = check_booking(body, hosted=bool(world.settings.extra_versions))
    event = wanted_event_type(world, body)
    wanted_length(event, body)
    attendee, responses = filled_form(event, body)
    if event.seats:
        attendee.seat_uid = str(uuid.uuid4())
    for other in world.calendar(event.owner_id):
        if other.alive and (other.event_type_id, other.start) == (event.id, start):
            if event.seats:
                return _take_seat(call, event, other, attendee)
            if event.confirmation and other.attendees[0].email == attendee.email:
                return Success(render(world, other) | {"isPlatformManagedUserBooking": False}, 201)
    count = body.get("recurrenceCount", event.recurring or 1) if event.recurring else 1
    drafts = [_draft(call, event, start + week * WEEK, attendee, responses) for week in range(count)]
    for draft in drafts:
        await secure(world, event, draft.start, draft.end, draft.status)
    series = new_uid() if event.recurring else None
    for draft in drafts:
        draft.id, draft.recurring_uid = len(world.bookings) + 1, series
        world.add(draft)
        call.deliveries.announce(Change(ASKED if event.confirmation else MADE, draft))
    seat = {"seatUid": attendee.seat_uid} if event.seats else {}
    made = [render(world, draft) | {"isPlatformManagedUserBooking": False} | seat for draft in drafts]
    return Success(made if series else made[0], 201)


async def get(call: Call) -> Success:
    """GET /v2/bookings/{uid}, for anybody who knows the uid. The uid of a series gives an array."""
    found = call.world.with_uid(call.params["uid"]) or [_found(call)]
    shown = [render(call.world, booking) for booking in found]
    return Success(shown[0] if found[0].uid == call.params["uid"] else shown)


def _refuse_dead(booking: Booking) -> None:
    about = f"Can't reschedule booking with uid={booking.uid} because it has been"
    if booking.rescheduled_to:
        new = booking.rescheduled_to
        raise refused(
            400,
            f"{about} cancelled and rescheduled already to booking with uid={new}. You probably want to reschedule "
            f"{new} instead by passing it within the request URL.",
        )
    if not booking.alive:
        raise refused(400, f"{about} {booking.status}. Please provide uid of a booking that is not {booking.status}.")


async def reschedule(call: Call) -> Success:
    """POST /v2/bookings/{uid}/reschedule: a new booking takes the place of the old one, whoever asks."""
    world, body = call.world, call.body
    start = check_move(body)
    old = _found(call)
    _refuse_dead(old)
    event = world.event_types[old.event_type_id]
    host, reason, mover = world.users[old.host_id], body.get("reschedulingReason"), body.get("rescheduledBy")
    if event.seats:
        raise refused(400, "The sandbox does not move seated bookings.")
    by_host = mover == host.email if mover else call.user is host
    status = "pending" if event.confirmation and not by_host else "accepted"
    end = start + (old.end - old.start)
    await secure(world, event, start, end, status, old)
    _refuse_dead(old)
    shown = {name: old.responses[name] for name in ("displayEmail", "displayGuests") if name in old.responses}
    kept = {name: value for name, value in old.responses.items() if name not in {*shown, "rescheduledReason"}}
    now = world.now()
    new = replace(
        old,
        id=len(world.bookings) + 1,
        uid=new_uid(),
        start=start,
        end=end,
        status=status,
        attendees=[replace(one) for one in old.attendees],
        responses=kept | ({"rescheduledReason": reason} if reason else {}) | shown,
        created_at=now,
        updated_at=now,
        rescheduling_reason=reason,
        rescheduled_by=mover,
        rescheduled_from=old.uid,
        sequence=old.sequence + 1,
        created_by_request=call.number,
    )
    old.status, old.rescheduled_to, old.rescheduled_by, old.updated_at = "cancelled", new.uid, mover, now
    world.add(new)
    call.deliveries.announce(Change(MOVED if status == "accepted" else ASKED, new, old))
    return Success(render(world, new) | {"isPlatformManagedUserBooking": False}, 201)


def _cancel(call: Call, booking: Booking) -> None:
    event, reason = call.world.event_types[booking.event_type_id], call.body.get("cancellationReason")
    if booking.status == "cancelled":
        raise refused(
            400,
            f"Can't cancel booking with uid={booking.uid} because it has been cancelled already. "
            "Please provide uid of a booking that is not cancelled.",
        )
    if event.disable_cancelling:
        raise bare(400, "This event type does not allow cancellations")
    if booking.end < call.world.now():
        raise bare(400, "Cannot cancel a booking that has already ended")
    if call.user is not None and call.user.id == booking.host_id and not reason:
        raise bare(400, "Cancellation reason is required")
    booking.updated_at = call.world.now()
    if seat := call.body.get("seatUid"):
        if all(one.seat_uid != seat for one in booking.attendees):
            raise refused(400, f"Invalid seatUid: {seat}")
        booking.attendees = [one for one in booking.attendees if one.seat_uid != seat]
        if booking.attendees:
            return
    booking.status, booking.cancellation_reason = "cancelled", reason or ""
    call.deliveries.announce(Change(CANCELLED, booking))


async def cancel(call: Call) -> Success:
    """POST /v2/bookings/{uid}/cancel, for anybody; the host must give a reason. A series: all that are left of it."""
    uid = call.params["uid"]
    found = call.world.with_uid(uid) or [_found(call, "not found")]
    if found[0].uid == uid and not call.body.get("cancelSubsequentBookings"):
        _cancel(call, found[0])
        return Success(render(call.world, found[0]))
    first, series = found[0], call.world.with_uid(found[0].recurring_uid or uid)
    left = [one for one in series if one.alive and one.start >= first.start and one.end > call.world.now()]
    for booking in left:
        _cancel(call, booking)
    return Success([render(call.world, booking) for booking in left])


def _awaiting(call: Call) -> Booking:
    booking = _found(call)
    if booking.host_id != call.owner.id:
        raise coded(401, "TRPCError", "User is not authorized to confirm this booking")
    if booking.status != "pending":
        raise coded(400, "TRPCError", "Booking already confirmed")
    booking.updated_at = call.world.now()
    return booking


async def confirm(call: Call) -> Success:
    """POST /v2/bookings/{uid}/confirm, for the host only."""
    booking = _awaiting(call)
    booking.status = "accepted"
    call.deliveries.announce(Change(MADE, booking))
    return Success(render(call.world, booking))


async def decline(call: Call) -> Success:
    """POST /v2/bookings/{uid}/decline, for the host only."""
    booking = _awaiting(call)
    booking.status, booking.rejection_reason = "rejected", call.body.get("reason", "")
    call.deliveries.announce(Change(REJECTED, booking))
    return Success(render(call.world, booking))


async def mark_absent(call: Call) -> Success:
    """POST /v2/bookings/{uid}/mark-absent, once the booking has begun."""
    booking, now = _found(call), call.world.now()
    if now < booking.start:
        raise refused(
            400,
            "Bookings can only be marked as absent after their scheduled start time. Current time in UTC+0: "
            f"{stamp(now)}, Booking start time in UTC+0: {stamp(booking.start)}",
        )
    booking.absent_host = bool(call.body.get("host", booking.absent_host))
    absent = {one["email"]: one["absent"] for one in call.body.get("attendees", [])}
    for attendee in booking.attendees:
        attendee.absent = absent.get(attendee.email, attendee.absent)
    return Success(render(call.world, booking))
