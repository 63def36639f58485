"""The doctor at a clinic: what Cal.com and the database tell becomes findings, with few requests."""

from datetime import timedelta

import pytest
from tests.api import calcom, owner
from tests.api.clinic import Clinic
from tests.api.owner import change_agent
from tests.doctor.clinic import Way, default, examine, found, one

from calbridge.domain.agents import Access, AgentStatus, Host
from calbridge.domain.intents import State
from calbridge.services.doctor.facts import Request
from calbridge.storage.tables import new_id

AT_CONNECT = 2  # requests
FOUR = [("GET", "/v2/me"), ("GET", "/v2/event-types"), ("GET", "/v2/slots"), ("GET", "/v2/webhooks")]


async def asked(clinic: Clinic) -> list[tuple[str, str]]:
    """Method and path of what Cal.com was asked since the account was connected."""
    return (await clinic.requests_at_calcom())[AT_CONNECT:]


async def test_a_clinic_in_good_health_takes_four_requests(clinic: Clinic, sqlite_url: str) -> None:
    diagnosis = await examine(clinic, sqlite_url)

    assert found(diagnosis) == ["placeholder_address_used"]
    assert not diagnosis.has_problems
    assert await asked(clinic) == FOUR


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("consultation", ["placeholder_address_used"]),
        ("phone-consultation", ["host_calls", "placeholder_address_used"]),
        ("needs-approval", ["host_must_confirm", "placeholder_address_used"]),
        ("intake", ["placeholder_address_used", "questions_required"]),
        ("phone-only", ["phone_demanded", "phone_taken"]),
        ("flexible", ["placeholder_address_used", "several_lengths"]),
        ("gone", ["event_type_missing"]),
    ],
)
async def test_the_event_type_that_is_booked(slug: str, names: list[str], clinic: Clinic, sqlite_url: str) -> None:
    await default(clinic, slug)

    assert found(await examine(clinic, sqlite_url)) == names


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"notice": 1500}, "notice_long"),
        ({"seats": 3}, "seats_shared"),
        ({"disable_cancelling": True}, "cancelling_disabled"),
        ({"disable_rescheduling": True}, "rescheduling_disabled"),
        ({"hidden": True}, "no_event_type"),
        ({"recurring": 4}, "no_event_type"),
    ],
)
async def test_settings_of_an_event_type(event: dict[str, object], name: str, clinic: Clinic, sqlite_url: str) -> None:
    await calcom.offer(clinic, **event)

    diagnosis = await examine(clinic, sqlite_url, Request(agent_id=clinic.agent.id))

    assert set(found(diagnosis)) - {"placeholder_address_used"} == {name}


@pytest.mark.parametrize(
    ("event", "name"), [({"hidden": True}, "event_type_hidden"), ({"recurring": 4}, "event_type_recurring")]
)
async def test_an_agents_own_event_type(event: dict[str, object], name: str, clinic: Clinic, sqlite_url: str) -> None:
    await calcom.offer(clinic, **event)
    await change_agent(clinic, event_type="visit")

    diagnosis = await examine(clinic, sqlite_url, Request(agent_id=clinic.agent.id))

    assert name in found(diagnosis)
    assert "agent_event_type_missing" not in found(diagnosis)


async def test_an_agents_event_type_that_does_not_exist(clinic: Clinic, sqlite_url: str) -> None:
    await change_agent(clinic, event_type="massage")

    finding = one(await examine(clinic, sqlite_url), "agent_event_type_missing")

    assert str(clinic.agent.id) in finding.subject
    assert "massage" in finding.message


async def test_a_host_who_never_works(clinic: Clinic, sqlite_url: str) -> None:
    await calcom.host(clinic, hours={})
    await calcom.use(clinic, "cal_sandbox_new")

    diagnosis = await examine(clinic, sqlite_url, Request(agent_id=clinic.agent.id))

    assert "no_open_times" in found(diagnosis)


