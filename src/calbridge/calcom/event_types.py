"""Event types across the wall: what each demands of a caller, out of Cal.com's booking form and settings."""

import re
from datetime import timedelta

from pydantic_core import from_json

from calbridge.calcom import wire
from calbridge.calcom.bookings import NOTES_FIELD, PHONE_FIELD
from calbridge.domain.appointments import EventType, Question

EMAIL_FIELD = "email"
TITLE_FIELD = "title"

_UNKNOWN = "unknown"
_BUILT_IN = frozenset(  # fields of every form, whatever a server says of them
    {
        "aiAgentCallPhoneNumber",
        "displayEmail",
        "displayGuests",
        "email",
        "guests",
        "location",
        "name",
        "rescheduleReason",
        "rescheduledReason",
        "smsReminderNumber",
        PHONE_FIELD,
    }
)
_WORD_BREAK = re.compile(r"[-_\s]+|(?<=[a-z0-9])(?=[A-Z])")


def event_type_from(sent: wire.EventType) -> EventType:
    """Read an event type (version 2024-06-14)."""
    fields = [_field(one) for one in sent.booking_fields]
    shown = {one.slug: one for one in fields if not one.hidden}
    email, phone = shown.get(EMAIL_FIELD), shown.get(PHONE_FIELD)
    policy = sent.confirmation_policy
    return EventType(
        id=sent.id,
        slug=sent.slug,
        title=sent.title,
        description=sent.description,
        minutes=sent.length_in_minutes,
        minutes_options=sent.length_in_minutes_options or (),
        hidden=sent.hidden,
        recurring=_is_on(sent.recurrence),
        needs_confirmation=_is_on(policy) and policy.get("type") == "always",
        email_required=email is not None and email.required,
        phone_required=phone is not None and phone.required,
        phone_visible=phone is not None,
        location_needs_phone=bool(sent.locations) and sent.locations[0].type == "attendeePhone",
        questions=tuple(_question(one) for one in shown.values() if _is_question(one)),
        cancelling_disabled=_is_forbidden(sent.disable_cancelling),
        rescheduling_disabled=_is_forbidden(sent.disable_rescheduling),
        has_seats=_is_on(sent.seats),
        minimum_notice=timedelta(minutes=sent.minimum_booking_notice or 0),
        price=sent.price,
        currency=sent.currency,
    )


def _is_on(setting: object) -> bool:
    """Whether a setting is in force: null and ``{"disabled": true}`` say that it is not."""
    return isinstance(setting, dict) and bool(setting) and setting.get("disabled") is not True


def _is_forbidden(switch: object) -> bool:
    """Whether ``disableCancelling`` or ``disableRescheduling`` forbids: an object, on some servers a bare truth."""
    return switch is True or (isinstance(switch, dict) and switch.get("disabled") is True)


def _is_question(one: wire.BookingField) -> bool:
    """Whether a caller may answer it. Of the built-in fields we send name and contact by ourselves."""
    if one.slug in {NOTES_FIELD, TITLE_FIELD}:
        return one.required
    is_known = bool(one.slug) and one.type != _UNKNOWN
    return is_known and not one.is_default and one.slug not in _BUILT_IN


def _question(one: wire.BookingField) -> Question:
    options = (option.get("value", "") if isinstance(option, dict) else option for option in one.options)
    label = one.label.strip()
    return Question(
        slug=one.slug,
        label=label if label and not _is_key(label) else _in_words(one.slug),
        kind=one.type,
        options=tuple(option for option in options if isinstance(option, str)),
        required=one.required,
    )


def _is_key(label: str) -> bool:
    """Whether a label is a key of Cal.com's translations, such as ``additional_notes``."""
    return "_" in label and " " not in label


def _in_words(slug: str) -> str:
    return _WORD_BREAK.sub(" ", slug).strip().lower()


def _field(one: wire.BookingField) -> wire.BookingField:
    """Unwrap a field that this version of the API has no type for: it comes as Cal.com's own record, in JSON.

    In that record the slug is called ``name``, and a field is built in when its ``editable`` starts with "system".
    """
    if one.type != _UNKNOWN:
        return one
    record = one.booking_field
    if isinstance(record, str | bytes):
        try:
            record = from_json(record)
        except ValueError:
            return one
    if not isinstance(record, dict):
        return one
    editable = record.get("editable")
    return wire.BookingField.model_validate(
        {
            **record,
            "slug": record.get("slug") or record.get("name"),
            "isDefault": isinstance(editable, str) and editable.startswith("system"),
        }
    )
