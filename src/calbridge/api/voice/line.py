"""What is known of a request before anybody looks at what the model has filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from starlette.datastructures import Headers

from calbridge.api.voice.platform import Envelope, Received
from calbridge.domain.access import Credential
from calbridge.tools import understand

CALLER = ("caller_number", "user_phone_number", "telnyx_end_user_target", "system__caller_id")
CALL_ID = ("call_id", "call_session_id", "conversation_id", "session_id", "call_sid", "system__conversation_id")
CALLER_HEADER, CALL_ID_HEADER = "x-caller-number", "x-call-id"


class Source(StrEnum):
    """Who says which number the caller has, the most credible first."""

    ENVELOPE = "envelope"  # the platform, around the arguments
    STATIC = "static"  # a parameter that whoever made the tool has bound to a variable of the platform
    MODEL = "model"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Line:
    """One request: whose agent it is for, who sends it, and what the platform says of the call.

    ``signed``: the platform has proved that it sends this. ``static``: what the tool's configuration says outside of
    the arguments, in the query and in headers.
    """

    organization_id: UUID
    agent_id: UUID
    platform: str
    action: str
    envelope: Envelope
    static: Mapping[str, str] = field(default_factory=dict)
    credential: Credential | None = None
    signed: bool = False
    deadline: timedelta | None = None

    @property
    def is_trusted(self) -> bool:
        """Whether somebody of the organization stands behind it, who may look into appointments at all."""
        return self.signed or self.credential is not None


def static_of(request: Received) -> dict[str, str]:
    """Return what the tool's configuration says in the query and in headers."""
    headers = {"caller_number": CALLER_HEADER, "call_id": CALL_ID_HEADER}
    told = {name: _one(request.headers, header) for name, header in headers.items()}
    return {name: value for name, value in {**told, **request.query}.items() if not understand.absent(value)}


def phone_of(value: object) -> str:
    """Read a number that a platform gives, in E.164; "" for callers who withhold theirs and for calls without one.

    In a query, a plus that nobody has encoded arrives as a blank.
    """
    if not isinstance(value, str) or not understand.is_filled_in(value):
        return ""
    try:
        return understand.phone(f"+{value.strip()}" if value.startswith(" ") else value)
    except ValueError:
        return ""


def _one(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else ""
