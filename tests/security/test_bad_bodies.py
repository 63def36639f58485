"""Bodies that nobody can take, at every endpoint that takes one: refused, in the dialect's shape, and never a 500."""

import json

import pytest
from tests.security.bad_bodies import JSON_TYPE, MIB, NO_JSON_TYPES, NO_OBJECTS, in_chunks, malformed
from tests.security.doors import DOORS, Door
from tests.security.refusals import fault
from tests.security.town import Town, bearer

from calbridge.api.middleware import MAX_BODY_BYTES

WITH_BODY = [door for door in DOORS if door.body is not None]
WITHOUT_BODY = [door for door in DOORS if not door.body and door.method != "GET" and "/voice/" not in door.path]


async def refused(town: Town, door: Door, status: int, content: object, headers: dict[str, str]) -> str:
    """Send a body; "" if it was refused as it should be, and nothing happened."""
    method, path, options = door.request(town.own)
    sent = {name: value for name, value in options.items() if name != "json"}
    last = town.last()
    answer = await town.send(method, path, content=content, headers=headers | bearer(town.own.organization), **sent)
    assert town.asked(last) == []
    wrong = "" if answer.status_code == status else f"{answer.status_code} is not {status}: "
    named = (
        "" if status != 400 or "body" in answer.json()["message"] or content == b"{}" else "does not name the body: "
    )
    return wrong + named + fault(answer) if wrong or named or fault(answer) else ""


def good(door: Door, town: Town) -> dict[str, object]:
    """The body that the door would take."""
    return door.body(town.own) if door.body else {}


@pytest.fixture(autouse=True)
async def nothing_changes(town: Town) -> object:
    """Whatever is sent here leaves everything as it was."""
    rows = town.rows()
    yield
    assert town.rows() == rows


async def test_malformed_json(town: Town) -> None:
    faults = {}
    for door in WITH_BODY:
        for name, content in malformed(good(door, town)).items():
            if wrong := await refused(town, door, 400, content, JSON_TYPE):
                faults[f"{door}: {name}"] = wrong
    assert faults == {}


async def test_json_that_is_no_object(town: Town) -> None:
    faults = {}
    for door in WITH_BODY:
        for name, content in NO_OBJECTS.items():
            if content == b"{}" and not door.required:
                continue
            for headers in (JSON_TYPE, {"Content-Type": "application/json; charset=utf-8"}):
                if wrong := await refused(town, door, 400, content, headers):
                    faults[f"{door}: {name}"] = wrong
    assert faults == {}


async def test_a_body_that_is_not_declared_as_json(town: Town) -> None:
    faults = {}
    for door in WITH_BODY:
        content = json.dumps(good(door, town)).encode()
        for media_type in NO_JSON_TYPES:
            headers = {"Content-Type": media_type}
            if wrong := await refused(town, door, 415, content, headers):
                faults[f"{door}: {media_type!r}"] = wrong
        if wrong := await refused(town, door, 415, content, {}):
            faults[f"{door}: no type"] = wrong
    assert faults == {}


async def test_a_body_where_none_is_wanted_is_no_other(town: Town) -> None:
    """DELETE and POST without a body: one that comes all the same has to be small, and JSON."""
    faults = {}
    for door in WITHOUT_BODY:
        for status, content, headers in (
            (413, b"x" * (MAX_BODY_BYTES + 1), JSON_TYPE),
            (415, b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}),
        ):
            if wrong := await refused(town, door, status, content, headers):
                faults[f"{door}: {status}"] = wrong
    assert len(WITHOUT_BODY) >= 4
    assert faults == {}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-gzip", "gzip, gzip"])
async def test_a_body_that_is_declared_as_compressed(town: Town, encoding: str) -> None:
    """Nothing here unpacks: a small body cannot become a large one."""
    for door in WITH_BODY:
        content = malformed(good(door, town))["gzip"]
        assert await refused(town, door, 400, content, JSON_TYPE | {"Content-Encoding": encoding}) == ""


async def test_bodies_that_are_too_large(town: Town) -> None:
    faults = {}
    for door in WITH_BODY:
        for size in (MAX_BODY_BYTES + 1, MIB, 10 * MIB):
            padded = json.dumps(good(door, town) | {"padding": ""}).encode()
            content = padded[:-2] + b"x" * (size - len(padded)) + b'"}'
            assert len(content) == size
            for how, sent in {
                "declared": content,
                "chunked": in_chunks(content),
                "in one chunk": in_chunks(content, size),
            }.items():
                if wrong := await refused(town, door, 413, sent, JSON_TYPE):
                    faults[f"{door}: {size} {how}"] = wrong
    assert faults == {}


@pytest.mark.parametrize(
    "length", ["-1", "1e3", "0x10", "²", "99999999999999999999", "1" * 5000, " 5", "5,5", "abc", "", "65537", "+5"]
)
async def test_a_length_that_is_none(town: Town, length: str) -> None:
    for door in WITH_BODY:
        headers = {b"content-length": length.encode("latin-1"), b"content-type": b"application/json"}
        method, path, options = door.request(town.own)
        options.pop("json")
        answer = await town.send(method, path, content=in_chunks(b"{}"), headers=headers, **options)
        assert answer.status_code in {401, 413}
        assert answer.status_code == 401 or fault(answer) == ""


async def test_the_largest_body_that_fits(town: Town) -> None:
    """So that it is the size, and nothing else, that was wrong above."""
    body = {"action": "suggest", "org_id": town.own.organization, "agent_id": town.own.agent, "padding": ""}
    content = json.dumps(body).encode()
    content = content[:-2] + b"x" * (MAX_BODY_BYTES - len(content)) + b'"}'
    answer = await town.send(
        "POST", "/api/v1/calcom/appointments/manage", content=in_chunks(content), headers=JSON_TYPE
    )

    assert answer.status_code == 200
