"""``manage``: who is let in, and on which account it acts."""

from uuid import uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import NO_AGENT, stopped
from tests.api.clinic import MANAGE, Clinic

from calbridge.domain.access import Scope
from calbridge.domain.agents import AgentStatus

ACTIONS = ["book", "reschedule", "cancel", "suggest", "availability"]
NO_CALENDAR = "I can't reach the calendar right now."
WHEN = "2026-03-26T11:00:00Z"


@pytest.mark.parametrize("action", ["suggest", "availability"])
async def test_looking_for_times_can_be_switched_off(small_clinic: Clinic, action: str) -> None:
    await owner.update(small_clinic, checkAvailabilityEnabled=False)

    answer = await small_clinic.manage(action)

    assert answer.status_code == 403
    assert answer.json() == stopped(action, "FORBIDDEN", "I'm not able to look up open times here.")
    assert (await small_clinic.book()).status_code == 200


@pytest.mark.parametrize(("action", "deed"), [("book", "book"), ("reschedule", "move")])
async def test_booking_can_be_switched_off_and_cancelling_stays_allowed(
    small_clinic: Clinic, action: str, deed: str
) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await owner.update(small_clinic, createBookingEnabled=False, checkAvailabilityEnabled=False)

    answer = await _ask(small_clinic, action, uid)

    assert answer.status_code == 403
    assert answer.json() == stopped(action, "FORBIDDEN", f"I'm not able to {deed} appointments here.")
    assert (await small_clinic.manage("cancel", appointment_id=uid)).status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
async def test_every_agent_that_cannot_act_looks_the_same(small_clinic: Clinic, action: str) -> None:
    agents, organization = small_clinic.services.agents, small_clinic.organization
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    foreign = await agents.create(neighbour.id, "Dr. Neighbour")
    inactive = await agents.create(organization.id, "Dr. Idle", status=AgentStatus.INACTIVE)
    deleted = await agents.create(organization.id, "Dr. Gone")
    await agents.delete(organization.id, deleted.id)
    strange = [{"agent_id": str(agent_id)} for agent_id in (foreign.id, inactive.id, deleted.id, uuid4())]
    strange += [{"org_id": str(neighbour.id)}, {"org_id": str(uuid4())}]

    answers = [await _ask(small_clinic, action, "some-uid", **ids) for ids in strange]

    assert {answer.status_code for answer in answers} == {404}
    assert all(answer.json() == stopped(action, "NOT_FOUND", NO_AGENT) for answer in answers)


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_agent_without_an_account_cannot_reach_the_calendar(small_clinic: Clinic, action: str) -> None:
    await small_clinic.services.assignments.link(small_clinic.organization.id, small_clinic.agent.id, None)

    answer = await _ask(small_clinic, action, "some-uid")

    assert answer.status_code == 400
    assert answer.json() == stopped(action, "NOT_CONNECTED", NO_CALENDAR)


async def test_an_account_that_is_switched_off_is_not_connected(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, isActive=False)

    answer = await small_clinic.book()

    assert answer.status_code == 400
    assert answer.json() == stopped("book", "NOT_CONNECTED", NO_CALENDAR)


async def test_an_agents_own_key_goes_before_everything_else(clinic: Clinic) -> None:
    agent = await owner.private_agent(clinic, "cal_sandbox_other")

    answer = await clinic.manage("suggest", agent_id=str(agent.id))

    assert answer.status_code == 409  # that Cal.com user offers nothing
    assert {each["user"] for each in await calcom.requests(clinic)} == {"demo-clinic", "other"}


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_key_that_calcom_refuses_takes_the_account_out_of_use(small_clinic: Clinic, action: str) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.refuse_key(small_clinic)

    refused = await _ask(small_clinic, action, uid)
    again = await _ask(small_clinic, action, uid)

    assert refused.status_code == 502
    assert refused.json() == stopped(action, "CALCOM_API_ERROR", "I can't get into the calendar right now.")
    assert again.status_code == 400
    assert again.json() == stopped(action, "NOT_CONNECTED", NO_CALENDAR)
    shown = await small_clinic.services.connections.get(small_clinic.organization.id, small_clinic.account.id)
    assert shown.status == "needs_reauth"


