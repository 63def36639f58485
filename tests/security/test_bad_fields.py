"""Every field of every body with every wrong value: refused, and the message names the field."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from tests.security.doors import DOORS, Door, Org
from tests.security.refusals import Json, fault
from tests.security.town import Town, bearer

from calbridge.tools.wording import label

# No field of any kind takes these.
NEVER: list[object] = [
    [], [[]], ["x"], [1], {"a": {}}, {"a": [1]}, True, False, "\ud800", "a\udfffb", "\0", "a\0b", "\x1b[31m", "\x7f",
    "\x9b", "a\bb",
]  # fmt: skip
# Some fields take some of these; what is not taken is refused, and nothing is an accident.
ODD: list[object] = [
    None, "", " ", 0, -1, 1.5, 10**400, -(10**400), 1e308, "x" * 300, "x" * 3000, "x" * 30_000, "\u202e", "\ufeff",
    "\u2028", "🔑" * 300, "é",
    "null", "{{name}}", "' OR 1=1 --", "../../etc/passwd", "<script>", "%00", "\r\n", "\ufffe", "\U0010ffff", "{}",
    "[]", "1e5", "٣", "NaN", {},
]  # fmt: skip
OPTIONAL: dict[str, Json] = {
    "book": {"phone": "+442079460958", "notes": "x", "details": {"a": "b"}, "timezone": "Europe/London",
    "call_session_id": "call-1234567"},
    "reschedule": {"notes": "x", "timezone": "Europe/London", "call_session_id": "call-1234567", "deadline_ms": 5000},
    "cancel": {"notes": "x", "call_session_id": "call-1234567", "deadline_ms": 5000},
    "suggest": {"days_ahead": 7, "timezone": "Europe/London", "deadline_ms": 5000},
    "availability": {"days_ahead": 7, "timezone": "Europe/London", "call_session_id": "call-1234567"},
    "POST /connect": {"api_base_url": ""},
    "POST /agents": {"api_base_url": ""},
    "POST /api/v1/agents": {"id": str(uuid4()), "status": "ACTIVE", "calendarTimezone": "UTC", "calcomCalendarId": "x"},
    "PATCH /api/v1/agents": {"status": "ACTIVE", "calendarTimezone": "UTC", "calcomCalendarId": "x"},
    "PUT /integration": {"apiKey": None, "isActive": True, "defaultEventTypeId": 1, "defaultEventTypeSlug": "x"},
}  # fmt: skip
FLAGS = {"checkAvailabilityEnabled", "createBookingEnabled", "isActive"}
WITH_BODY = [door for door in DOORS if door.body is not None]


def whole(door: Door, town: Town) -> Json:
    """A good body with optional fields, too."""
    more = next((
        fields for name, fields in OPTIONAL.items() if name == door.action or str(door).replace("/api/v1/calcom",
        "").startswith(name)
    ), {})  # fmt: skip
    return ((door.body(town.own) if door.body else {}) | more) | (
        {} if door.action != "book" else {"details": {"a": "b"}}
    )


def wrong_for(field: str, values: list[object]) -> Iterator[object]:
    """Those of the values that are wrong for a field: a flag takes truth values, ``details`` an object of answers."""
    for value in values:
        if not (field in FLAGS and isinstance(value, bool)):
            yield value


async def answered(town: Town, door: Door, body: Json) -> tuple[int, str, str]:
    """Status, message and what is wrong with it as a refusal."""
    method, path, options = door.request(town.own)
    answer = await town.send(method, path, headers=bearer(town.own.organization), **(options | {"json": body}))
    refused = 400 <= answer.status_code < 500
    message = answer.json().get("message", "") if answer.content else ""
    return answer.status_code, message, fault(answer) if refused else ""


def names(door: Door, field: str, message: str) -> bool:
    """Whether a message names a field; on ``manage`` in words, since it is spoken."""
    return (label(field) if door.org is Org.BODY else field).lower() in message.lower()


@pytest.fixture
async def nothing_changes(town: Town) -> AsyncIterator[None]:
    """Whatever is sent here leaves everything as it was, here and at Cal.com."""
    rows, last = town.rows(), town.last()
    yield
    assert town.rows() == rows
    assert town.asked(last) == []


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("door", WITH_BODY, ids=str)
async def test_values_that_no_field_takes(town: Town, door: Door) -> None:
    faults = []
    good = whole(door, town)
    for field in good:
        for value in wrong_for(field, NEVER):
            status, message, wrong = await answered(town, door, good | {field: value})
            if status == 409 and door.path.endswith("}/connect"):
                continue  # the agent is linked, whatever the key is
            if status != 400 or wrong or not names(door, field, message):
                faults.append(f"{field}={value!r}: {status} {message} {wrong}")
    assert faults == []


@pytest.mark.parametrize("door", WITH_BODY, ids=str)
async def test_odd_values_are_taken_or_refused_by_name(town: Town, door: Door) -> None:
    faults = []
    good = whole(door, town)
    for field in good:
        for value in wrong_for(field, ODD):
            status, message, wrong = await answered(town, door, good | {field: value})
            named = status not in {400, 413} or names(door, field, message) or door.org is Org.BODY or status == 413
            if status >= 500 or wrong or not named:
                faults.append(f"{field}={str(value)[:30]!r}: {status} {message} {wrong}")
    assert faults == []


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("door", WITH_BODY, ids=str)
async def test_fields_that_are_missing(town: Town, door: Door) -> None:
    faults = []
    good = door.body(town.own) if door.body else {}
    for field in good.keys() & door.required:
        body = {name: value for name, value in good.items() if name != field}
        status, message, wrong = await answered(town, door, body)
        asks = "?" in message  # on manage, the caller is asked for it
        if status != 400 or wrong or not (names(door, field, message) or asks):
            faults.append(f"no {field}: {status} {message} {wrong}")
    assert faults == []


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(
    "action",
    ["", " ", "boook", "BOOK!", "delete", "list", "find_all", "__class__", "book\0", "\ud800", "book;cancel",
    "x" * 5000, "é", "预订", "[", 1, 0,
     True, [], {}, ["book"], {"book": 1}, 10**400, 1e308],
)  # fmt: skip
async def test_unknown_actions(town: Town, action: object) -> None:
    body = {"action": action, "org_id": town.own.organization, "agent_id": town.own.agent}
    answer = await town.send("POST", "/api/v1/calcom/appointments/manage", json=body)

    assert answer.status_code == 400
    assert fault(answer) == ""
    assert "action" in answer.json()["message"]


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}])
async def test_what_is_echoed_is_fit_to_be_printed(town: Town, headers: dict[str, str]) -> None:
    for action in ("book\x1b[31m", "\u202ebook", "\ud800", "a\nb", "x" * 100):
        body = {"action": action, "org_id": town.own.organization, "agent_id": town.own.agent}
        answer = await town.send("POST", "/api/v1/calcom/appointments/manage", json=body, headers=headers)
        echoed = answer.json()["data"]["action"]
        assert echoed.isprintable()
        assert len(echoed) <= 32
