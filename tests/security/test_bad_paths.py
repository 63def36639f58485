"""Paths, queries and methods that are none: an error of the dialect, never HTML, never a redirect, never CORS."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from tests.security.doors import DOORS, Org
from tests.security.refusals import fault
from tests.security.town import Town, bearer

PREFIX = "/api/v1/calcom"
METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "FOO",
    "get",
    "GE T",
    "BREW",
]
PATHS = [
    "/", "//", "///", "/api", "/api/v1", "/API/V1/CALCOM/appointments", f"/{PREFIX}/appointments",
    "//api/v1/calcom/appointments",
    "/api//v1/calcom/appointments", "/api/v1/calcom//appointments", f"{PREFIX}/../calcom/nothing",
    f"{PREFIX}/%2e%2e/agents",
    f"{PREFIX}/integration/..%2f..%2f", f"{PREFIX}/integration/", f"{PREFIX}/integration/unit",
    f"{PREFIX}/integration/unit/",
    f"{PREFIX}/integration//unit", f"{PREFIX}/integrations", f"{PREFIX}/appointments%2f",
    f"{PREFIX}/appointments/a/b",
    f"{PREFIX}/appointments/..%2fmanage", f"{PREFIX}/appointments/a%2fb", f"{PREFIX}/appointments;x=1",
    f"{PREFIX}/appointments%00",
    f"{PREFIX}/appointments%20", f"{PREFIX}/appointments.json", f"{PREFIX}%2fappointments",
    "/api/v1/calcom\\appointments", "/%2e/", "/%",
    "/.env", "/.git/config", "/wp-login.php", "/metrics/../docs", "/static-offline-docs/../../etc/passwd",
    "/static-offline-docs/%2e%2e/x",
    "/docs/x", "/openapi.yaml", "/health", "/health/", "/health/livex", "/api/v1/agents/x/y/z", "/%c3%a9", "/%ff%fe",
    "/%c0%af", "/" + "a" * 10_000,
    "/" + "a/" * 3000, "/%0d%0aX: y", "/api/v1/calcom/appointments/manage/x", "/http://evil.example/", "/@evil.example",
]  # fmt: skip
UIDS = [
    "%00", "a%00b", "%0a", "%0d%0aX-Evil:%201", "%1b%5b31m", "%7f", "%ed%a0%80", "x" * 256, "x" * 5000, "%20",
    "%E2%80%AE", "..", "%2e%2e", ".",
    "*", "null", "undefined", "1", "-1", "0", "'%20OR%201=1--", "%25%32%66", "a%3Fb%3Dc", "a%23b", "a%26bookingUid=b",
    "%F0%9F%94%91", "a;b", "a,b",
    "manage%20", "%6danage", "a+b", "a%2Bb", "{uid}", "$(id)", "`id`", "%c3%28", "%80",
]  # fmt: skip
NO_IDS = [
    "x",
    "1",
    "0",
    "null",
    "undefined",
    "%00",
    "urn:uuid:{}",
    "{{{}}}",
    "{}x",
    "x{}",
    "%20{}",
    "{}%20",
    "{}%00",
    "*",
    "x" * 5000,
]
HUGE = "x" * 100_000


async def ask(town: Town, method: str, path: str, **headers: str) -> httpx.Response:
    """Send a target as it is, byte for byte: a client would tidy it up. The server decodes the path, and no more."""
    raw, _, query = path.encode().partition(b"?")
    sent = {"host": "calbridge.test", **bearer(town.own.organization), **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "root_path": "",
        "path": unquote(raw.decode("ascii")), "raw_path": raw, "query_string": query, "server": ("calbridge.test", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()], "client": ("192.0.2.9",
        1),
    }  # fmt: skip
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await town.clinic.app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in messages[1:])
    asked = httpx.Request("GET", "http://calbridge.test", extensions={"path": scope["path"]})
    return httpx.Response(messages[0]["status"], headers=messages[0]["headers"], content=content, request=asked)


async def test_paths_that_lead_nowhere(town: Town) -> None:
    last, rows = town.last(), town.rows()
    faults = {}
    for path in PATHS:
        for method in ("GET", "POST", "DELETE"):
            answer = await ask(town, method, path)
            if not 400 <= answer.status_code < 500 or "location" in answer.headers or "<" in answer.text:
                faults[f"{method} {path[:60]}"] = f"{answer.status_code} {answer.text[:200]}"
            elif "json" not in answer.headers["content-type"] or fault(answer).endswith("CORS"):
                faults[f"{method} {path[:60]}"] = fault(answer)
    assert faults == {}
    assert (town.asked(last), town.rows()) == ([], rows)


async def test_uids_that_are_none(town: Town) -> None:
    """Whatever is looked up, it is looked up by a query of the account's own list, and comes to nothing."""
    last, faults = town.last(), {}
    for uid in UIDS:
        answer = await ask(town, "GET", f"{PREFIX}/appointments/{uid}")
        if wrong := fault(answer):
            faults[uid[:60]] = wrong
    assert faults == {}
    paths = {path.partition("?")[0] for _, path, _ in town.asked(last)}
    assert paths <= {"/v2/bookings", "/v2/event-types"}


