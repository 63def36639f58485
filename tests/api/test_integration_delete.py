"""``DELETE /integration/{integrationId}``, and one account seen through both dialects."""

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, problem, stopped
from tests.api.clinic import Clinic
from tests.api.office import PREFIX, ask, done, neighbour
from tests.api.owner import INTEGRATION

from calbridge.domain.access import Scope

NOT_FOUND = problem(404, "Integration not found", "Not Found")
ERASED = problem(409, "The account is disconnected: its key is erased. Connect it with a key.", "Conflict")
NO_CALENDAR = "I can't reach the calendar right now."


async def delete(clinic: Clinic, integration_id: object = None, **options: str) -> httpx.Response:
    """Delete an integration; without more, the demo account."""
    return await ask(clinic, "DELETE", f"{INTEGRATION}/{integration_id or clinic.account.id}", **options)


async def read(clinic: Clinic) -> Json:
    """The demo account as an integration."""
    answer = await ask(clinic, "GET", f"{INTEGRATION}/{clinic.account.id}")
    assert answer.status_code == 200
    shown: Json = answer.json()
    return shown


async def test_a_deleted_integration_is_off_and_can_still_be_read(clinic: Clinic) -> None:
    before = await read(clinic)
    clinic.clock.advance(timedelta(minutes=1))

    for _ in range(2):
        answer = await delete(clinic)
        assert (answer.status_code, answer.content) == (204, b"")
    after = {**before, "isActive": False, "botId": None, "updatedAt": "2026-03-20 08:01:00.000"}
    assert await read(clinic) == after
    listed = await ask(clinic, "GET", f"{INTEGRATION}/unit/{clinic.organization.id}")
    assert listed.json() == {"data": [after]}


@pytest.mark.parametrize("action", ["suggest", "availability"])
async def test_calls_to_a_deleted_integration_hear_that_there_is_no_calendar(small_clinic: Clinic, action: str) -> None:
    await delete(small_clinic)

    answer = await small_clinic.manage(action)

    assert (answer.status_code, answer.json()) == (400, stopped(action, "NOT_CONNECTED", NO_CALENDAR))


async def test_a_deleted_integration_cannot_be_switched_on_and_comes_back_with_its_key(small_clinic: Clinic) -> None:
    await delete(small_clinic)
    path = f"{INTEGRATION}/{small_clinic.account.id}"

    on = await ask(small_clinic, "PUT", path, owner.integration(small_clinic, isActive=True))
    again = await ask(small_clinic, "POST", INTEGRATION, owner.integration(small_clinic, apiKey=calcom.DEMO))

    assert (on.status_code, on.json()) == (409, ERASED)
    assert (again.status_code, again.json()["id"], again.json()["isActive"]) == (
        201,
        str(small_clinic.account.id),
        True,
    )
    assert again.json()["botId"] is None  # a link that was undone stays undone
    assert (await small_clinic.book()).json()["code"] == "NOT_CONNECTED"


async def test_unknown_and_foreign_look_the_same(small_clinic: Clinic) -> None:
    theirs = await neighbour(small_clinic)
    agent = await owner.private_agent(small_clinic, calcom.OTHER)
    private = await owner.accounts(small_clinic).private(agent.id)
    assert private is not None

    for integration_id in (uuid4(), theirs.account.id, private.id):
        answer = await delete(small_clinic, integration_id)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    wrong = await delete(small_clinic, "front-desk")
    assert wrong.status_code == 400
    assert wrong.json() == problem(400, "integrationId must be a UUID", "Bad Request")
    kept = await owner.accounts(small_clinic).get(theirs.organization.id, theirs.account.id)
    assert kept is not None
    assert kept.has_key
    assert await owner.accounts(small_clinic).private(agent.id) == private


