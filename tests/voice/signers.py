"""Signatures as each vendor describes them, made without anything of the product: with the standard library alone,
and with ``cryptography`` for Ed25519.

* Retell: https://docs.retellai.com/features/secure-webhook and ``src/lib/webhook_auth.ts`` of its TypeScript SDK.
* Telnyx: https://developers.telnyx.com/docs/voice/programmable-voice/voice-api-webhooks.
* Vapi: the schema ``HMACAuthenticationPlan`` of https://api.vapi.ai/api-json.

All read 2026-11-20.
"""  # noqa: D205 - one sentence

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Headers = dict[str, str]
TELNYX_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public(key: Ed25519PrivateKey) -> str:
    """A public key as Telnyx shows it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def retell(body: bytes, secret: str, now: float) -> Headers:
    """``v=<milliseconds>,d=<hex of HMAC-SHA256 of body and milliseconds>``."""
    stamp = str(int(now * 1000))
    digest = hmac.new(secret.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    return {"X-Retell-Signature": f"v={stamp},d={digest}"}


def telnyx(body: bytes, key: Ed25519PrivateKey, now: float) -> Headers:
    """The Ed25519 signature of ``<seconds>|<body>``, in base64."""
    stamp = str(int(now))
    signature = base64.b64encode(key.sign(f"{stamp}|".encode() + body)).decode()
    return {"telnyx-signature-ed25519": signature, "telnyx-timestamp": stamp}


@dataclass(frozen=True, slots=True)
class VapiPlan:
    """An HMAC credential at Vapi, with some of its options."""

    algorithm: str = "sha256"
    header: str = "x-signature"
    stamp_header: str = "x-timestamp"
    payload: str = "{timestamp}.{body}"
    prefix: str = ""
    encoding: str = "hex"
    milliseconds: bool = False
    base64_secret: bool = False

    @property
    def options(self) -> dict[str, object]:
        """The same, as our API takes it."""
        return {
            "algorithm": self.algorithm,
            "signature_header": self.header,
            "timestamp_header": self.stamp_header,
            "payload_format": self.payload,
            "prefix": self.prefix,
            "encoding": self.encoding,
            "secret_is_base64": self.base64_secret,
        }


def vapi(body: bytes, secret: str, now: float, plan: VapiPlan = VapiPlan(), url: str = "") -> Headers:
    """Vapi's HMAC over its payload format."""
    stamp = str(int(now * 1000) if plan.milliseconds else int(now))
    before, _, after = plan.payload.partition("{body}")

    def filled(text: str) -> bytes:
        known = {"{timestamp}": stamp, "{method}": "POST", "{url}": url, "{svix-id}": "msg_1"}
        for place, value in known.items():
            text = text.replace(place, value)
        return text.encode()

    key = base64.b64decode(secret) if plan.base64_secret else secret.encode()
    mac = hmac.new(key, filled(before) + body + filled(after), getattr(hashlib, plan.algorithm)).digest()
    shown = mac.hex() if plan.encoding == "hex" else base64.b64encode(mac).decode()
    return {plan.header: f"{plan.prefix}{shown}", plan.stamp_header: stamp, "svix-id": "msg_1"}
