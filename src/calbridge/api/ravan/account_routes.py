"""Connections in the Ravan dialect: an organization's accounts, and agents' private keys."""

from fastapi import APIRouter

from calbridge.api.deps import (
    AdministeredOrganization,
    Administrator,
    OwnOrganization,
    ReadOrganization,
    Services,
    Uuid,
)
from calbridge.api.ravan import account_mapping as mapping
from calbridge.api.ravan.account_schemas import (
    AccountLink,
    ConnectAnswer,
    ConnectRequest,
    DisconnectRequest,
    Done,
    EffectiveConnectionAnswer,
    LinkAnswer,
    LinkedAccount,
    OrganizationStatusAnswer,
    PrivateKeyRequest,
    PrivateStatusAnswer,
)
from calbridge.api.ravan.documentation import (
    AGENT_DELETE,
    AGENT_READ,
    CONNECT,
    DISCONNECT,
    LINK,
    PRIVATE_CONNECT,
    STATUS,
)
from calbridge.api.ravan.errors import PREFIX

router = APIRouter(prefix=PREFIX, tags=["Ravan: accounts"])


@router.put("/agents/{agent_id}/account", responses=LINK, summary="Link an agent to an account")
async def link_account(
    agent_id: Uuid,
    body: AccountLink,
    services: Services,
    credential: Administrator,
    organization: AdministeredOrganization,
) -> LinkAnswer:
    """Link an agent to one of the organization's Cal.com accounts; `null` unlinks."""
    agent = await services.assignments.link(organization, agent_id, body.calcom_account_id, by=credential.actor)
    account_id = agent.linked_account_id
    data = LinkedAccount(
        agent_id=str(agent.id), agent_name=agent.name, calcom_account_id=str(account_id) if account_id else None
    )
    return LinkAnswer(message="Agent Cal.com account updated", data=data)


@router.post("/connect", responses=CONNECT, summary="Connect a Cal.com account")
async def connect(body: ConnectRequest, services: Services, credential: Administrator) -> ConnectAnswer:
    """Connect a Cal.com account. Its key is proved with one live call before it is stored, sealed."""
    organization = services.gatekeeper.for_organization(credential, body.org_id)
    account, _ = await services.connections.connect(
        organization, by=credential.actor, api_key=body.api_key, name=body.account_name, base_url=body.api_base_url
    )
    return ConnectAnswer(message="Cal.com connected successfully", data=mapping.connected_account(account))


@router.post("/disconnect", responses=DISCONNECT, summary="Disconnect Cal.com")
async def disconnect(body: DisconnectRequest, services: Services, credential: Administrator) -> Done:
    """Erase the key of one account, or of all, and unlink the agents that used it. Nothing connected is fine, too."""
    organization = services.gatekeeper.for_organization(credential, body.org_id)
    await services.connections.disconnect(organization, body.provider_id, by=credential.actor)
    return Done(message="Cal.com disconnected successfully")


@router.get("/status", responses=STATUS, summary="Are the accounts connected?")
async def status(services: Services, organization: OwnOrganization) -> OrganizationStatusAnswer:
    """Check each account's key with one live call, kept for half a minute."""
    states = await services.checks.organization(organization)
    return OrganizationStatusAnswer(message="Connection status retrieved", data=mapping.organization_status(states))


@router.post("/agents/{agent_id}/connect", responses=PRIVATE_CONNECT, summary="Give an agent a private key")
async def connect_agent(
    agent_id: Uuid,
    body: PrivateKeyRequest,
    services: Services,
    credential: Administrator,
    organization: AdministeredOrganization,
) -> ConnectAnswer:
    """Prove and store a private Cal.com key; a second one replaces it. It excludes a link to an account."""
    account = await services.assignments.connect_private(
        organization,
        agent_id,
        by=credential.actor,
        api_key=body.api_key,
        name=body.account_name,
        base_url=body.api_base_url,
    )
    return ConnectAnswer(message="Cal.com connected successfully", data=mapping.connected_account(account))


@router.post("/agents/{agent_id}/disconnect", responses=AGENT_DELETE, summary="Erase an agent's private key")
async def disconnect_agent(
    agent_id: Uuid, services: Services, credential: Administrator, organization: AdministeredOrganization
) -> Done:
    """Erase the private key, if there is one."""
    await services.assignments.disconnect_private(organization, agent_id, by=credential.actor)
    return Done(message="Cal.com disconnected successfully")


@router.get("/agents/{agent_id}/status", responses=AGENT_READ, summary="Is the private key connected?")
async def agent_status(agent_id: Uuid, services: Services, organization: ReadOrganization) -> PrivateStatusAnswer:
    """Check the agent's private key with one live call, kept for half a minute. Links are not looked at."""
    state = await services.checks.agent(organization, agent_id)
    message = "Agent connection status retrieved" if state else "No agent-level connection found"
    return PrivateStatusAnswer(message=message, data=mapping.private_status(state))


@router.get("/agents/{agent_id}/account", responses=AGENT_READ, summary="Which account does an agent use?")
async def agent_account(
    agent_id: Uuid, services: Services, organization: ReadOrganization
) -> EffectiveConnectionAnswer:
    """The private key, else the linked account, else none: there is no falling through to the primary."""
    effective = await services.register.get(organization, agent_id)
    data = mapping.effective_connection(effective)
    return EffectiveConnectionAnswer(message="Agent Cal.com account retrieved", data=data)


@router.get("/agents/{agent_id}/info", responses=AGENT_READ, summary="How is an agent connected?")
async def agent_info(agent_id: Uuid, services: Services, organization: ReadOrganization) -> EffectiveConnectionAnswer:
    """The same as `account`, under the other name that platforms use."""
    effective = await services.register.get(organization, agent_id)
    data = mapping.effective_connection(effective)
    return EffectiveConnectionAnswer(message="Agent Cal.com info retrieved", data=data)
