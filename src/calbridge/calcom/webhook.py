"""What Cal.com posts to a webhook: whether it is really from there, and which bookings it is about.

https://cal.com/docs/developing/guides/automation/webhooks. The signature covers the body alone: no time, no order, no
address. So whatever is in a body is a hint about what to read at Cal.com, and never a fact.
"""

import hashlib
import hmac
import json
import re

SIGNATURE_HEADER = "X-Cal-Signature-256"
TRIGGERS = (
    "BOOKING_CREATED",  # of an event type that needs confirmation: once it is confirmed
    "BOOKING_REQUESTED",
    "BOOKING_RESCHEDULED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
)

_UID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_NAMING = ("uid", "rescheduleUid", "bookingUid")  # the new booking, the one it was moved from; how some triggers say it


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether a body is signed with the secret: the hex HMAC-SHA256 of its bytes, compared in constant time.

    Without a secret Cal.com sends ``no-secret-provided``, which is the signature of nothing.
    """
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


def bookings_named(body: bytes) -> tuple[str, ...]:
    """Return the uids of the bookings that a delivery is about: none for a ping, or for what cannot be read."""
    try:
        delivery = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    payload = delivery.get("payload") if isinstance(delivery, dict) else None
    if not isinstance(payload, dict):
        return ()
    named = (payload.get(name) for name in _NAMING)
    return tuple(dict.fromkeys(uid for uid in named if isinstance(uid, str) and _UID.fullmatch(uid)))
