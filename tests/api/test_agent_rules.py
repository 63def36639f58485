"""Agents: what is refused, whose they are, and the organization that springs into being with the first."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from jose import jwt
from tests.api.agent import UNCONNECTED, create, get, patch, shown, told
from tests.api.bodies import Json, error
from tests.api.clinic import JWT_SECRET, Clinic
from tests.api.office import AGENTS, FORBIDDEN, NO_AGENT, UNAUTHORIZED, ask, neighbour

from calbridge.domain.access import Scope

IANA = "calendarTimezone must be an IANA time zone, such as America/New_York"
BAD: list[tuple[str, Any, str]] = [
    ("agentName", "", "agentName must not be empty"),
    ("agentName", " \n", "agentName must not be empty"),
    ("agentName", 5, "agentName must be a string"),
    ("agentName", "x" * 201, "agentName must be at most 200 characters long"),
    ("agentName", "a\x00b", "agentName must not contain control characters"),
    ("status", "active", "status must be 'ACTIVE' or 'INACTIVE'"),
    ("status", 1, "status must be 'ACTIVE' or 'INACTIVE'"),
    ("calendarTimezone", "London", IANA),
    ("calendarTimezone", "+01:00", IANA),
    ("calendarTimezone", "../etc/passwd", IANA),
    ("calendarTimezone", 1, "calendarTimezone must be a string"),
    ("calcomCalendarId", "x" * 201, "calcomCalendarId must be at most 200 characters long"),
    ("calcomCalendarId", "a\x00b", "calcomCalendarId must not contain control characters"),
    ("calcomCalendarId", True, "calcomCalendarId must be a string"),
    ("calcomCalendarId", 1.5, "calcomCalendarId must be a string"),
]
PAGES = [
    ({"limit": "0"}, "limit must be greater than or equal to 1"),
    ({"limit": "201"}, "limit must be less than or equal to 200"),
    ({"limit": "many"}, "limit must be a whole number"),
    ({"offset": "-1"}, "offset must be greater than or equal to 0"),
    ({"offset": "x"}, "offset must be a whole number"),
    ({"offset": "9" * 30}, "offset must be less than 2147483648"),
]


@pytest.mark.parametrize(("field", "value", "message"), BAD, ids=[f"{field}-{n}" for n, (field, *_) in enumerate(BAD)])
async def test_what_cannot_be_understood_is_named(
    small_clinic: Clinic, field: str, value: object, message: str
) -> None:
    answers = [await create(small_clinic, **{field: value}), await patch(small_clinic, **{field: value})]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))
    assert (await get(small_clinic)).json()["data"] == shown(small_clinic)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "agentName is required"),
        ({"agentName": None}, "agentName must be a string"),
        ({"agentName": "Dr. New", "id": "front-desk"}, "id must be a UUID"),
        ({"agentName": "Dr. New", "id": 7}, "id must be a UUID"),
        ([], "body must be a JSON object"),
        (None, "body is required"),
    ],
)
async def test_what_an_agent_is_made_of_must_be_there(small_clinic: Clinic, body: object, message: str) -> None:
    answer = await ask(small_clinic, "POST", AGENTS, body)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))


@pytest.mark.parametrize(("query", "message"), PAGES, ids=["-".join(query) + message[-4:] for query, message in PAGES])
async def test_a_page_that_makes_no_sense_is_named(small_clinic: Clinic, query: Json, message: str) -> None:
    answer = await ask(small_clinic, "GET", AGENTS, **query)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))


async def test_names_are_kept_as_one_line(small_clinic: Clinic) -> None:
    answer = await create(small_clinic, agentName="  Dr.\tZoë \n Müller ")

    assert answer.json()["data"]["agentName"] == "Dr. Zoë Müller"


@pytest.mark.parametrize("slash", ["", "/"], ids=["without", "with"])
async def test_paths_work_with_and_without_a_trailing_slash(small_clinic: Clinic, slash: str) -> None:
    made = await ask(small_clinic, "POST", f"{AGENTS}{slash}", {"agentName": "Dr. New"})
    path = f"{AGENTS}/{made.json()['data']['id']}{slash}"
    others = [
        await ask(small_clinic, "GET", f"{AGENTS}{slash}"),
        await ask(small_clinic, "GET", path),
        await ask(small_clinic, "PATCH", path, {"status": "INACTIVE"}),
        await ask(small_clinic, "DELETE", path),
    ]

    assert made.status_code == 201
    assert [answer.status_code for answer in others] == [200] * 4


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_agents_that_are_unknown_or_foreign_look_the_same(small_clinic: Clinic, method: str) -> None:
    theirs = await neighbour(small_clinic)
    body = {"agentName": "Dr. Mine"} if method == "PATCH" else None

    for agent_id in (uuid4(), theirs.agent.id):
        answer = await ask(small_clinic, method, f"{AGENTS}/{agent_id}", body)
        assert (answer.status_code, answer.json()) == (404, NO_AGENT)
    wrong = await ask(small_clinic, method, f"{AGENTS}/front-desk", body)
    assert (wrong.status_code, wrong.json()) == (400, error("INVALID_REQUEST", "agent_id must be a UUID"))
    still = await small_clinic.services.agents.get(theirs.organization.id, theirs.agent.id)
    assert still is not None
    assert (still.name, still.linked_account_id) == ("Dr. Neighbour", theirs.account.id)


async def test_an_organization_springs_into_being_with_its_first_agent(clinic: Clinic) -> None:
    newcomer = uuid4()
    token = clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)

    answers = [await ask(clinic, "POST", AGENTS, {"agentName": name}, token=token) for name in ("One", "Two")]

    for answer, name in zip(answers, ("One", "Two"), strict=True):
        agent_id = answer.json()["data"]["id"]
        expected = shown(clinic, agent_id, organizationId=str(newcomer), agentName=name, **UNCONNECTED)
        assert (answer.status_code, answer.json()) == (201, told("Agent created", expected))
    organization = await clinic.services.organizations.get(newcomer)
    assert organization is not None
    assert organization.name == str(newcomer)


Request = Callable[[Clinic], Json]
FAILING: dict[str, tuple[Request, int]] = {
    "an id in use": (lambda clinic: {"agentName": "Dr. New", "id": str(clinic.agent.id)}, 409),
    "no name": (lambda _: {}, 400),
}


@pytest.mark.parametrize("name", FAILING)
async def test_no_organization_springs_into_being_with_an_agent_that_cannot_be_made(clinic: Clinic, name: str) -> None:
    newcomer = uuid4()
    token = clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)
    body, status = FAILING[name]

    answer = await ask(clinic, "POST", AGENTS, body(clinic), token=token)

    assert answer.status_code == status
    assert await clinic.services.organizations.get(newcomer) is None


async def test_a_token_without_an_organization_has_no_agents_and_founds_nothing(small_clinic: Clinic) -> None:
    newcomer = uuid4()
    token = jwt.encode({"exp": 4_000_000_000, "orgs": [str(newcomer)]}, JWT_SECRET, algorithm="HS256")
    own: UUID = small_clinic.organization.id

    answers = [
        await ask(small_clinic, "POST", AGENTS, {"agentName": "Dr. New"}, token=token, org_id=newcomer),
        await ask(small_clinic, "POST", AGENTS, {"agentName": "Dr. New"}, token=token),
        await ask(small_clinic, "GET", AGENTS, token=token, org_id=own),
        await ask(small_clinic, "GET", f"{AGENTS}/{small_clinic.agent.id}", token=token, org_id=own),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert await small_clinic.services.organizations.get(newcomer) is None


async def test_a_key_reads_or_changes_agents_as_far_as_its_scopes_go(small_clinic: Clinic) -> None:
    keys, own = small_clinic.services.keys, small_clinic.organization.id
    _, reader = await keys.create(own, "reader", {Scope.READ})
    _, administrator = await keys.create(own, "administrator", {Scope.ADMIN})
    path, body = f"{AGENTS}/{small_clinic.agent.id}", {"agentName": "Dr. Rivers"}

    forbidden = [
        await ask(small_clinic, "POST", AGENTS, body, key=reader),
        await ask(small_clinic, "PATCH", path, body, key=reader),
        await ask(small_clinic, "DELETE", path, key=reader),
        await ask(small_clinic, "GET", AGENTS, key=administrator),
        await ask(small_clinic, "GET", path, key=administrator),
    ]
    nobody = await ask(small_clinic, "GET", path, token="nonsense")

    for answer in forbidden:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
    read = await ask(small_clinic, "GET", path, key=reader)
    assert read.json() == told("Agent retrieved", shown(small_clinic))
    changed = await ask(small_clinic, "PATCH", path, body, key=administrator)
    assert changed.json() == told("Agent updated", shown(small_clinic, agentName="Dr. Rivers"))
