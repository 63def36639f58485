"""Who may call: one place turns headers into a credential, and a credential into an organization."""

from collections.abc import Sequence
from uuid import UUID

from calbridge.domain.access import Actor, Credential, Scope
from calbridge.domain.errors import ForbiddenError, InvalidRequestError, UnauthorizedError
from calbridge.services.directory import Directory
from calbridge.services.tokens import Tokens

BEARER_KEY = "bearer ak_"  # no token begins like that: theirs is the JSON of a header, encoded


class Gatekeeper:
    """Checks credentials.

    ``fallback`` says which organization a token without one may act for, where an endpoint takes ``org_id`` as a
    fallback: ``any``, ``listed`` (those in its ``orgs`` claim) or ``off``.
    """

    def __init__(self, tokens: Tokens, directory: Directory, *, fallback: str) -> None:
        self._tokens = tokens
        self._directory = directory
        self._fallback = fallback

    async def credential(self, authorization: str | None, api_key: str | None) -> Credential | None:
        """Check what was sent; None when nothing was.

        Beside a key, a token that names no organization adds nothing: the key decides. Raises UnauthorizedError when
        any of it does not hold, and ForbiddenError when a token and a key belong to different organizations.
        """
        by_token = None if authorization is None else self._tokens.verify(_bearer(authorization))
        if api_key is None:
            return by_token
        key = await self._directory.key(api_key)
        if key is None:
            raise UnauthorizedError
        if by_token is not None and by_token.organization_id not in {None, key.organization_id}:
            raise ForbiddenError
        return Credential(key.organization_id, key.scopes, Actor("key", str(key.id)), is_token=False)

    def require(self, credential: Credential | None, scope: Scope) -> Credential:
        """Return the credential if it is there and may do this."""
        if credential is None:
            raise UnauthorizedError
        if scope not in credential.scopes:
            raise ForbiddenError
        return credential

    def for_organization(self, credential: Credential, organization_id: UUID) -> UUID:
        """Insist on a credential of that very organization."""
        if credential.organization_id != organization_id:
            raise ForbiddenError
        return organization_id

    def own(self, credential: Credential) -> UUID:
        """The organization that the credential itself names, where no request may name one."""
        if credential.organization_id is None:
            raise ForbiddenError
        return credential.organization_id

    def with_fallback(self, credential: Credential, org_id: UUID | None) -> UUID:
        """Find the organization where ``org_id`` is a fallback: the credential's own always wins, silently."""
        if credential.organization_id is not None:
            return credential.organization_id
        if org_id is None:
            raise InvalidRequestError("org_id", "is required: the token names no organization")
        self._may_fall_back(credential, org_id)
        return org_id

    def required_or_fallback(self, credential: Credential, org_id: UUID) -> UUID:
        """Insist on a credential of that very organization, or a token without one that may fall back on it."""
        if credential.organization_id is not None:
            return self.for_organization(credential, org_id)
        self._may_fall_back(credential, org_id)
        return org_id

    def _may_fall_back(self, credential: Credential, org_id: UUID) -> None:
        if self._fallback == "any" or (self._fallback == "listed" and org_id in credential.listed):
            return
        raise ForbiddenError


def shown(authorizations: Sequence[str], keys: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the authorization and the key that headers show; a key may come as a bearer, if nothing else can be sent.

    Raises UnauthorizedError for two keys that differ, and for several values of one header: of these, nobody can say
    which one whoever stands in between has checked.
    """
    if len(authorizations) > 1 or len(keys) > 1:
        raise UnauthorizedError
    authorization, key = next(iter(authorizations), None), next(iter(keys), None)
    if authorization is None or not authorization.lower().startswith(BEARER_KEY):
        return authorization, key
    as_bearer = authorization.partition(" ")[2].strip()
    if key not in {None, as_bearer}:
        raise UnauthorizedError
    return None, as_bearer


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthorizedError
    return token.strip(" ")
