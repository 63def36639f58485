"""Rows into domain values. A row may come from a join: columns are looked up as columns, not by name."""

from sqlalchemy import RowMapping

from calbridge.domain.access import ApiKey, Scope
from calbridge.domain.agents import (
    Access,
    Account,
    AccountSettings,
    AccountStatus,
    Agent,
    AgentStatus,
    Connection,
    Host,
    Organization,
)
from calbridge.storage.secrets import KeyRing, row_name
from calbridge.storage.tables import accounts, agents, api_keys, organizations


def organization_from(row: RowMapping) -> Organization:
    """Read an organization."""
    columns = organizations.c
    return Organization(
        id=row[columns.id],
        name=row[columns.name],
        require_key=row[columns.require_key],
        created_at=row[columns.created_at],
    )


def agent_from(row: RowMapping) -> Agent:
    """Read an agent."""
    columns = agents.c
    return Agent(
        id=row[columns.id],
        organization_id=row[columns.organization_id],
        name=row[columns.name],
        status=AgentStatus(row[columns.status]),
        timezone=row[columns.timezone],
        event_type=row[columns.event_type],
        linked_account_id=row[columns.linked_account_id],
        created_at=row[columns.created_at],
        updated_at=row[columns.updated_at],
    )


def account_from(row: RowMapping) -> Account:
    """Read an account, without its key."""
    columns = accounts.c
    return Account(
        id=row[columns.id],
        organization_id=row[columns.organization_id],
        agent_id=row[columns.agent_id],
        status=AccountStatus(row[columns.status]),
        has_key=row[columns.sealed_key] is not None,
        base_url=row[columns.base_url],
        bookings_version=row[columns.bookings_version],
        host=Host(
            id=row[columns.host_id],
            username=row[columns.host_username],
            name=row[columns.host_name],
            email=row[columns.host_email],
            timezone=row[columns.host_timezone],
        ),
        settings=AccountSettings(
            name=row[columns.name],
            calcom_username=row[columns.calcom_username],
            timezone=row[columns.timezone],
            prompt=row[columns.prompt],
            can_check_availability=row[columns.can_check_availability],
            can_book=row[columns.can_book],
            default_event_type_id=row[columns.default_event_type_id],
            default_event_type_slug=row[columns.default_event_type_slug],
        ),
        connected_at=row[columns.connected_at],
        key_set_at=row[columns.key_set_at],
        created_at=row[columns.created_at],
        updated_at=row[columns.updated_at],
    )


def connection_from(row: RowMapping, keys: KeyRing) -> Connection:
    """Read an account together with its key, which it must have."""
    account = account_from(row)
    api_key = keys.open(row[accounts.c.sealed_key], row=row_name("accounts", "sealed_key", account.id))
    return Connection(account, Access(account.base_url, api_key.decode(), account.bookings_version))


def api_key_from(row: RowMapping) -> ApiKey:
    """Read an API key."""
    columns = api_keys.c
    return ApiKey(
        id=row[columns.id],
        organization_id=row[columns.organization_id],
        name=row[columns.name],
        hint=row[columns.hint],
        scopes=frozenset(Scope(scope) for scope in row[columns.scopes].split()),
        created_at=row[columns.created_at],
        revoked_at=row[columns.revoked_at],
    )
