"""Whether the process lives, and whether it can serve. Neither asks Cal.com."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from calbridge.api.deps import Services
from calbridge.api.drain import Drain

UNREADY = "The database does not answer, its schema is not up to date, or the process is about to end."


class Health(BaseModel):
    """The state of the process."""

    status: str = Field(examples=["ok"])


async def live() -> Health:
    """Answers as long as the process runs."""
    return Health(status="ok")


def router_of(drain: Drain) -> APIRouter:
    """Make the routes."""
    router = APIRouter(prefix="/health", tags=["Process"])
    router.get("/live", summary="Is the process alive?")(live)

    @router.get(
        "/ready",
        response_model=Health,
        summary="Can it serve?",
        responses={503: {"model": Health, "description": UNREADY}},
    )
    async def ready(services: Services) -> JSONResponse:
        """Ready means that the database answers, its schema is the newest, and nobody has told the process to end.

        Cal.com is not asked.
        """
        if drain.has_begun:
            return JSONResponse({"status": "draining"}, 503)
        if await services.database.ready():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "unavailable"}, 503)

    return router
