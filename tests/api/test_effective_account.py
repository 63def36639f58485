"""``GET /agents/{agent_id}/account`` and ``/info``: which connection an agent uses, and whether it works."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error
from tests.api.clinic import SANDBOX, Clinic
from tests.api.office import FORBIDDEN, NO_AGENT, PREFIX, UNAUTHORIZED, ask, done, neighbour

from calbridge.domain.access import Scope

MESSAGES = {"account": "Agent Cal.com account retrieved", "info": "Agent Cal.com info retrieved"}


def effective(
    what: str, kind: str, account_id: UUID | str, name: str, status: str = "active", *, works: bool = True
) -> Json:
    """The documented answer for an agent that uses an account."""
    data = {
        "connected": works,
        "type": kind,
        "calcom_account_id": str(account_id),
        "account_name": name,
        "status": status,
        "api_base_url": SANDBOX,
    }
    return {"success": True, "message": MESSAGES[what], "data": data}


def unconnected(what: str) -> Json:
    """The documented answer for an agent that uses none."""
    unknown = dict.fromkeys(("calcom_account_id", "account_name", "status", "api_base_url"))
    return {"success": True, "message": MESSAGES[what], "data": {"connected": False, "type": "none", **unknown}}


async def look(clinic: Clinic, what: str, agent_id: object = None) -> httpx.Response:
    """Ask as the organization; without more, about the clinic's agent."""
    return await ask(clinic, "GET", f"{PREFIX}/agents/{agent_id or clinic.agent.id}/{what}")


async def keyed(clinic: Clinic, key: str = calcom.OTHER) -> tuple[UUID, str]:
    """Take the link from the clinic's agent and give it a private key; return both ids."""
    path = f"{PREFIX}/agents/{clinic.agent.id}"
    await done(clinic, "PUT", f"{path}/account", {"calcom_account_id": None})
    made = await done(clinic, "POST", f"{path}/connect", {"api_key": key, "account_name": "Mine"})
    return clinic.agent.id, made["calcom_account_id"]


@pytest.mark.parametrize("what", MESSAGES)
async def test_a_private_key_an_account_or_none(clinic: Clinic, what: str) -> None:
    linked = await look(clinic, what)
    agent_id, account_id = await keyed(clinic)
    private = await look(clinic, what)
    await done(clinic, "POST", f"{PREFIX}/agents/{agent_id}/disconnect")
    none = await look(clinic, what)

    assert [answer.status_code for answer in (linked, private, none)] == [200, 200, 200]
    assert linked.json() == effective(what, "org_linked", clinic.account.id, "Front desk")
    assert private.json() == effective(what, "agent", account_id, "Mine")
    assert none.json() == unconnected(what)


@pytest.mark.parametrize("what", MESSAGES)
async def test_it_is_told_from_our_own_records(small_clinic: Clinic, what: str) -> None:
    before = await small_clinic.requests_at_calcom()

    await look(small_clinic, what)

    assert await small_clinic.requests_at_calcom() == before


async def refused(clinic: Clinic) -> None:
    """Have Cal.com refuse the key that the clinic's agent uses, and calbridge find out."""
    await calcom.refuse_key(clinic)
    assert (await find_out(clinic)).status_code == 502


async def find_out(clinic: Clinic) -> httpx.Response:
    """Have the agent ask Cal.com for what it cannot know beforehand."""
    return await clinic.manage("cancel", appointment_id="aBcDeFgHiJkLmNoPqRsTuV")


Change = Callable[[Clinic], Awaitable[object]]
TROUBLES: dict[str, tuple[Change, str]] = {
    "refused": (refused, "needs_reauth"),
    "switched off": (lambda clinic: owner.update(clinic, isActive=False), "inactive"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_linked_account_that_cannot_be_used_stays_linked_and_is_not_connected(
    small_clinic: Clinic, trouble: str
) -> None:
    change, status = TROUBLES[trouble]
    await change(small_clinic)

    answer = await look(small_clinic, "account")

    expected = effective("account", "org_linked", small_clinic.account.id, "Front desk", status, works=False)
    assert (answer.status_code, answer.json()) == (200, expected)
    assert (await small_clinic.book()).json()["code"] == "NOT_CONNECTED"


@pytest.mark.parametrize("what", MESSAGES)
async def test_a_private_key_that_is_refused_falls_through_to_nothing(small_clinic: Clinic, what: str) -> None:
    agent_id, account_id = await keyed(small_clinic)
    small_clinic.sandbox.state.world.keys[calcom.OTHER].expired = True
    first = await find_out(small_clinic)

    answer = await look(small_clinic, what)

    assert first.status_code == 502
    assert answer.json() == effective(what, "agent", account_id, "Mine", "needs_reauth", works=False)
    assert (await small_clinic.book()).json()["code"] == "NOT_CONNECTED"  # neither the primary nor anything else
    assert await calcom.bookings(small_clinic) == []
    link = await ask(
        small_clinic,
        "PUT",
        f"{PREFIX}/agents/{agent_id}/account",
        {"calcom_account_id": str(small_clinic.account.id)},
    )
    assert link.json()["code"] == "CONFLICT"  # a refused key is still one


async def test_a_refused_private_key_that_is_replaced_works_again(small_clinic: Clinic) -> None:
    agent_id, account_id = await keyed(small_clinic)
    await refused(small_clinic)
    small_clinic.clock.advance(timedelta(seconds=1))

    await done(small_clinic, "POST", f"{PREFIX}/agents/{agent_id}/connect", {"api_key": calcom.DEMO})

    data = (await look(small_clinic, "info")).json()["data"]
    assert (data["connected"], data["type"], data["calcom_account_id"]) == (True, "agent", account_id)
    assert (await small_clinic.book()).status_code == 200


@pytest.mark.parametrize("what", MESSAGES)
async def test_agents_that_are_unknown_deleted_or_foreign_look_the_same(small_clinic: Clinic, what: str) -> None:
    theirs = await neighbour(small_clinic)
    deleted = await small_clinic.services.agents.create(small_clinic.organization.id, "Dr. Gone")
    await small_clinic.services.agents.delete(small_clinic.organization.id, deleted.id)

    for agent_id in (uuid4(), theirs.agent.id, deleted.id):
        answer = await look(small_clinic, what, agent_id)
        assert (answer.status_code, answer.json()) == (404, NO_AGENT)
    wrong = await look(small_clinic, what, "front-desk")
    assert (wrong.status_code, wrong.json()) == (400, error("INVALID_REQUEST", "agent_id must be a UUID"))


@pytest.mark.parametrize("what", MESSAGES)
async def test_who_may_not_read_is_told_nothing(small_clinic: Clinic, what: str) -> None:
    _, poor = await small_clinic.services.keys.create(small_clinic.organization.id, "poor", {Scope.MANAGE, Scope.ADMIN})
    path = f"{PREFIX}/agents/{small_clinic.agent.id}/{what}"

    forbidden = await ask(small_clinic, "GET", path, key=poor)
    nobody = await ask(small_clinic, "GET", path, token="nonsense")

    assert (forbidden.status_code, forbidden.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
