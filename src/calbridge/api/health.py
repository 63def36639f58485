"""Whether the process lives, and whether it can serve. Neither asks Cal.com."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from calbridge.api.deps import Services

router = APIRouter(prefix="/health", tags=["Process"])


class Health(BaseModel):
    """The state of the process."""

    status: str = Field(examples=["ok"])


@router.get("/live", summary="Is the process alive?")
async def live() -> Health:
    """Answers as long as the process runs."""
    return Health(status="ok")


@router.get(
    "/ready",
    response_model=Health,
    summary="Can it serve?",
    responses={503: {"model": Health, "description": "The database does not answer, or its schema is not up to date."}},
)
async def ready(services: Services) -> JSONResponse:
    """Ready means that the database answers and its schema is the newest. Cal.com is not asked."""
    if await services.database.ready():
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable"}, 503)
