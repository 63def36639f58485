"""The tools that a language model may call: one description of each action, for every platform, dialect and protocol.

Names and descriptions are written for the model: they say when to call and what to give. What a platform adds (its
JSON, its template language, its time-outs) is no business of this module. The parameters are fields of ``manage``'s
request models, and a test holds them to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from calbridge.domain.agents import AccountSettings
from calbridge.tools.wording import cut

MAX_DESCRIPTION = 1000  # OpenAI takes 1,024 characters, and several platforms hand over to it

STILL_WAITING = "I'm still waiting for the calendar."


class Kind(StrEnum):
    """The JSON type of a parameter."""

    TEXT = "string"
    WHOLE = "integer"
    FLAG = "boolean"
    ANSWERS = "object"  # of texts, by question


class Permission(StrEnum):
    """What the owner of an account can switch off."""

    NONE = "none"  # cannot be switched off
    CHECK = "check"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that the model gives. ``example`` is for platforms that teach by example."""

    name: str
    description: str
    example: str
    kind: Kind = Kind.TEXT
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        of_answers = {"additionalProperties": {"type": "string"}} if self.kind is Kind.ANSWERS else {}
        return {"type": self.kind.value, "description": self.description, **of_answers}

    def literal_schema(self) -> dict[str, Any]:
        """Return the schema for platforms whose values are text, numbers and flags: an object goes as JSON text."""
        if self.kind is Kind.ANSWERS:
            return {"type": "string", "description": f"{self.description} As JSON text, such as {self.example}."}
        return self.schema()


