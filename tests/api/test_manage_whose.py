"""``manage``: who may look whom up, and where."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, cancelled, stopped
from tests.api.clinic import MANAGE, Clinic
from tests.api.lookups import (
    ELEVEN,
    EMAIL,
    FRIDAY,
    GONE,
    HAVE,
    LOOKUPS,
    NONE,
    NOT_HERE,
    PHONE,
    STRANGER,
    TEN,
    ask,
    book,
    found,
)

from calbridge.domain.access import Scope


async def test_an_erased_caller_is_not_found(clinic: Clinic) -> None:
    await book(clinic)
    await clinic.services.bookings.erase_caller(clinic.organization.id, phone=PHONE)

    assert (await ask(clinic, "find", phone=PHONE)).json() == found(NONE)


async def test_callers_of_another_organization_are_not_found(clinic: Clinic) -> None:
    await calcom.host(clinic)
    other = await clinic.services.organizations.create("Other")
    agent = await clinic.services.agents.create(other.id, "Dr. Other")
    account, _ = await clinic.services.connections.connect(other.id, api_key="cal_sandbox_new", name="Other")
    agent = await clinic.services.assignments.link(other.id, agent.id, account.id)
    neighbours = replace(clinic, organization=other, agent=agent, account=account)
    theirs = await book(neighbours)
    uid = await book(clinic, FRIDAY)

    answer = await ask(clinic, "find", phone=PHONE)

    assert [each["appointment_id"] for each in answer.json()["data"]["appointments"]] == [uid]
    assert (await ask(clinic, "find", appointment_id=theirs)).status_code == 404
    foreign = await ask(clinic, "find", phone=PHONE, org_id=str(other.id), agent_id=str(agent.id))
    assert foreign.status_code == 403
    assert "appointments" not in foreign.json()["data"]


async def test_an_agent_looks_only_in_the_account_that_it_uses(small_clinic: Clinic) -> None:
    await book(small_clinic)
    await calcom.offer(small_clinic)

    assert (await ask(small_clinic, "find", phone=PHONE)).json() == found(NONE)


@pytest.mark.parametrize(("action", "fields"), LOOKUPS)
async def test_without_a_credential_a_known_caller_and_an_unknown_one_look_alike(
    clinic: Clinic, action: str, fields: Json
) -> None:
    await book(clinic, email=EMAIL)
    before = await clinic.requests_at_calcom()
    unknown = {name: STRANGER.get(name, value) for name, value in fields.items()}

    answers = [await clinic.manage(action, **each) for each in (fields, unknown)]

    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].content == answers[1].content
    assert answers[0].json() == stopped(action, "UNAUTHORIZED", NOT_HERE)
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert await clinic.requests_at_calcom() == before
    assert {each["status"] for each in await calcom.bookings(clinic)} == {"accepted"}


async def test_finding_by_id_takes_a_credential_too(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)

    known, unknown = [await small_clinic.manage("find", appointment_id=each) for each in (uid, "nobody-s")]

    assert known.status_code == 401
    assert known.content == unknown.content


async def test_somebody_without_a_credential_still_changes_what_they_have_the_id_of(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)

    answer = await small_clinic.manage(
        "cancel", appointment_id=uid, phone="rubbish", email=EMAIL, appointment_datetime="?"
    )

    assert answer.json() == cancelled(uid, GONE, TEN)


async def test_an_unknown_agent_comes_before_the_credential(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage("find", phone=PHONE, agent_id=str(uuid4()))

    assert answer.status_code == 404


async def test_an_organization_that_requires_a_key_is_served_with_one(small_clinic: Clinic) -> None:
    await book(small_clinic)
    await small_clinic.services.organizations.require_key(small_clinic.organization.id, required=True)

    assert (await small_clinic.manage("find", phone=PHONE)).status_code == 401
    assert (await ask(small_clinic, "find", phone=PHONE)).json()["message"] == HAVE


@pytest.mark.parametrize(("scope", "status"), [(Scope.MANAGE, 200), (Scope.READ, 403), (Scope.ADMIN, 403)])
async def test_a_key_needs_the_scope(small_clinic: Clinic, scope: Scope, status: int) -> None:
    await book(small_clinic)
    _, key = await small_clinic.services.keys.create(small_clinic.organization.id, "tests", [scope])
    body = {"agent_id": str(small_clinic.agent.id), "org_id": str(small_clinic.organization.id)}

    async with small_clinic.client(x_api_key=key) as client:
        answers = [await client.post(MANAGE, json={**body, "action": action, **fields}) for action, fields in LOOKUPS]

    assert [answer.status_code for answer in answers[:2]] == [status, status]
    assert {answer.status_code == 403 for answer in answers} == {status == 403}


async def test_finding_and_cancelling_are_allowed_where_booking_is_not(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)
    await owner.update(small_clinic, createBookingEnabled=False, checkAvailabilityEnabled=False)

    assert (await ask(small_clinic, "find", phone=PHONE)).json()["message"] == HAVE
    assert (await ask(small_clinic, "reschedule", phone=PHONE, appointment_datetime=ELEVEN)).status_code == 403
    assert (await ask(small_clinic, "cancel", phone=PHONE)).json() == cancelled(uid, GONE, TEN)


async def test_many_who_cancel_the_same_at_once_hear_the_same(small_clinic: Clinic) -> None:
    uid = await book(small_clinic)

    answers = await asyncio.gather(*(ask(small_clinic, "cancel", phone=PHONE) for _ in range(5)))

    assert [answer.json() for answer in answers] == [cancelled(uid, GONE, TEN)] * 5
