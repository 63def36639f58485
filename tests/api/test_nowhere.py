"""What no route answers: paths, methods, bodies and faults of ours, in the shape of the dialect; and request ids."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.api import owner
from tests.api.bodies import Json, error, problem, stopped
from tests.api.clinic import MANAGE, Clinic

from calbridge.services.appointments import Appointments
from calbridge.services.connections import Connections
from calbridge.services.front_desk import FrontDesk

MINTED = re.compile(r"[0-9a-f]{32}")
ID = "019d1fdb-98e9-7c87-86c7-321e2fa98733"
RAVAN, TOOLZZ = "/api/v1/calcom/connect", owner.INTEGRATION
INSIDE = "the inside of the service"
SORRY = "Something went wrong on our side. Please try again."
SORRY_SAID = "I'm sorry, something went wrong on my side. Please try again in a moment."
UNREAD_SAID = "I couldn't read that request, so nothing was done."
TOO_LARGE, NO_JSON_TYPE = (
    "The body is larger than 64 KiB.",
    "The body must be JSON: send Content-Type: application/json.",
)


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/api/v1/calcom", "/api/v1/calcom/integrations", "/api/v2/calcom/appointments", "//"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PATCH"])
async def test_an_unknown_path_is_not_found(small_clinic: Clinic, method: str, path: str) -> None:
    async with small_clinic.client() as client:
        answer = await client.request(method, f"http://calbridge.test{path}")

    assert answer.status_code == 404
    assert answer.json() == error("NOT_FOUND", "Path not found")


@pytest.mark.parametrize("path", [f"{TOOLZZ}/a/b", f"{TOOLZZ}/unit/a/b"])
async def test_an_unknown_path_of_toolzz_is_not_found_in_its_shape(small_clinic: Clinic, path: str) -> None:
    async with small_clinic.client() as client:
        answer = await client.get(path)

    assert answer.json() == problem(404, "Path not found", "Not Found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", RAVAN, "POST"),
        ("DELETE", "/api/v1/calcom/appointments", "GET"),
        ("POST", f"/api/v1/calcom/agents/{ID}/account", "GET, PUT"),
        ("PUT", f"/api/v1/agents/{ID}/", "DELETE, GET, PATCH"),
        ("DELETE", "/api/v1/keys", "GET, POST"),
        ("POST", "/health/live", "GET"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("OPTIONS", RAVAN, "POST"),
    ],
)
async def test_another_method_is_not_allowed(small_clinic: Clinic, method: str, path: str, allowed: str) -> None:
    async with small_clinic.client() as client:
        answer = await client.request(method, path)

    assert answer.status_code == 405
    assert ", ".join(sorted(answer.headers["allow"].split(", "))) == allowed
    assert answer.json() == error("METHOD_NOT_ALLOWED", "This method is not allowed here.")


async def test_another_method_of_toolzz_is_not_allowed_in_its_shape(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        answer = await client.patch(f"{TOOLZZ}/{ID}", json={})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, PUT"
    assert answer.json() == problem(405, "This method is not allowed here.", "Method Not Allowed")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_manage_is_called_by_post_and_is_nobodys_uid(small_clinic: Clinic, method: str) -> None:
    async with small_clinic.authorized() as client:
        answer = await client.request(method, MANAGE)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json() == stopped("", "METHOD_NOT_ALLOWED", UNREAD_SAID)


@pytest.mark.parametrize(
    "body", ["{", "", "{'a': 1}", '{"a": 1,}', '{"a": NaN}', '{"a": 1, "a": 2}', "\ufeff{}", '{"a": "' + "\x01" + '"}']
)
async def test_a_body_that_is_no_json_is_refused_in_every_shape(small_clinic: Clinic, body: str) -> None:
    message = "body is not valid JSON" if body else "body is required"
    spoken = "The body is not valid JSON." if body else "The body is required."

    ravan, manage, toolzz = await _everywhere(small_clinic, body.encode(), "application/json")

    assert ravan.status_code == manage.status_code == toolzz.status_code == 400
    assert ravan.json() == error("INVALID_REQUEST", message)
    assert manage.json() == stopped("", "INVALID_REQUEST", spoken)
    assert toolzz.json() == problem(400, message, "Bad Request")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_body_that_is_not_declared_as_json_is_refused_in_every_shape(
    small_clinic: Clinic, media_type: str
) -> None:
    ravan, manage, toolzz = await _everywhere(small_clinic, b"{}", media_type)

    assert ravan.status_code == manage.status_code == toolzz.status_code == 415
    assert ravan.json() == error("UNSUPPORTED_MEDIA_TYPE", NO_JSON_TYPE)
    assert manage.json() == stopped("", "UNSUPPORTED_MEDIA_TYPE", UNREAD_SAID)
    assert toolzz.json() == problem(415, NO_JSON_TYPE, "Unsupported Media Type")


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"]
)
async def test_json_by_any_of_its_names_is_taken(small_clinic: Clinic, media_type: str) -> None:
    ravan, _, _ = await _everywhere(small_clinic, b"{}", media_type)

    assert ravan.json() == error("INVALID_REQUEST", "org_id is required")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused_in_every_shape(small_clinic: Clinic, *, chunked: bool) -> None:
    ravan, manage, toolzz = await _everywhere(small_clinic, _padded(64 * 1024 + 1), "application/json", chunked=chunked)

    assert ravan.status_code == manage.status_code == toolzz.status_code == 413
    assert ravan.json() == error("PAYLOAD_TOO_LARGE", TOO_LARGE)
    assert manage.json() == stopped("", "PAYLOAD_TOO_LARGE", UNREAD_SAID)
    assert toolzz.json() == problem(413, TOO_LARGE, "Payload Too Large")  # whatever this Python calls it


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_of_the_largest_size_is_read(small_clinic: Clinic, *, chunked: bool) -> None:
    ravan, _, _ = await _everywhere(small_clinic, _padded(64 * 1024), "application/json", chunked=chunked)

    assert ravan.json() == error("INVALID_REQUEST", "org_id is required")


@pytest.mark.parametrize(
    ("service", "method", "path", "body"),
    [
        (FrontDesk, "handle", MANAGE, stopped("suggest", "INTERNAL_ERROR", SORRY_SAID)),
        (Appointments, "list", "/api/v1/calcom/appointments", error("INTERNAL_ERROR", SORRY)),
        (Appointments, "get", "/api/v1/calcom/appointments/x", error("INTERNAL_ERROR", SORRY)),
        (Connections, "get", f"{TOOLZZ}/{ID}", problem(500, SORRY, "Internal Server Error")),
    ],
)
async def test_a_fault_of_ours_tells_nothing_of_the_inside(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, service: type, method: str, path: str, body: Json
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(service, method, fail)
    org = str(small_clinic.organization.id)
    call = {"action": "suggest", "agent_id": str(small_clinic.agent.id), "org_id": org}
    async with small_clinic.authorized() as client:
        answer = await (client.post(path, json=call) if path == MANAGE else client.get(path, params={"org_id": org}))

    assert answer.status_code == 500
    assert answer.json() == body
    assert INSIDE not in answer.text
    assert MINTED.fullmatch(answer.headers["x-request-id"])


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", RAVAN, MANAGE, f"{TOOLZZ}/x"])
async def test_every_answer_has_a_request_id(small_clinic: Clinic, path: str) -> None:
    async with small_clinic.client() as client:
        minted = [(await client.get(path)).headers["x-request-id"] for _ in range(2)]
        own = (await client.get(path, headers={"X-Request-Id": "call-4711.a:b_c"})).headers["x-request-id"]

    assert len(set(minted)) == 2
    assert all(MINTED.fullmatch(each) for each in minted)
    assert own == "call-4711.a:b_c"


@pytest.mark.parametrize("insane", ["", " ", "x" * 129, "a b", "<script>", 'a"b', "a;b", "ключ".encode()])
async def test_an_insane_request_id_is_replaced(small_clinic: Clinic, insane: str | bytes) -> None:
    sent = insane.encode() if isinstance(insane, str) else insane
    async with small_clinic.client() as client:
        answer = await client.get("/health/live", headers=[(b"X-Request-Id", sent)])

    assert MINTED.fullmatch(answer.headers["x-request-id"])
    assert len(answer.headers.get_list("x-request-id")) == 1


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/api/v1/calcom/appointments"])
async def test_paths_with_a_trailing_slash_answer_the_same_and_never_redirect(small_clinic: Clinic, path: str) -> None:
    async with small_clinic.authorized() as client:
        plain, slashed = await client.get(path), await client.get(f"{path}/")

    assert plain.status_code == slashed.status_code
    assert plain.json() == slashed.json()


async def test_there_is_no_cors(small_clinic: Clinic) -> None:
    async with small_clinic.client(origin="https://evil.example") as client:
        answer = await client.get("/health/live")

    assert not [name for name in answer.headers if name.startswith("access-control")]


async def _everywhere(
    clinic: Clinic, body: bytes, media_type: str, *, chunked: bool = False
) -> tuple[httpx.Response, httpx.Response, httpx.Response]:
    """Send a body to an endpoint of each shape."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    headers = {"Content-Type": media_type} if media_type else {}
    async with clinic.authorized() as client:
        ravan, manage, toolzz = [
            await client.post(path, content=chunks() if chunked else body, headers=headers)
            for path in (RAVAN, MANAGE, TOOLZZ)
        ]
    return ravan, manage, toolzz


def _padded(size: int) -> bytes:
    return b"{" + b" " * (size - 2) + b"}"
