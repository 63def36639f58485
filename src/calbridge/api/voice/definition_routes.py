"""Tools to paste: what a voice platform must be told, so that its model can call this service."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from calbridge.api.deps import ReadOrganization, Services, Uuid
from calbridge.api.ravan.documentation import problems
from calbridge.api.voice.definitions.listed import DEFINITIONS, definition_for
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.domain.errors import InvalidRequestError, NotConnectedError, NotFoundError

router = APIRouter(prefix="/api/v1/calcom/agents", tags=["Voice platforms"])

Platform = Annotated[str, Path(description=f"One of {', '.join(DEFINITIONS)}.", examples=["vapi"])]


@router.get(
    "/{agent_id}/tools/{platform}",
    response_model=None,
    responses={
        200: {
            "description": "The platform's own JSON; `YOUR_CALBRIDGE_API_KEY` stands for a key of yours.",
            "content": {
                "application/json": {
                    "schema": {"type": ["array", "object"]},
                    "examples": {
                        "mcp": {"value": {"mcpServers": {"calbridge": {"url": "https://calbridge.example/mcp"}}}}
                    },
                }
            },
        },
        **problems(
            InvalidRequestError("agent_id", "must be a UUID"),
            NotConnectedError(),
            NotFoundError("Agent"),
            NotFoundError("Platform"),
        ),
    },
    summary="Tools to paste at a voice platform",
)
async def tools(
    agent_id: Uuid, platform: Platform, request: Request, services: Services, organization: ReadOrganization
) -> Any:  # noqa: ANN401 - each platform's own JSON
    """The agent's tools as the platform takes them: names, descriptions, parameters, addresses, what fills the silence.

    Only what the account allows is in it; the owner's `prompt` is part of every description. `docs/voice` tells where
    it goes.
    """
    definition = definition_for(platform)
    effective = await services.register.get(organization, agent_id)
    return definition.tools(Toolbox.of(effective, services.deployment, str(request.base_url)))
