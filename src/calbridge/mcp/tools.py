"""The tools as the protocol lists them: those of the catalogue that the owner of the agent's account allows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcp import types

from calbridge.domain.agents import Assignment
from calbridge.tools.catalog import TOOLS, Parameter, Tool, offered

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "success": {"type": "boolean", "description": "Whether it was done or found."},
        "message": {"type": "string", "description": "One line to say to the caller as it is."},
        "code": {"type": "string", "description": "What stopped it; empty if nothing did."},
        "action_required": {"type": "string", "description": "What to ask or do next; empty for nothing."},
        "appointment_id": {"type": "string"},
        "date_time": {"type": "string", "description": "ISO 8601, in UTC."},
        "status": {"type": "string", "description": "accepted, pending or cancelled."},
        "timezone": {"type": "string", "description": "The zone in which times are spoken."},
    },
    "required": ["success", "message"],
    "additionalProperties": {"type": "string"},  # slot_1, slot_1_start, appointment_1, appointment_1_id, ...
}
# Where the line does not say who calls, the catalogue's own words would have the model wait for what never comes.
_PHONE = "The caller's phone number with its country code, such as +442079460958."


def listed(assignment: Assignment, *, caller_known: bool) -> list[types.Tool]:
    """Return the tools of an agent. One that has no calendar yet has them all, and says so when it is called."""
    connection = assignment.connection
    tools: Sequence[Tool] = TOOLS if connection is None else offered(connection.account.settings)
    return [_tool(tool, caller_known=caller_known) for tool in tools]


def schema_of(name: str) -> Mapping[str, Any] | None:
    """Return the schema of a tool's arguments by its name, and None for a stranger's."""
    return next((tool.schema() for tool in TOOLS if tool.name == name), None)


def _tool(tool: Tool, *, caller_known: bool) -> types.Tool:
    told = tool if caller_known else replace(tool, parameters=tuple(map(_asked_for, tool.parameters)))
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=told.schema(),
        output_schema=SCHEMA,
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.changes,
            # What is moved or cancelled is not as it was; and whoever repeats a wish has it told again, not done again.
            destructive_hint=tool.action in {"reschedule", "cancel"},
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def _asked_for(parameter: Parameter) -> Parameter:
    return replace(parameter, description=_PHONE) if parameter.name == "phone" else parameter
