"""Logs are events with fields, one line each: JSON for machines, or a console line for people."""

import json
import logging
import sys

import structlog


def keep_off_standard_output() -> None:
    """Send our logs to standard error, as they are: standard output is for what a command answers."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # the present one, each time


# json.dumps makes an encoder for each line that has values of unknown kinds, as all lines may.
_encoder = json.JSONEncoder(default=repr)


def _json(event: structlog.typing.EventDict, **_: object) -> str:
    return _encoder.encode(event)


def configure(level: str, output: str) -> None:
    """Send all logs, ours and the libraries', to standard error. ``output``: ``json`` or ``console``."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(_json) if output == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.INFO))
    for chatty in ("httpx", "httpcore", "alembic", "uvicorn.access", "aiosqlite", "asyncio", "mcp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
