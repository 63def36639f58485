"""What a record holds of its caller: sealed as one JSON object, with keyed hashes by which it can be found."""

import hmac
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from calbridge.storage.secrets import KeyRing, SealError, row_name
from calbridge.storage.tables import bookings

PURPOSE = "caller-hash"

Values = dict[str, Any]

# Which call it was leads back to the caller, at the voice platform: that goes, too.
ERASED: Values = {"sealed_caller": None, "phone_hash": None, "email_hash": None, "call_session_id": ""}


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a record; "" where nothing is known, or no longer."""

    name: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""


class Callers:
    """Seals callers, opens them, and finds them by phone or e-mail. The first key writes, all keys find."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._hash_keys = keys.derive_all(PURPOSE)

    def columns(self, row_id: UUID, caller: Caller) -> Values:
        """Fill the columns of a record that tell of its caller."""
        sealed = self._keys.seal(json.dumps(asdict(caller)).encode(), row=_place(row_id))
        return {
            "sealed_caller": sealed,
            "phone_hash": next(iter(self.phone_hashes(caller.phone)), None),
            "email_hash": next(iter(self.email_hashes(caller.email)), None),
        }

    def open(self, row_id: UUID, sealed: bytes | None) -> Caller:
        """Read the caller of a record: nobody, once erased. Raises SealError."""
        return Caller() if sealed is None else Caller(**json.loads(self._keys.open(sealed, row=_place(row_id))))

    def matching(self, *, phone: str, email: str) -> ColumnElement[bool]:
        """Pick the records of this phone number or this e-mail address; "" picks none."""
        return or_(
            bookings.c.phone_hash.in_(self.phone_hashes(phone)), bookings.c.email_hash.in_(self.email_hashes(email))
        )

    def is_one(self, row_id: UUID, sealed: bytes, *, phone: str, email: str) -> bool:
        """Whether a record that has no hashes is of this phone or e-mail; no if nobody here can open it."""
        try:
            caller = self.open(row_id, sealed)
        except SealError:
            return False
        same_phone = set(self.phone_hashes(caller.phone)) & set(self.phone_hashes(phone))
        return bool(same_phone or set(self.email_hashes(caller.email)) & set(self.email_hashes(email)))

    def phone_hashes(self, phone: str) -> tuple[bytes, ...]:
        """Hash a phone number under each key, the newest first; () for none."""
        digits = re.sub(r"[^0-9]", "", phone)
        return self._hashes(f"phone:+{digits}") if digits else ()

    def email_hashes(self, email: str) -> tuple[bytes, ...]:
        """Hash an e-mail address under each key, the newest first; () for none."""
        address = unicodedata.normalize("NFC", email).strip().lower()
        return self._hashes(f"email:{address}") if address else ()

    def _hashes(self, text: str) -> tuple[bytes, ...]:
        """Under each key of the ring, the newest first: a plain hash of a phone number could be guessed."""
        return tuple(hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256") for key in self._hash_keys)


def _place(row_id: UUID) -> str:
    return row_name("bookings", "sealed_caller", row_id)
