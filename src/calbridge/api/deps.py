"""What routes depend on, as named aliases: defined once, here.

All of it is ``async``, also what awaits nothing: FastAPI sends any other function through a thread, each one apart.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BeforeValidator, WithJsonSchema
from starlette.datastructures import Headers

from calbridge.api.middleware import SENT_BODY
from calbridge.bootstrap import Container
from calbridge.domain.access import Credential, Scope
from calbridge.domain.errors import InvalidRequestError, UnauthorizedError, UnavailableError
from calbridge.domain.ids import parse_uuid
from calbridge.tools import understand

Value = TypeVar("Value")

IDEMPOTENCY_KEY, DEADLINE = "Idempotency-Key", "X-Deadline-Ms"
SHORTEST_DEADLINE_MS, LONGEST_DEADLINE_MS = 500, 30_000

bearer_scheme = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="A JSON Web Token of the platform, for one organization."
)
api_key_scheme = APIKeyHeader(
    name="X-Api-Key", auto_error=False, description="An API key of the organization, `ak_...`."
)
# They only document the headers; what is in these, the gatekeeper reads.
Bearer = Annotated[object, Security(bearer_scheme)]
ApiKey = Annotated[object, Security(api_key_scheme)]


def strict_uuid(value: object) -> UUID:
    """Take the canonical text form only."""
    parsed = value if isinstance(value, UUID) else parse_uuid(value)
    if parsed is None:
        raise ValueError("must be a UUID")
    return parsed


Uuid = Annotated[UUID, BeforeValidator(strict_uuid)]


def absent_if_empty(value: object) -> object:
    """Take ``?org_id=`` for no value at all."""
    return None if value == "" else value


UUID_OR_EMPTY = WithJsonSchema({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "string", "maxLength": 0}]})
OptionalUuid = Annotated[Uuid | None, BeforeValidator(absent_if_empty), UUID_OR_EMPTY]
# Text, and read by what depends on it: whoever may not call is told that first, and not that it is no UUID.
OrgIdFallback = Annotated[
    str | None,
    Query(alias="org_id", description="The organization, used only when the token does not name one."),
    UUID_OR_EMPTY,
]
OrgIdRequired = Annotated[Uuid, Query(alias="org_id", description="The organization.")]


def opened_for(request: Request) -> Container:
    """Return what the lifespan opened."""
    container: Container = request.app.state.container
    return container


async def container_of(request: Request) -> Container:
    """Return what the lifespan opened, to a route that depends on it."""
    return opened_for(request)


Services = Annotated[Container, Depends(container_of)]


async def credential_of(request: Request) -> Credential | None:
    """Check the credentials of a request; None when it carries none."""
    headers = request.headers
    return await opened_for(request).gatekeeper.credential(_only(headers, "authorization"), _only(headers, "x-api-key"))


def _only(headers: Headers, name: str) -> str | None:
    """Return the one value of a header: of several, nobody can say which one whoever stands in between has checked."""
    values = headers.getlist(name)
    if len(values) > 1:
        raise UnauthorizedError
    return values[0] if values else None


class Holding:
    """Depends on a credential that may do something."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def __call__(self, request: Request, _bearer: Bearer, _api_key: ApiKey) -> Credential:
        """Raise UnauthorizedError without a credential, ForbiddenError without the scope."""
        return opened_for(request).gatekeeper.require(await credential_of(request), self._scope)


Reader = Annotated[Credential, Depends(Holding(Scope.READ))]
Administrator = Annotated[Credential, Depends(Holding(Scope.ADMIN))]


async def organization_or_fallback(
    request: Request, _bearer: Bearer, _api_key: ApiKey, org_id: OrgIdFallback = None
) -> UUID:
    """The organization of a reader; ``org_id`` is a fallback."""
    credential = opened_for(request).gatekeeper.require(await credential_of(request), Scope.READ)
    return _with_fallback(request, credential, org_id)


async def administered_or_fallback(request: Request, credential: Administrator, org_id: OrgIdFallback = None) -> UUID:
    """The organization of an administrator; ``org_id`` is a fallback."""
    return _with_fallback(request, credential, org_id)


def _with_fallback(request: Request, credential: Credential, org_id: str | None) -> UUID:
    named = _read("org_id", strict_uuid, org_id) if org_id else None
    return opened_for(request).gatekeeper.with_fallback(credential, named)


