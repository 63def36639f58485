"""What voice platforms have to do with calls: the secrets that they prove themselves with, and what that is worth."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Scheme(StrEnum):
    """How a platform proves with a secret that it is the sender."""

    BEARER = "bearer"  # the secret itself, in a header
    HMAC = "hmac"  # a keyed hash of the body
    PUBLIC_KEY = "public_key"  # a signature that only the platform can make; the "secret" is no secret


@dataclass(frozen=True, slots=True)
class HmacOptions:
    """How a keyed hash is made and sent, where the platform lets its customers choose. "" is the platform's default."""

    algorithm: str = "sha256"
    signature_header: str = ""
    timestamp_header: str = ""
    message_id_header: str = ""
    payload_format: str = ""
    prefix: str = ""
    encoding: str = "hex"
    secret_is_base64: bool = False
    include_timestamp: bool = True


@dataclass(frozen=True, slots=True)
class VoiceSecret:
    """One secret of an organization at a platform; several are candidates while it is rotated."""

    secret: str = field(repr=False)
    scheme: Scheme
    header: str = ""  # for BEARER, where it is neither of the platform's usual ones
    hmac: HmacOptions = HmacOptions()


@dataclass(frozen=True, slots=True)
class SecretsInUse:
    """The secrets of an organization at one platform."""

    platform: str
    secrets: tuple[VoiceSecret, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """A platform has proved that it sends the call. ``phone``: the number that it says is on the other end, in E.164.

    That is a credential of the organization for what belongs to this number, and for nothing else.
    """

    platform: str
    phone: str = ""
