"""JSON Web Tokens (RFC 7519), verified with python-jose and everything that it does not check by itself.

python-jose on its own accepts a token without ``exp``, an unknown ``crit`` header, a string ``exp``, an ``iat`` in the
future and a signature with anything beside base64 in it, and fails with errors of any class on odd numbers. Here,
whatever is not plainly right is an UnauthorizedError, and nobody is told which check it was.
"""

import hashlib
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from jose import jws, jwt
from jose.utils import base64url_decode, base64url_encode

from calbridge.domain.access import Actor, Credential, Scope
from calbridge.domain.errors import UnauthorizedError
from calbridge.domain.ids import parse_uuid

MAX_TOKEN_BYTES = 8192
LEEWAY_SECONDS = 60
REMEMBERED = 10_000
MAX_SUBJECT = 100
ORGANIZATION_CLAIMS = ("org_id", "organization_id", "orgId")
TYPES = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})  # RFC 7519, RFC 9068

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """How a deployment's tokens look. ``keys``: secrets or public PEMs; all verify, the first signs."""

    algorithm: str
    keys: tuple[str, ...]
    issuer: str = ""
    audience: str = ""
    can_sign: bool = True  # False: the keys are public ones


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a good token stands for, and when; in seconds since 1970."""

    credential: Credential
    not_before: float
    expires_at: float

    def holds_at(self, now: float) -> bool:
        """Whether it is good at a time, with some leeway."""
        return self.not_before - LEEWAY_SECONDS <= now < self.expires_at + LEEWAY_SECONDS


class Tokens:
    """Verifies bearer tokens, and issues them where the deployment holds a secret."""

    def __init__(self, rules: TokenRules, *, now: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._now = now
        self._verified: LRUCache[bytes, _Verified] = LRUCache(REMEMBERED)  # by digest

    def verify(self, token: str) -> Credential:
        """Return what the token stands for. Raises UnauthorizedError, whatever was wrong with it.

        One that was verified is until it expires, and is known again by its digest: nothing else can undo it.
        """
        try:
            if len(token) > MAX_TOKEN_BYTES:
                raise ValueError("too long")  # noqa: TRY301 - one answer to whatever is wrong
            digest = hashlib.sha256(token.encode()).digest()
            known = self._verified.get(digest)
            if known is None or not known.holds_at(self._now()):
                known = self._verified[digest] = _verified(self._claims(token))
        except Exception as error:
            raise UnauthorizedError from error
        return known.credential

    def issue(self, organization_id: UUID, *, subject: str, ttl_seconds: int) -> str:
        """Sign a token for an organization. Raises ValueError where only public keys are configured."""
        if not self._rules.can_sign or not self._rules.keys:
            raise ValueError("tokens cannot be issued here: only a public key is configured")
        now = int(self._now())
        claims: dict[str, Any] = {
            "sub": subject,
            "org_id": str(organization_id),
            "iat": now,
            "exp": now + ttl_seconds,
        }
        if self._rules.issuer:
            claims["iss"] = self._rules.issuer
        if self._rules.audience:
            claims["aud"] = self._rules.audience
        return str(jwt.encode(claims, self._rules.keys[0], algorithm=self._rules.algorithm))

    def _claims(self, token: str) -> Mapping[str, Any]:
        if not _is_compact(token):
            raise ValueError("no token at all")
        header = jws.get_unverified_header(token)
        if header.get("alg") != self._rules.algorithm or not _is_plain(header):
            raise ValueError("not our algorithm, not for us, or extensions that nobody here understands")
        claims = self._first_verified(token)
        self._check_times(claims)
        if not isinstance(claims.get("iss", ""), str) or (self._rules.issuer and claims["iss"] != self._rules.issuer):
            raise ValueError("another issuer")
        audiences = _audiences(claims)
        if self._rules.audience and self._rules.audience not in audiences:
            raise ValueError("another audience")
        return claims

    def _first_verified(self, token: str) -> Mapping[str, Any]:
        error: Exception = ValueError("no keys")
        for key in self._rules.keys:
            try:
                return self._decoded(token, key)
            except Exception as problem:  # noqa: BLE001 - jose raises whatever odd numbers raise; all of it is 401
                error = problem
        raise error

    def _decoded(self, token: str, key: str) -> Mapping[str, Any]:
        options = {
            "require_iss": bool(self._rules.issuer),
            "require_aud": bool(self._rules.audience),
            "verify_aud": bool(self._rules.audience),
            # Times are checked here, by an injected clock, with leeway and without jose's conversions; that ``exp`` is
            # there, too, since ``require_exp`` would have jose check it by the wall clock and to the second.
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        }
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[self._rules.algorithm],
            options=options,
            audience=self._rules.audience or None,
            issuer=self._rules.issuer or None,
        )
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now()
        if _numeric_date(claims["exp"]) <= now - LEEWAY_SECONDS:
            raise ValueError("expired")
        if _not_before(claims) > now + LEEWAY_SECONDS:
            raise ValueError("not valid yet")


def _verified(claims: Mapping[str, Any]) -> _Verified:
    actor = Actor("token", str(claims.get("sub", ""))[:MAX_SUBJECT])
    credential = Credential(_organization(claims), frozenset(Scope), actor, _listed(claims))
    return _Verified(credential, _not_before(claims), _numeric_date(claims["exp"]))


def _not_before(claims: Mapping[str, Any]) -> float:
    return max((_numeric_date(claims[name]) for name in ("nbf", "iat") if name in claims), default=-math.inf)


def _numeric_date(value: object) -> float:
    """RFC 7519's NumericDate: a finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number of seconds")
    return float(value)


def _is_compact(token: str) -> bool:
    """Whether it has the three parts of a signed token, and its signature is written in the one way there is."""
    match = _COMPACT.fullmatch(token)
    return match is not None and base64url_encode(base64url_decode(match[1].encode())) == match[1].encode()


def _is_plain(header: Mapping[str, Any]) -> bool:
    """Whether a header asks for nothing but to be verified: no extensions, and no token of another kind (RFC 8725)."""
    return (
        header.keys().isdisjoint({"crit", "b64", "zip"})
        and all(isinstance(value, str) for value in header.values())
        and header.get("typ", "JWT").lower() in TYPES
    )


def _audiences(claims: Mapping[str, Any]) -> Sequence[str]:
    audience = claims.get("aud", [])
    audiences = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(each, str) for each in audiences):
        raise ValueError("an audience that is no name")
    return audiences


def _organization(claims: Mapping[str, Any]) -> UUID | None:
    """The first organization claim that is present decides; one that is no UUID makes the token worthless."""
    for name in ORGANIZATION_CLAIMS:
        if name in claims:
            organization_id = parse_uuid(claims[name])
            if organization_id is None:
                raise ValueError("the organization claim is no UUID")
            return organization_id
    return None


def _listed(claims: Mapping[str, Any]) -> frozenset[UUID]:
    listed = claims.get("orgs", [])
    ids = [parse_uuid(item) for item in listed] if isinstance(listed, list) else []
    return frozenset(item for item in ids if item is not None)
