"""The application factory that uvicorn imports: settings from the environment, one container, all doors."""

from functools import partial

from fastapi import FastAPI

from calbridge.api.app import create_app
from calbridge.bootstrap import open_container
from calbridge.settings import Settings
from calbridge.telemetry import logs


def app() -> FastAPI:
    """Make the application from the environment."""
    settings = Settings.load()
    logs.configure(settings.server.log_level, settings.server.log_format)
    token = settings.server.metrics_token
    return create_app(
        partial(open_container, settings, serving=True),
        docs=settings.server.docs,
        metrics_token=token.get_secret_value() if token and token.get_secret_value() else None,
    )
