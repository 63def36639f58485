"""The application: both dialects over one container, and one shape of error for whatever no route answers."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute

from calbridge.api import health, webhooks
from calbridge.api.docs import DESCRIPTION, TAGS
from calbridge.api.drain import Drain, TurnedAway
from calbridge.api.metrics import router_of
from calbridge.api.middleware import BodyLimit, Envelope
from calbridge.api.problems import InternalError, of_http, of_validation, status_of
from calbridge.api.ravan import account_routes, admin_routes, agent_routes, appointment_routes, event_type_routes
from calbridge.api.ravan import errors as ravan_errors
from calbridge.api.toolzz import errors as toolzz_errors
from calbridge.api.toolzz import routes as toolzz
from calbridge.api.voice import context_routes, definition_routes, secrets_routes
from calbridge.api.voice import routes as voice
from calbridge.bootstrap import Container
from calbridge.domain.errors import CalbridgeError
from calbridge.telemetry.metrics import HttpMetrics

# In the order in which a request is tried on them. The last one for voice platforms takes any word for an action, so
# what has a name of its own comes before it.
ROUTERS = (
    appointment_routes.router,
    account_routes.router,
    event_type_routes.router,
    agent_routes.router,
    admin_routes.router,
    definition_routes.router,
    secrets_routes.router,
    context_routes.router,
    voice.router,
    toolzz.router,
    webhooks.router,
)

log = structlog.get_logger()


def create_app(
    open_container: Callable[[], AbstractAsyncContextManager[Container]],
    *,
    docs: bool = True,
    metrics_token: str | None = None,
    drain: Drain | None = None,
    routes: Sequence[BaseRoute] = (),
) -> FastAPI:
    """Make the application; what it needs is opened when it starts and closed when it stops.

    ``metrics_token`` shows ``/metrics`` to whoever has it, "" to everybody, None to nobody.
    ``drain`` tells when the process is about to end. ``routes`` lead to doors that are none of this room's: they get
    its ids, limits and shape of errors.
    """
    metrics, drain = HttpMetrics(), drain or Drain()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_container() as container:
            app.state.container = container
            yield

    routers = [*ROUTERS, health.router_of(drain)]
    if metrics_token is not None:
        routers.append(router_of(metrics, metrics_token))
    facts: dict[str, Any] = {
        "title": "calbridge",
        "version": "0.1.0",
        "description": DESCRIPTION,
        "openapi_tags": TAGS,
        "lifespan": lifespan,
        # Not by include_router, which has each router look for the route of a request anew, and twice in its own.
        "routes": [*(route for router in routers for route in router.routes), *routes],
        "redirect_slashes": False,
        # OpenTelemetry would be asked for three providers with every request, and there are none.
        "telemetry": {"tracing": False, "metrics": False, "logs": False},
        "middleware": [
            Middleware(Envelope, render=render, observe=metrics.observe),
            Middleware(TurnedAway, render=render, drain=drain),
            Middleware(BodyLimit, render=render, unread=webhooks.PREFIX, is_long=voice.is_door),
        ],
        "swagger_ui_parameters": {"persistAuthorization": True, "displayRequestDuration": True},
    }
    app = FastAPIOffline(**facts) if docs else FastAPI(docs_url=None, redoc_url=None, openapi_url=None, **facts)
    app.state.allowed = _methods_by_path(routers)
    app.add_exception_handler(CalbridgeError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]
    return app


def render(path: str, error: CalbridgeError, request: Request | None = None) -> Response:
    """Shape an error in the dialect of the path."""
    if path == toolzz_errors.PREFIX or path.startswith(f"{toolzz_errors.PREFIX}/"):
        return toolzz_errors.render(error)
    return ravan_errors.render(error, path, request)


def _methods_by_path(routers: Sequence[APIRouter]) -> Mapping[str, set[str]]:
    """Return what each path takes, of the routes that are on the page of the API."""
    methods = defaultdict[str, set[str]](set)
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            methods[route.path] |= route.methods or set()
    return methods


async def _on_error(request: Request, error: Exception) -> Response:
    """Render an error. A fault of ours tells of the inside: it goes into the log, and nowhere else."""
    told = cast("CalbridgeError", error)
    if status_of(told) == HTTPStatus.INTERNAL_SERVER_ERROR:
        route = getattr(request.scope.get("route"), "path", "-")  # the template: paths hold ids
        log.error("request.failed", method=request.method, route=route, exc_info=error)
        told = InternalError()
    return render(request.url.path, told, request)


async def _on_invalid(request: Request, error: Exception) -> Response:
    return render(request.url.path, of_validation(cast("RequestValidationError", error)), request)


async def _on_http(request: Request, error: Exception) -> Response:
    allowed = request.app.state.allowed.get(getattr(request.scope.get("route"), "path", ""), ())
    return render(request.url.path, of_http(cast("HTTPException", error), allowed), request)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document without its own 422, which no client ever sees."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        for operations in document["paths"].values():
            for operation in operations.values():
                answer = operation["responses"].get("422", {})
                if "HTTPValidationError" in str(answer):
                    del operation["responses"]["422"]
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
    return cast("dict[str, Any]", app.openapi_schema)