async def test_a_refused_key_is_told_and_nothing_is_changed(clinic: Clinic, sqlite_url: str) -> None:
    await calcom.refuse_key(clinic, "/v2/me")

    finding = one(await examine(clinic, sqlite_url), "key_refused")

    assert f"calbridge account connect --org {clinic.organization.id}" in finding.remedy
    assert await asked(clinic) == FOUR[:1]
    account = await clinic.services.connections.get(clinic.organization.id, clinic.account.id)
    assert account == clinic.account


async def test_an_account_whose_key_was_refused_on_a_call_is_not_asked_again(clinic: Clinic, sqlite_url: str) -> None:
    await calcom.refuse_key(clinic)
    await clinic.manage("suggest")
    before = await asked(clinic)

    assert found(await examine(clinic, sqlite_url)) == ["account_needs_reauth"]
    assert await asked(clinic) == before


@pytest.mark.parametrize("hosts", [(), ("user:pw@cal.example",)], ids=["not listed", "no list that can be read"])
async def test_an_address_that_may_not_be_called_is_told_and_not_called(
    hosts: tuple[str, ...], clinic: Clinic, sqlite_url: str
) -> None:
    """Callers of that account hear that the calendar cannot be reached; and its key goes nowhere from here, either."""
    access, stranger = Access("https://cal.example", "cal_sandbox_demo"), Host(9, "far", "Far", "far@x.example", "UTC")
    account, _ = await owner.accounts(clinic).connect(clinic.organization.id, access=access, host=stranger)
    await clinic.services.assignments.link(clinic.organization.id, clinic.agent.id, account.id)

    diagnosis = await examine(clinic, sqlite_url, Request(agent_id=clinic.agent.id), allowed_hosts=hosts)

    finding = one(diagnosis, "address_not_allowed")
    assert diagnosis.has_problems
    assert str(account.id) in finding.subject
    assert "https://cal.example" in finding.message
    assert found(diagnosis) == ["address_not_allowed"]
    assert await asked(clinic) == []


async def test_too_many_requests_end_the_conversation(clinic: Clinic, sqlite_url: str) -> None:
    headers = {"X-RateLimit-Limit-Default": "120", "X-RateLimit-Remaining-Default": "0"}
    headers |= {"X-RateLimit-Reset-Default": "37"}
    await calcom.fault(clinic, "throttle", path="/v2/event-types", headers=headers)

    diagnosis = await examine(clinic, sqlite_url)

    assert found(diagnosis) == ["calcom_busy"]
    assert "37 seconds" in one(diagnosis, "calcom_busy").message
    assert await asked(clinic) == FOUR[:2]


async def test_an_answer_without_sense_hides_only_what_depends_on_it(clinic: Clinic, sqlite_url: str) -> None:
    await calcom.fault(clinic, "malformed", path="/v2/event-types")

    diagnosis = await examine(clinic, sqlite_url)

    assert found(diagnosis) == ["calcom_answer_odd"]
    assert "about event types" in one(diagnosis, "calcom_answer_odd").message
    assert await asked(clinic) == [FOUR[0], FOUR[1], FOUR[3]]


@pytest.mark.parametrize(
    ("ahead", "names"),
    [(3, []), (-20, ["clock_off"]), (20, ["clock_off"]), (-100, ["clock_far_off"])],
)
async def test_cal_coms_clock(ahead: int, names: list[str], clinic: Clinic, sqlite_url: str) -> None:
    diagnosis = await examine(clinic, sqlite_url, way=Way(clinic, timedelta(seconds=ahead)))

    assert [name for name in found(diagnosis) if name.startswith("clock")] == names


async def test_a_key_that_others_use_up(clinic: Clinic, sqlite_url: str) -> None:
    await clinic.at_calcom("POST", "/sandbox/settings", json={"limits": {"cal_sandbox_demo": AT_CONNECT + 5}})

    assert "14 %" in one(await examine(clinic, sqlite_url), "requests_running_out").message


async def test_webhooks_at_cal_com(clinic: Clinic, sqlite_url: str) -> None:
    hook = {"subscriberUrl": "https://crm.example/hooks?secret=1", "active": True, "triggers": ["BOOKING_CREATED"]}
    await clinic.at_calcom("POST", "/v2/webhooks", json=hook)

    finding = one(await examine(clinic, sqlite_url), "webhooks_listed")

    assert "crm.example;" in finding.message
    assert "secret" not in finding.message


