"""The arguments of a tool, whichever door they come through: how much they may hold, and what others call them."""

import re

MAX_NOTES = 2000
MAX_ID = 255
MAX_WORDS = 100
MAX_ANSWERS = 20

# What other systems call our fields, as far as their own examples show it.
_OTHER_NAMES = {
    "full_name": "name", "customer_name": "name", "caller_name": "name", "attendee_name": "name",
    "phone_number": "phone", "customer_phone": "phone", "attendee_phone": "phone", "contact_phone": "phone",
    "email_address": "email", "customer_email": "email", "attendee_email": "email", "contact_email": "email",
    "datetime": "appointment_datetime", "date_time": "appointment_datetime", "start": "appointment_datetime",
    "start_time": "appointment_datetime", "appointment_time": "appointment_datetime", "slot": "appointment_datetime",
    "new_datetime": "appointment_datetime", "appointment_date": "date",
    "booking_id": "appointment_id", "booking_uid": "appointment_id", "uid": "appointment_id",
    "time_zone": "timezone", "tz": "timezone", "reason": "notes", "note": "notes", "days": "days_ahead",
}  # fmt: skip
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def own_name(given: str) -> str:
    """Return our name of an argument, however it is written; one that means nothing here in our spelling."""
    name = _HUMP.sub("_", given).replace("-", "_").replace(" ", "_").lower()
    return _OTHER_NAMES.get(name, name)


def noted(notes: str, other: str) -> str:
    """Keep in the notes, if they have room for it, another number than the one that the caller is known by."""
    line = f"Another number they gave: {other}" if other else ""
    both = "\n".join(filter(None, (notes, line)))
    return both if len(both) <= MAX_NOTES else notes
