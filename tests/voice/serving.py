"""An application on a real socket, in the loop of the test."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import uvicorn
from fastapi import FastAPI

PATIENCE = 30  # seconds


@asynccontextmanager
async def serving(app: FastAPI, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[str]:
    """Serve an application; yield its base URL. ``lifespan``: off for one whose lifespan has begun.

    ``Server.serve`` would take pytest's signals, and look ten times a second whether it is to end.
    """
    config = uvicorn.Config(
        app,
        lifespan=lifespan,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=PATIENCE,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        await server.startup([listener])
        assert server.started, "the application did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await server.shutdown([listener])
