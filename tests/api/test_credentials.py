"""Who may read and change: tokens with and without an organization, API keys, and the fallback to ``org_id``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from jose import jwt
from tests.api import owner
from tests.api.bodies import error, problem
from tests.api.clinic import JWT_SECRET, Clinic, open_clinic

from calbridge.domain.access import Scope
from calbridge.settings import OrgFallback

REQUIRED = "Authentication is required."
FOREIGN = "This credential does not allow that."
FAR = 4_000_000_000  # seconds since 1970: long after these tests
LIST, GET, LINK, CONNECT = "list", "get", "link", "connect"
ENDPOINTS = [LIST, GET, LINK, CONNECT]
CODES = {GET: "UNAUTHORIZED"}  # of a 401; the others have none


async def ask(clinic: Clinic, endpoint: str, org_id: UUID | str | None, **headers: str) -> httpx.Response:
    """Ask an endpoint of the Ravan dialect in the simplest way that succeeds."""
    query = {} if org_id is None else {"org_id": str(org_id)}
    prefix = "/api/v1/calcom"
    async with clinic.client(**headers) as client:
        match endpoint:
            case "list":
                return await client.get(f"{prefix}/appointments", params=query)
            case "get":
                return await client.get(f"{prefix}/appointments/some-uid", params=query)
            case "link":
                body: dict[str, Any] = {"calcom_account_id": str(clinic.account.id)}
                return await client.put(f"{prefix}/agents/{clinic.agent.id}/account", json=body, params=query)
            case _:
                body = {"api_key": "cal_sandbox_demo", **query}
                return await client.post(f"{prefix}/connect", json=body)


def allowed(answer: httpx.Response) -> bool:
    """Whether the credential was let in: the appointment that is asked for does not exist."""
    return answer.status_code == 200 or answer.json().get("code") == "CALCOM_API_ERROR"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_every_bad_credential_gets_one_and_the_same_answer(small_clinic: Clinic, endpoint: str) -> None:
    org = str(small_clinic.organization.id)
    bad: list[dict[str, str]] = [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer nonsense"},
        {"authorization": f"Basic {small_clinic.token}"},
        {"authorization": small_clinic.token},
        {"authorization": f"Bearer {_signed({'org_id': org, 'exp': 1_700_000_000})}"},
        {"authorization": f"Bearer {_signed({'org_id': org})}"},
        {"authorization": f"Bearer {_signed({'org_id': 'the clinic', 'exp': FAR})}"},
        {"authorization": f"Bearer {_signed({'org_id': None, 'exp': FAR})}"},
        {"authorization": f"Bearer {_signed({'org_id': org, 'exp': FAR}, secret='another secret')}"},
        {"authorization": f"Bearer {_signed({'org_id': org, 'exp': FAR}, algorithm='HS512')}"},
        {"authorization": f"Bearer {_signed({'org_id': org, 'exp': FAR, 'x': 'y' * 8192})}"},
        {"x_api_key": "ak_unknown"},
        {"x_api_key": "ak_unknown", "authorization": f"Bearer {small_clinic.token}"},
    ]

    answers = [await ask(small_clinic, endpoint, org, **headers) for headers in bad]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert all(answer.json() == error(CODES.get(endpoint, ""), REQUIRED) for answer in answers)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("claim", ["org_id", "organization_id", "orgId"])
async def test_the_organization_of_a_token_is_in_any_of_three_claims(
    small_clinic: Clinic, endpoint: str, claim: str
) -> None:
    token = _signed({claim: str(small_clinic.organization.id), "exp": FAR})

    answer = await ask(small_clinic, endpoint, small_clinic.organization.id, authorization=f"Bearer {token}")

    assert allowed(answer)


async def test_the_first_of_the_claims_counts(small_clinic: Clinic) -> None:
    token = _signed({"organization_id": str(uuid4()), "org_id": str(small_clinic.organization.id), "exp": FAR})

    answer = await ask(small_clinic, LIST, small_clinic.organization.id, authorization=f"Bearer {token}")

    assert allowed(answer)


@pytest.mark.parametrize("endpoint", [LIST, CONNECT])
async def test_a_required_organization_must_be_the_credentials_own(small_clinic: Clinic, endpoint: str) -> None:
    answer = await ask(small_clinic, endpoint, uuid4(), authorization=f"Bearer {small_clinic.token}")

    assert answer.status_code == 403
    assert answer.json() == error("", FOREIGN)


@pytest.mark.parametrize("endpoint", [GET, LINK])
async def test_where_the_organization_is_a_fallback_the_tokens_own_wins_silently(
    small_clinic: Clinic, endpoint: str
) -> None:
    answer = await ask(small_clinic, endpoint, uuid4(), authorization=f"Bearer {small_clinic.token}")

    assert allowed(answer)


@pytest.mark.parametrize("endpoint", [GET, LINK])
async def test_where_the_organization_is_a_fallback_one_must_be_named_somewhere(
    small_clinic: Clinic, endpoint: str
) -> None:
    token = _signed({"exp": FAR})

    for nothing in (None, ""):
        answer = await ask(small_clinic, endpoint, nothing, authorization=f"Bearer {token}")
        assert answer.status_code == 400
        assert answer.json() == error("INVALID_REQUEST", "org_id is required: the token names no organization")


@pytest.mark.parametrize("endpoint", [GET, LINK])
async def test_a_fallback_that_is_no_id_is_refused(small_clinic: Clinic, endpoint: str) -> None:
    answer = await ask(small_clinic, endpoint, "the clinic", authorization=f"Bearer {_signed({'exp': FAR})}")

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", "org_id must be a UUID")


@pytest.mark.parametrize("endpoint", [LIST, GET, LINK])
@pytest.mark.parametrize(
    ("fallback", "orgs", "lets_in"),
    [
        (OrgFallback.ANY, None, True),
        (OrgFallback.LISTED, None, False),
        (OrgFallback.LISTED, [], False),
        (OrgFallback.LISTED, ["another"], False),
        (OrgFallback.LISTED, ["own"], True),
        (OrgFallback.OFF, ["own"], False),
    ],
)
async def test_a_token_without_an_organization_may_fall_back_as_far_as_it_is_set(
    sqlite_url: str, endpoint: str, fallback: OrgFallback, orgs: list[str] | None, *, lets_in: bool
) -> None:
    async with _clinic(sqlite_url, fallback) as clinic:
        ids = {"own": str(clinic.organization.id), "another": str(uuid4())}
        claims = {"exp": FAR} if orgs is None else {"exp": FAR, "orgs": [ids[name] for name in orgs]}

        answer = await ask(clinic, endpoint, clinic.organization.id, authorization=f"Bearer {_signed(claims)}")

        if lets_in:
            assert allowed(answer)
        else:
            assert answer.status_code == 403
            assert answer.json() == error("", FOREIGN)


async def test_a_token_without_an_organization_connects_nothing(small_clinic: Clinic) -> None:
    token = _signed({"exp": FAR, "orgs": [str(small_clinic.organization.id)]})

    answer = await ask(small_clinic, CONNECT, small_clinic.organization.id, authorization=f"Bearer {token}")

    assert answer.status_code == 403
    assert answer.json() == error("", FOREIGN)


@pytest.mark.parametrize(
    ("endpoint", "scope"), [(LIST, Scope.READ), (GET, Scope.READ), (LINK, Scope.ADMIN), (CONNECT, Scope.ADMIN)]
)
async def test_an_api_key_does_what_its_scope_says(small_clinic: Clinic, endpoint: str, scope: Scope) -> None:
    keys, organization = small_clinic.services.keys, small_clinic.organization
    _, good = await keys.create(organization.id, "good", {scope})
    _, poor = await keys.create(organization.id, "poor", set(Scope) - {scope})

    let_in = await ask(small_clinic, endpoint, organization.id, x_api_key=good)
    refused = await ask(small_clinic, endpoint, organization.id, x_api_key=poor)

    assert allowed(let_in)
    assert refused.status_code == 403
    assert refused.json() == error("", "This credential does not allow that.")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_a_token_and_a_key_that_disagree_are_refused(small_clinic: Clinic, endpoint: str) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    _, theirs = await small_clinic.services.keys.create(neighbour.id, "theirs", set(Scope))

    answer = await ask(
        small_clinic,
        endpoint,
        small_clinic.organization.id,
        authorization=f"Bearer {small_clinic.token}",
        x_api_key=theirs,
    )

    assert answer.status_code == 403
    assert answer.json() == error("", "This credential does not allow that.")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_beside_a_token_without_an_organization_the_key_decides(small_clinic: Clinic, endpoint: str) -> None:
    organization = small_clinic.organization.id
    _, good = await small_clinic.services.keys.create(organization, "good", set(Scope))
    _, poor = await small_clinic.services.keys.create(organization, "poor", set())
    bearer = f"Bearer {_signed({'sub': 'platform', 'exp': FAR})}"

    let_in = await ask(small_clinic, endpoint, organization, authorization=bearer, x_api_key=good)
    refused = await ask(small_clinic, endpoint, organization, authorization=bearer, x_api_key=poor)

    assert allowed(let_in)
    assert refused.status_code == 403


async def test_in_the_toolzz_dialect_refusals_have_its_shape(small_clinic: Clinic) -> None:
    neighbour = await small_clinic.services.organizations.create("Neighbour")
    _, theirs = await small_clinic.services.keys.create(neighbour.id, "theirs", set(Scope))
    _, poor = await small_clinic.services.keys.create(small_clinic.organization.id, "poor", {Scope.READ})
    bearer = f"Bearer {small_clinic.token}"

    async def put(**headers: str) -> httpx.Response:
        async with small_clinic.client(**headers) as client:
            path = f"{owner.INTEGRATION}/{small_clinic.account.id}"
            return await client.put(path, json=owner.integration(small_clinic))

    anonymous, bad = await put(), await put(authorization="Bearer nonsense")
    assert anonymous.headers["www-authenticate"] == "Bearer"
    assert anonymous.json() == bad.json() == problem(401, REQUIRED, "Unauthorized")
    message = "This credential does not allow that."
    assert (await put(x_api_key=poor)).json() == problem(403, message, "Forbidden")
    message = "This credential does not allow that."
    assert (await put(x_api_key=theirs, authorization=bearer)).json() == problem(403, message, "Forbidden")
    assert (await put(x_api_key=theirs)).json() == problem(404, "Integration not found", "Not Found")
    assert (await put(authorization=bearer)).status_code == 200


@asynccontextmanager
async def _clinic(url: str, fallback: OrgFallback) -> AsyncIterator[Clinic]:
    async with open_clinic(url, jwt_org_fallback=fallback) as clinic:
        yield clinic


def _signed(claims: dict[str, Any], *, secret: str = JWT_SECRET, algorithm: str = "HS256") -> str:
    return str(jwt.encode(claims, secret, algorithm=algorithm))
