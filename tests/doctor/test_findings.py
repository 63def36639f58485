"""Every finding there is: what brings it up, and that nothing else does."""

from dataclasses import replace
from string import Formatter

import pytest
from tests.doctor.cases import ALL, CASES, USUAL, WITHOUT, names, only
from tests.doctor.facts import (
    house,
    settings,
)

from calbridge.services.doctor.ailments_of_calendars import CalendarAilment
from calbridge.services.doctor.diagnosis import diagnose
from calbridge.services.doctor.findings import Ailment, Severity


def test_every_ailment_has_a_case() -> None:
    assert set(CASES) == set(ALL)


def test_no_name_is_given_twice() -> None:
    assert len({ailment.name for ailment in ALL}) == len(ALL)


@pytest.mark.parametrize("ailment", ALL, ids=lambda ailment: ailment.name)
def test_it_is_found_where_it_is(ailment: Ailment) -> None:
    finding = only(ailment, CASES[ailment])

    assert finding.severity is ailment.severity
    assert finding.subject
    for text in (finding.subject, finding.message, finding.remedy):
        assert text.isprintable()
        assert "{" not in text
        assert "  " not in text
    assert finding.message.endswith(".")


@pytest.mark.parametrize("ailment", ALL, ids=lambda ailment: ailment.name)
def test_it_comes_alone(ailment: Ailment) -> None:
    usual = {each.name.lower() for each in USUAL}
    assert names(CASES[ailment]) - usual == {ailment.name.lower()} - usual


@pytest.mark.parametrize("ailment", ALL, ids=lambda ailment: ailment.name)
def test_it_is_not_found_where_all_is_well(ailment: Ailment) -> None:
    assert ailment.name.lower() not in names(WITHOUT.get(ailment, house()))


def test_all_is_well_means_no_problem_and_no_warning() -> None:
    diagnosis = diagnose(house())
    assert not diagnosis.has_problems
    assert {finding.severity for finding in diagnosis.findings} == {Severity.NOTE}
    assert diagnosis.looked_at[:4] == ("settings", "database", "1 organization", "1 agent")
    assert diagnosis.looked_at[4].startswith("1 account at Cal.com")


def test_the_worst_comes_first() -> None:
    facts = replace(CASES[CalendarAilment.NO_EVENT_TYPE], settings=settings(is_sqlite=True, shortest_jwt_secret=3))
    severities = [finding.severity for finding in diagnose(facts).findings]
    assert severities == [Severity.PROBLEM, Severity.PROBLEM, Severity.WARNING]


@pytest.mark.parametrize("ailment", ALL, ids=lambda ailment: ailment.name)
def test_texts_are_for_operators(ailment: Ailment) -> None:
    fields = {field for _, field, _, _ in Formatter().parse(ailment.message + ailment.remedy) if field}
    assert all(field.isidentifier() for field in fields)
    for word in ("attendee", "payload", "None", "null", "traceback", "booking field"):
        assert word not in ailment.message + ailment.remedy