@dataclass(frozen=True, slots=True)
class Tool:
    """One action as the model sees it.

    ``filler``: what the caller hears while it runs. ``changes``: it changes something at Cal.com, so that a caller who
    talks over it must not stop it. ``keeps``: fields of the answer that are worth a variable for the rest of the call.
    """

    action: str
    name: str
    description: str
    parameters: tuple[Parameter, ...]
    filler: str
    changes: bool
    permission: Permission
    keeps: tuple[str, ...] = ()

    @property
    def required(self) -> list[str]:
        """The names of the parameters that the model has to give."""
        return [parameter.name for parameter in self.parameters if parameter.required]

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the arguments."""
        properties = {parameter.name: parameter.schema() for parameter in self.parameters}
        return {"type": "object", "properties": properties, "required": self.required}


_NAME = Parameter("name", "The caller's full name.", "Jane Doe", required=True)
_PHONE = Parameter(
    "phone",
    "A phone number with its country code. Only if the caller gives another one than they are calling from.",
    "+442079460958",
)
_EMAIL = Parameter("email", "The caller's email address, if they want to give one.", "jane@example.com")
_WHICH_START = Parameter(
    "appointment_datetime",
    "When the appointment starts, if the caller has several and says which one: ISO 8601 without an offset, or the "
    "caller's own words.",
    "2027-03-25T14:00:00",
)
_APPOINTMENT_ID = Parameter(
    "appointment_id",
    "The id of the appointment, if an earlier answer of this call has told it. Never ask the caller for it.",
    "byMva4K7mBrJqtvFvcgbgd",
)
_TIMEZONE = Parameter(
    "timezone",
    "The caller's IANA time zone, only if they have said that they are elsewhere.",
    "America/New_York",
)
_DAYS = Parameter("days_ahead", "How many days ahead to look: 1 to 30. Without it, 7.", "7", Kind.WHOLE)
_DETAILS = Parameter(
    "details",
    "Answers to questions that an earlier answer has asked for, by the question.",
    '{"Insurance": "private"}',
    Kind.ANSWERS,
)
_CONFIRM = Parameter(
    "confirm",
    "True only after action_required was confirm_rebook and the caller has said yes.",
    "true",
    Kind.FLAG,
)


def _when(what: str) -> Parameter:
    return Parameter(
        "appointment_datetime",
        f"{what}: ISO 8601 without an offset, such as 2027-03-25T14:00:00; or the caller's own words, such as next "
        "Thursday at 2 pm; or slot_2 for the second of the times that you have just offered.",
        "2027-03-25T14:00:00",
        required=True,
    )


def _notes(description: str, example: str) -> Parameter:
    return Parameter("notes", description, example)


TOOLS = (
    Tool(
        "suggest",
        "suggest_times",
        "Offer a few good times for an appointment. Call it when the caller wants an appointment and names no time. "
        "Say the message of the answer to the caller.",
        (_DAYS, _TIMEZONE),
        "One moment, I'll look at the calendar.",
        changes=False,
        permission=Permission.CHECK,
    ),
    Tool(
        "availability",
        "check_availability",
        "List every open time. Call it when the caller asks for other times than the ones you have offered. "
        "Say the message of the answer to the caller.",
        (_DAYS, _TIMEZONE),
        "One moment, I'll look at the calendar.",
        changes=False,
        permission=Permission.CHECK,
    ),
    Tool(
        "book",
        "book_appointment",
        "Book an appointment. Call it when the caller has named a day and a time, and told their name. Never say that "
        "it is booked before the answer does. Say the message of the answer to the caller.",
        (
            _NAME,
            _when("The day and time that the caller wants"),
            _EMAIL,
            _PHONE,
            _notes("What the appointment is about, in the caller's words.", "First visit"),
            _DETAILS,
            _CONFIRM,
            _TIMEZONE,
        ),
        "One moment, I'll book that for you.",
        changes=True,
        permission=Permission.BOOK,
        keeps=("appointment_id",),
    ),
    Tool(
        "reschedule",
        "reschedule_appointment",
        "Move an appointment of the caller to another time. Call it when they have named the new day and time. The "
        "appointment is found by the number they call from. Say the message of the answer to the caller.",
        (
            _when("The new day and time"),
            _APPOINTMENT_ID,
            _PHONE,
            _EMAIL,
            _notes("The caller's reason, if they give one.", "Has to travel"),
            _TIMEZONE,
        ),
        "One moment, I'll move that for you.",
        changes=True,
        permission=Permission.BOOK,
        keeps=("appointment_id",),
    ),
    Tool(
        "cancel",
        "cancel_appointment",
        "Cancel an appointment of the caller, after they have said that they mean it. The appointment is found by the "
        "number they call from. Say the message of the answer to the caller.",
        (
            _APPOINTMENT_ID,
            _WHICH_START,
            _PHONE,
            _EMAIL,
            _notes("The caller's reason, if they give one.", "Feels better"),
            _TIMEZONE,
        ),
        "One moment, I'll cancel that for you.",
        changes=True,
        permission=Permission.NONE,
    ),
    Tool(
        "find",
        "find_appointments",
        "Tell which upcoming appointments the caller has. They are found by the number they call from. "
        "Say the message of the answer to the caller.",
        (_APPOINTMENT_ID, _PHONE, _EMAIL, _TIMEZONE),
        "One moment, I'll look that up.",
        changes=False,
        permission=Permission.NONE,
    ),
)

ACTIONS: Mapping[str, str] = {tool.name: tool.action for tool in TOOLS}  # by the name of the tool


def offered(settings: AccountSettings) -> tuple[Tool, ...]:
    """Return the tools that the owner of an account allows, each with what they want the model to know.

    Finding and cancelling cannot be switched off: a caller who cannot come should be able to say so.
    """
    allowed = {
        Permission.NONE: True,
        Permission.CHECK: settings.can_check_availability,
        Permission.BOOK: settings.can_book,
    }
    return tuple(replace(tool, description=_told(tool, settings.prompt)) for tool in TOOLS if allowed[tool.permission])


def _told(tool: Tool, prompt: str) -> str:
    wishes = " ".join(prompt.split())
    return cut(f"{tool.description} {wishes}", MAX_DESCRIPTION) if wishes else tool.description
