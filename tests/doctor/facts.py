"""Facts for tests: of a house in which all is well, everything changeable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.calcom.answers import kind

from calbridge.domain.agents import Account, AccountSettings, AccountStatus, Agent, AgentStatus, Host, Organization
from calbridge.domain.appointments import EventType
from calbridge.services.doctor.facts import AccountFacts, AgentFacts, Examination, Facts, Request, SettingsFacts
from calbridge.storage.inventory import SchemaState

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
ORGANIZATION_ID = UUID("1268c1f0-19f3-47db-aefb-c16a7c3ace6e")
OTHER_ORGANIZATION_ID = UUID("2268c1f0-19f3-47db-aefb-c16a7c3ace6e")
AGENT_ID = UUID("019d1fdb-98e9-7c87-86c7-321e2fa98733")
ACCOUNT_ID = UUID("019d1fdb-98e9-7c87-86c7-0000ca1c0000")
ORGANIZATION = Organization(ORGANIZATION_ID, "Demo Clinic", require_key=False, created_at=NOW)
HOST = Host(1, "demo-clinic", "Demo Clinic", "owner@clinic.example", "Europe/London")


def settings(**changes: Any) -> SettingsFacts:  # noqa: ANN401 - any field of the dataclass
    """Settings of a good deployment."""
    given: dict[str, Any] = {
        "env_file_unreadable": False,
        "invalid": (),
        "has_encryption_keys": True,
        "encryption_keys_fault": "",
        "signs_with_secrets": True,
        "has_token_keys": True,
        "shortest_jwt_secret": 48,
        "jwt_secret_reused": False,
        "any_organization": False,
        "database_url_fault": "",
        "is_sqlite": False,
        "calcom_address_fault": "",
        "placeholder_domain": "phone.invalid",
    }
    return SettingsFacts(**(given | changes))


def agent(**changes: Any) -> Agent:  # noqa: ANN401 - any field of the dataclass
    """An active agent that is linked to the account."""
    usual = Agent(AGENT_ID, ORGANIZATION_ID, "Dr. Rivera", AgentStatus.ACTIVE, "", "", ACCOUNT_ID, NOW, NOW)
    return replace(usual, **changes)


def account(*, settings: dict[str, Any] | None = None, **changes: Any) -> Account:  # noqa: ANN401 - any field
    """An account that was connected yesterday."""
    usual = Account(
        id=ACCOUNT_ID,
        organization_id=ORGANIZATION_ID,
        agent_id=None,
        status=AccountStatus.ACTIVE,
        has_key=True,
        base_url="https://api.cal.com",
        bookings_version="2024-08-13",
        host=HOST,
        settings=AccountSettings("Front desk", "demo-clinic", "Europe/London"),
        connected_at=NOW - timedelta(days=1),
        key_set_at=NOW - timedelta(days=1),
        created_at=NOW - timedelta(days=1),
        updated_at=NOW,
    )
    return replace(usual, settings=replace(usual.settings, **(settings or {})), **changes)


def examination(*event_types: EventType, **changes: Any) -> Examination:  # noqa: ANN401 - any field of the dataclass
    """What a Cal.com in good health tells; by default of one event type with open times."""
    offered = event_types or (kind(),)
    usual = Examination(
        host=HOST,
        event_types=offered,
        searched=offered[0],
        has_open_times=True,
        webhooks=(),
        clock_skew=timedelta(seconds=0.4),
        budget_left=0.95,
    )
    return replace(usual, **changes)


def of_account(*event_types: EventType, told: dict[str, Any] | None = None, **changes: Any) -> Facts:  # noqa: ANN401 - any field
    """Facts in which the only account is as said; ``told`` is what Cal.com tells otherwise."""
    usual = AccountFacts(
        account=account(),
        key_opens=True,
        agents=(agent(),),
        sharers=(),
        examination=examination(*event_types, **(told or {})),
    )
    changed = replace(usual, **changes)
    return house(accounts=(changed,), agents=(AgentFacts(agent(), changed.account),))


def of_agent(used: Account | None, **changes: Any) -> Facts:  # noqa: ANN401 - any field of the dataclass
    """Facts in which the only agent is as said."""
    return house(agents=(AgentFacts(agent(**changes), used),))


def house(**changes: Any) -> Facts:  # noqa: ANN401 - any field of the dataclass
    """Everything in order."""
    given: dict[str, Any] = {
        "now": NOW,
        "request": Request(),
        "settings": settings(),
        "schema": SchemaState.NEWEST,
        "records_readable": True,
        "organizations": (ORGANIZATION,),
        "agents": (AgentFacts(agent(), account()),),
        "accounts": (AccountFacts(account(), True, (agent(),), (), examination()),),  # noqa: FBT003 - it opens
    }
    return Facts(**(given | changes))
