"""Synthflow: custom actions, each as ``POST /v2/actions`` takes it.

https://docs.synthflow.ai/create-a-custom-action · https://docs.synthflow.ai/variables ·
https://docs.synthflow.ai/api-reference/platform-api/actions/create-action, read 2026-11-20.

The body is a template, given as text: ``<name>`` is what the model collects, ``{call_id}`` a variable of the platform.
Tool calls are not signed, hence the key in a header. ``failure_timeout`` exists, but in which unit is documented
nowhere, so it is left to the platform.
"""

import json

from calbridge.api.voice.definitions.definition import KEY, Definition, Json
from calbridge.api.voice.definitions.toolbox import Toolbox
from calbridge.tools.catalog import Parameter, Tool

CALL = {"call_id": "{call_id}", "caller_number": "{user_phone_number}"}


class Synthflow(Definition):
    """Synthflow's custom actions."""

    name = "synthflow"

    def tools(self, toolbox: Toolbox) -> list[Json]:
        """Return an array of bodies, one an action."""
        return [{"CUSTOM_ACTION": _action(tool, toolbox)} for tool in toolbox.tools]


def _action(tool: Tool, toolbox: Toolbox) -> Json:
    body = {parameter.name: f"<{parameter.name}>" for parameter in tool.parameters} | CALL
    return {
        "http_mode": "POST",
        "url": toolbox.url("synthflow", tool.action),
        "name": tool.name,
        "description": tool.description,
        "run_action_before_call_start": False,
        "speech_while_using_the_tool": tool.filler,
        "variables_during_the_call": [_variable(parameter) for parameter in tool.parameters],
        "headers": [
            {"key": "Content-Type", "value": "application/json"},
            {"key": "X-Api-Key", "value": KEY},
        ],
        "json_body_stringified": json.dumps(body),
        "prompt": "Say the message of the result to the caller, and nothing that it does not say.",
    }


def _variable(parameter: Parameter) -> Json:
    described = str(parameter.literal_schema()["description"])
    description = described if parameter.required else f"Optional. {described}"
    return {"name": parameter.name, "description": description, "example": parameter.example, "type": "string"}
