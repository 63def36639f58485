"""Retell's custom functions.

* Request: ``{"name", "call", "args"}``, or with "Payload: args only" (``args_at_root``) the arguments alone; then the
  action comes from the address. https://docs.retellai.com/build/conversation-flow/custom-function (2026-11-20)
* Signature: ``X-Retell-Signature: v=<ms>,d=<hex>``, HMAC-SHA256 of the raw body followed by the timestamp, under the
  API key that has the webhook badge. https://docs.retellai.com/features/secure-webhook, and ``src/lib/webhook_auth.ts``
  of RetellAI/retell-typescript-sdk (2026-11-20). Each workspace has its own key.
* Answer: any 2xx; the body becomes text for the model, and ``response_variables`` lift fields out of it by path.
* There is no id of the tool call, so the call and the wish tell a repetition; whether a failed request is sent again,
  Retell's pages have told differently over time, and newer tools have a ``max_retry``.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import enclosed, label, member, members, number_of, text
from calbridge.api.voice.signatures import Forged, Signature, Unsigned, Verified, from_hex, is_mac_of, is_timely, only
from calbridge.domain.voice import VoiceSecret

SIGNATURE = "x-retell-signature"
_SIGNED = re.compile(r"v=([0-9]{1,16}),d=([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


class Retell(Platform):
    """Retell."""

    name: ClassVar[str] = "retell"
    signs: ClassVar[bool] = True

    def read(self, request: Received) -> Envelope:
        """Take the envelope apart, if there is one."""
        body = enclosed(request.json)
        args, call = body.get("args"), member(body, "call")
        if not isinstance(args, dict | str) or not ("name" in body or call):
            return Envelope((ToolCall("", "", members(request.json)),))
        caller = "to_number" if text(call, "direction") == "outbound" else "from_number"
        return Envelope(
            calls=(ToolCall("", label(body, "name"), members(args)),),
            call_id=text(call, "call_id"),
            caller=number_of(call.get(caller)),
        )

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer with flat fields, for the model as for ``response_variables``."""
        return dict(results[0].fields)

    def signature(self, request: Received, secrets: Sequence[VoiceSecret], now: datetime) -> Signature:
        """Check ``X-Retell-Signature``."""
        shown = only(request.headers, SIGNATURE)
        if shown is None or not secrets:
            return Unsigned()
        match = _SIGNED.fullmatch(shown)
        if match is None or not is_timely(match[1], now):
            return Forged()
        keys = [each.secret.encode() for each in secrets]
        known = is_mac_of(request.body + match[1].encode(), [from_hex(match[2])], keys, "sha256")
        return Verified(SIGNATURE) if known else Forged()
