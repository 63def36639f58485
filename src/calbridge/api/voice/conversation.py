"""What the tool calls of one request come to: one after the other, each with a sentence for the caller."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from calbridge.api.voice.arguments import Understood, understood
from calbridge.api.voice.line import Line
from calbridge.api.voice.platform import Told, ToolCall
from calbridge.bootstrap import Container
from calbridge.domain.actions import Action
from calbridge.domain.errors import (
    BookingRefusedError,
    CalbridgeError,
    CalendarError,
    ForbiddenError,
    LookUpRefusedError,
    NotFoundError,
    RateLimitedError,
    SwitchedOffError,
    UnauthorizedError,
    UnavailableError,
    UnknownBookingError,
)
from calbridge.tools import fields

MOST_CALLS = 10  # of one request; a model makes two or three
LEAST_SECONDS = 1.0  # for each, however long those before it have taken

log = structlog.get_logger()


class Conversation:
    """Answers the tool calls of one line."""

    def __init__(self, services: Container, line: Line, client_address: str) -> None:
        self._services = services
        self._line = line
        self._client_address = client_address

    async def answers(self) -> list[Told]:
        """Answer all tool calls, in their order, since one may build on what came of another.

        Together they have the time of one: the platform waits no longer for several.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._services.deployment.deadline
        calls, told = self._line.envelope.calls, []
        for each in calls[:MOST_CALLS]:
            left = None if each is calls[0] else timedelta(seconds=max(LEAST_SECONDS, ends - loop.time()))
            told.append(await self._answer(each, replace(self._line, deadline=left)))
        return told + [_stopped(each, RateLimitedError(1), None) for each in calls[MOST_CALLS:]]

    async def _answer(self, tool_call: ToolCall, line: Line) -> Told:
        """Answer one. Raises what is no caller's business: an unknown agent, a credential that does not hold."""
        action: Action | None = None
        try:
            wish = understood(tool_call, line)
            action = wish.call.action
            reply = await self._services.front_desk.handle(wish.call, line.credential, self._client_address)
        except CalbridgeError as error:
            if not is_for_callers(error):
                raise
            log.info("voice.tool_call_stopped", platform=line.platform, code=error.code.value)
            return _stopped(tool_call, error, action)
        _note(wish, line, replayed=reply.replayed)
        return Told(tool_call, fields.of_reply(reply))


def is_for_callers(error: CalbridgeError) -> bool:
    """Whether the caller should hear of it, which takes a 2xx: most platforms keep everything else from the model.

    The rest is for whoever has set the tools up: an agent that does not exist, a credential that does not hold.
    """
    match error:
        case NotFoundError(what="Agent"):
            return False
        case LookUpRefusedError() | SwitchedOffError():
            return True
        case UnauthorizedError() | ForbiddenError():
            return False
        case _:
            return True


def _stopped(tool_call: ToolCall, error: CalbridgeError, action: Action | None) -> Told:
    refused = isinstance(error, BookingRefusedError | UnknownBookingError)
    broken = isinstance(error, CalendarError | UnavailableError) and not refused
    return Told(tool_call, fields.of_error(error, action), failed=broken)


def _note(wish: Understood, line: Line, *, replayed: bool) -> None:
    log.info(
        "voice.tool_call",
        platform=line.platform,
        action=type(wish.call.action).__name__.lower(),
        phone_from=wish.phone_from.value,
        ignored=len(wish.ignored),
        signed=line.signed,
        replayed=replayed,
    )
