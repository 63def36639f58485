"""What calbridge is compared with: proxies that do nothing else, and a route that asks nobody.

Each is an application for uvicorn. ``BENCH_UPSTREAM`` is where the proxies send what they get, ``BENCH_ANSWER`` a file
with an answer of ``manage`` for the route to give.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Body, FastAPI
from httpx_aiohttp import AiohttpTransport
from starlette.types import ASGIApp, Receive, Scope, Send

from calbridge.api.ravan.manage_answer import ManageAnswer
from calbridge.api.ravan.manage_request import ManageBody

MANAGE = "/api/v1/calcom/appointments/manage"


def proxy_stock() -> ASGIApp:
    """P: a passthrough over httpx as it comes."""
    return _Proxy(httpx.AsyncClient)


def proxy_aiohttp() -> ASGIApp:
    """Q: a passthrough over httpx with aiohttp beneath."""
    return _Proxy(lambda: httpx.AsyncClient(transport=AiohttpTransport()))


class _Proxy:
    """Hands each request on, and its answer back: nothing is looked at."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._upstream = os.environ["BENCH_UPSTREAM"]
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode()
        url = self._upstream + scope["path"] + (f"?{query}" if query else "")
        headers = [(name, value) for name, value in scope["headers"] if name == b"authorization"]
        answer = await self._http.request(scope["method"], url, content=body or None, headers=headers)
        length = str(len(answer.content)).encode()
        head = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": head})
        await send({"type": "http.response.body", "body": answer.content})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._make() as self._http:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def models_only() -> FastAPI:
    """M: a route with the models of ``manage``, which knows its answer already."""
    known = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text())
    app = FastAPI()

    @app.post(MANAGE)
    async def manage(body: Annotated[ManageBody, Body()]) -> ManageAnswer:  # noqa: ARG001 - read, not heeded
        return ManageAnswer.model_validate(known)

    return app
