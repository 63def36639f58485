"""Who sends a request to a door: a platform that has signed it, somebody with a key or a token, or nobody knows."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, Path, Request
from starlette.datastructures import Headers

from calbridge.api.deps import ApiKey, Bearer, Services, Uuid
from calbridge.api.middleware import SENT_BODY
from calbridge.api.voice.line import Line, static_of
from calbridge.api.voice.platform import Platform, Received
from calbridge.api.voice.platforms import PLATFORMS, PlatformName
from calbridge.api.voice.signatures import Signature, Unsigned, Verified
from calbridge.bootstrap import Container
from calbridge.domain.access import Credential
from calbridge.domain.errors import UnauthorizedError
from calbridge.services.access import shown

log = structlog.get_logger()


async def received(request: Request, action: str = "") -> Received:
    """Take a request as a platform reads it."""
    return Received(
        method=request.method,
        url=str(request.url),
        headers=request.headers,
        query=dict(request.query_params),
        body=await request.body(),
        json=request.scope.get(SENT_BODY),
        action=action,
    )


async def line_of(
    request: Request,
    services: Services,
    platform: Annotated[PlatformName, Path(description="The platform that calls.")],
    org_id: Annotated[Uuid, Path(description="The organization of the agent.")],
    agent_id: Annotated[Uuid, Path(description="The agent that handles the call.")],
    _bearer: Bearer,
    _api_key: ApiKey,
) -> Line:
    """Find out who sends, then what the platform says.

    Raises UnauthorizedError for what should be signed and is not, and for a key or a token that does not hold.
    """
    taken = await received(request, request.path_params.get("action", ""))
    spoken = PLATFORMS[platform]
    signature = await signature_of(services, spoken, taken, org_id, agent_id)
    credential = await credential_of(services, taken.headers, signature)
    static = static_of(taken)
    return Line(
        organization_id=org_id,
        agent_id=agent_id,
        platform=platform.value,
        action=taken.action or static.get("action", ""),
        envelope=spoken.read(taken),
        static=static,
        credential=credential,
        signed=isinstance(signature, Verified),
    )


async def signature_of(
    services: Container, platform: Platform, request: Received, organization_id: UUID, agent_id: UUID
) -> Signature:
    """Check the signature: once an organization has set a secret, everything has to be signed with it.

    Raises UnauthorizedError, whatever was wrong.
    """
    if not platform.signs:
        return Unsigned()
    candidates = await services.voice_secrets.candidates(organization_id, agent_id, platform.name)
    signature = platform.signature(request, candidates.secrets, candidates.now)
    if candidates.secrets and not isinstance(signature, Verified):
        found = type(signature).__name__.lower()
        log.warning(
            "voice.signature_refused", platform=platform.name, organization_id=str(organization_id), signature=found
        )
        raise UnauthorizedError
    return signature


async def credential_of(services: Container, headers: Headers, signature: Signature) -> Credential | None:
    """Check a key or a token, if one was sent; a key may come as a bearer, since some platforms send nothing else."""
    proof = signature.header if isinstance(signature, Verified) else ""  # what it shows is no key of ours
    authorizations, keys = ([] if name == proof else headers.getlist(name) for name in ("authorization", "x-api-key"))
    return await services.gatekeeper.credential(*shown(authorizations, keys))


TheLine = Annotated[Line, Depends(line_of)]
