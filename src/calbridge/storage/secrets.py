"""What must not be read in the database: sealed with AES-256-GCM under keys that can be rotated.

A sealed value is the key's id (4 bytes), a random nonce (12 bytes), the ciphertext and its tag. It opens only for the
row and column that it was sealed for: copied into another row it is worthless.
"""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from calbridge.domain.errors import CalbridgeError

KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12


class SealError(CalbridgeError):
    """A sealed value does not open: its key is not configured, or it was altered or moved to another row."""


class _Key:
    """One key, with its id: the first 8 hex digits of its SHA-256."""

    def __init__(self, secret: bytes) -> None:
        self.id = hashlib.sha256(secret).digest()[:ID_BYTES]
        self.secret = secret
        self.cipher = AESGCM(secret)

    def derive(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"calbridge:{purpose}".encode()).derive(
            self.secret
        )


class KeyRing:
    """The encryption keys: the first seals, all open."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        if not secrets:
            raise ValueError("at least one encryption key is needed")
        self._keys = tuple(_Key(secret) for secret in secrets)
        self._by_id = {key.id: key for key in self._keys}
        if len(self._by_id) < len(self._keys):
            raise ValueError("the same encryption key is given twice")

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read keys from a comma-separated list, each 32 bytes as hex, base64 or base64url, padded or not.

        Raises ValueError, which says which of them is wrong and never repeats it.
        """
        parts = [part.strip() for part in text.split(",")]
        if not any(parts):
            raise ValueError("at least one encryption key is needed")
        return cls(tuple(_decode(part, number) for number, part in enumerate(parts, start=1)))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(key.id.hex() for key in self._keys)})"

    def seal(self, plaintext: bytes, *, row: str) -> bytes:
        """Encrypt under the first key; ``row`` names table, column and id, as ``row_name`` does."""
        key, nonce = self._keys[0], os.urandom(NONCE_BYTES)
        return key.id + nonce + key.cipher.encrypt(nonce, plaintext, row.encode())

    def open(self, sealed: bytes, *, row: str) -> bytes:
        """Decrypt under whichever key sealed it. Raises SealError."""
        key_id, nonce, ciphertext = sealed[:ID_BYTES], sealed[ID_BYTES:][:NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        key = self._by_id.get(key_id)
        if key is None:
            raise SealError(f"No encryption key {key_id.hex()} is configured.")
        try:
            return key.cipher.decrypt(nonce, ciphertext, row.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be anything
            raise SealError("A sealed value was altered or belongs to another row.") from error

    @property
    def newest_id(self) -> bytes:
        """How a value begins that is sealed under the first key."""
        return self._keys[0].id

    def derive(self, purpose: str) -> bytes:
        """Derive a key for another purpose from the first key (HKDF-SHA256, 32 bytes)."""
        return self._keys[0].derive(purpose)

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """Derive a key for another purpose from each key: what was signed before a rotation still verifies."""
        return tuple(key.derive(purpose) for key in self._keys)


def row_name(table: str, column: str, row_id: object) -> str:
    """Name the place of a sealed value, to which it is bound."""
    return f"{table}.{column}.{row_id}"


def _decode(text: str, number: int) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        bare = text.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            secret = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"encryption key {number} is not 32 bytes in hex, base64 or base64url")
    return secret
