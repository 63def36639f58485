"""The endpoints of the Toolzz dialect."""

from fastapi import APIRouter

from calbridge.api.deps import Administrator, Reader, Services, Uuid
from calbridge.api.docs import ASKS_CALCOM, WITH_BODY, Responses, documented
from calbridge.api.toolzz import mapping
from calbridge.api.toolzz.errors import PREFIX, render
from calbridge.api.toolzz.schemas import Integration, IntegrationCreate, Integrations, IntegrationUpdate, Problem
from calbridge.domain.access import Credential
from calbridge.domain.agents import Account
from calbridge.domain.errors import (
    AgentKeyedError,
    AnotherUserError,
    CalbridgeError,
    ForbiddenError,
    InvalidRequestError,
    KeyErasedError,
    NotFoundError,
    UnauthorizedError,
)

router = APIRouter(prefix=PREFIX, tags=["Toolzz: integrations"])


def problems(*errors: CalbridgeError) -> Responses:
    """Describe the errors of an endpoint."""
    guarded = UnauthorizedError(), ForbiddenError()
    return documented(render, lambda _: Problem, *guarded, NotFoundError("Integration"), *errors)


_NO_ZONE = InvalidRequestError("timezone", "must be an IANA time zone, such as America/Sao_Paulo")
CREATE = problems(_NO_ZONE, *WITH_BODY, *ASKS_CALCOM)
LIST = problems(InvalidRequestError("unitId", "must be a UUID"))
READ = problems(InvalidRequestError("integrationId", "must be a UUID"))
UPDATE = problems(_NO_ZONE, KeyErasedError(), AnotherUserError(), AgentKeyedError(), *WITH_BODY, *ASKS_CALCOM)
DELETE = problems(InvalidRequestError("integrationId", "must be a UUID"), *WITH_BODY)


@router.post("", status_code=201, responses=CREATE, summary="Create a Cal.com integration")
async def create(body: IntegrationCreate, services: Services, credential: Administrator) -> Integration:
    """Connect a Cal.com account to a unit. The same Cal.com user again updates the integration that is there."""
    unit = _own(credential, body.unit_id)
    settings = mapping.settings_of(body)
    account, _ = await services.connections.connect(
        unit, by=credential.actor, api_key=body.api_key, settings=settings, field="apiKey"
    )
    return mapping.integration(account, await services.connections.bot_of(account))


@router.get("/unit/{unitId}", responses=LIST, summary="List a unit's integrations")
async def list_of_unit(unitId: Uuid, services: Services, credential: Reader) -> Integrations:  # noqa: N803 - the path's name
    """All integrations of a unit, the oldest first."""
    unit = _own(credential, unitId)
    accounts = await services.connections.list(unit)
    return Integrations(data=[mapping.integration(each, await services.connections.bot_of(each)) for each in accounts])


@router.get("/{integrationId}", responses=READ, summary="Get a Cal.com integration")
async def get(integrationId: Uuid, services: Services, credential: Reader) -> Integration:  # noqa: N803 - the path's name
    """One integration. The key is never shown."""
    account = await _account(services, credential, integrationId)
    return mapping.integration(account, await services.connections.bot_of(account))


@router.put("/{integrationId}", responses=UPDATE, summary="Update a Cal.com integration")
async def update(
    integrationId: Uuid,  # noqa: N803 - the path's name
    body: IntegrationUpdate,
    services: Services,
    credential: Administrator,
) -> Integration:
    """Set everything that an integration's owner may set. It cannot be moved to another unit."""
    unit = _own(credential, body.unit_id)
    before = await _account(services, credential, integrationId)
    change = mapping.change_of(body, before, await services.connections.bot_of(before))
    account = await services.connections.change(
        unit, integrationId, change, by=credential.actor, api_key=body.new_api_key
    )
    return mapping.integration(account, await services.connections.bot_of(account))


def _own(credential: Credential, unit_id: Uuid | None) -> Uuid:
    """The unit, if the credential is of that very unit: to anybody else it is as good as unknown."""
    if unit_id is None or unit_id != credential.organization_id:
        raise NotFoundError("Integration")
    return unit_id


@router.delete("/{integrationId}", status_code=204, responses=DELETE, summary="Delete a Cal.com integration")
async def delete(
    integrationId: Uuid,  # noqa: N803 - the path's name
    services: Services,
    credential: Administrator,
) -> None:
    """Disconnect an integration: its key is erased, and the agents that used it are unlinked. It can still be read."""
    account = await _account(services, credential, integrationId)
    await services.connections.disconnect(account.organization_id, account.id, by=credential.actor)


async def _account(services: Services, credential: Credential, account_id: Uuid) -> Account:
    """An integration of the credential's own unit: a token without one has none."""
    return await services.connections.get(_own(credential, credential.organization_id), account_id)
