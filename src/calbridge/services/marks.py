"""How a booking of ours is recognised at Cal.com: a keyed mark in its metadata that names what the caller wanted.

Cal.com has no idempotency keys: a repeated create is refused because the first one worked. The mark is the same for
every repetition of one wish, so that "taken" can be told from "taken by ourselves", and a booking whose answer was lost
can be found. It is an HMAC: it says nothing about the caller, and nobody else can make one.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

from calbridge.domain.actions import Book, Call
from calbridge.domain.appointments import Attendee, Booking, EventType

FIELD = "cb_intent"
MISHEARD = 0.6  # how alike two spellings of one name are, at least


class Marks:
    """Makes and recognises marks; the first key marks, all recognise."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def of(self, call: Call, wish: Book, event_type: EventType, start: datetime) -> str:
        """Return the mark of a wish: the same for a retry, even if speech-to-text spells the name differently."""
        return _digest(self._keys[0], call, wish, event_type, start)

    def made(self, booking: Booking, call: Call, wish: Book, event_type: EventType) -> bool:
        """Whether a booking came of this very wish: its mark is right for its own start, and for this caller.

        The mark of a call does not hold the caller's name and address, which speech-to-text spells anew each time; but
        some platforms send one session for all calls, and then another caller must not be told of this booking.
        """
        mark = booking.metadata.get(FIELD, "").encode()
        is_marked = any(
            hmac.compare_digest(mark, _digest(key, call, wish, event_type, booking.start).encode())
            for key in self._keys
        )
        return is_marked and _may_be_for(booking.attendee, wish)


def _may_be_for(attendee: Attendee, wish: Book) -> bool:
    likeness = SequenceMatcher(None, attendee.name.casefold(), wish.name.casefold()).ratio()
    if likeness >= MISHEARD:
        return True
    if wish.email and attendee.email:
        return wish.email == attendee.email
    return bool(wish.phone) and wish.phone == attendee.phone


def _digest(key: bytes, call: Call, wish: Book, event_type: EventType, start: datetime) -> str:
    caller = wish.phone or ("" if call.session else wish.email)
    parts = (
        call.organization_id,
        call.agent_id,
        call.session,
        caller,
        event_type.id,
        start.isoformat(timespec="seconds"),
    )
    return hmac.new(key, "\n".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()