async def test_the_key_grows_old(clinic: Clinic, sqlite_url: str) -> None:
    clinic.clock.advance(timedelta(days=25))

    assert "25 days" in one(await examine(clinic, sqlite_url), "key_expires_soon").message


async def test_two_organizations_on_one_calendar(clinic: Clinic, sqlite_url: str) -> None:
    other = await clinic.services.organizations.create("Other Clinic")
    await clinic.services.connections.connect(other.id, api_key="cal_sandbox_demo")

    alone = await examine(clinic, sqlite_url, Request(organization_id=clinic.organization.id))
    both = await examine(clinic, sqlite_url)

    assert str(other.id) in one(alone, "shared_calendar").message
    assert found(both).count("shared_calendar") == 2


async def test_an_agent_without_an_account(clinic: Clinic, sqlite_url: str) -> None:
    await clinic.services.assignments.link(clinic.organization.id, clinic.agent.id, None)

    diagnosis = await examine(clinic, sqlite_url)

    assert "agent_not_connected" in found(diagnosis)
    assert "agent link --org" in one(diagnosis, "agent_not_connected").remedy


async def test_an_agent_that_is_switched_off_needs_no_account(clinic: Clinic, sqlite_url: str) -> None:
    await clinic.services.assignments.link(clinic.organization.id, clinic.agent.id, None)
    await change_agent(clinic, status=AgentStatus.INACTIVE)

    assert found(await examine(clinic, sqlite_url)) == ["agent_inactive", "placeholder_address_used"]


async def test_only_the_agent_that_was_asked_for(clinic: Clinic, sqlite_url: str) -> None:
    lost = await clinic.services.agents.create(clinic.organization.id, "Lost")

    everything = await examine(clinic, sqlite_url)
    before = await asked(clinic)
    only = await examine(clinic, sqlite_url, Request(clinic.organization.id, lost.id))
    other = await examine(clinic, sqlite_url, Request(agent_id=clinic.agent.id))

    assert found(everything) == ["agent_not_connected", "placeholder_address_used"]
    assert found(only) == ["agent_not_connected"]
    assert found(other) == ["placeholder_address_used"]
    assert await asked(clinic) == [*before, *FOUR]


async def test_what_is_not_there(clinic: Clinic, sqlite_url: str) -> None:
    unknown = clinic.account.id

    assert found(await examine(clinic, sqlite_url, Request(organization_id=unknown))) == ["organization_unknown"]
    assert found(await examine(clinic, sqlite_url, Request(agent_id=unknown))) == ["agent_unknown"]
    foreign = await clinic.services.organizations.create("Other Clinic")
    assert found(await examine(clinic, sqlite_url, Request(foreign.id, clinic.agent.id))) == ["agent_unknown"]


async def test_an_agents_private_key(clinic: Clinic, sqlite_url: str) -> None:
    organization, agent = clinic.organization.id, clinic.agent.id
    await clinic.services.assignments.link(organization, agent, None)
    await clinic.services.assignments.connect_private(organization, agent, api_key="cal_sandbox_other", name="Own")

    diagnosis = await examine(clinic, sqlite_url, Request(agent_id=agent))

    assert found(diagnosis) == ["no_event_type"]  # of the user behind the private key


async def test_intents_that_nobody_settles(clinic: Clinic, sqlite_url: str) -> None:
    await clinic.book()
    (intent,) = await clinic.services.intents.list(None, (), 10)
    await clinic.services.intents.settle(intent, State.NEEDS_HUMAN, reason="double", correcting=True)

    finding = one(await examine(clinic, sqlite_url), "intents_need_person")

    assert "1 could not be settled" in finding.message
    assert "calbridge intents resolve" in finding.remedy
    mine = await examine(clinic, sqlite_url, Request(clinic.organization.id, clinic.agent.id))
    assert "intents_need_person" in found(mine)
    others = await examine(clinic, sqlite_url, Request(agent_id=new_id()))
    assert "intents_need_person" not in found(others)
