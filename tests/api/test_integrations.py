"""``POST``, ``GET`` and ``PUT`` of ``/integration``: an account in the words of Toolzz."""

from datetime import timedelta

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json
from tests.api.clinic import Clinic
from tests.api.owner import INTEGRATION

MASK = "cal_****************"
CREATED, UPDATED = "2026-03-20 08:00:00.000000", "2026-03-20 08:00:00.000"


def shown(clinic: Clinic, account_id: object, **fields: object) -> Json:
    """An integration as it is shown; without more, the demo account as it was connected."""
    usual = {
        "id": str(account_id),
        "title": "Front desk",
        "calcomUsername": "demo-clinic",
        "timezone": "Europe/London",
        "prompt": "",
        "apiKey": MASK,
        "isTokenMasked": True,
        "isActive": True,
        "checkAvailabilityEnabled": True,
        "createBookingEnabled": True,
        "botId": str(clinic.agent.id),
        "unitId": str(clinic.organization.id),
        "defaultEventTypeId": None,
        "defaultEventTypeSlug": None,
        "createdAt": CREATED,
        "updatedAt": UPDATED,
    }
    assert fields.keys() <= usual.keys()
    return {**usual, **fields}


async def test_an_integration_is_created(clinic: Clinic) -> None:
    body = owner.integration(
        clinic,
        apiKey="cal_sandbox_other",
        title="Calcom",
        calcomUsername="somebody",
        timezone="America/Sao_Paulo",
        prompt="Be brief.",
        checkAvailabilityEnabled=False,
    )

    answer = await _send(clinic, "POST", INTEGRATION, body)

    assert answer.status_code == 201
    assert answer.json() == shown(
        clinic,
        answer.json()["id"],
        title="Calcom",
        calcomUsername="somebody",
        timezone="America/Sao_Paulo",
        prompt="Be brief.",
        checkAvailabilityEnabled=False,
        botId=None,
    )


async def test_the_same_calcom_user_again_keeps_the_id(clinic: Clinic) -> None:
    clinic.clock.advance(timedelta(seconds=1, microseconds=2500))
    body = owner.integration(clinic, apiKey="cal_sandbox_limited", title="Again", prompt="Be brief.")

    answer = await _send(clinic, "POST", INTEGRATION, body)

    assert answer.status_code == 201
    expected = shown(clinic, clinic.account.id, title="Again", prompt="Be brief.", updatedAt="2026-03-20 08:00:01.002")
    assert answer.json() == expected


async def test_times_of_creation_are_shown_to_the_microsecond(clinic: Clinic) -> None:
    clinic.clock.advance(timedelta(hours=5, microseconds=123_456))

    answer = await _send(clinic, "POST", INTEGRATION, owner.integration(clinic, apiKey="cal_sandbox_other"))

    stamps = answer.json()["createdAt"], answer.json()["updatedAt"]
    assert stamps == ("2026-03-20 13:00:00.123456", "2026-03-20 13:00:00.123")


async def test_an_account_of_the_other_dialect_reads_as_an_integration(small_clinic: Clinic) -> None:
    answer = await _send(small_clinic, "GET", f"{INTEGRATION}/{small_clinic.account.id}")

    assert answer.status_code == 200
    assert answer.json() == shown(small_clinic, small_clinic.account.id)


async def test_an_integration_is_an_account_of_the_other_dialect(clinic: Clinic) -> None:
    body = owner.integration(clinic, apiKey="cal_sandbox_other", prompt="Be brief.", createBookingEnabled=False)
    made = await _send(clinic, "POST", INTEGRATION, body)
    account_id = made.json()["id"]

    link = {"calcom_account_id": account_id}
    linked = await _send(clinic, "PUT", f"/api/v1/calcom/agents/{clinic.agent.id}/account", link)
    refused = await clinic.book()
    connect = {"org_id": str(clinic.organization.id), "api_key": "cal_sandbox_other", "account_name": "Renamed"}
    connected = await _send(clinic, "POST", "/api/v1/calcom/connect", connect)
    read = await _send(clinic, "GET", f"{INTEGRATION}/{account_id}")

    assert linked.json()["data"]["calcom_account_id"] == account_id
    assert refused.json()["code"] == "FORBIDDEN"  # its flags hold there, too
    assert connected.json()["data"]["provider_id"] == account_id
    kept = {"prompt": "Be brief.", "createBookingEnabled": False}
    assert read.json() == shown(clinic, account_id, title="Renamed", **kept)


async def test_a_unit_lists_its_integrations_in_every_state_the_oldest_first(clinic: Clinic) -> None:
    clinic.clock.advance(timedelta(minutes=1))
    made = await _send(clinic, "POST", INTEGRATION, owner.integration(clinic, apiKey="cal_sandbox_other"))
    await owner.update(clinic, isActive=False)

    answer = await _send(clinic, "GET", f"{INTEGRATION}/unit/{clinic.organization.id}")

    assert answer.status_code == 200
    minute = "2026-03-20 08:01:00.000"
    first = shown(clinic, clinic.account.id, isActive=False, updatedAt=minute)
    assert answer.json() == {"data": [first, made.json()]}


