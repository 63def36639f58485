"""Tokens made by hand, since no library would make these: any header, any payload, any key, any spelling."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json = dict[str, Any]
Key = str | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
HASHES: dict[str, Any] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


def b64(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def dumps(value: object) -> bytes:
    """Write JSON, compactly."""
    return json.dumps(value, separators=(",", ":")).encode()


def signature(algorithm: str, key: Key | bytes, signed: bytes) -> bytes:
    """Sign as RFC 7518 says."""
    algorithm_hash = HASHES[algorithm[2:]]
    match key:
        case str() | bytes():
            secret = key.encode() if isinstance(key, str) else key
            return hmac.new(secret, signed, getattr(hashlib, f"sha{algorithm[2:]}")).digest()
        case rsa.RSAPrivateKey() if algorithm.startswith("PS"):
            pss = padding.PSS(padding.MGF1(algorithm_hash), padding.PSS.DIGEST_LENGTH)
            return key.sign(signed, pss, algorithm_hash)
        case rsa.RSAPrivateKey():
            return key.sign(signed, padding.PKCS1v15(), algorithm_hash)
        case _:
            r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(algorithm_hash)))
            size = (key.curve.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def compact(header: Json | bytes, payload: object, algorithm: str, key: Key | bytes) -> str:
    """Make a token; bytes are taken as they are."""
    parts = [b64(part if isinstance(part, bytes) else dumps(part)) for part in (header, payload)]
    signed = ".".join(parts)
    return f"{signed}.{b64(signature(algorithm, key, signed.encode()))}"


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key pair; another for each number. Made once a run: it takes a while."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(algorithm: str = "ES256", number: int = 0) -> ec.EllipticCurvePrivateKey:
    """A key pair on the algorithm's curve; another for each number."""
    del number
    return ec.generate_private_key(CURVES[algorithm])


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """The public key as an operator configures it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def der(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """The public key, bare."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whoever signs the tokens of a deployment."""

    algorithm: str
    key: Key
    issuer: str = ""
    audience: str = ""

    @property
    def settings(self) -> Json:
        """The deployment's settings: its secret, or the public key."""
        named = {"jwt_algorithm": self.algorithm, "jwt_issuer": self.issuer, "jwt_audience": self.audience}
        return named if isinstance(self.key, str) else {**named, "jwt_public_key": pem(self.key)}

    def claims(self, organization_id: UUID | None, /, **more: object) -> Json:
        """Claims that are good for an hour; ``...`` takes one away."""
        now = int(time.time())
        claims: Json = {"sub": "tests", "iat": now, "exp": now + 3600}
        if organization_id is not None:
            claims["org_id"] = str(organization_id)
        claims |= {"iss": self.issuer} if self.issuer else {}
        claims |= {"aud": self.audience} if self.audience else {}
        return {name: value for name, value in (claims | more).items() if value is not ...}

    def header(self, **more: object) -> Json:
        """A good header; ``...`` takes a member away."""
        header: Json = {"alg": self.algorithm, "typ": "JWT"} | more
        return {name: value for name, value in header.items() if value is not ...}

    def token(self, payload: object, header: Json | bytes | None = None, *, key: Key | bytes | None = None) -> str:
        """Sign with the deployment's algorithm, whatever the header says; ``key`` is somebody else's."""
        return compact(self.header() if header is None else header, payload, self.algorithm, key or self.key)
