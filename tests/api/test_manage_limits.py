"""``manage``: how often somebody without a credential may try."""

from uuid import uuid4

import httpx
from tests.api.bodies import stopped
from tests.api.clinic import MANAGE, Clinic

TOO_MANY = "I'm getting too many requests right now. Please try again in a minute."


async def test_thirty_strange_agents_a_minute_may_be_named_at_an_organization(small_clinic: Clinic) -> None:
    strange = [await _try(small_clinic, "suggest", agent_id=str(uuid4())) for _ in range(30)]
    answer = await _try(small_clinic, "suggest", agent_id=str(uuid4()))

    assert {each.status_code for each in strange} == {404}
    assert answer.status_code == 429
    assert answer.json() == stopped("suggest", "RATE_LIMITED", TOO_MANY)
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_who_names_too_many_strange_agents_is_held_back_but_not_with_a_good_one(small_clinic: Clinic) -> None:
    for _ in range(30):
        await _try(small_clinic, "suggest", agent_id=str(uuid4()))

    assert (await _try(small_clinic, "suggest", agent_id=str(uuid4()))).status_code == 429
    assert (await _try(small_clinic, "suggest")).status_code == 200


async def test_strange_agents_are_counted_by_address_and_by_organization(small_clinic: Clinic) -> None:
    elsewhere = str(uuid4())
    for _ in range(30):
        await _try(small_clinic, "suggest", org_id=elsewhere)

    assert (await _try(small_clinic, "suggest", org_id=elsewhere)).status_code == 429
    assert (await _try(small_clinic, "suggest")).status_code == 200
    assert (await _try(small_clinic, "suggest", "192.0.2.7", org_id=elsewhere)).status_code == 404


async def test_a_credential_is_not_held_back_by_strangers_at_the_same_address(small_clinic: Clinic) -> None:
    for _ in range(30):
        await _try(small_clinic, "suggest", agent_id=str(uuid4()))

    answer = await _try(small_clinic, "suggest", token=small_clinic.token)

    assert answer.status_code == 200


WRITES = {"book": {}, "reschedule": {"appointment_id": "strange"}, "cancel": {"appointment_id": "strange"}}


async def test_sixty_anonymous_writes_a_minute_may_be_tried_at_an_agent(small_clinic: Clinic) -> None:
    writes = [await _try(small_clinic, action, **fields) for action, fields in WRITES.items() for _ in range(20)]
    answers = {action: await _try(small_clinic, action, **fields) for action, fields in WRITES.items()}

    assert {each.status_code for each in writes} == {400, 404}  # nothing came of them, but each was a try
    for action, answer in answers.items():
        assert answer.status_code == 429
        assert answer.json() == stopped(action, "RATE_LIMITED", TOO_MANY)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert (await _try(small_clinic, "suggest")).status_code == 200  # only looks
    assert (await _try(small_clinic, "book", "192.0.2.7")).status_code == 400
    assert (await _try(small_clinic, "book", token=small_clinic.token)).status_code == 400


async def test_writes_are_counted_by_agent(small_clinic: Clinic) -> None:
    colleague = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Colleague")
    for _ in range(60):
        await _try(small_clinic, "book")

    assert (await _try(small_clinic, "book")).status_code == 429
    answer = await _try(small_clinic, "book", agent_id=str(colleague.id))
    assert answer.json()["code"] == "NOT_CONNECTED"


async def _try(
    clinic: Clinic, action: str, address: str = "127.0.0.1", *, token: str = "", **fields: object
) -> httpx.Response:
    """Ask from an address; nothing is given but the ids."""
    body = {"action": action, "agent_id": str(clinic.agent.id), "org_id": str(clinic.organization.id), **fields}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(clinic.app, client=(address, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://calbridge.test", headers=headers) as client:
        return await client.post(MANAGE, json=body)