async def test_a_unit_may_have_no_integrations(small_clinic: Clinic) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    token = small_clinic.services.tokens.issue(neighbour.id, subject="tests", ttl_seconds=60)

    async with small_clinic.client(authorization=f"Bearer {token}") as client:
        answer = await client.get(f"{INTEGRATION}/unit/{neighbour.id}/")

    assert answer.json() == {"data": []}


async def test_an_integration_is_updated(clinic: Clinic) -> None:
    clinic.clock.advance(timedelta(minutes=1))
    fields: Json = {
        "title": "Calcom",
        "calcomUsername": "somebody",
        "timezone": "UTC",
        "prompt": "Line one.\nLine two.",
        "checkAvailabilityEnabled": False,
        "createBookingEnabled": False,
    }

    answer = await owner.update(clinic, **fields)

    assert answer.json() == shown(clinic, clinic.account.id, updatedAt="2026-03-20 08:01:00.000", **fields)
    assert (await _send(clinic, "GET", f"{INTEGRATION}/{clinic.account.id}")).json() == answer.json()


async def test_what_is_optional_and_absent_stays_as_it_is(small_clinic: Clinic) -> None:
    number = await calcom.event_type(small_clinic, "flexible")
    optional: Json = {"defaultEventTypeId": number, "defaultEventTypeSlug": "flexible", "isActive": False}
    await owner.update(small_clinic, **optional)

    answer = await owner.update(small_clinic)

    assert answer.json() == shown(small_clinic, small_clinic.account.id, **optional)


async def test_a_default_event_type_can_be_taken_back(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, defaultEventTypeId=7, defaultEventTypeSlug="flexible")

    answer = await owner.update(small_clinic, defaultEventTypeId=None, defaultEventTypeSlug="")

    assert answer.json() == shown(small_clinic, small_clinic.account.id)


@pytest.mark.parametrize("key", [{}, {"apiKey": MASK}, {"apiKey": ""}, {"apiKey": None}])
async def test_a_key_that_is_absent_or_the_mask_is_kept(small_clinic: Clinic, key: Json) -> None:
    before = await small_clinic.requests_at_calcom()

    answer = await owner.update(small_clinic, **key)

    assert answer.json() == shown(small_clinic, small_clinic.account.id)
    assert await small_clinic.requests_at_calcom() == before
    assert (await small_clinic.book()).status_code == 200


async def test_a_new_key_is_proved_and_used(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, apiKey="cal_sandbox_limited")

    await small_clinic.book()

    first, *_, last = await calcom.requests(small_clinic)
    assert first["headers"]["authorization"] != last["headers"]["authorization"]
    assert last["user"] == "demo-clinic"


async def test_a_bot_is_linked_and_unlinked(clinic: Clinic) -> None:
    colleague = await clinic.services.agents.create(clinic.organization.id, "Dr. Colleague")

    linked = await owner.update(clinic, botId=str(colleague.id))
    book_by = [(await clinic.book(agent_id=str(agent.id))).status_code for agent in (colleague, clinic.agent)]
    unlinked = await owner.update(clinic, botId=None)

    assert linked.json() == shown(clinic, clinic.account.id, botId=str(colleague.id))
    assert book_by == [200, 400]  # the other agent has no account any more
    assert unlinked.json() == shown(clinic, clinic.account.id, botId=None)


async def test_several_linked_agents_are_no_bot(small_clinic: Clinic) -> None:
    colleague = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Colleague")
    await small_clinic.services.assignments.link(small_clinic.organization.id, colleague.id, small_clinic.account.id)

    answer = await owner.update(small_clinic)

    assert answer.json() == shown(small_clinic, small_clinic.account.id, botId=None)
    assert (await small_clinic.book()).status_code == 200  # and both keep their link


async def test_an_integration_that_is_switched_off_and_on_keeps_its_key(small_clinic: Clinic) -> None:
    off = await owner.update(small_clinic, isActive=False)
    while_off = await small_clinic.book()
    on = await owner.update(small_clinic, isActive=True)

    assert off.json() == shown(small_clinic, small_clinic.account.id, isActive=False)
    assert while_off.json()["code"] == "NOT_CONNECTED"
    assert on.json() == shown(small_clinic, small_clinic.account.id)
    assert (await small_clinic.book()).status_code == 200


async def test_a_key_that_calcom_refused_leaves_the_integration_active_until_its_owner_says_otherwise(
    small_clinic: Clinic,
) -> None:
    await calcom.refuse_key(small_clinic)
    await small_clinic.book()

    answer = await _send(small_clinic, "GET", f"{INTEGRATION}/{small_clinic.account.id}")

    assert answer.json() == shown(small_clinic, small_clinic.account.id)


async def test_the_default_event_type_is_the_one_that_is_booked(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, defaultEventTypeSlug="flexible")

    uid = calcom.uid_of(await small_clinic.book())

    assert (await calcom.booking(small_clinic, uid))["eventType"]["slug"] == "flexible"


async def _send(clinic: Clinic, method: str, path: str, body: Json | None = None) -> httpx.Response:
    async with clinic.authorized() as client:
        return await client.request(method, path, json=body)
