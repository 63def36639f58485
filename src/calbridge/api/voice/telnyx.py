"""Telnyx AI Assistants' webhook tools.

* Request: the parameters of the body at its root; there is no envelope. Headers, path and query are the assistant's
  configuration and take variables: ``{{telnyx_end_user_target}}`` is the caller, ``{{call_control_id}}`` the call.
  ``src/resources/ai/assistants/assistants.ts`` of team-telnyx/telnyx-node (2026-11-20)
* Signature: Telnyx adds ``telnyx-signature-ed25519`` (base64) and ``telnyx-timestamp`` (Unix seconds) by itself: the
  Ed25519 signature of ``<timestamp>|<raw body>`` under the account's key.
  https://developers.telnyx.com/api-reference/callbacks/texml-http-request (2026-11-20)
* Only the body is signed. A number in a header or the query is the configuration's word, not the signature's, and one
  in the body may be the model's: so a signature alone vouches for the sender, and for no number.
* Answer: any JSON; ``store_fields_as_variables`` lifts fields out of it by dot path.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import members
from calbridge.api.voice.signatures import (
    Forged,
    Signature,
    Unsigned,
    Verified,
    from_base64,
    is_signed,
    is_timely,
    only,
)
from calbridge.domain.voice import VoiceSecret

SIGNATURE = "telnyx-signature-ed25519"
TIMESTAMP = "telnyx-timestamp"


class Telnyx(Platform):
    """Telnyx."""

    name: ClassVar[str] = "telnyx"
    signs: ClassVar[bool] = True

    def read(self, request: Received) -> Envelope:
        """Take the body for the arguments."""
        return Envelope((ToolCall("", "", members(request.json)),), call_id=only(request.headers, "x-call-id") or "")

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields, which dot paths reach in one step."""
        return dict(results[0].fields)

    def signature(self, request: Received, secrets: Sequence[VoiceSecret], now: datetime) -> Signature:
        """Check the two headers against the account's public key."""
        shown, stamp = only(request.headers, SIGNATURE), only(request.headers, TIMESTAMP)
        if not secrets or (shown is None and stamp is None):
            return Unsigned()
        if not shown or not stamp or not is_timely(stamp, now):
            return Forged()
        keys = [from_base64(each.secret) for each in secrets]
        known = is_signed(stamp.encode() + b"|" + request.body, from_base64(shown), keys)
        return Verified(SIGNATURE) if known else Forged()
