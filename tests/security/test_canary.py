"""A canary for a key and one for a caller, sent through every endpoint and every failure, and looked for everywhere.

They may be in Cal.com and in the answer that shows an appointment: in no log, no error, no metric, no byte on the disk.
"""

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.security.doors import DOORS
from tests.security.logbook import logbook
from tests.security.town import Town, bearer

KEY = "cal_sandbox_kanarienvogel_0123456789"
WRONG_KEY = "cal_live_zaunkoenig_9876543210"
CALLER = {
    "name": "Kunigunde Kanarienvogel",
    "email": "kunigunde@kanarien.example",
    "phone": "+442079460123",
    "notes": "Zwitschern am linken Knie",
}
CANARIES = [
    KEY,
    WRONG_KEY,
    "Kunigunde",
    "Kanarienvogel",
    "kanarien.example",
    "kunigunde",
    "2079460123",
    "Zwitschern",
    "kanarienvogel",
]
PREFIX = "/api/v1/calcom"
FAILURES: list[dict[str, Any]] = [
    {"kind": "drop"}, {"kind": "drop", "when": "after"}, {"kind": "cut"}, {"kind": "status", "status": 500},
    {"kind": "status", "status": 400},
    {"kind": "status", "status": 404}, {"kind": "status", "status": 403}, {"kind": "malformed"}, {"kind": "empty"},
    {"kind": "html"},
    {"kind": "redirect"}, {"kind": "throttle"}, {"kind": "status", "status": 200, "body": {"status": "success",
    "data": [CALLER]}},
    {"kind": "status", "status": 422, "body": {"status": "error", "error": {"code": "X", "message": f"{CALLER} {KEY}",
    "details": CALLER}}},
    {"kind": "status", "status": 500, "body": f"stack: {CALLER} {KEY}"}, {"kind": "status", "status": 401,
    "body": f"{KEY} is bad"},
    {"kind": "status", "status": 201, "body": {"status": "success", "data": {"uid": 1, "attendees": [CALLER]}}},
]  # fmt: skip


def traces(text: str) -> list[str]:
    """The canaries that a text shows, also in the spellings of JSON, URLs and base64."""
    spelled = {
        canary: [canary, canary.replace("@", "%40"), base64.b64encode(canary.encode()).decode()[:-4]]
        for canary in CANARIES
    }
    return [canary for canary, spellings in spelled.items() if any(each and each in text for each in spellings)]


