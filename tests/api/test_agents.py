"""Agents: made, shown with the account they use, listed in pages, changed in part, deleted for good."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api import calcom, owner
from tests.api.agent import UNCONNECTED, create, delete, get, page, patch, shown, told
from tests.api.bodies import NO_AGENT as NO_AGENT_SAID
from tests.api.bodies import Json, error, stopped
from tests.api.clinic import Clinic
from tests.api.office import AGENTS, NO_AGENT, PREFIX, ask, done

from calbridge.domain.ids import parse_uuid

TAKEN = error("CONFLICT", "An agent with this id exists already.")
DELETED = {"success": True, "message": "Agent deleted"}


async def test_an_agent_is_made_with_a_name_alone(small_clinic: Clinic) -> None:
    answer = await create(small_clinic)

    assert answer.status_code == 201
    agent_id = answer.json()["data"]["id"]
    assert answer.json() == told("Agent created", shown(small_clinic, agent_id, agentName="Dr. New", **UNCONNECTED))
    identity = parse_uuid(agent_id)
    assert identity is not None
    assert identity.version == 7
    assert (await get(small_clinic, agent_id)).json() == told("Agent retrieved", answer.json()["data"])


async def test_an_agent_is_made_with_everything_and_its_own_id(small_clinic: Clinic) -> None:
    agent_id = str(uuid4())
    body = {
        "agentName": "Dr. New",
        "status": "INACTIVE",
        "calendarTimezone": "Asia/Kolkata",
        "calcomCalendarId": "consultation",
    }

    answer = await create(small_clinic, id=agent_id, **body)

    assert answer.status_code == 201
    assert answer.json() == told("Agent created", shown(small_clinic, agent_id, **body, **UNCONNECTED))


async def test_an_id_that_was_ever_used_cannot_be_used_again_and_nobody_hears_whose_it_is(clinic: Clinic) -> None:
    other = await clinic.services.organizations.create("Neighbour")
    foreign = await clinic.services.agents.create(other.id, "Dr. Neighbour")
    gone = await clinic.services.agents.create(clinic.organization.id, "Dr. Gone")
    await delete(clinic, gone.id)

    answers = [await create(clinic, id=str(agent_id)) for agent_id in (clinic.agent.id, gone.id, foreign.id)]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (409, TAKEN)
    assert (await get(clinic)).json()["data"]["agentName"] == "Dr. Rivera"
    assert (await get(clinic, gone.id)).json() == (await get(clinic, foreign.id)).json() == NO_AGENT


async def test_an_agent_is_shown_with_the_account_it_is_linked_to(small_clinic: Clinic) -> None:
    answer = await get(small_clinic)

    assert answer.status_code == 200
    assert answer.json() == told("Agent retrieved", shown(small_clinic))
    assert calcom.DEMO not in answer.text


async def test_an_agent_is_shown_with_its_private_key_masked(small_clinic: Clinic) -> None:
    made = (await create(small_clinic)).json()["data"]["id"]
    body = {"api_key": calcom.OTHER, "account_name": "Mine"}
    await done(small_clinic, "POST", f"{PREFIX}/agents/{made}/connect", body)

    answer = await get(small_clinic, made)

    private = {"calcomAccountName": "Mine", "calcomConnectionType": "agent"}
    assert answer.json() == told("Agent retrieved", shown(small_clinic, made, agentName="Dr. New", **private))
    assert calcom.OTHER not in answer.text


@pytest.mark.parametrize(("trouble", "status"), [("refused", "needs_reauth"), ("switched off", "inactive")])
async def test_an_agent_whose_account_cannot_be_used_says_so(small_clinic: Clinic, trouble: str, status: str) -> None:
    if trouble == "refused":
        await calcom.refuse_key(small_clinic)
        await small_clinic.book()
    else:
        await owner.update(small_clinic, isActive=False)

    assert (await get(small_clinic)).json()["data"] == shown(small_clinic, calcomStatus=status)


async def test_an_agent_whose_account_was_disconnected_has_none(small_clinic: Clinic) -> None:
    await done(small_clinic, "POST", f"{PREFIX}/disconnect", {"org_id": str(small_clinic.organization.id)})

    assert (await get(small_clinic)).json()["data"] == shown(small_clinic, **UNCONNECTED)


async def test_agents_are_listed_in_pages_the_oldest_first(clinic: Clinic) -> None:
    private = str((await create(clinic)).json()["data"]["id"])
    await done(clinic, "POST", f"{PREFIX}/agents/{private}/connect", {"api_key": calcom.OTHER, "account_name": "Mine"})
    clinic.clock.advance(timedelta(minutes=1))
    last = (await create(clinic, agentName="Dr. Last")).json()["data"]
    await delete(clinic, (await create(clinic, agentName="Dr. Gone")).json()["data"]["id"])
    other = await clinic.services.organizations.create("Neighbour")
    await clinic.services.agents.create(other.id, "Dr. Neighbour")

    everybody = await ask(clinic, "GET", AGENTS)
    middle = await ask(clinic, "GET", AGENTS, limit=1, offset=1)
    beyond = await ask(clinic, "GET", AGENTS, limit=200, offset=3)

    known = {"agentName": "Dr. New", "calcomAccountName": "Mine", "calcomConnectionType": "agent"}
    second = shown(clinic, private, **known)
    assert everybody.status_code == 200
    assert everybody.json() == page(shown(clinic), second, last, total=3)
    assert middle.json() == page(second, total=3, limit=1, offset=1)
    assert beyond.json() == page(total=3, limit=200, offset=3)


async def test_what_is_sent_is_changed_and_the_rest_stays(small_clinic: Clinic) -> None:
    state = shown(small_clinic)
    steps: list[Json] = [
        {"agentName": "Dr. Rivers"},
        {"calendarTimezone": "America/New_York"},
        {"calcomCalendarId": "intake"},
        {"status": "INACTIVE"},
        {"status": "ACTIVE", "agentName": "Dr. Rio"},
        {"calendarTimezone": "", "calcomCalendarId": ""},
    ]
    for minute, step in enumerate(steps, start=1):
        small_clinic.clock.advance(timedelta(minutes=1))
        state = {**state, **step, "updatedAt": f"2026-03-20T08:{minute:02}:00Z"}

        answer = await patch(small_clinic, **step)

        assert answer.status_code == 200
        assert answer.json() == told("Agent updated", state)
        assert (await get(small_clinic)).json() == told("Agent retrieved", state)


@pytest.mark.parametrize("body", [{}, {"agentName": None, "status": None}, {"agentName": "Dr. Rivera"}, {"x": 1}])
async def test_a_change_that_changes_nothing_leaves_even_the_time(small_clinic: Clinic, body: Json) -> None:
    small_clinic.clock.advance(timedelta(minutes=1))

    assert (await patch(small_clinic, **body)).json() == told("Agent updated", shown(small_clinic))


async def test_an_event_type_is_named_by_its_number_too(small_clinic: Clinic) -> None:
    number = await calcom.event_type(small_clinic, "flexible")

    answer = await patch(small_clinic, calcomCalendarId=number)

    assert answer.json()["data"]["calcomCalendarId"] == str(number)
    booking = await calcom.booking(small_clinic, calcom.uid_of(await small_clinic.book()))
    assert booking["eventType"]["slug"] == "flexible"


async def test_the_zone_of_an_agent_is_the_one_its_callers_mean(small_clinic: Clinic) -> None:
    await patch(small_clinic, calendarTimezone="America/New_York")

    answer = await small_clinic.book("2026-03-25T10:00:00")

    assert answer.json()["data"]["date_time"] == "2026-03-25T14:00:00Z"
    await patch(small_clinic, calendarTimezone="")
    answer = await small_clinic.book("2026-03-25T10:00:00")
    assert answer.json()["data"]["date_time"] == "2026-03-25T10:00:00Z"


async def test_an_inactive_agent_takes_no_calls_until_it_is_active_again(small_clinic: Clinic) -> None:
    await patch(small_clinic, status="INACTIVE")
    while_off = await small_clinic.manage("suggest")
    await patch(small_clinic, status="ACTIVE")

    assert (while_off.status_code, while_off.json()) == (404, stopped("suggest", "NOT_FOUND", NO_AGENT_SAID))
    assert (await small_clinic.book()).status_code == 200


async def test_a_deleted_agent_is_gone_with_its_link(clinic: Clinic) -> None:
    answer = await delete(clinic)

    assert (answer.status_code, answer.json()) == (200, DELETED)
    for again in (await get(clinic), await patch(clinic, agentName="Dr. Who"), await delete(clinic)):
        assert (again.status_code, again.json()) == (404, NO_AGENT)
    call = await clinic.manage("suggest")
    assert (call.status_code, call.json()) == (404, stopped("suggest", "NOT_FOUND", NO_AGENT_SAID))
    assert (await ask(clinic, "GET", AGENTS)).json() == page(total=0)
    shown_account = await ask(clinic, "GET", f"{PREFIX}/integration/{clinic.account.id}")
    assert shown_account.json()["botId"] is None


async def test_a_deleted_agents_private_key_is_erased(clinic: Clinic) -> None:
    agent = await owner.private_agent(clinic, calcom.OTHER)

    await delete(clinic, agent.id)

    assert await owner.accounts(clinic).private(agent.id) is None
    assert (await clinic.manage("suggest", agent_id=str(agent.id))).status_code == 404
