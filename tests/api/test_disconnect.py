"""``POST /disconnect``: one account or all; keys are erased, links undone, and the next oldest becomes the primary."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error
from tests.api.clinic import Clinic
from tests.api.office import FORBIDDEN, PREFIX, UNAUTHORIZED, ask, done, neighbour

from calbridge.domain.access import Scope

PATH = f"{PREFIX}/disconnect"
DISCONNECTED = {"success": True, "message": "Cal.com disconnected successfully"}
UNKNOWN = error("INVALID_REQUEST", "provider_id is not an account of this organization")


async def disconnect(clinic: Clinic, **body: object) -> httpx.Response:
    """Disconnect as the organization; without more, all of its accounts."""
    return await ask(clinic, "POST", PATH, {"org_id": str(clinic.organization.id), **body})


async def listed(clinic: Clinic) -> list[tuple[str, bool]]:
    """Ids of the connected accounts in their order, and which is the primary."""
    status = await done(clinic, "GET", f"{PREFIX}/status", org_id=clinic.organization.id)
    return [(each["id"], each["is_primary"]) for each in status["accounts"]]


async def connect(clinic: Clinic, key: str = calcom.OTHER) -> str:
    """Connect a key over HTTP, a minute later; return the account's id."""
    clinic.clock.advance(timedelta(minutes=1))
    body = {"org_id": str(clinic.organization.id), "api_key": key}
    return str((await done(clinic, "POST", f"{PREFIX}/connect", body))["provider_id"])


async def test_one_account_is_disconnected_and_the_next_oldest_is_the_primary(clinic: Clinic) -> None:
    first, second = str(clinic.account.id), await connect(clinic)
    assert await listed(clinic) == [(first, True), (second, False)]

    answer = await disconnect(clinic, provider_id=first)

    assert answer.status_code == 200
    assert answer.json() == DISCONNECTED
    assert await listed(clinic) == [(second, True)]


async def test_its_key_is_erased_and_it_can_still_be_read(small_clinic: Clinic) -> None:
    await disconnect(small_clinic, provider_id=str(small_clinic.account.id))

    account = await owner.accounts(small_clinic).get(small_clinic.organization.id, small_clinic.account.id)
    assert account is not None
    assert (account.has_key, account.status.value) == (False, "inactive")
    shown = await ask(small_clinic, "GET", f"{PREFIX}/integration/{small_clinic.account.id}")
    assert (shown.status_code, shown.json()["isActive"], shown.json()["botId"]) == (200, False, None)


async def test_links_to_it_are_undone_and_others_stay(clinic: Clinic) -> None:
    colleague = await clinic.services.agents.create(clinic.organization.id, "Dr. Colleague")
    other = await connect(clinic)
    await done(clinic, "PUT", f"{PREFIX}/agents/{colleague.id}/account", {"calcom_account_id": other})

    await disconnect(clinic, provider_id=str(clinic.account.id))

    kinds = [
        (await done(clinic, "GET", f"{PREFIX}/agents/{agent.id}/account"))["type"]
        for agent in (clinic.agent, colleague)
    ]
    assert kinds == ["none", "org_linked"]
    assert (await clinic.book()).json()["code"] == "NOT_CONNECTED"  # never the primary instead


@pytest.mark.parametrize("body", [{}, {"provider_id": None}], ids=["absent", "null"])
async def test_without_an_account_all_are_disconnected_but_for_private_keys(small_clinic: Clinic, body: Json) -> None:
    await connect(small_clinic)
    private = await owner.private_agent(small_clinic, calcom.OTHER)

    answer = await disconnect(small_clinic, **body)

    assert answer.status_code == 200
    assert answer.json() == DISCONNECTED
    assert await listed(small_clinic) == []
    assert (await done(small_clinic, "GET", f"{PREFIX}/agents/{private.id}/account"))["connected"] is True


async def test_nothing_connected_is_fine_too(small_clinic: Clinic) -> None:
    newcomer = uuid4()
    token = small_clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)

    answers = [await disconnect(small_clinic) for _ in range(2)]
    answers += [await disconnect(small_clinic, provider_id=str(small_clinic.account.id))]
    answers += [await ask(small_clinic, "POST", PATH, {"org_id": str(newcomer)}, token=token)]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (200, DISCONNECTED)
    assert await small_clinic.services.organizations.get(newcomer) is None


