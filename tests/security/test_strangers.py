"""``manage`` without a credential: to a stranger, one organization looks like the next, and like none at all."""

from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest
from tests.security.doors import DOORS, Org
from tests.security.test_tenancy import assert_nothing_gained, knock, seen
from tests.security.town import Names, Town

AT_MANAGE = [door for door in DOORS if door.org is Org.BODY]


async def test_organizations_look_alike_to_a_stranger(town: Town, subtests: pytest.Subtests) -> None:
    guarded = await town.clinic.services.organizations.create("Guarded")
    await town.clinic.services.organizations.require_key(guarded.id, required=True)
    own = town.own
    for door in AT_MANAGE:
        with subtests.test(door=str(door)):
            names = {
                "an unknown organization": Names.unknown(),
                "an unknown organization, a real agent": replace(own, organization=str(uuid4())),
                "an organization, an unknown agent": replace(own, agent=str(uuid4())),
                "an organization, another's agent": replace(own, agent=town.foreign.agent),
                "another's organization, a real agent": replace(town.foreign, agent=own.agent),
                "an organization that requires a key": replace(own, organization=str(guarded.id)),
                "an agent's id as organization": replace(own, organization=own.agent),
                "an organization's id as agent": replace(own, agent=own.organization),
            }
            answers = {what: await assert_nothing_gained(town, door, each, {}, {404}) for what, each in names.items()}

            assert len({str(seen(answer)) for answer in answers.values()}) == 1, answers


async def test_a_guarded_organization_cannot_be_told_by_guessing_agents(town: Town, subtests: pytest.Subtests) -> None:
    guess = replace(town.own, agent=str(uuid4()))
    before = [seen(await knock(town, door, guess, {})) for door in AT_MANAGE]
    await town.clinic.services.organizations.require_key(UUID(town.own.organization), required=True)

    for door, unguarded in zip(AT_MANAGE, before, strict=True):
        with subtests.test(door=str(door)):
            assert seen(await knock(town, door, guess, {})) == unguarded
            assert (await knock(town, door, town.own, {})).status_code == 401


async def test_an_agent_that_is_gone_looks_like_none(town: Town, subtests: pytest.Subtests) -> None:
    await town.clinic.services.agents.delete(UUID(town.own.organization), UUID(town.own.agent))

    for door in AT_MANAGE:
        with subtests.test(door=str(door)):
            unknown = await knock(town, door, replace(town.own, agent=str(uuid4())), {})
            assert seen(await assert_nothing_gained(town, door, town.own, {}, {404})) == seen(unknown)


async def test_guessing_agents_is_limited_for_an_address_and_an_organization(town: Town) -> None:
    async def guess(address: str, organization: str) -> int:
        body = {"action": "suggest", "org_id": organization, "agent_id": str(uuid4())}
        transport = httpx.ASGITransport(town.clinic.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client:
            return (await client.post("/api/v1/calcom/appointments/manage", json=body)).status_code

    unknown = str(uuid4())
    for organization in (town.own.organization, unknown):
        answers = [await guess("192.0.2.1", organization) for _ in range(40)]
        assert set(answers[:30]) == {404}
        assert set(answers[30:]) == {429}
    assert await guess("192.0.2.2", unknown) == 404
    assert await guess("192.0.2.1", str(uuid4())) == 404


async def test_anonymous_writing_is_limited_for_an_address_and_an_agent(town: Town) -> None:
    body = {"action": "cancel", "org_id": town.own.organization, "agent_id": town.own.agent}
    transport = httpx.ASGITransport(town.clinic.app, client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test") as client:
        answers = [
            await client.post("/api/v1/calcom/appointments/manage", json=body | {"appointment_id": f"guess{number}"})
            for number in range(70)
        ]

    assert {answer.status_code for answer in answers[:60]} == {404}
    assert {answer.status_code for answer in answers[60:]} == {429}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers[60:])
