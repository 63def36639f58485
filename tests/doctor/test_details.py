"""Where findings begin and end, and what exactly they tell."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.calcom.answers import kind
from tests.doctor.cases import CASES, HOOK, NOT_THERE, names, only
from tests.doctor.facts import (
    ACCOUNT_ID,
    AGENT_ID,
    HOST,
    account,
    agent,
    house,
    of_account,
    settings,
)

from calbridge.domain.agents import AccountStatus
from calbridge.services.doctor.ailments_of_calendars import CalendarAilment
from calbridge.services.doctor.diagnosis import diagnose
from calbridge.services.doctor.facts import Trouble
from calbridge.services.doctor.findings import Ailment
from calbridge.storage.webhooks import digest_of


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        (5, None),
        (-5, None),
        (5.1, CalendarAilment.CLOCK_OFF),
        (60, CalendarAilment.CLOCK_OFF),
        (-60, CalendarAilment.CLOCK_OFF),
        (60.1, CalendarAilment.CLOCK_FAR_OFF),
        (-3600, CalendarAilment.CLOCK_FAR_OFF),
    ],
)
def test_the_clock(seconds: float, found: Ailment | None) -> None:
    facts = of_account(told={"clock_skew": timedelta(seconds=seconds)})
    assert names(facts) & {"clock_off", "clock_far_off"} == ({found.name.lower()} if found else set())
    if found:
        assert ("ahead of" if seconds > 0 else "behind") in only(found, facts).message


def test_of_several_differences_of_the_clock_the_smallest_counts() -> None:
    near, far = (of_account(told={"clock_skew": timedelta(seconds=each)}).accounts[0] for each in (0, 90))
    assert "clock_far_off" not in names(house(accounts=(far, near)))


def test_an_address_that_does_not_answer_is_told_once() -> None:
    silent = CASES[CalendarAilment.CALCOM_UNREACHABLE].accounts[0]
    assert "https://api.cal.com" in only(CalendarAilment.CALCOM_UNREACHABLE, house(accounts=(silent, silent))).message


@pytest.mark.parametrize(("days", "found"), [(22, False), (23, True), (40, True)])
def test_the_age_of_a_key(days: int, *, found: bool) -> None:
    aged = replace(account(), key_set_at=account().key_set_at - timedelta(days=days - 1))
    facts = of_account(account=aged)
    assert ("key_expires_soon" in names(facts)) is found
    if found:
        text = only(CalendarAilment.KEY_EXPIRES_SOON, facts).message
        assert f"{days} days ago" in text
        assert "does not tell" in text
        assert "30 days" in text


def test_a_refused_key_is_not_said_to_expire_soon() -> None:
    aged = replace(account(), key_set_at=account().key_set_at - timedelta(days=60))
    assert "key_expires_soon" not in names(of_account(account=aged, told={"trouble": Trouble.KEY_REFUSED}))


@pytest.mark.parametrize(("share", "found"), [(0.3, False), (0.299, True), (0, True), (None, False)])
def test_the_budget_of_requests(share: float | None, *, found: bool) -> None:
    assert ("requests_running_out" in names(of_account(told={"budget_left": share}))) is found


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("phone.invalid", False),
        ("PHONE.INVALID", False),
        ("phone.invalid.", False),
        ("invalid", False),
        ("phone.invalid.com", True),
        ("clinic.example", True),
    ],
)
def test_the_placeholder_domain(domain: str, *, found: bool) -> None:
    facts = house(settings=settings(placeholder_domain=domain))
    assert ("placeholder_domain_ownable" in names(facts)) is found


@pytest.mark.parametrize(("hours", "found"), [(24, False), (24.1, True), (48, True)])
def test_the_minimum_notice(hours: float, *, found: bool) -> None:
    facts = of_account(kind(minimum_notice=timedelta(hours=hours)))
    assert ("notice_long" in names(facts)) is found
    if found:
        assert f" {hours} hours" in only(CalendarAilment.NOTICE_LONG, facts).message


def test_two_names_of_one_zone_are_no_difference() -> None:
    told = {"host": replace(HOST, timezone="Asia/Kolkata")}
    known = replace(HOST, timezone="Asia/Kolkata")
    same = account(host=known, settings={"timezone": "Asia/Calcutta"})
    assert "account_zone_differs" not in names(of_account(account=same, told=told))


def test_zones_that_agree_only_in_winter_differ() -> None:
    iceland = account(settings={"timezone": "Atlantic/Reykjavik"})
    assert "account_zone_differs" in names(of_account(account=iceland))


def test_questions_are_named() -> None:
    finding = only(CalendarAilment.QUESTIONS_REQUIRED, CASES[CalendarAilment.QUESTIONS_REQUIRED])
    assert "Reason for visit, Date of birth" in finding.message
    assert 'event type "consultation" of account "Front desk"' in finding.subject


def test_of_webhooks_only_the_hosts_are_told() -> None:
    hooks = (HOOK, replace(HOOK, url="https://[broken"), replace(HOOK, url=""))
    text = only(CalendarAilment.WEBHOOKS_LISTED, of_account(told={"webhooks": hooks})).message
    assert "to an unreadable address, crm.example;" in text
    assert "pw" not in text
    assert "token" not in text


def test_each_event_type_in_use_is_judged_once_and_others_not_at_all() -> None:
    intake, consultation, unused = (
        kind(id=number, slug=slug, needs_confirmation=True)
        for number, slug in enumerate(("intake", "consultation", "unused"), start=1)
    )
    users = (agent(event_type="intake"), agent(event_type="1"), agent(event_type="consultation"))
    found = diagnose(of_account(intake, consultation, unused, agents=users)).findings
    subjects = sorted(each.subject.split('"')[1] for each in found if each.name == "host_must_confirm")
    assert subjects == ["consultation", "intake"]


def test_a_default_that_is_gone_matters_even_if_no_agent_uses_it() -> None:
    facts = of_account(account=account(**NOT_THERE), agents=(agent(event_type="consultation"),))
    assert "event_type_missing" in names(facts)
    assert "agent_event_type_missing" not in names(facts)


def test_open_times_are_only_known_of_the_event_type_that_was_searched() -> None:
    searched, other = kind(), kind(id=2, slug="other")
    users = (agent(), agent(event_type="other"))
    facts = of_account(searched, other, agents=users, told={"has_open_times": False})
    assert '"consultation"' in only(CalendarAilment.NO_OPEN_TIMES, facts).subject


def test_a_private_account_is_connected_through_the_api() -> None:
    private = account(agent_id=AGENT_ID, status=AccountStatus.NEEDS_REAUTH)
    finding = only(CalendarAilment.ACCOUNT_NEEDS_REAUTH, of_account(account=private, examination=None))
    assert f"/agents/{AGENT_ID}/connect" in finding.remedy


def test_names_from_outside_cannot_break_a_line_or_drive_a_terminal() -> None:
    evil = account(settings={"name": "Front\n\x1b[31mdesk {connect}", "calcom_username": "a\tb" + "x" * 500})
    finding = only(CalendarAilment.USERNAME_DIFFERS, of_account(account=evil))
    assert finding.subject == f'account "Front [31mdesk {{connect}}" ({ACCOUNT_ID})'
    assert "a bxxx" in finding.message
    assert len(finding.message) < 500


def test_a_webhook_of_ours_is_told_from_those_of_others() -> None:
    address = "https://calbridge.clinic.example"
    ours = replace(HOOK, id="2", url=f"{address}/api/v1/calcom/webhooks/the-token")
    facts = of_account(told={"webhooks": (HOOK, ours)}, webhooks=frozenset({digest_of("the-token")}))
    reached = replace(facts, settings=settings(public_url=address))
    assert "webhook_missing" not in names(reached)
    assert "calbridge" not in only(CalendarAilment.WEBHOOKS_LISTED, reached).message
    moved = replace(facts, settings=settings(public_url="https://new.clinic.example"))
    assert "webhook_missing" in names(moved)
    off = of_account(told={"webhooks": (replace(ours, active=False),)}, webhooks=frozenset({digest_of("the-token")}))
    assert "webhook_missing" in names(replace(off, settings=settings(public_url=address)))
    assert names(off) == names(of_account())