async def test_accounts_that_are_unknown_foreign_or_private_look_the_same(clinic: Clinic) -> None:
    theirs = await neighbour(clinic)
    agent = await owner.private_agent(clinic, calcom.OTHER)
    private = await owner.accounts(clinic).private(agent.id)
    assert private is not None

    for account_id in (uuid4(), theirs.account.id, private.id):
        answer = await disconnect(clinic, provider_id=str(account_id))
        assert (answer.status_code, answer.json()) == (400, UNKNOWN)
    for organization, account_id in (
        (theirs.organization.id, theirs.account.id),
        (clinic.organization.id, clinic.account.id),
    ):
        kept = await owner.accounts(clinic).get(organization, account_id)
        assert kept is not None
        assert kept.has_key
    assert await owner.accounts(clinic).private(agent.id) == private


async def test_an_account_that_was_disconnected_comes_back_under_its_id_as_the_youngest(clinic: Clinic) -> None:
    first, second = str(clinic.account.id), await connect(clinic)
    await disconnect(clinic, provider_id=first)

    again = await connect(clinic, calcom.DEMO)

    assert again == first
    assert await listed(clinic) == [(second, True), (first, False)]
    assert (await done(clinic, "GET", f"{PREFIX}/agents/{clinic.agent.id}/account"))["type"] == "none"


async def test_lists_come_from_the_account_that_is_promoted(small_clinic: Clinic) -> None:
    uid = await calcom.book(small_clinic, "2026-03-25T10:00:00Z")
    await connect(small_clinic)
    before = await _appointments(small_clinic)

    await disconnect(small_clinic, provider_id=str(small_clinic.account.id))

    assert (before, await _appointments(small_clinic)) == ([uid], [])


async def test_a_key_that_calcom_refused_and_one_that_is_switched_off_are_erased_too(small_clinic: Clinic) -> None:
    accounts, organization = owner.accounts(small_clinic), small_clinic.organization.id
    second = UUID(await connect(small_clinic))
    await calcom.refuse_key(small_clinic)
    await small_clinic.book()
    await owner.update(small_clinic, second, isActive=False)

    answer = await disconnect(small_clinic)

    assert answer.json() == DISCONNECTED
    assert [(each.has_key, each.status.value) for each in await accounts.list(organization)] == [
        (False, "inactive"),
        (False, "inactive"),
    ]


async def test_calcom_is_not_asked(small_clinic: Clinic) -> None:
    before = await small_clinic.requests_at_calcom()

    await disconnect(small_clinic)

    assert await small_clinic.requests_at_calcom() == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "org_id is required"),
        ({"org_id": None}, "org_id must be a UUID"),
        ({"org_id": "the clinic"}, "org_id must be a UUID"),
        ({"org_id": "own", "provider_id": ""}, "provider_id must be a UUID"),
        ({"org_id": "own", "provider_id": "front desk"}, "provider_id must be a UUID"),
        ({"org_id": "own", "provider_id": 5}, "provider_id must be a UUID"),
        ({"org_id": "own", "provider_id": False}, "provider_id must be a UUID"),
        ([], "body must be a JSON object"),
        (None, "body is required"),
    ],
)
async def test_what_cannot_be_understood_is_named_and_disconnects_nothing(
    small_clinic: Clinic, body: object, message: str
) -> None:
    own = str(small_clinic.organization.id)
    if isinstance(body, dict):
        body = {name: own if value == "own" else value for name, value in body.items()}

    answer = await ask(small_clinic, "POST", PATH, body)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))
    assert len(await small_clinic.services.connections.usable(small_clinic.organization.id)) == 1


async def test_only_an_administrator_of_that_very_organization_may(small_clinic: Clinic) -> None:
    theirs, own = await neighbour(small_clinic), small_clinic.organization.id
    _, poor = await small_clinic.services.keys.create(own, "poor", {Scope.MANAGE, Scope.READ})
    _, good = await small_clinic.services.keys.create(own, "good", {Scope.ADMIN})
    body = {"org_id": str(own)}

    forbidden = [
        await ask(small_clinic, "POST", PATH, body, token=theirs.token),
        await ask(small_clinic, "POST", PATH, body, key=poor),
    ]
    nobody = await ask(small_clinic, "POST", PATH, body, token="nonsense")

    for answer in forbidden:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
    assert len(await small_clinic.services.connections.usable(own)) == 1
    assert (await ask(small_clinic, "POST", PATH, body, key=good)).json() == DISCONNECTED


async def _appointments(clinic: Clinic) -> list[str]:
    data = await done(clinic, "GET", f"{PREFIX}/appointments", org_id=clinic.organization.id)
    return [row["id"] for row in data["appointments"]]
