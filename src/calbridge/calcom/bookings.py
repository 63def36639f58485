"""Bookings across the wall: Cal.com's into ours, a new one of ours into Cal.com's."""

import re
from collections.abc import Mapping

from calbridge.calcom import wire
from calbridge.calcom.placeholders import Placeholders
from calbridge.domain.appointments import Attendee, Booking, NewBooking, Question, Seat
from calbridge.domain.errors import BookingRefusedError, Refusal
from calbridge.domain.forms import answers_to, chosen_of

PHONE_FIELD = "attendeePhoneNumber"
NOTES_FIELD = "notes"

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_LISTS = frozenset({"multiselect", "checkbox", "multiemail", "multitext"})
_GONE = "unknown"  # what Cal.com writes for a host whose user was deleted


def booking_from(sent: wire.Booking, placeholders: Placeholders) -> Booking:
    """Read a booking. A stand-in address is left out, and the number behind it told instead."""
    host_name = sent.hosts[0].name if sent.hosts else ""
    return Booking(
        uid=sent.uid,
        status=sent.status.lower(),
        start=sent.start,
        end=sent.end,
        title=sent.title,
        event_type_id=sent.event_type_id or (sent.event_type.id if sent.event_type else None),
        host_ids=tuple(host.id for host in sent.hosts if host.id is not None),
        host_emails=tuple(host.email.lower() for host in sent.hosts if "@" in host.email),
        host_name="" if host_name == _GONE else host_name,
        attendee=_attendee(sent, placeholders),
        location=sent.location,
        metadata=_labels(sent.metadata),
        rescheduled_from=sent.rescheduled_from_uid or None,
        rescheduled_to=sent.rescheduled_to_uid or None,
        series=sent.recurring_booking_uid or None,
        seated=bool(sent.seat_uid) or any(attendee.seat_uid for attendee in sent.attendees),
        seats=tuple(Seat(one.seat_uid, _person(one, placeholders)) for one in sent.attendees if one.seat_uid),
        seat_uid=sent.seat_uid,
        created_at=sent.created_at,
        updated_at=sent.updated_at,
    )


def body_for(new: NewBooking, placeholders: Placeholders) -> wire.CreateBooking:
    """Write a new booking; raises BookingRefusedError when there is neither an address nor a number to write."""
    if not new.email and not new.phone:
        raise BookingRefusedError(Refusal.CONTACT_REQUIRED)
    email = new.email
    if not email and new.event_type.email_required:
        email = placeholders.address_for(new.phone)
    location = None
    if new.phone and new.event_type.location_needs_phone:
        # Without it Cal.com books all the same, at a place called "phone", and the host has nobody to call.
        location = wire.AttendeePhone(phone=new.phone)
    return wire.CreateBooking(
        start=new.start,
        event_type_id=new.event_type.id,
        attendee=wire.NewAttendee(
            name=new.name, time_zone=new.timezone, email=email or None, phone_number=new.phone or None
        ),
        booking_fields_responses=_responses(new) or None,
        location=location,
        metadata=_fitted(new.metadata) or None,
    )


def _attendee(sent: wire.Booking, placeholders: Placeholders) -> Attendee:
    if not sent.attendees:
        return Attendee("", "", "", "")
    answered = sent.booking_fields_responses.get(PHONE_FIELD)
    return _person(sent.attendees[0], placeholders, answered if isinstance(answered, str) else "")


def _person(sent: wire.Attendee, placeholders: Placeholders, answered_phone: str = "") -> Attendee:
    return Attendee(
        name=sent.name,
        email="" if placeholders.covers(sent.email) else sent.email,
        phone=sent.phone_number or answered_phone or placeholders.phone_behind(sent.email),
        timezone=sent.time_zone,
    )


def _labels(metadata: Mapping[str, object]) -> dict[str, str]:
    """Keep what can be a label of ours: strings, and numbers and truth values in writing."""
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in metadata.items()
        if isinstance(value, str | int | float)
    }


def _fitted(metadata: Mapping[str, str]) -> dict[str, str]:
    """Cut labels to what Cal.com takes: a booking must not fail for its labels."""
    kept = list(metadata.items())[: wire.MAX_METADATA_KEYS]
    return {_cut(key, wire.MAX_METADATA_KEY): _cut(value, wire.MAX_METADATA_VALUE) for key, value in kept}


def _cut(text: str, length: int) -> str:
    """Cut a text to a length as JavaScript counts it, in units of UTF-16."""
    return text.encode("utf-16-le", "ignore")[: length * 2].decode("utf-16-le", "ignore")


def _responses(new: NewBooking) -> dict[str, wire.FieldAnswer]:
    """Fill in the form. Cal.com's own fields are not for callers, who might invite strangers as guests."""
    questions = {question.slug: question for question in new.event_type.questions}
    answers = answers_to(new.event_type.questions, new.answers)
    responses = {slug: _response(answer, questions[slug]) for slug, answer in answers.items()}
    if new.notes:
        responses[NOTES_FIELD] = new.notes
    return responses


def _response(answer: str, question: Question) -> wire.FieldAnswer:
    """Give a spoken answer the JSON type that Cal.com demands of its field; what cannot have it is sent as it is."""
    kind = question.kind
    if kind in _LISTS:
        return [chosen_of(question.options, part.strip()) for part in answer.split(",") if part.strip()]
    if kind == "boolean":
        return _TRUTHS.get(answer.strip().lower(), answer)
    if kind == "number" and _NUMBER.fullmatch(answer.strip()):
        number = float(answer)
        return int(number) if number.is_integer() else number
    return chosen_of(question.options, answer)