async def test_a_key_that_is_proved_anew_puts_the_account_back_into_use(clinic: Clinic) -> None:
    await calcom.refuse_key(clinic)
    assert (await clinic.book()).status_code == 502

    body = {"org_id": str(clinic.organization.id), "api_key": "cal_sandbox_demo"}
    async with clinic.authorized() as client:
        connected = await client.post("/api/v1/calcom/connect", json=body)

    assert connected.json()["data"]["calcom_account_id"] == str(clinic.account.id)
    assert (await clinic.book()).status_code == 200


async def test_an_organization_can_require_a_credential(small_clinic: Clinic) -> None:
    await small_clinic.services.organizations.require_key(small_clinic.organization.id, required=True)

    answer = await small_clinic.book()

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == stopped("book", "UNAUTHORIZED", "I'm not able to do that on this line.")
    assert (await _with(small_clinic, authorization=f"Bearer {small_clinic.token}")).status_code == 200


async def test_to_a_stranger_an_organization_that_requires_a_credential_is_like_any_unknown(clinic: Clinic) -> None:
    await clinic.services.organizations.require_key(clinic.organization.id, required=True)

    guarded = await clinic.book(agent_id=str(uuid4()))
    unknown = await clinic.book(org_id=str(uuid4()))

    assert guarded.status_code == unknown.status_code == 404
    assert guarded.json() == unknown.json()


@pytest.mark.parametrize("scope", Scope)
async def test_an_api_key_acts_if_it_has_the_scope(small_clinic: Clinic, scope: Scope) -> None:
    _, secret = await small_clinic.services.keys.create(small_clinic.organization.id, "desk", {scope})

    answer = await _with(small_clinic, x_api_key=secret)

    if scope is Scope.MANAGE:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 403
        assert answer.json() == stopped("suggest", "FORBIDDEN", "I'm not allowed to do that here.")


async def test_a_credential_that_was_sent_must_hold_and_be_of_that_organization(small_clinic: Clinic) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    _, foreign_key = await small_clinic.services.keys.create(neighbour.id, "theirs", {Scope.MANAGE})
    revoked, revoked_key = await small_clinic.services.keys.create(small_clinic.organization.id, "old", {Scope.MANAGE})
    await small_clinic.services.keys.revoke(small_clinic.organization.id, revoked.id)
    foreign_token = small_clinic.services.tokens.issue(neighbour.id, subject="tests", ttl_seconds=60)

    bad = [
        await _with(small_clinic, x_api_key="ak_unknown"),
        await _with(small_clinic, x_api_key=revoked_key),
        await _with(small_clinic, x_api_key=""),
        await _with(small_clinic, authorization="Bearer nonsense"),
        await _with(small_clinic, authorization="Basic dTpw"),
    ]
    foreign = [
        await _with(small_clinic, x_api_key=foreign_key),
        await _with(small_clinic, authorization=f"Bearer {foreign_token}"),
        await _with(small_clinic, authorization=f"Bearer {small_clinic.token}", x_api_key=foreign_key),
    ]

    assert {answer.status_code for answer in bad} == {401}
    sentence = "I'm not able to do that on this line."
    assert all(answer.json() == stopped("suggest", "UNAUTHORIZED", sentence) for answer in bad)
    assert {answer.status_code for answer in foreign} == {403}
    sentence = "I'm not allowed to do that here."
    assert all(answer.json() == stopped("suggest", "FORBIDDEN", sentence) for answer in foreign)


async def _ask(clinic: Clinic, action: str, uid: str, **fields: object) -> httpx.Response:
    if action == "book":
        return await clinic.book(WHEN, **fields)
    known = {"appointment_id": uid, "appointment_datetime": WHEN}
    return await clinic.manage(action, **known, **fields)


async def _with(clinic: Clinic, **headers: str) -> httpx.Response:
    body = {"action": "suggest", "agent_id": str(clinic.agent.id), "org_id": str(clinic.organization.id)}
    async with clinic.client(**headers) as client:
        return await client.post(MANAGE, json=body)
