"""``GET /audit``: the newest first, in pages, to administrators, and of the own organization only."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from jose import jwt
from tests.api.bodies import Json, error
from tests.api.clinic import JWT_SECRET, Clinic
from tests.api.office import AGENTS, FORBIDDEN, PREFIX, UNAUTHORIZED, ask, done, neighbour

from calbridge.domain.access import Scope
from calbridge.domain.ids import parse_uuid

PATH = f"{PREFIX}/audit"
OURSELVES, TOKEN = ("calbridge", ""), ("token", "tests")


def row(entry: Json, event: str, subject_id: UUID, actor: tuple[str, str] = OURSELVES, minute: int = 0) -> Json:
    """An entry; its id is taken from the answer."""
    kind, name = actor
    known = {"id": entry["id"], "at": f"2026-03-20T08:{minute:02}:00Z", "actor_kind": kind, "actor_name": name}
    return {**known, "event": event, "subject_id": str(subject_id)}


def page(rows: list[Json], total: int, limit: int = 50, offset: int = 0) -> Json:
    """The documented answer."""
    meta = {"total": total, "limit": limit, "offset": offset}
    return {"success": True, "message": "Audit log retrieved", "data": rows, "meta": meta}


async def look(clinic: Clinic, **query: Any) -> httpx.Response:  # noqa: ANN401 - a query
    """Read the log with the organization's own token."""
    return await ask(clinic, "GET", PATH, **query)


async def test_the_log_is_told_the_newest_first_and_only_the_own(clinic: Clinic) -> None:
    await neighbour(clinic)
    clinic.clock.advance(timedelta(minutes=1))
    await done(clinic, "PATCH", f"{AGENTS}/{clinic.agent.id}", {"agentName": "Dr. Rivers"})
    agent, account = clinic.agent.id, clinic.account.id

    answer = await look(clinic)

    entries = answer.json()["data"]
    expected = [
        ("agent.changed", agent, TOKEN, 1),
        ("agent.linked", agent, OURSELVES, 0),
        ("account.connected", account, OURSELVES, 0),
        ("agent.created", agent, OURSELVES, 0),
        ("organization.created", clinic.organization.id, OURSELVES, 0),
    ]
    assert answer.status_code == 200
    rows = [row(entry, *known) for entry, known in zip(entries, expected, strict=True)]
    assert answer.json() == page(rows, total=5)
    assert all(parse_uuid(entry["id"]) for entry in entries)


async def test_the_log_is_told_in_pages(small_clinic: Clinic) -> None:
    everything = (await look(small_clinic)).json()["data"]

    pages = [await look(small_clinic, limit=3, offset=offset) for offset in (0, 3, 6)]

    assert [answer.json() for answer in pages] == [
        page(everything[:3], total=4, limit=3),
        page(everything[3:], total=4, limit=3, offset=3),
        page([], total=4, limit=3, offset=6),
    ]


async def test_a_neighbour_reads_its_own_log(small_clinic: Clinic) -> None:
    theirs = await neighbour(small_clinic)
    newcomer = uuid4()
    token = small_clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)

    answer = await ask(small_clinic, "GET", PATH, token=theirs.token, org_id=small_clinic.organization.id)
    nothing = await ask(small_clinic, "GET", PATH, token=token)

    subjects = {entry["subject_id"] for entry in answer.json()["data"]}
    assert subjects == {str(theirs.organization.id), str(theirs.agent.id), str(theirs.account.id)}
    assert (nothing.status_code, nothing.json()) == (200, page([], total=0))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": "0"}, "limit must be greater than or equal to 1"),
        ({"limit": "201"}, "limit must be less than or equal to 200"),
        ({"limit": "many"}, "limit must be a whole number"),
        ({"offset": "-1"}, "offset must be greater than or equal to 0"),
        ({"offset": ""}, "offset must be a whole number"),
    ],
    ids=["limit-0", "limit-201", "limit-many", "offset-negative", "offset-empty"],
)
async def test_a_page_that_makes_no_sense_is_named(small_clinic: Clinic, query: Json, message: str) -> None:
    answer = await look(small_clinic, **query)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))


async def test_only_administrators_of_an_organization_read_its_log(small_clinic: Clinic) -> None:
    own = small_clinic.organization.id
    _, poor = await small_clinic.services.keys.create(own, "poor", {Scope.MANAGE, Scope.READ})
    _, good = await small_clinic.services.keys.create(own, "good", {Scope.ADMIN})
    nobodys = jwt.encode({"exp": 4_000_000_000}, JWT_SECRET, algorithm="HS256")

    forbidden = [
        await ask(small_clinic, "GET", PATH, key=poor),
        await ask(small_clinic, "GET", PATH, token=nobodys, org_id=own),
    ]
    nobody = await ask(small_clinic, "GET", PATH, token="nonsense")

    for answer in forbidden:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
    assert (await ask(small_clinic, "GET", PATH, key=good)).json() == (await look(small_clinic)).json()


async def test_what_the_log_holds_cannot_be_changed_from_outside(small_clinic: Clinic) -> None:
    entries = (await look(small_clinic)).json()

    answers = [await ask(small_clinic, method, PATH, {}) for method in ("POST", "PUT", "PATCH", "DELETE")]
    one = await ask(small_clinic, "DELETE", f"{PATH}/{entries['data'][0]['id']}")

    for answer in answers:
        expected = error("METHOD_NOT_ALLOWED", "This method is not allowed here.")
        assert (answer.status_code, answer.json()) == (405, expected)
    assert (one.status_code, one.json()) == (404, error("NOT_FOUND", "Path not found"))
    assert (await look(small_clinic)).json() == entries
