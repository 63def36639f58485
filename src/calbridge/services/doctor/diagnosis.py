"""From facts to everything that is to be told: the findings, the worst first, and what was looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from calbridge.services.doctor.checks_of_accounts import check_account, check_calcom, check_clock
from calbridge.services.doctor.checks_of_event_types import check_event_types
from calbridge.services.doctor.checks_of_setup import (
    check_agent,
    check_database,
    check_intents,
    check_organizations,
    check_settings,
)
from calbridge.services.doctor.facts import Facts
from calbridge.services.doctor.findings import Finding, Severity

_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, the worst first, and what was looked at."""

    findings: tuple[Finding, ...]
    looked_at: tuple[str, ...]

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def has_problems(self) -> bool:
        """Whether something must be done before the first call."""
        return self.count(Severity.PROBLEM) > 0


def diagnose(facts: Facts) -> Diagnosis:
    """Judge all facts."""
    found = sorted(_findings(facts), key=lambda finding: _ORDER.index(finding.severity))
    return Diagnosis(tuple(found), tuple(_looked_at(facts)))


def _findings(facts: Facts) -> Iterator[Finding]:
    yield from check_settings(facts.settings)
    yield from check_database(facts)
    yield from check_intents(facts.backlog)
    yield from check_organizations(facts)
    yield from check_calcom(facts.accounts)
    yield from check_clock(facts.accounts)
    for agent in facts.agents:
        yield from check_agent(agent)
    for account in facts.accounts:
        yield from check_account(account, facts.now, facts.settings.public_url)
        yield from check_event_types(account)


def _looked_at(facts: Facts) -> Iterator[str]:
    yield "settings"
    if facts.schema is not None:
        yield "database"
    if facts.records_readable:
        yield _counted(len(facts.organizations), "organization")
        yield _counted(len(facts.agents), "agent")
        asked = [each for each in facts.accounts if each.examination is not None]
        yield f"{_counted(len(asked), 'account')} at Cal.com (key, time zone, event types, open times, webhooks)"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
