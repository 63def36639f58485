"""The doors for voice platforms: a tool call in the platform's own envelope, and the answer in it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from calbridge.api.deps import ClientAddress, Services
from calbridge.api.ravan.errors import PREFIX
from calbridge.api.voice import documentation, echo
from calbridge.api.voice.conversation import Conversation
from calbridge.api.voice.platforms import PLATFORMS
from calbridge.api.voice.senders import TheLine

VOICE = f"{PREFIX}/voice"
DOOR = "/{platform}/{org_id}/{agent_id}"
DOORS = tuple(f"{VOICE}/{name}/" for name in PLATFORMS)

router = APIRouter(prefix=VOICE, tags=["Voice platforms"])


def is_door(path: str) -> bool:
    """Whether a path is that of a platform's door."""
    return path.startswith(DOORS)


@router.post(
    f"{DOOR}/echo",
    response_model=echo.Echo,
    responses=documentation.ECHO,
    openapi_extra=documentation.BODY,
    summary="Show how a tool call is understood",
)
async def show(line: TheLine, services: Services, address: ClientAddress) -> echo.Echo:
    """Show how a payload was understood and what it lacks, without doing it. Takes a key, a token or a signature.

    Post to it what the platform would send. Which number was taken for the caller's, who said so, and which arguments
    mean nothing here is told for each tool call.
    """
    return await echo.echoed(line, services, address)


@router.post(
    f"{DOOR}/{{action}}",
    response_model=None,
    responses=documentation.DOOR,
    openapi_extra=documentation.BODY,
    summary="Call a tool that does one thing",
)
async def call_one(
    action: Annotated[str, Path(description="book, reschedule, cancel, suggest, availability or find.")],
    line: TheLine,
    services: Services,
    address: ClientAddress,
) -> Any:  # noqa: ANN401 - each platform's own JSON
    """What a voice platform calls when its model calls a tool; the action is in the address.

    Whatever the caller should hear is a 200, also that a time is taken or an e-mail address is missing: `message` can
    be said as it is, and `action_required` names what to ask for. Once the organization has set a secret for the
    platform, a request must be signed with it. Without a signature, a key or a token, nothing can be looked up.
    """
    del action  # the line has it
    return await _answered(line, services, address)


@router.post(
    DOOR,
    response_model=None,
    responses=documentation.DOOR,
    openapi_extra=documentation.BODY,
    summary="Call a tool",
)
async def call(line: TheLine, services: Services, address: ClientAddress) -> Any:  # noqa: ANN401 - each platform's own JSON
    """The same, where the action is the tool's name (`book_appointment`), or the argument `action`, or in the query."""
    return await _answered(line, services, address)


async def _answered(line: TheLine, services: Services, address: str) -> Any:  # noqa: ANN401 - each platform's own JSON
    return PLATFORMS[line.platform].answer(await Conversation(services, line, address).answers())