def on_disk(town: Town) -> list[str]:
    """The canaries that the raw files of the database show, whatever may be in them of what is long deleted."""
    database = Path(town.database_url.removeprefix("sqlite:///"))
    files = [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
    assert any(path.name.endswith("-wal") for path in files)
    found = []
    for path in files:
        raw = path.read_bytes()
        for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
            found += traces(raw.decode(encoding, "ignore"))
    return found


@pytest.fixture
async def birdhouse(town: Town) -> Town:
    """The town, where the clinic's account is connected with the canary key."""
    user = {"name": "Demo", "username": "birdhouse", "email": "host@birdhouse.example", "keys": [{"key": KEY,
    "limit": 10**9}],
            "event_types": [{"slug": "visit", "minutes": 30, "email": "optional", "phone": "optional"}]}  # fmt: skip
    await town.clinic.at_calcom("POST", "/sandbox/users", json=user)
    body = {"org_id": town.own.organization, "api_key": KEY, "account_name": "Birdhouse"}
    connected = await town.send("POST", f"{PREFIX}/connect", json=body, headers=bearer(town.own.organization))
    account = connected.json()["data"]["calcom_account_id"]
    path = f"{PREFIX}/agents/{town.own.agent}/account"
    linked = await town.send("PUT", path, json={"calcom_account_id": account}, headers=bearer(town.own.organization))
    assert linked.status_code == 200
    return town


async def counted(town: Town) -> list[str]:
    """The canaries that the metrics show."""
    told = (await town.send("GET", "/metrics")).text
    assert 'route="/api/v1/calcom/appointments/manage"' in told
    assert "calbridge_calcom_seconds" in told
    return traces(told)


def manage(town: Town, action: str, /, **more: object) -> dict[str, Any]:
    """A body with everything about the caller, as voice agents send it, whatever the action needs."""
    known = {
        "action": action,
        "org_id": town.own.organization,
        "agent_id": town.own.agent,
        "appointment_datetime": "2026-03-26T11:00:00",
    }
    return {**known, **CALLER, "call_session_id": "call-12345678", **more}


def requests(town: Town) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Good and bad requests that carry the canaries, to everything there is."""
    yield "POST", f"{PREFIX}/appointments/manage", {"json": manage(town, "book")}
    for action in ("suggest", "availability", "reschedule", "cancel", "nonsense"):
        yield "POST", f"{PREFIX}/appointments/manage", {"json": manage(town, action, appointment_id=town.own.booking)}
    for field in (
        "email",
        "phone",
        "timezone",
        "appointment_datetime",
        "org_id",
        "agent_id",
        "days_ahead",
        "details",
        "call_session_id",
        "action",
    ):
        for bad in (f"{CALLER['email']} {KEY}\0", {"x": list(CALLER.values())}):
            yield "POST", f"{PREFIX}/appointments/manage", {"json": manage(town, "book", **{field: bad})}
    yield (
        "POST",
        f"{PREFIX}/appointments/manage",
        {"content": f'{{"name": "{CALLER["name"]}", {KEY}', "headers": {"Content-Type": "application/json"}},
    )
    for door in DOORS:
        method, path, options = door.request(town.own)
        for header in ({"X-Api-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"Basic {KEY}"}):
            yield method, path, {**options, "headers": header}
        if "json" in options:
            for field in options["json"]:
                yield method, path, {**options, "json": options["json"] | {field: f"{WRONG_KEY} {CALLER['name']}\0"}}
                yield method, path, {**options, "json": options["json"] | {field: [WRONG_KEY, CALLER]}}
    for key in (WRONG_KEY, f"{KEY} {KEY}", f"{KEY}\r\nX: y", KEY * 20):
        body = {"org_id": town.own.organization, "api_key": key, "account_name": "x"}
        yield "POST", f"{PREFIX}/connect", {"json": body}
        yield (
            "POST",
            f"{PREFIX}/connect",
            {"json": body | {"api_key": KEY, "api_base_url": f"https://{KEY}@{CALLER['email']}"}},
        )
    for query in (
        {"status": CALLER["name"]},
        {"limit": KEY},
        {"agent_id": CALLER["email"]},
        {"org_id": CALLER["phone"]},
        {"x": KEY},
    ):
        yield "GET", f"{PREFIX}/appointments", {"params": {"org_id": town.own.organization} | query}
    yield "GET", f"{PREFIX}/appointments/{CALLER['email']}", {}
    yield "GET", f"{PREFIX}/integration/{CALLER['email']}", {}
    yield "GET", f"{PREFIX}/integration/unit/{KEY}", {}
    yield "GET", f"/{KEY}/{CALLER['email']}", {}
    yield (
        "GET",
        f"{PREFIX}/appointments",
        {"headers": {"X-Request-Id": f"{KEY} {CALLER['email']}"}, "params": {"org_id": town.own.organization}},
    )


async def sent(town: Town) -> list[httpx.Response]:
    """Make all of the requests with the organization's token, unless they bring their own credential."""
    answers = []
    for method, path, options in requests(town):
        headers = bearer(town.own.organization) | options.get("headers", {})
        answers.append(await town.send(method, path, **(options | {"headers": headers})))
    return answers


def shown(answers: list[httpx.Response]) -> list[str]:
    """The canaries in refusals, their headers included."""
    refusals = [answer for answer in answers if not answer.is_success]
    return [
        f"{trace}: {answer.request.method} {answer.request.url} {answer.text}"
        for answer in refusals
        for trace in traces(f"{answer.text} {dict(answer.headers)}")
    ]


@pytest.mark.parametrize("output", ["json", "console"])
async def test_through_every_endpoint(birdhouse: Town, output: str) -> None:
    with logbook(output) as book:
        answers = await sent(birdhouse)

    assert {200, 400, 401, 404} <= {answer.status_code for answer in answers}
    assert not [answer.text for answer in answers if answer.status_code >= 500]
    assert shown(answers) == []
    assert book.getvalue().count("request") >= len(answers)
    assert traces(book.getvalue()) == []
    assert await counted(birdhouse) == []
    assert on_disk(birdhouse) == []
    assert any(
        "Kunigunde" in str(each["attendees"])
        for each in (await birdhouse.clinic.at_calcom("GET", "/sandbox/ledger"))["bookings"]
    )


@pytest.mark.parametrize(
    "fault", FAILURES, ids=lambda fault: f"{fault['kind']} {fault.get('status', fault.get('when', ''))}"
)
async def test_through_every_failure_of_calcom(birdhouse: Town, fault: dict[str, Any]) -> None:
    own, answers = birdhouse.own, []
    asks: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"{PREFIX}/appointments/manage", {"json": manage(birdhouse, "book", deadline_ms=500)}),
        (
            "POST",
            f"{PREFIX}/appointments/manage",
            {"json": manage(birdhouse, "cancel", appointment_id="uid", deadline_ms=500)},
        ),
        ("POST", f"{PREFIX}/connect", {"json": {"org_id": own.organization, "api_key": KEY}}),
        ("GET", f"{PREFIX}/appointments", {"params": {"org_id": own.organization}}),
        ("GET", f"{PREFIX}/appointments/{own.booking}", {}),
    ]
    with logbook() as book:
        for method, path, options in asks:
            await birdhouse.clinic.at_calcom("DELETE", "/sandbox/faults")
            await birdhouse.clinic.at_calcom("POST", "/sandbox/faults", json={"times": 10**6, **fault})
            answers.append(await birdhouse.send(method, path, headers=bearer(own.organization), **options))
    await birdhouse.clinic.at_calcom("DELETE", "/sandbox/faults")

    assert [answer.status_code for answer in answers if answer.status_code == 500] == []
    assert shown(answers) == []
    assert traces(book.getvalue()) == []
    assert await counted(birdhouse) == []
    assert on_disk(birdhouse) == []


