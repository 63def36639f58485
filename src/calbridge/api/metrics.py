"""The door for Prometheus."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from calbridge.api.deps import Services
from calbridge.domain.errors import UnauthorizedError
from calbridge.telemetry.metrics import CONTENT_TYPE, HttpMetrics


def router_of(metrics: HttpMetrics, token: str) -> APIRouter:
    """Make the route. ``token`` has to be shown as bearer; "" shows the metrics to everybody."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def show(request: Request, services: Services) -> Response:
        """Return the metrics of this process, and how many intents are open in the database."""
        shown = request.headers.get("authorization", "")
        if token and not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            raise UnauthorizedError
        return Response(metrics.text() + await services.census.text(), media_type=CONTENT_TYPE)

    return router
