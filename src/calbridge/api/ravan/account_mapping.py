"""Connections as JSON of the Ravan dialect."""

from collections.abc import Sequence

from calbridge.api.ravan.account_schemas import (
    AccountState,
    ConnectedAccount,
    EffectiveConnection,
    OrganizationAccountState,
    OrganizationStatus,
    PrivateStatus,
)
from calbridge.domain.agents import Account, AccountStatus
from calbridge.services.assignments import Effective, Kind
from calbridge.services.checks import Checked
from calbridge.tools.clock import iso


def connected_account(account: Account) -> ConnectedAccount:
    """An account that was just connected."""
    return ConnectedAccount(
        provider_id=str(account.id),
        calcom_account_id=str(account.id),
        org_id=str(account.organization_id),
        account_name=account.settings.name,
        status=account.status.value,
        connected_at=iso(account.connected_at),
    )


def organization_status(checked: Sequence[Checked]) -> OrganizationStatus:
    """Accounts in their order; the first that is active is the primary."""
    active = [each for each in checked if each.status is AccountStatus.ACTIVE]
    return OrganizationStatus(
        connected=bool(active),
        status="active" if active else "not_connected",
        accounts=[
            OrganizationAccountState(**_state(each).model_dump(), is_primary=bool(active) and each is active[0])
            for each in checked
        ],
    )


def private_status(checked: Checked | None) -> PrivateStatus:
    """An agent's private account, or none."""
    if checked is None:
        return PrivateStatus(connected=False, status="not_connected", accounts=[])
    active = checked.status is AccountStatus.ACTIVE
    return PrivateStatus(connected=active, status="active" if active else "needs_reauth", accounts=[_state(checked)])


def effective_connection(effective: Effective) -> EffectiveConnection:
    """The account that an agent uses."""
    account = effective.account if effective.kind is not Kind.NONE else None
    return EffectiveConnection(
        connected=effective.is_connected,
        type=effective.kind.value,
        calcom_account_id=str(account.id) if account else None,
        account_name=account.settings.name if account else None,
        status=account.status.value if account else None,
        api_base_url=account.base_url if account else None,
    )


def _state(checked: Checked) -> AccountState:
    return AccountState(
        id=str(checked.account.id),
        account_name=checked.account.settings.name,
        status=checked.status.value,
        error=checked.error,
    )
