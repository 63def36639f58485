"""How findings name what they are about, and how an account is connected again."""

from uuid import UUID

from calbridge.domain.agents import Account, Agent
from calbridge.domain.appointments import EventType

SETTINGS = "settings"
DATABASE = "database"
CLOCK = "clock"
CALCOM = "Cal.com"
INTENTS = "intents"


def of_organization(organization_id: UUID) -> str:
    """Name an organization."""
    return f"organization {organization_id}"


def of_agent(agent: Agent) -> str:
    """Name an agent."""
    return f'agent "{agent.name}" ({agent.id})'


def of_account(account: Account) -> str:
    """Name an account."""
    return f'account "{account.settings.name}" ({account.id})'


def of_event_type(event_type: EventType, account: Account) -> str:
    """Name an event type."""
    return f'event type "{event_type.slug}" of {of_account(account)}'


def how_to_connect(account: Account) -> str:
    """Tell how the account gets a new key."""
    if account.agent_id is not None:
        return f"POST /api/v1/calcom/agents/{account.agent_id}/connect"
    return f"calbridge account connect --org {account.organization_id} --api-base-url {account.base_url} --api-key -"
