"""Agents in the Ravan dialect."""

from fastapi import APIRouter

from calbridge.api.deps import (
    Administrator,
    AdministratorsOrganization,
    Limit,
    Offset,
    ReadersOrganization,
    Services,
    Uuid,
)
from calbridge.api.mask import MASK
from calbridge.api.ravan.account_schemas import Done
from calbridge.api.ravan.agent_schemas import (
    AgentAnswer,
    AgentCreate,
    AgentListAnswer,
    AgentObject,
    AgentUpdate,
    Page,
)
from calbridge.api.ravan.documentation import AGENT_CREATE, AGENT_DELETE, AGENT_LIST, AGENT_READ, AGENT_WRITE
from calbridge.services.assignments import Effective
from calbridge.tools.clock import iso

router = APIRouter(prefix="/api/v1/agents", tags=["Ravan: agents"])


@router.post("", status_code=201, responses=AGENT_CREATE, summary="Create an agent")
async def create(
    body: AgentCreate, services: Services, credential: Administrator, organization: AdministratorsOrganization
) -> AgentAnswer:
    """Make an agent. An organization that a token names for the first time springs into being with it."""
    effective = await services.register.create(
        organization,
        body.name,
        agent_id=body.id,
        timezone=body.timezone,
        event_type=body.event_type,
        status=body.status,
        by=credential.actor,
    )
    return AgentAnswer(message="Agent created", data=_object(effective))


@router.get("", responses=AGENT_LIST, summary="List agents")
async def list_agents(
    services: Services, organization: ReadersOrganization, limit: Limit = 50, offset: Offset = 0
) -> AgentListAnswer:
    """The organization's agents, the oldest first."""
    agents, total = await services.register.list(organization, limit=limit, offset=offset)
    page = Page(total=total, limit=limit, offset=offset)
    return AgentListAnswer(message="Agents retrieved", data=[_object(each) for each in agents], meta=page)


@router.get("/{agent_id}", responses=AGENT_READ, summary="Get an agent")
async def get(agent_id: Uuid, services: Services, organization: ReadersOrganization) -> AgentAnswer:
    """One agent, with the Cal.com account that it uses. The key is never shown."""
    return AgentAnswer(message="Agent retrieved", data=_object(await services.register.get(organization, agent_id)))


@router.patch("/{agent_id}", responses=AGENT_WRITE, summary="Change an agent")
async def update(
    agent_id: Uuid,
    body: AgentUpdate,
    services: Services,
    credential: Administrator,
    organization: AdministratorsOrganization,
) -> AgentAnswer:
    """Change what is sent; the rest stays. An `INACTIVE` agent takes no calls."""
    effective = await services.register.update(
        organization,
        agent_id,
        name=body.name,
        status=body.status,
        timezone=body.timezone,
        event_type=body.event_type,
        by=credential.actor,
    )
    return AgentAnswer(message="Agent updated", data=_object(effective))


@router.delete("/{agent_id}", responses=AGENT_DELETE, summary="Delete an agent")
async def delete(
    agent_id: Uuid, services: Services, credential: Administrator, organization: AdministratorsOrganization
) -> Done:
    """Delete an agent: it takes no more calls, its link is undone and its private key erased."""
    await services.register.delete(organization, agent_id, by=credential.actor)
    return Done(message="Agent deleted")


def _object(effective: Effective) -> AgentObject:
    agent, account = effective.agent, effective.account
    return AgentObject(
        id=str(agent.id),
        organization_id=str(agent.organization_id),
        name=agent.name,
        status=agent.status,
        timezone=agent.timezone,
        event_type=agent.event_type,
        api_key=MASK if account else "",
        api_url=account.base_url if account else "",
        account_name=account.settings.name if account else "",
        account_status=account.status.value if account else "",
        connection_type=effective.kind.value,
        created_at=iso(agent.created_at),
        updated_at=iso(agent.updated_at),
    )