async def organization_required(request: Request, credential: Reader, org_id: OrgIdRequired) -> UUID:
    """The organization of a reader, named in the query; a token without one may name it."""
    return opened_for(request).gatekeeper.required_or_fallback(credential, org_id)


async def own_organization(request: Request, credential: Reader, org_id: OrgIdRequired) -> UUID:
    """The organization of a reader, named in the query: the credential must be for that very one."""
    return opened_for(request).gatekeeper.for_organization(credential, org_id)


async def readers_organization(request: Request, credential: Reader) -> UUID:
    """The organization that a reader's credential names itself."""
    return opened_for(request).gatekeeper.own(credential)


async def administrators_organization(request: Request, credential: Administrator) -> UUID:
    """The organization that an administrator's credential names itself."""
    return opened_for(request).gatekeeper.own(credential)


ReadersOrganization = Annotated[UUID, Depends(readers_organization)]
AdministratorsOrganization = Annotated[UUID, Depends(administrators_organization)]
ReadOrganization = Annotated[UUID, Depends(organization_or_fallback)]
AdministeredOrganization = Annotated[UUID, Depends(administered_or_fallback)]
NamedOrganization = Annotated[UUID, Depends(organization_required)]
OwnOrganization = Annotated[UUID, Depends(own_organization)]

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, lt=2**31, description="How many to leave out.")]


def address_of(request: Request) -> str:
    """Where a request comes from, as far as the server trusts forwarded headers."""
    return request.client.host if request.client else ""


async def client_address(request: Request) -> str:
    """Where the request comes from, as far as the server trusts forwarded headers."""
    return address_of(request)


ClientAddress = Annotated[str, Depends(client_address)]


def patience(milliseconds: object) -> timedelta | None:
    """Turn how long a caller may wait into what is served: half a second to thirty seconds; None for the setting.

    Raises ValueError for what is no whole number.
    """
    number = None if understand.absent(milliseconds) else understand.whole_number(milliseconds)
    if not number:
        return None
    return timedelta(milliseconds=min(max(number, SHORTEST_DEADLINE_MS), LONGEST_DEADLINE_MS))


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a call, and on which terms: ``idempotency_key`` is "" where there is none.

    ``waits``: how long whoever stands between the caller and us is going to wait.
    """

    credential: Credential | None
    address: str
    idempotency_key: str
    waits: timedelta | None


async def sender_of(request: Request) -> Sender:
    """Read all that is beside the body of a call; the key is that of draft-ietf-httpapi-idempotency-key-header.

    It is one dependency without parameters of its own, since a few of them cost as much as an answer out of memory.
    So the route that takes it names headers and security schemes on its page itself.
    """
    credential, headers = await _credential_in_time(request), request.headers
    key, deadline = headers.get(IDEMPOTENCY_KEY, ""), headers.get(DEADLINE, "")
    return Sender(
        credential,
        address_of(request),
        _read(IDEMPOTENCY_KEY, understand.idempotency_key, key) if key else "",
        _read(DEADLINE, patience, deadline) if deadline else None,
    )


async def _credential_in_time(request: Request) -> Credential | None:
    """Check the credentials of a call no longer than its caller may wait: a key may take the database."""
    if "x-api-key" not in request.headers:
        return await credential_of(request)
    try:
        async with asyncio.timeout(_patience_of(request)):
            return await credential_of(request)
    except TimeoutError as error:
        raise UnavailableError from error


def _patience_of(request: Request) -> float:
    """How many seconds a caller may wait; a wish that cannot be read is refused when it is known who has it."""
    body, waits = request.scope.get(SENT_BODY), []
    for wish in (request.headers.get(DEADLINE), body.get("deadline_ms") if isinstance(body, dict) else None):
        with suppress(ValueError):
            waits.append(patience(wish))
    shortest = min((each for each in waits if each is not None), default=None)
    return opened_for(request).deployment.deadline if shortest is None else shortest.total_seconds()


def _read(header: str, read: Callable[[str], Value], text: str) -> Value:
    try:
        return read(text)
    except ValueError as error:
        raise InvalidRequestError(header, str(error)) from error


TheSender = Annotated[Sender, Depends(sender_of)]
