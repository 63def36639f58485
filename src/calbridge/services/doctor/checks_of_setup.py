"""Judges settings, database, organizations and agents: facts in, findings out."""

from collections.abc import Iterator

from calbridge.domain.agents import AccountStatus, AgentStatus
from calbridge.domain.intents import Backlog
from calbridge.domain.times import zone_named
from calbridge.services.doctor import names
from calbridge.services.doctor.ailments_of_setup import SetupAilment
from calbridge.services.doctor.facts import AgentFacts, Facts, SettingsFacts
from calbridge.services.doctor.findings import Finding
from calbridge.storage.inventory import SchemaState

ENOUGH_SECRET_BYTES = 32
NOBODYS = "invalid"  # the top-level domain that nobody can own (RFC 2606)

_SCHEMAS = {
    SchemaState.AWAY: SetupAilment.DATABASE_AWAY,
    SchemaState.MISSING: SetupAilment.SCHEMA_MISSING,
    SchemaState.OLD: SetupAilment.SCHEMA_OLD,
    SchemaState.UNKNOWN: SetupAilment.SCHEMA_UNKNOWN,
}


def check_settings(settings: SettingsFacts) -> Iterator[Finding]:
    """Judge the settings."""
    about = names.SETTINGS
    if settings.env_file_unreadable:
        yield SetupAilment.ENV_FILE_UNREADABLE.found(about)
    for variable, fault in settings.invalid:
        yield SetupAilment.SETTING_INVALID.found(about, variable=variable, fault=fault)
    yield from _check_secrets(settings)
    if settings.any_organization:
        yield SetupAilment.ANY_ORGANIZATION_ALLOWED.found(about)
    if settings.database_url_fault:
        yield SetupAilment.DATABASE_URL_INVALID.found(about, fault=settings.database_url_fault)
    if settings.is_sqlite:
        yield SetupAilment.SQLITE_IN_USE.found(about)
    if settings.calcom_address_fault:
        yield SetupAilment.CALCOM_ADDRESS_INVALID.found(about, fault=settings.calcom_address_fault)
    if settings.placeholder_domain.rstrip(".").rpartition(".")[2].lower() != NOBODYS:
        yield SetupAilment.PLACEHOLDER_DOMAIN_OWNABLE.found(about, domain=settings.placeholder_domain)


def check_database(facts: Facts) -> Iterator[Finding]:
    """Judge the database: whether it answers, whether its tables fit, whether they could be read all the same."""
    if facts.schema in _SCHEMAS:
        yield _SCHEMAS[facts.schema].found(names.DATABASE)
    if not facts.records_readable and facts.schema not in {None, SchemaState.AWAY, SchemaState.MISSING}:
        yield SetupAilment.RECORDS_UNREADABLE.found(names.DATABASE)


def check_organizations(facts: Facts) -> Iterator[Finding]:
    """Judge whether there is what was to be looked at."""
    if not facts.records_readable:
        return
    wanted = facts.request
    if wanted.organization_id is not None and not facts.organizations:
        yield SetupAilment.ORGANIZATION_UNKNOWN.found(names.of_organization(wanted.organization_id))
    elif wanted.agent_id is not None and not facts.agents:
        yield SetupAilment.AGENT_UNKNOWN.found(f"agent {wanted.agent_id}")
    elif not facts.organizations:
        yield SetupAilment.NO_ORGANIZATION.found(names.DATABASE)


def check_intents(backlog: Backlog) -> Iterator[Finding]:
    """Judge whether what callers wished is being settled."""
    about = names.INTENTS
    if backlog.needs_human:
        yield SetupAilment.INTENTS_NEED_PERSON.found(about, count=backlog.needs_human)
    if backlog.long_open:
        yield SetupAilment.INTENTS_OPEN_LONG.found(about, count=backlog.long_open)
    if backlog.overdue:
        yield SetupAilment.INTENTS_OVERDUE.found(about, count=backlog.overdue)


def check_agent(facts: AgentFacts) -> Iterator[Finding]:
    """Judge one agent. What ails its account is told of the account."""
    agent, about = facts.agent, names.of_agent(facts.agent)
    if agent.status is not AgentStatus.ACTIVE:
        yield SetupAilment.AGENT_INACTIVE.found(about)
        return
    ids = {"organization": agent.organization_id, "agent": agent.id}
    if facts.account is None:
        yield SetupAilment.AGENT_NOT_CONNECTED.found(about, **ids)
    elif facts.account.status is AccountStatus.INACTIVE:
        account = names.of_account(facts.account)
        yield SetupAilment.AGENT_LINKED_TO_DISCONNECTED.found(about, account=account, **ids)
    if agent.timezone and zone_named(agent.timezone) is None:
        yield SetupAilment.AGENT_ZONE_INVALID.found(about, zone=agent.timezone)


def _check_secrets(settings: SettingsFacts) -> Iterator[Finding]:
    about = names.SETTINGS
    if not settings.has_encryption_keys:
        yield SetupAilment.ENCRYPTION_KEYS_MISSING.found(about)
    if settings.encryption_keys_fault:
        yield SetupAilment.ENCRYPTION_KEYS_INVALID.found(about, fault=settings.encryption_keys_fault)
    if not settings.has_token_keys:
        missing = (
            SetupAilment.JWT_SECRET_MISSING if settings.signs_with_secrets else SetupAilment.JWT_PUBLIC_KEY_MISSING
        )
        yield missing.found(about)
    if settings.shortest_jwt_secret is not None and settings.shortest_jwt_secret < ENOUGH_SECRET_BYTES:
        yield SetupAilment.JWT_SECRET_WEAK.found(about, length=settings.shortest_jwt_secret)
    if settings.jwt_secret_reused:
        yield SetupAilment.JWT_SECRET_REUSED.found(about)
