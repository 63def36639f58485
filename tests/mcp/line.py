"""A line to the door: the application of all doors on a real socket, and the SDK's own client at the other end."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import httpx2
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from tests.api.clinic import Clinic
from tests.voice.serving import PATIENCE, serving

from calbridge.asgi import compose
from calbridge.bootstrap import Container

Era = Literal["legacy", "2026-07-28"]
ERAS: tuple[Era, ...] = ("legacy", "2026-07-28")


@cache
def _application() -> tuple[FastAPI, list[Container]]:
    """Make an application once: it opens whichever container is in the list. To make all routes takes a while."""
    containers: list[Container] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Container]:
        yield containers[-1]

    return compose(opened), containers


@asynccontextmanager
async def served(services: Container) -> AsyncIterator[str]:
    """Serve the container on a free port; the address of the door."""
    app, containers = _application()
    containers.append(services)
    try:
        async with serving(app, lifespan="on") as url:
            yield f"{url}/mcp"
    finally:
        containers.remove(services)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a tool call: the sentence, the fields, and whether the tool failed."""

    message: str
    fields: dict[str, Any]
    failed: bool

    @classmethod
    def of(cls, result: CallToolResult) -> "Told":
        """Take a result apart; what is structured stands in the second text, too."""
        message, as_text = result.content
        assert isinstance(message, TextContent)
        assert isinstance(as_text, TextContent)
        assert "\n" not in message.text
        assert "\n" not in as_text.text
        assert len(message.text) <= 300
        assert result.structured_content["message"] == message.text
        return cls(message.text, result.structured_content, result.is_error)


@dataclass(frozen=True, slots=True)
class Line:
    """The door of a clinic, and a key of its organization."""

    clinic: Clinic
    url: str
    key: str

    def client(self, era: Era = "2026-07-28", **headers: str) -> AbstractAsyncContextManager[Client]:
        """The SDK's client with these headers beside key and agent."""
        usual = {"authorization": f"Bearer {self.key}", "x-agent-id": str(self.clinic.agent.id)}
        return connected(self.url, era, **{**usual, **{name.replace("_", "-"): text for name, text in headers.items()}})

    async def post(self, body: Any = None, *, query: str = "", **headers: str) -> httpx2.Response:  # noqa: ANN401 - JSON
        """Post as no client does, with these headers and no others."""
        sent = {"accept": "application/json, text/event-stream"}
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        request = body or {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        async with httpx2.AsyncClient() as client:
            return await client.post(f"{self.url}{query}", json=request, headers=sent)


@asynccontextmanager
async def connected(url: str, era: Era, **headers: str) -> AsyncIterator[Client]:
    """Connect the SDK's client, with these headers and no others."""
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http), mode=era, read_timeout_seconds=PATIENCE) as client,
    ):
        yield client


async def call(client: Client, tool: str, **arguments: object) -> Told:
    """Call a tool."""
    return Told.of(await client.call_tool(tool, arguments))