async def test_only_an_administrator_deletes(small_clinic: Clinic) -> None:
    _, poor = await small_clinic.services.keys.create(small_clinic.organization.id, "poor", {Scope.MANAGE, Scope.READ})
    _, good = await small_clinic.services.keys.create(small_clinic.organization.id, "good", {Scope.ADMIN})

    forbidden, nobody = await delete(small_clinic, key=poor), await delete(small_clinic, token="nonsense")

    assert forbidden.json() == problem(403, "This credential does not allow that.", "Forbidden")
    assert nobody.json() == problem(401, "Authentication is required.", "Unauthorized")
    assert (await small_clinic.book()).status_code == 200
    assert (await delete(small_clinic, key=good)).status_code == 204


async def test_what_ravan_connects_and_disconnects_is_what_toolzz_reads(clinic: Clinic) -> None:
    body = {"org_id": str(clinic.organization.id), "api_key": "cal_sandbox_other", "account_name": "Back office"}
    account_id = (await done(clinic, "POST", f"{PREFIX}/connect", body))["calcom_account_id"]
    path = f"{INTEGRATION}/{account_id}"

    fresh = (await ask(clinic, "GET", path)).json()
    link = {"calcom_account_id": account_id}
    await done(clinic, "PUT", f"{PREFIX}/agents/{clinic.agent.id}/account", link)
    linked = (await ask(clinic, "GET", path)).json()
    await done(clinic, "POST", f"{PREFIX}/disconnect", {"org_id": body["org_id"], "provider_id": account_id})
    gone = (await ask(clinic, "GET", path)).json()

    usual = {"title": "Back office", "calcomUsername": "other", "timezone": "Europe/London", "prompt": ""}
    flags = {"checkAvailabilityEnabled": True, "createBookingEnabled": True, "isActive": True, "botId": None}
    assert {name: fresh[name] for name in {**usual, **flags}} == {**usual, **flags}
    assert linked == {**fresh, "botId": str(clinic.agent.id)}
    assert gone == {**fresh, "isActive": False}


async def test_what_toolzz_changes_is_what_ravan_reads(small_clinic: Clinic) -> None:
    body = owner.integration(small_clinic, apiKey="cal_sandbox_other", title="Calcom", botId=None)
    made = (await ask(small_clinic, "POST", INTEGRATION, {k: v for k, v in body.items() if k != "botId"})).json()
    await owner.update(small_clinic, made["id"], title="Renamed", botId=str(small_clinic.agent.id))

    account = await done(small_clinic, "GET", f"{PREFIX}/agents/{small_clinic.agent.id}/account")
    await owner.update(small_clinic, made["id"], title="Renamed", isActive=False)
    off = await done(small_clinic, "GET", f"{PREFIX}/agents/{small_clinic.agent.id}/account")
    status = await done(small_clinic, "GET", f"{PREFIX}/status", org_id=small_clinic.organization.id)

    known = {"type": "org_linked", "calcom_account_id": made["id"], "account_name": "Renamed"}
    known |= {"api_base_url": account["api_base_url"]}
    assert account == {**known, "connected": True, "status": "active"}
    assert off == {**known, "connected": False, "status": "inactive"}
    assert [each["id"] for each in status["accounts"]] == [str(small_clinic.account.id)]


async def test_flags_hold_for_every_linked_agent_and_for_no_private_key(small_clinic: Clinic) -> None:
    colleague = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Colleague")
    link = {"calcom_account_id": str(small_clinic.account.id)}
    await done(small_clinic, "PUT", f"{PREFIX}/agents/{colleague.id}/account", link)
    private = await owner.private_agent(small_clinic, "cal_sandbox_limited")
    await owner.update(small_clinic, createBookingEnabled=False, checkAvailabilityEnabled=False)

    async def statuses(agent_id: object) -> list[int]:
        ids = {"agent_id": str(agent_id)}
        return [(await small_clinic.book(**ids)).status_code, (await small_clinic.manage("suggest", **ids)).status_code]

    assert await statuses(small_clinic.agent.id) == await statuses(colleague.id) == [403, 403]
    assert await statuses(private.id) == [200, 200]


async def test_times_have_the_documented_form(small_clinic: Clinic) -> None:
    small_clinic.clock.advance(timedelta(microseconds=1))
    await owner.update(small_clinic, title="Renamed")

    shown = await read(small_clinic)

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", shown["createdAt"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", shown["updatedAt"])