@pytest.mark.parametrize(
    "statement", ["DROP TABLE bookings", "DROP TABLE accounts", "DROP TABLE api_keys", "DROP TABLE organizations"]
)
@pytest.mark.parametrize("output", ["json", "console"])
async def test_through_a_fault_of_our_own(birdhouse: Town, statement: str, output: str) -> None:
    """A statement that fails is logged with its traceback: without its parameters."""
    with sqlite3.connect(birdhouse.database_url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    connection.close()
    with logbook(output) as book:
        answers = await sent(birdhouse)

    failed = [answer for answer in answers if answer.status_code == 500]
    assert failed
    assert "Traceback" in book.getvalue()
    assert all("sqlite" not in answer.text.lower() and "table" not in answer.text.lower() for answer in failed)
    assert shown(answers) == []
    assert traces(book.getvalue()) == []
    assert on_disk(birdhouse) == []


async def test_an_appointment_is_shown_to_its_organization_alone(birdhouse: Town) -> None:
    booked = await birdhouse.send("POST", f"{PREFIX}/appointments/manage", json=manage(birdhouse, "book"))
    path = f"{PREFIX}/appointments/{booked.json()['data']['appointment_id']}"

    mine = await birdhouse.send("GET", path, headers=bearer(birdhouse.own.organization))
    theirs = await birdhouse.send("GET", path, headers=bearer(birdhouse.foreign.organization))

    assert mine.json()["data"]["appointment"]["contact_email"] == CALLER["email"]
    assert (theirs.status_code, traces(theirs.text)) == (404, [])
    assert traces(booked.text) == []


async def test_no_answer_shows_a_key(birdhouse: Town) -> None:
    for door in DOORS:
        method, path, options = door.request(birdhouse.own)
        answer = await birdhouse.send(method, path, headers=bearer(birdhouse.own.organization), **options)
        assert "cal_sandbox" not in answer.text
        assert KEY not in answer.text
