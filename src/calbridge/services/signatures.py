"""How a booking of ours is recognised at Cal.com: its metadata name the intent that led to it, and are signed.

Cal.com has no idempotency keys, so a booking whose answer was lost is found by what it carries. The signature covers
the event type and the start: Cal.com copies metadata when a booking is moved, and then they do not fit any more.
Neither says anything about the caller, and nobody else can make one.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from calbridge.domain.appointments import Booking

INTENT, SIGNATURE = "cb_intent", "cb_sig"


class Signatures:
    """Signs with the first key, and recognises what was signed with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def labels(self, intent_id: UUID, event_type_id: int, start: datetime) -> Mapping[str, str]:
        """Return the metadata that tell which intent led to a booking."""
        return {INTENT: str(intent_id), SIGNATURE: _sign(self._keys[0], str(intent_id), event_type_id, start)}

    def intent_of(self, booking: Booking) -> UUID | None:
        """Return the intent that made this very booking; None for a booking of others, or one that came of a move."""
        named = booking.metadata.get(INTENT, "")
        signed = booking.metadata.get(SIGNATURE, "").encode()
        if not named or booking.event_type_id is None or booking.rescheduled_from is not None:
            return None
        for key in self._keys:
            if hmac.compare_digest(signed, _sign(key, named, booking.event_type_id, booking.start).encode()):
                return UUID(named)
        return None


def _sign(key: bytes, intent_id: str, event_type_id: int, start: datetime) -> str:
    text = f"{intent_id}\n{event_type_id}\n{start.isoformat(timespec='seconds')}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
