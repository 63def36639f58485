"""Vapi's function tools, and its API request tools.

* Request: ``message.type`` is ``tool-calls``; Vapi's own pages spell one call in four ways, and several calls may come
  in one message. An API request tool sends the plain arguments instead.
  https://docs.vapi.ai/tools/custom-tools, https://docs.vapi.ai/server-url/events, ``fern/tools/custom-tools.mdx`` and
  ``fern/tools/static-variables-and-aliases.mdx`` of VapiAI/docs (2026-11-20)
* Answer: 200 always, or it is ignored. ``result`` and ``error`` are text on one line: here JSON in ASCII, so that the
  model, and an alias of the tool's, find the fields beside the sentence. With ``error`` Vapi may say a message of its
  own (``request-failed``), so what a caller should hear is a result, and only a breakdown is an error.
* Who sends: a secret in ``X-Vapi-Secret``, as a bearer or in a header of one's choice; or an HMAC whose headers,
  algorithm, payload and encoding can be chosen. https://docs.vapi.ai/server-url/server-authentication and the schema
  ``HMACAuthenticationPlan`` of https://api.vapi.ai/api-json (2026-11-20). In which unit the timestamp is, is not said.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from calbridge.api.voice.platform import Envelope, Json, Platform, Received, Told, ToolCall
from calbridge.api.voice.reading import enclosed, label, member, members, number_of, objects, text
from calbridge.api.voice.signatures import (
    Forged,
    Signature,
    Unsigned,
    Verified,
    from_base64,
    from_hex,
    is_mac_of,
    is_one_of,
    is_timely,
    only,
)
from calbridge.domain.voice import Scheme, VoiceSecret

SECRET = "x-vapi-secret"  # noqa: S105 - the name of a header
BEARER = "authorization"
SIGNATURE, TIMESTAMP, MESSAGE_ID = "x-signature", "x-timestamp", "svix-id"
PAYLOAD = "{timestamp}.{body}"
LISTS = ("toolCallList", "toolWithToolCallList", "toolCalls", "tool_calls")
_PLACE = re.compile(r"\{(timestamp|body|method|url|svix-id)\}")


class Vapi(Platform):
    """Vapi."""

    name: ClassVar[str] = "vapi"
    signs: ClassVar[bool] = True

    def read(self, request: Received) -> Envelope:
        """Take the message apart; what is no message is the arguments of an API request tool.

        A message comes alone and has a type. Beside static parameters it is of the model's making, and vouches for
        nobody.
        """
        body = enclosed(request.json)
        message = member(body, "message")
        if len(body) > 1 or not text(message, "type"):
            return Envelope((ToolCall("", "", members(request.json)),))
        call = member(message, "call")
        numbers = (member(message, "customer").get("number"), member(call, "customer").get("number"))
        return Envelope(
            calls=tuple(_calls(message)),
            call_id=text(call, "id"),
            caller=next(filter(None, map(number_of, numbers)), ""),
        )

    def answer(self, results: Sequence[Told]) -> Json:
        """Answer all calls in their order; a function of the old kind and an API request have a shape of their own."""
        if len(results) == 1 and not results[0].call.id:
            return {"result": _line(results[0])} if results[0].call.name else dict(results[0].fields)
        return {
            "results": [
                {
                    "toolCallId": each.call.id,
                    "name": each.call.name,
                    "error" if each.failed else "result": _line(each),
                }
                for each in results
            ]
        }

    def signature(self, request: Received, secrets: Sequence[VoiceSecret], now: datetime) -> Signature:
        """Check whichever of the ways the organization has set up."""
        shown = False
        for secret in secrets:
            checked = _bearer(request, secret) if secret.scheme is Scheme.BEARER else _hmac(request, secret, now)
            if isinstance(checked, Verified):
                return checked
            shown = shown or isinstance(checked, Forged)
        return Forged() if shown else Unsigned()


def _calls(message: Mapping[str, object]) -> Iterator[ToolCall]:
    """Find the calls in the first list that holds any, and in it the first object that looks like arguments."""
    for name in LISTS:
        found = objects(message.get(name))
        if found:
            yield from map(_call, found)
            return
    function = member(message, "functionCall")
    if function:
        yield ToolCall("", label(function, "name"), _arguments(function))


def _call(entry: Mapping[str, object]) -> ToolCall:
    call = member(entry, "toolCall") or entry  # beside a toolCall, ``parameters`` are the schema
    function = member(call, "function")
    names = (label(place, "name") for place in (call, function, entry, member(entry, "function")))
    return ToolCall(label(call, "id"), next(filter(None, names), ""), _arguments(function) or _arguments(call))


def _arguments(source: Mapping[str, object]) -> Mapping[str, object]:
    return next(filter(None, (members(source.get(name)) for name in ("arguments", "parameters"))), {})


def _line(told: Told) -> str:
    """Write it on one line, in ASCII; what is empty would only cost the model tokens."""
    return json.dumps({name: value for name, value in told.fields.items() if value != ""}, ensure_ascii=True)


def _bearer(request: Received, secret: VoiceSecret) -> Signature:
    """Look for the secret itself, in the header that was chosen or in the two usual ones."""
    shown = False
    for name in [secret.header] if secret.header else [SECRET, BEARER]:
        value = only(request.headers, name)
        if value is None:
            continue
        shown = True
        scheme, _, token = value.partition(" ")
        if is_one_of(token.strip() if scheme.lower() == "bearer" else value, [secret.secret]):
            return Verified(name)
    return Forged() if shown else Unsigned()


def _hmac(request: Received, secret: VoiceSecret, now: datetime) -> Signature:
    """Compute the code of this very request, and compare.

    Where the timestamp is no part of what is signed, anybody could change it: there it is not looked at.
    """
    options = secret.hmac
    header = options.signature_header or SIGNATURE
    shown = only(request.headers, header)
    if shown is None:
        return Unsigned()
    layout = options.payload_format or (PAYLOAD if options.include_timestamp else "{body}")
    stamp = only(request.headers, options.timestamp_header or TIMESTAMP) or ""
    if "{timestamp}" in layout and not is_timely(stamp, now):
        return Forged()
    parts = {
        "timestamp": stamp.encode(),
        "body": request.body,
        "method": request.method.encode(),
        "url": request.url.encode(),
        "svix-id": (only(request.headers, options.message_id_header or MESSAGE_ID) or "").encode(),
    }
    message = b"".join(
        parts[piece] if number % 2 else piece.encode() for number, piece in enumerate(_PLACE.split(layout))
    )
    decode = from_hex if options.encoding == "hex" else from_base64
    codes = [decode(each.removeprefix(options.prefix)) for each in shown.split() if each.startswith(options.prefix)]
    key = from_base64(secret.secret) if options.secret_is_base64 else secret.secret.encode()
    return Verified(header) if codes and is_mac_of(message, codes, [key], options.algorithm) else Forged()
