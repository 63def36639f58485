"""``/integration``: what is refused, in the error shape of Toolzz, and the primary account."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error, problem
from tests.api.clinic import Clinic
from tests.api.owner import INTEGRATION

REQUIRED = [
    *("title", "unitId", "calcomUsername", "timezone", "prompt"),
    *("checkAvailabilityEnabled", "createBookingEnabled"),
]
BAD: list[tuple[Json, str]] = [
    ({"title": 5}, "title must be a string"),
    ({"title": ""}, "title must not be empty"),
    ({"title": "x" * 201}, "title must be at most 200 characters long"),
    ({"title": "a\x00b"}, "title must not contain control characters"),
    ({"unitId": "the unit"}, "unitId must be a UUID"),
    ({"calcomUsername": None}, "calcomUsername must be a string"),
    ({"timezone": "Sao Paulo"}, "timezone must be an IANA time zone, such as America/Sao_Paulo"),
    ({"timezone": "-03:00"}, "timezone must be an IANA time zone, such as America/Sao_Paulo"),
    ({"timezone": 3}, "timezone must be an IANA time zone, such as America/Sao_Paulo"),
    ({"prompt": None}, "prompt must be a string"),
    ({"prompt": "x" * 20_001}, "prompt must be at most 20,000 characters long"),
    ({"checkAvailabilityEnabled": "true"}, "checkAvailabilityEnabled must be true or false"),
    ({"checkAvailabilityEnabled": 1}, "checkAvailabilityEnabled must be true or false"),
    ({"createBookingEnabled": None}, "createBookingEnabled must be true or false"),
]
BAD_UPDATES: list[tuple[Json, str]] = [
    ({"apiKey": 5}, "apiKey must be a string"),
    ({"apiKey": "cal_ x"}, "apiKey is not a Cal.com API key"),
    ({"apiKey": "cal_unknown"}, "apiKey was refused by Cal.com"),
    ({"botId": "the bot"}, "botId must be a UUID"),
    ({"isActive": "false"}, "isActive must be true or false"),
    ({"isActive": 0}, "isActive must be true or false"),
    ({"defaultEventTypeId": "many"}, "defaultEventTypeId must be a whole number"),
    ({"defaultEventTypeId": 0}, "defaultEventTypeId must be greater than or equal to 1"),
    ({"defaultEventTypeSlug": 7}, "defaultEventTypeSlug must be a string"),
    ({"defaultEventTypeSlug": "x" * 201}, "defaultEventTypeSlug must be at most 200 characters long"),
]
NOT_FOUND = problem(404, "Integration not found", "Not Found")


@pytest.mark.parametrize(("fields", "message"), BAD)
async def test_what_cannot_be_understood_is_named(small_clinic: Clinic, fields: Json, message: str) -> None:
    body = owner.integration(small_clinic, apiKey="cal_sandbox_other", **fields)

    answers = [await _post(small_clinic, body), await _put(small_clinic, small_clinic.account.id, body)]

    assert all(answer.status_code == 400 for answer in answers)
    assert all(answer.json() == problem(400, message, "Bad Request") for answer in answers)


@pytest.mark.parametrize(("fields", "message"), BAD_UPDATES)
async def test_what_cannot_be_understood_of_an_update_is_named(
    small_clinic: Clinic, fields: Json, message: str
) -> None:
    answer = await _put(small_clinic, small_clinic.account.id, owner.integration(small_clinic, **fields))

    assert answer.status_code == 400
    assert answer.json() == problem(400, message, "Bad Request")


async def test_what_is_missing_is_named(small_clinic: Clinic) -> None:
    body = owner.integration(small_clinic, apiKey="cal_sandbox_other")
    for missing in REQUIRED:
        without = {name: value for name, value in body.items() if name != missing}
        for answer in (await _post(small_clinic, without), await _put(small_clinic, small_clinic.account.id, without)):
            assert answer.json() == problem(400, f"{missing} is required", "Bad Request")
    del body["apiKey"]
    assert (await _post(small_clinic, body)).json() == problem(400, "apiKey is required", "Bad Request")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "apiKey must not be empty"),
        (" ", "apiKey is required"),
        (None, "apiKey must be a string"),
        ("cal_unknown", "apiKey was refused by Cal.com"),
        ("cal_sandbox_expired", "apiKey was refused by Cal.com"),
    ],
)
async def test_a_key_that_is_none_creates_nothing(small_clinic: Clinic, key: Any, message: str) -> None:  # noqa: ANN401 - JSON
    answer = await _post(small_clinic, owner.integration(small_clinic, apiKey=key))

    assert answer.status_code == 400
    assert answer.json() == problem(400, message, "Bad Request")
    assert len(await small_clinic.services.connections.list(small_clinic.organization.id)) == 1


@pytest.mark.parametrize("path", ["the-integration", "unit/the-unit"])
async def test_ids_that_are_none_are_refused(small_clinic: Clinic, path: str) -> None:
    answer = await _get(small_clinic, path)

    assert answer.status_code == 400
    name = "unitId" if path.startswith("unit/") else "integrationId"
    assert answer.json() == problem(400, f"{name} must be a UUID", "Bad Request")


async def test_unknown_and_foreign_look_the_same(clinic: Clinic) -> None:
    neighbour = await clinic.services.organizations.create("Neighbour")
    foreign, _ = await clinic.services.connections.connect(neighbour.id, api_key="cal_sandbox_other")
    agent = await owner.private_agent(clinic, "cal_sandbox_other")
    private = await owner.accounts(clinic).private(agent.id)
    assert private is not None

    own, theirs = owner.integration(clinic), owner.integration(clinic, unitId=str(neighbour.id))
    key = {"apiKey": "cal_sandbox_other"}
    answers = [
        *[await _get(clinic, each) for each in (uuid4(), foreign.id, private.id)],
        *[await _get(clinic, f"unit/{each}") for each in (uuid4(), neighbour.id)],
        *[await _put(clinic, each, own) for each in (uuid4(), foreign.id, private.id)],
        *[await _put(clinic, each, theirs) for each in (uuid4(), foreign.id, clinic.account.id)],
        *[await _post(clinic, {**theirs, **key}), await _post(clinic, {**theirs, **key, "unitId": str(uuid4())})],
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert all(answer.json() == NOT_FOUND for answer in answers)


async def test_a_unit_cannot_be_changed(small_clinic: Clinic) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")

    answer = await _put(
        small_clinic, small_clinic.account.id, owner.integration(small_clinic, unitId=str(neighbour.id))
    )

    assert answer.json() == NOT_FOUND
    assert (await _get(small_clinic, small_clinic.account.id)).json()["unitId"] == str(small_clinic.organization.id)


async def test_a_bot_that_is_not_the_units_is_not_found(clinic: Clinic) -> None:
    neighbour = await clinic.services.organizations.create("Neighbour")
    foreign = await clinic.services.agents.create(neighbour.id, "Dr. Neighbour")

    for bot in (uuid4(), foreign.id):
        answer = await _put(clinic, clinic.account.id, owner.integration(clinic, botId=str(bot), title="Changed"))
        assert answer.json() == problem(404, "Agent not found", "Not Found")
    assert (await _get(clinic, clinic.account.id)).json()["title"] == "Front desk"  # all or nothing


async def test_a_bot_with_a_private_key_is_a_conflict(clinic: Clinic) -> None:
    agent = await owner.private_agent(clinic, "cal_sandbox_other")

    answer = await _put(clinic, clinic.account.id, owner.integration(clinic, botId=str(agent.id)))

    assert answer.status_code == 409
    message = "The agent has a private Cal.com key; disconnect that first."
    assert answer.json() == problem(409, message, "Conflict")


async def test_an_erased_key_cannot_be_switched_on(clinic: Clinic) -> None:
    await owner.accounts(clinic).disconnect(clinic.organization.id, clinic.account.id)

    answer = await _put(clinic, clinic.account.id, owner.integration(clinic, isActive=True))

    assert answer.status_code == 409
    message = "The account is disconnected: its key is erased. Connect it with a key."
    assert answer.json() == problem(409, message, "Conflict")
    assert (await _get(clinic, clinic.account.id)).json()["isActive"] is False


async def test_an_erased_key_can_be_replaced_and_switched_on_at_once(small_clinic: Clinic) -> None:
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, small_clinic.account.id)
    body = owner.integration(small_clinic, isActive=True, apiKey=calcom.DEMO, botId=str(small_clinic.agent.id))

    answer = await _put(small_clinic, small_clinic.account.id, body)

    assert (answer.status_code, answer.json()["isActive"]) == (200, True)
    assert (await small_clinic.book()).status_code == 200


async def test_a_key_of_another_calcom_user_is_a_conflict(small_clinic: Clinic) -> None:
    answer = await _put(
        small_clinic, small_clinic.account.id, owner.integration(small_clinic, apiKey="cal_sandbox_other")
    )

    assert answer.status_code == 409
    message = "apiKey belongs to another Cal.com user; connect that one as an account of its own"
    assert answer.json() == problem(409, message, "Conflict")
    assert (await small_clinic.book()).status_code == 200


async def test_a_calcom_that_cannot_prove_a_key_is_502(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "status", "GET", "/v2/me", times=6)
    body = owner.integration(small_clinic, apiKey="cal_sandbox_limited")

    answers = [await _post(small_clinic, body), await _put(small_clinic, small_clinic.account.id, body)]

    expected = problem(502, "Cal.com did not answer as expected.", "Bad Gateway")
    assert all(answer.json() == expected for answer in answers)


async def test_an_integration_that_is_off_is_never_primary(clinic: Clinic) -> None:
    uid = await calcom.book(clinic, "2026-03-25T10:00:00Z")
    clinic.clock.advance(timedelta(minutes=1))
    await clinic.services.connections.connect(clinic.organization.id, api_key="cal_sandbox_other")

    assert await _listed(clinic) == [uid]
    await owner.update(clinic, isActive=False)
    assert await _listed(clinic) == []  # the other account's, which has none
    await owner.update(clinic, isActive=True)
    assert await _listed(clinic) == [uid]  # the oldest again


async def test_where_all_are_off_nothing_is_connected(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, isActive=False)

    async with small_clinic.authorized() as client:
        answer = await client.get("/api/v1/calcom/appointments", params={"org_id": str(small_clinic.organization.id)})

    message = "The integration doesn't seem to be connected. Please head to settings to set it up."
    assert answer.json() == error("NOT_CONNECTED", message)


async def _listed(clinic: Clinic) -> list[str]:
    async with clinic.authorized() as client:
        answer = await client.get("/api/v1/calcom/appointments", params={"org_id": str(clinic.organization.id)})
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()["data"]["appointments"]]


async def _get(clinic: Clinic, which: object) -> httpx.Response:
    async with clinic.authorized() as client:
        return await client.get(f"{INTEGRATION}/{which}")


async def _post(clinic: Clinic, body: Json) -> httpx.Response:
    async with clinic.authorized() as client:
        return await client.post(INTEGRATION, json=body)


async def _put(clinic: Clinic, which: object, body: Json) -> httpx.Response:
    async with clinic.authorized() as client:
        return await client.put(f"{INTEGRATION}/{which}", json=body)