NAMED = {"unitId": "org_id"}  # what the doors for voice platforms call it


async def test_ids_that_are_none(town: Town) -> None:
    faults = {}
    for door in DOORS:
        for name in ("agent_id", "integrationId", "unitId", "key_id"):
            if f"{{{name}}}" not in door.path:
                continue
            for odd in NO_IDS:
                _, _, options = door.request(town.own)
                path = door.path.replace(f"{{{name}}}", odd.replace("{}", town.own.agent))
                path = path.replace("{unitId}", town.own.organization).replace("{agent_id}", town.own.agent)
                answer = await town.send(door.method, path, headers=bearer(town.own.organization), **options)
                message = answer.json().get("message", "")
                if (
                    answer.status_code not in {400, 404, 405}
                    or fault(answer)
                    or (answer.status_code == 400 and NAMED.get(name, name) not in message and name not in message)
                ):
                    faults[f"{door} {odd[:40]}"] = f"{answer.status_code} {message} {fault(answer)}"
    assert faults == {}


@pytest.mark.parametrize("method", METHODS)
async def test_methods_that_are_not_served(town: Town, method: str) -> None:
    served = {door.route for door in DOORS}
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for path, door in {door.route[1]: door for door in DOORS}.items():
        if (method, path) in served:
            continue
        answer = await ask(town, method, door.request(town.own)[1], **headers)
        assert answer.status_code == 405, (path, answer.text)
        assert answer.headers["allow"]
        assert fault(answer) == ""


async def test_no_answer_invites_other_origins(town: Town) -> None:
    headers = {
        "origin": "https://evil.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "x-api-key",
    }
    for path in ("/health/live", "/health/ready", "/openapi.json", "/docs", "/nothing"):
        for method in ("GET", "OPTIONS"):
            answer = await ask(town, method, path, **headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]
    for door in DOORS:
        method, path, options = door.request(town.own)
        answer = await town.send(method, path, headers=bearer(town.own.organization) | headers, **options)
        assert answer.is_success
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("org_id", ["x", "1", "null", "%00", "{}".format("1" * 36), HUGE, "[]", "org", "../", "%ff", "a%0ab"]),
        ("agent_id", ["x", "1", "null", "%00", HUGE, "a%0ab"]),
        ("limit", ["x", "1.5", "1e3", "0x10", "", "%00", "1" * 5000, "[]", "null", "NaN", "%D9%A7", "1,0", "true"]),
        ("status", ["x", "upcoming;past", "%00", HUGE, "upcoming%00", "all", "*", "accepted past", "UPCOMING,x",
        "' OR 1=1"]),
    ],
)  # fmt: skip
async def test_queries_that_are_none(town: Town, name: str, values: list[str]) -> None:
    good = {"org_id": town.own.organization, "agent_id": town.own.agent, "limit": "5", "status": "upcoming"}
    last = town.last()
    for value in values:
        query = "&".join(f"{key}={value if key == name else kept}" for key, kept in good.items())
        answer = await ask(town, "GET", f"{PREFIX}/appointments?{query}")
        assert answer.status_code == 400, (value[:40], answer.text[:200])
        assert fault(answer) == ""
        assert answer.json()["message"].startswith(name)
        assert len(answer.json()["message"]) < 300
    assert town.asked(last) == []


async def test_queries_that_are_odd(town: Town) -> None:
    """Names that nobody knows are nobody's business; of a name that comes twice, one counts."""
    own, foreign = town.own.organization, town.foreign.organization
    for query, status in {
        f"org_id={own}&{'x=1&' * 2000}": {200}, f"org_id={own}&x={HUGE}": {200},
        f"org_id={own}&org_id={foreign}": {200, 403},
        f"org_id={foreign}&org_id={own}": {200, 403}, f"org_id[]={own}": {400}, f"ORG_ID={own}": {400},
        f"org_id%00={own}": {400},
        f"org_id={own}&status=&limit=-5&agent_id=": {200}, f"org_id={own};limit=1": {400}, "%": {400}, "&&&&": {400},
        "=": {400},
    }.items():  # fmt: skip
        answer = await ask(town, "GET", f"{PREFIX}/appointments?{query}")
        assert answer.status_code in status, (query[:60], answer.text[:200])
        assert "Secret" not in answer.text


async def test_with_and_without_a_slash_at_the_end(town: Town) -> None:
    """Voice platforms drop the body of a redirected request."""
    for door in DOORS:
        method, path, options = door.request(town.own)
        if door.org is Org.BODY and door.action in {"book", "reschedule", "cancel"}:
            continue
        answer = await town.send(method, f"{path}/", headers=bearer(town.own.organization), **options)
        assert answer.is_success, (str(door), answer.text)
