"""API keys over HTTP: shown once, good for what their scopes say, worthless once revoked."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from jose import jwt
from tests.api.bodies import Json, error
from tests.api.clinic import JWT_SECRET, MANAGE, Clinic
from tests.api.office import AGENTS, FORBIDDEN, KEYS, PREFIX, UNAUTHORIZED, ask, done

from calbridge.domain.access import Scope

NOW = "2026-03-20T08:00:00Z"
NO_KEY = error("NOT_FOUND", "API key not found")


def row(data: Json, name: str, scopes: list[str], *, made: str = NOW, revoked: str = "") -> Json:
    """A key as it is listed; its id and hint are taken from an answer."""
    known = {"id": data["id"], "name": name, "hint": data["hint"], "scopes": scopes}
    return {**known, "created_at": made, "revoked_at": revoked}


async def create(clinic: Clinic, **body: object) -> Json:
    """Make a key; return ``data``."""
    data: Json = await done(clinic, "POST", KEYS, {"name": "Key", **body})
    return data


async def revoke(clinic: Clinic, key_id: object, **options: str) -> httpx.Response:
    """Revoke a key."""
    return await ask(clinic, "DELETE", f"{KEYS}/{key_id}", **options)


async def deeds(clinic: Clinic, key: str) -> dict[str, int]:
    """Status of the simplest request of each scope under a key."""
    ids = {"org_id": str(clinic.organization.id), "agent_id": str(clinic.agent.id)}
    return {
        "manage": (await ask(clinic, "POST", MANAGE, {"action": "suggest", **ids}, key=key)).status_code,
        "read": (await ask(clinic, "GET", AGENTS, key=key)).status_code,
        "admin": (await ask(clinic, "GET", KEYS, key=key)).status_code,
    }


async def test_a_key_is_made_shown_this_once_and_works(small_clinic: Clinic) -> None:
    answer = await ask(small_clinic, "POST", KEYS, {"name": "Voice platform", "scopes": ["read", "manage", "read"]})

    data = answer.json()["data"]
    key = data["key"]
    assert answer.status_code == 201
    expected = {**row(data, "Voice platform", ["manage", "read"]), "key": key}
    assert answer.json() == {"success": True, "message": "API key created", "data": expected}
    assert key.startswith("ak_")
    assert data["hint"] == f"{key[:9]}..."
    assert await deeds(small_clinic, key) == {"manage": 200, "read": 200, "admin": 403}


async def test_without_more_a_key_may_manage_and_read(small_clinic: Clinic) -> None:
    data = await create(small_clinic)

    assert data == {**row(data, "Key", ["manage", "read"]), "key": data["key"]}


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_key_does_what_its_scope_says_and_nothing_else(small_clinic: Clinic, scope: Scope) -> None:
    key = (await create(small_clinic, scopes=[scope.value]))["key"]

    assert await deeds(small_clinic, key) == {each.value: 200 if each is scope else 403 for each in Scope}


async def test_keys_are_listed_the_oldest_first_without_their_secrets(clinic: Clinic) -> None:
    first = await create(clinic, name="First", scopes=["read"])
    clinic.clock.advance(timedelta(minutes=1))
    second = await create(clinic, name="Second", scopes=["admin"])
    await revoke(clinic, first["id"])
    other = await clinic.services.organizations.create("Neighbour")
    await clinic.services.keys.create(other.id, "Theirs", set(Scope))

    answer = await ask(clinic, "GET", KEYS)

    minute = "2026-03-20T08:01:00Z"
    rows = [row(first, "First", ["read"], revoked=minute), row(second, "Second", ["admin"], made=minute)]
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "API keys retrieved", "data": rows}
    assert first["key"] not in answer.text
    assert second["key"] not in answer.text


async def test_a_revoked_key_opens_nothing_and_stays_revoked(clinic: Clinic) -> None:
    data = await create(clinic, name="Old", scopes=["manage", "read", "admin"])
    clinic.clock.advance(timedelta(minutes=1))

    answer = await revoke(clinic, data["id"])

    gone = row(data, "Old", ["admin", "manage", "read"], revoked="2026-03-20T08:01:00Z")
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "API key revoked", "data": gone}
    assert await deeds(clinic, data["key"]) == {"manage": 401, "read": 401, "admin": 401}
    assert (await ask(clinic, "GET", AGENTS, key=data["key"])).json() == UNAUTHORIZED
    clinic.clock.advance(timedelta(minutes=1))
    assert (await revoke(clinic, data["id"])).json()["data"] == gone


async def test_keys_that_are_unknown_or_foreign_look_the_same(small_clinic: Clinic) -> None:
    other = await small_clinic.services.organizations.create("Neighbour")
    foreign, secret = await small_clinic.services.keys.create(other.id, "Theirs", set(Scope))

    for key_id in (uuid4(), foreign.id):
        answer = await revoke(small_clinic, key_id)
        assert (answer.status_code, answer.json()) == (404, NO_KEY)
    wrong = await revoke(small_clinic, secret[:9])
    assert (wrong.status_code, wrong.json()) == (400, error("INVALID_REQUEST", "key_id must be a UUID"))
    assert await small_clinic.services.keys.find(secret) == foreign


async def test_a_key_with_admin_manages_keys_and_reads_the_audit_log(small_clinic: Clinic) -> None:
    administrator = await create(small_clinic, name="Administrator", scopes=["admin"])
    key = administrator["key"]

    made = await ask(small_clinic, "POST", KEYS, {"name": "Made by a key"}, key=key)
    listed = await ask(small_clinic, "GET", KEYS, key=key)
    revoked = await revoke(small_clinic, made.json()["data"]["id"], key=key)
    log = await ask(small_clinic, "GET", f"{PREFIX}/audit", key=key)
    itself = await revoke(small_clinic, administrator["id"], key=key)

    statuses = [answer.status_code for answer in (made, listed, revoked, log, itself)]
    assert statuses == [201, 200, 200, 200, 200]
    assert len(listed.json()["data"]) == 2
    assert (await ask(small_clinic, "GET", KEYS, key=key)).json() == UNAUTHORIZED


async def test_a_key_without_admin_does_neither(small_clinic: Clinic) -> None:
    data = await create(small_clinic, scopes=["manage", "read"])
    key = data["key"]

    answers = [
        await ask(small_clinic, "POST", KEYS, {"name": "Mine", "scopes": ["admin"]}, key=key),
        await ask(small_clinic, "GET", KEYS, key=key),
        await revoke(small_clinic, data["id"], key=key),
        await ask(small_clinic, "GET", f"{PREFIX}/audit", key=key),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "Key", "scopes": ["write"]}, "scopes must be 'manage', 'read' or 'admin'"),
        ({"name": "Key", "scopes": ["read", 1]}, "scopes must be 'manage', 'read' or 'admin'"),
        ({"name": "Key", "scopes": []}, "scopes must not be empty"),
        ({"name": "Key", "scopes": None}, "scopes must be a list"),
        ({"name": "Key", "scopes": "admin"}, "scopes must be a list"),
        ({"name": "Key", "scopes": {}}, "scopes must be a list"),
        ({"name": "Key", "scopes": ["read"] * 11}, "scopes must have at most 10 items"),
        ({}, "name is required"),
        ({"name": ""}, "name must not be empty"),
        ({"name": " "}, "name must not be empty"),
        ({"name": 5}, "name must be a string"),
        ({"name": "x" * 201}, "name must be at most 200 characters long"),
        ({"name": "a\x00b"}, "name must not contain control characters"),
        ([], "body must be a JSON object"),
        (None, "body is required"),
    ],
)
async def test_what_cannot_be_understood_is_named(small_clinic: Clinic, body: object, message: str) -> None:
    answer = await ask(small_clinic, "POST", KEYS, body)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))
    assert await small_clinic.services.keys.list(small_clinic.organization.id) == ()


async def test_an_organization_must_be_there_to_have_keys(small_clinic: Clinic) -> None:
    newcomer = uuid4()
    token = small_clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)
    nobodys = jwt.encode({"exp": 4_000_000_000}, JWT_SECRET, algorithm="HS256")

    made = await ask(small_clinic, "POST", KEYS, {"name": "Key"}, token=token)
    listed = await ask(small_clinic, "GET", KEYS, token=token)
    refused = await ask(small_clinic, "POST", KEYS, {"name": "Key"}, token=nobodys, org_id=small_clinic.organization.id)

    assert (made.status_code, made.json()) == (404, error("NOT_FOUND", "Organization not found"))
    assert (listed.status_code, listed.json()["data"]) == (200, [])
    assert (refused.status_code, refused.json()) == (403, FORBIDDEN)
