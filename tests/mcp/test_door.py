"""The door as a part of the one application: its limits, its errors, its log, and how it takes its leave."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp import MCPError
from tests.mcp.line import ERAS, Era, Line, call
from tests.security.logbook import logbook

from calbridge.api.drain import Drain
from calbridge.asgi import compose
from calbridge.bootstrap import Container
from calbridge.services.front_desk import FrontDesk

SECRETS = ("Jane", "442079460958", "jane@example", "bitten by a dog", "ak_")
BOOK = {
    "name": "Jane Doe",
    "phone": "+442079460958",
    "email": "jane@example.com",
    "notes": "bitten by a dog",
    "appointment_datetime": "2026-03-25T10:00:00",
}


def usual(line: Line) -> dict[str, str]:
    """The headers that let in."""
    return {"authorization": f"Bearer {line.key}", "x_agent_id": str(line.clinic.agent.id)}


def tool_call(name: str, **arguments: object) -> dict[str, Any]:
    """A tool call as it travels."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


async def test_there_is_no_stream_to_get_and_no_session_to_delete(line: Line) -> None:
    async with httpx2.AsyncClient() as client:
        answers = [await client.request(method, line.url) for method in ("GET", "DELETE", "PUT")]

    assert [answer.status_code for answer in answers] == [405, 405, 405]
    assert {answer.headers["allow"] for answer in answers} == {"POST"}


async def test_a_slash_at_the_end_is_not_redirected(line: Line) -> None:
    answer = await line.post(query="/", **usual(line))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in answer.headers


async def test_a_body_has_a_limit_and_is_strict_json(line: Line) -> None:
    headers = {name.replace("_", "-"): value for name, value in usual(line).items()}
    headers |= {"content-type": "application/json", "accept": "application/json"}
    async with httpx2.AsyncClient(headers=headers) as client:
        large = await client.post(line.url, content=json.dumps(tool_call("book_appointment", notes="x" * 70_000)))
        broken = await client.post(line.url, content='{"jsonrpc": "2.0", "jsonrpc": "2.0"}')
        text = await client.post(line.url, content="hello", headers={"content-type": "text/plain"})
        batch = await client.post(line.url, content="[]")
        nothing = await client.post(line.url, content="")

    assert [each.status_code for each in (large, broken, text, batch, nothing)] == [413, 400, 415, 400, 400]


@pytest.mark.parametrize("era", ERAS)
async def test_a_tool_that_is_none_is_an_error_of_the_protocol(line: Line, era: Era) -> None:
    async with line.client(era) as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("delete_everything", {})


async def test_nothing_of_a_caller_is_logged(line: Line) -> None:
    with logbook() as book:
        async with line.client("legacy", x_call_id="call-of-jane-doe") as client:
            await call(client, "book_appointment", **BOOK, invented="Jane")
            await call(client, "book_appointment", **BOOK)
            await call(client, "find_appointments", phone=BOOK["phone"], email="jane@")
        await line.post(authorization=f"Bearer {line.key}x", x_agent_id="Jane")
        for odd in (
            {"Jane": 1},
            {**tool_call("Jane"), "method": ["Jane"]},
            tool_call("book_appointment") | {"params": BOOK},
        ):
            await line.post(odd, **usual(line))
            await line.post(odd, **usual(line), mcp_protocol_version="2026-07-28")

    told = [json.loads(row) for row in book.getvalue().splitlines()]
    called = [row for row in told if row["event"] == "mcp.called"]
    assert not [secret for secret in SECRETS if secret in book.getvalue()]
    assert [(row["action"], row["failed"], row["replayed"], row["ignored"]) for row in called] == [
        ("book", False, False, 1),
        ("book", False, True, 0),
        ("find", False, False, 0),
    ]
    assert all(row["request_id"] for row in called)
    assert {row["route"] for row in told if row["event"] == "request"} == {"/mcp"}


@pytest.mark.parametrize("era", ERAS)
async def test_a_fault_of_ours_tells_nothing_of_the_inside(
    line: Line, era: Era, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(FrontDesk, "handle", break_down)
    with logbook() as book:
        async with line.client(era) as client:
            told = await call(client, "suggest_times")

    assert told.message == "I'm sorry, something went wrong on my side. Please try again in a moment."
    assert (told.failed, told.fields["code"]) == (True, "INTERNAL_ERROR")
    assert "mcp.failed" in book.getvalue()


async def test_a_server_that_is_about_to_end_begins_nothing_new(line: Line) -> None:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Container]:
        yield line.clinic.services

    drain = Drain()
    app = compose(opened, docs=False, drain=drain)
    headers = {name.replace("_", "-"): value for name, value in usual(line).items()} | {"accept": "application/json"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://calbridge.test", headers=headers
        ) as client,
    ):
        before = await client.post("/mcp", json=tool_call("suggest_times"))
        drain.begin(lambda: None)
        after = await client.post("/mcp", json=tool_call("suggest_times"))

    assert before.json()["result"]["structuredContent"]["success"] is True
    assert (after.status_code, after.json()["code"]) == (503, "UNAVAILABLE")
    assert after.headers["retry-after"]
