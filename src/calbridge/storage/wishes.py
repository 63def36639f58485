"""What an intent holds of its caller: sealed as one JSON object, with keyed hashes by which it can be found."""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from calbridge.domain.intents import Draft, Name, Wisher
from calbridge.storage.callers import Callers
from calbridge.storage.secrets import KeyRing, SealError, row_name

Values = dict[str, Any]

NO_CALLER = b""
ERASED: Values = {
    "sealed_wish": None,
    "phone_hash": None,
    "email_hash": None,
    "key": None,
    "caller": NO_CALLER,
    "payload": None,
    "tool_call": None,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish as it was sealed. What its name consists of is there, so that it can be hashed anew.

    ``payload``: its digest, where the client chose the key; else "". ``tool_call``: as in ``Name``.
    """

    wisher: Wisher
    call_session_id: str
    key: str
    caller: str
    payload: str
    tool_call: str = ""


class Wishes:
    """Seals wishes, opens them, and hashes what names them. The first key writes, all keys find."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._hash_keys = keys.derive_all("intent-key")
        self._callers = Callers(keys)

    def columns(self, row_id: UUID, draft: Draft) -> Values:
        """Fill the columns of an intent that tell of the wish."""
        name = draft.name
        payload = _digest(name.payload)
        return self._columns(
            row_id, Wish(draft.wisher, draft.call_session_id, name.key, name.caller, payload, name.tool_call)
        )

    def open(self, row_id: UUID, sealed: bytes | None) -> Wish | None:
        """Read a wish: None once it is erased, or where no key opens it."""
        if sealed is None:
            return None
        try:
            read = json.loads(self._keys.open(sealed, row=_place(row_id)))
        except SealError:
            return None
        return Wish(**read | {"wisher": Wisher(**read["wisher"])})

    def renewed(self, row_id: UUID, sealed: bytes, *, named: bool) -> Values:
        """Seal and hash a wish anew under the newest key. ``named``: it still bears its name. Raises SealError."""
        wish = self.open(row_id, sealed)
        if wish is None:
            raise SealError("A sealed wish does not open.")
        values = self._columns(row_id, wish)
        return values if named else values | {"key": None}

    def keys_of(self, name: Name) -> tuple[bytes, ...]:
        """Hash the key of a name under each key of the ring, the newest first."""
        return self._hashes(name.key)

    def is_caller(self, stored: bytes, name: Name) -> bool:
        """Whether a stored caller is that of a name."""
        return stored in (self._hashes(name.caller) if name.caller else (NO_CALLER,))

    def tool_calls_of(self, tool_call: str) -> tuple[bytes, ...]:
        """Hash what names a tool call under each key of the ring, the newest first."""
        return self._hashes(tool_call)

    def is_payload(self, stored: bytes | None, name: Name) -> bool:
        """Whether a stored payload is that of a name."""
        if stored is None or name.payload is None:
            return False
        return any(hmac.compare_digest(stored, one) for one in self._hashes(_digest(name.payload)))

    def _columns(self, row_id: UUID, wish: Wish) -> Values:
        sealed = self._keys.seal(json.dumps(asdict(wish)).encode(), row=_place(row_id))
        return {
            "sealed_wish": sealed,
            "phone_hash": next(iter(self._callers.phone_hashes(wish.wisher.phone)), None),
            "email_hash": next(iter(self._callers.email_hashes(wish.wisher.email)), None),
            "key": self._hashes(wish.key)[0],
            "caller": self._hashes(wish.caller)[0] if wish.caller else NO_CALLER,
            "payload": self._hashes(wish.payload)[0] if wish.payload else None,
            "tool_call": self._hashes(wish.tool_call)[0] if wish.tool_call else None,
        }

    def _hashes(self, text: str) -> tuple[bytes, ...]:
        return tuple(hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256") for key in self._hash_keys)


def _digest(payload: str | None) -> str:
    return "" if payload is None else hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()


def _place(row_id: UUID) -> str:
    return row_name("intents", "sealed_wish", row_id)
