"""What a request proves of its sender. Schemes are checked on the raw body, in constant time, within five minutes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.datastructures import Headers

TOLERANCE = timedelta(minutes=5)
MAX_DIGITS = 16
MILLISECONDS_FROM = 10**11  # what is larger would be seconds of a year in which nobody phones any more
PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Verified:
    """It was sent by who has the secret. ``header``: where that was shown, so that nobody else reads it."""

    header: str


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Nothing shows who sent it."""


@dataclass(frozen=True, slots=True)
class Forged:
    """It claims to be signed and is not by any secret that is known, or not now."""


Signature = Verified | Unsigned | Forged


def only(headers: Headers, name: str) -> str | None:
    """Return the one value of a header, None where it is missing. Of several nobody can say which one counts: ""."""
    values = headers.getlist(name)
    return None if not values else values[0].strip() if len(values) == 1 else ""


def is_timely(stamp: str, now: datetime) -> bool:
    """Whether an instant as Unix time, in seconds or milliseconds, is at most five minutes away from the present."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= MAX_DIGITS):
        return False
    seconds = int(stamp) / 1000 if int(stamp) >= MILLISECONDS_FROM else int(stamp)
    try:
        return abs(now - datetime.fromtimestamp(seconds, UTC)) <= TOLERANCE
    except (ValueError, OverflowError, OSError):  # beyond what a calendar holds
        return False


def is_one_of(shown: str, secrets: Iterable[str]) -> bool:
    """Whether a text is one of the secrets. All are compared, so that time tells nothing of which."""
    digest = _digest(shown)
    return _is_any(hmac.compare_digest(digest, _digest(secret)) for secret in secrets)


def is_mac_of(message: bytes, shown: Sequence[bytes], keys: Iterable[bytes], algorithm: str) -> bool:
    """Whether one of the codes that were shown is the message's HMAC under one of the keys; all are compared."""
    macs = [hmac.digest(key, message, algorithm) for key in keys]
    return _is_any(hmac.compare_digest(mac, code) for mac in macs for code in shown)


def is_signed(message: bytes, signature: bytes, public_keys: Iterable[bytes]) -> bool:
    """Whether a signature is the message's Ed25519 signature under one of the keys (RFC 8032)."""
    return _is_any(_verifies(key, signature, message) for key in public_keys)


def from_base64(text: str) -> bytes:
    """Decode base64; b"" for what is none, which is nobody's signature."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def from_hex(text: str) -> bytes:
    """Decode hexadecimal digits in either case, with nothing between them; b"" for what is none."""
    try:
        return bytes.fromhex(text) if text.isascii() and text.isalnum() else b""
    except ValueError:
        return b""


def _is_any(comparisons: Iterable[bool]) -> bool:
    """Whether one of them holds; all are made, which ``any`` would not do."""
    return sum(comparisons) > 0


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: no key
        return False
    return True


def _digest(text: str) -> bytes:
    """Texts of any length and script become alike in length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
