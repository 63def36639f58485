"""What a payload says, shown to whoever sets a platform up: nothing is done."""

from dataclasses import fields as members_of
from datetime import datetime

from pydantic import BaseModel, Field

from calbridge.api.ravan.schemas import requested
from calbridge.api.voice.arguments import Understood, understood
from calbridge.api.voice.conversation import MOST_CALLS, is_for_callers
from calbridge.api.voice.line import Line, Source
from calbridge.api.voice.platform import ToolCall
from calbridge.bootstrap import Container
from calbridge.domain.actions import Action
from calbridge.domain.errors import CalbridgeError, UnauthorizedError
from calbridge.tools import fields


class EchoedCall(BaseModel):
    """One tool call as it was understood."""

    tool_call_id: str = Field(description="Empty where the platform has none, or sent none.")
    tool: str
    action: str = Field(description="What it was taken for; empty if that could not be told.")
    understood: dict[str, str] = Field(description="What is wanted, as far as anything was said.")
    caller_number_from: Source = Field(description="Who said which number is the caller's.")
    ignored: list[str] = Field(description="Arguments that mean nothing here.")
    retries_are_known: bool = Field(description="Whether this very request is recognised when it comes again.")
    would_say: str = Field(description="What the caller would hear, if the calendar agrees; empty if it depends on it.")
    action_required: str


class Echo(BaseModel):
    """What was understood of a request."""

    model_config = requested(
        {
            "success": True,
            "platform": "vapi",
            "signed": False,
            "call_session_id": "7420f27a-30fd-4f49-a995-5549ae7cc00d",
            "tool_calls": [
                {
                    "tool_call_id": "call_VaJOd8ZeZgWCEHDYomyCPfwN",
                    "tool": "book_appointment",
                    "action": "book",
                    "understood": {"name": "Jane Doe", "phone": "+442079460958"},
                    "caller_number_from": "envelope",
                    "ignored": [],
                    "retries_are_known": True,
                    "would_say": "What day and time would you like?",
                    "action_required": "provide_datetime",
                }
            ],
        }
    )

    success: bool = True
    platform: str
    signed: bool = Field(description="Whether the platform has proved that it is the sender.")
    call_session_id: str
    tool_calls: list[EchoedCall]


async def echoed(line: Line, services: Container, client_address: str) -> Echo:
    """Understand all tool calls. Raises UnauthorizedError where nobody of the organization stands behind it."""
    if not line.is_trusted:
        raise UnauthorizedError
    calls = [await _echoed(each, line, services, client_address) for each in line.envelope.calls[:MOST_CALLS]]
    session = next((wish.call.call_session_id for _, wish in calls if wish), line.envelope.call_id)
    return Echo(
        platform=line.platform, signed=line.signed, call_session_id=session, tool_calls=[shown for shown, _ in calls]
    )


async def _echoed(
    tool_call: ToolCall, line: Line, services: Container, client_address: str
) -> tuple[EchoedCall, Understood | None]:
    wish: Understood | None = None
    try:
        wish = understood(tool_call, line)
        reply = await services.rehearsal.rehearse(wish.call, line.credential, client_address)
        told = fields.of_reply(reply) if reply else {}
    except CalbridgeError as error:
        if not is_for_callers(error):
            raise
        told = fields.of_error(error, wish.call.action if wish else None)
    shown = EchoedCall(
        tool_call_id=tool_call.id,
        tool=tool_call.name,
        action=type(wish.call.action).__name__.lower() if wish else "",
        understood=_members(wish.call.action, wish) if wish else {},
        caller_number_from=wish.phone_from if wish else Source.NOBODY,
        ignored=list(wish.ignored) if wish else [],
        retries_are_known=bool(wish and wish.call.tool_call),
        would_say=str(told.get("message", "")),
        action_required=str(told.get("action_required", "")),
    )
    return shown, wish


def _members(action: Action, wish: Understood) -> dict[str, str]:
    """Lay out what was understood, under the names of our fields where they differ."""
    told = {each.name: getattr(action, each.name) for each in members_of(action)}
    told |= {"appointment_datetime": told.pop("when", None), "timezone": wish.call.timezone}
    said = {name: _text(value) for name, value in told.items()}
    return {name: value for name, value in said.items() if value}


def _text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case False | None:
            return ""
        case dict():
            return "; ".join(f"{question}: {answer}" for question, answer in value.items())
        case _:
            return str(value)
