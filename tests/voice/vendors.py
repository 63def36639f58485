"""What each platform takes, as JSON schemas written after the vendors' own documents; nothing else may be in it.

Read on 2026-11-20 at the addresses that stand with each.
"""

from typing import Any

Json = dict[str, Any]

NAME = {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"}
DESCRIPTION = {"type": "string", "minLength": 1, "maxLength": 1024}
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://[^ {}]+$"}
POST = {"const": "POST"}


def closed(properties: Json, *optional: str) -> Json:
    """An object with these properties, all of them but the optional ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def array(items: Json, least: int = 1) -> Json:
    """A list of these."""
    return {"type": "array", "items": items, "minItems": least}


def texts(least: int = 0) -> Json:
    """An object whose values are texts."""
    return {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": least}


# https://platform.openai.com/docs/guides/function-calling: the parameters of a function are a JSON schema.
PARAMETERS = closed(
    {
        "type": {"const": "object"},
        "properties": {
            "type": "object",
            "additionalProperties": closed(
                {
                    "type": {"enum": ["string", "integer", "boolean", "object"]},
                    "description": TEXT,
                    "additionalProperties": {"const": {"type": "string"}},
                },
                "additionalProperties",
            ),
        },
        "required": {"type": "array", "items": {"type": "string"}},
    }
)

# https://docs.vapi.ai/api-reference/tools/create, VapiAI/docs fern/apis/api/openapi.json, CreateFunctionToolDTO; a
# property that is not listed there is refused with 400 (https://docs.vapi.ai/tools/custom-tools-troubleshooting).
VAPI = array(
    closed(
        {
            "type": {"const": "function"},
            "async": {"type": "boolean"},
            "function": closed({"name": NAME, "description": DESCRIPTION, "parameters": PARAMETERS}),
            "parameters": array(closed({"key": TEXT, "value": {}})),
            "server": closed({"url": URL, "timeoutSeconds": {"type": "integer", "minimum": 1, "maximum": 300}}),
            "messages": array(
                closed(
                    {
                        "type": {"enum": ["request-start", "request-response-delayed", "request-failed"]},
                        "content": {"type": "string", "maxLength": 1000},
                        "timingMilliseconds": {"type": "integer", "minimum": 100, "maximum": 120_000},
                    },
                    "timingMilliseconds",
                )
            ),
        }
    )
)

# RetellAI/retell-typescript-sdk src/resources/llm.ts, LlmResponse.CustomTool.
RETELL = closed(
    {
        "general_tools": array(
            closed(
                {
                    "type": {"const": "custom"},
                    "name": NAME,
                    "description": DESCRIPTION,
                    "url": URL,
                    "method": POST,
                    "args_at_root": {"type": "boolean"},
                    "parameter_type": {"enum": ["json", "form"]},
                    "parameters": PARAMETERS,
                    "response_variables": texts(),
                    "speak_during_execution": {"type": "boolean"},
                    "execution_message_type": {"enum": ["prompt", "static_text"]},
                    "execution_message_description": TEXT,
                    "speak_after_execution": {"type": "boolean"},
                    "timeout_ms": {"type": "integer", "minimum": 1000, "maximum": 600_000},
                    "max_retry": {"type": "integer", "minimum": 0, "maximum": 5},
                }
            )
        )
    }
)

# elevenlabs/elevenlabs-python types/webhook_tool_config_input.py, webhook_tool_api_schema_config_input.py,
# literal_json_schema_property.py: a property is described, constant or a dynamic variable, and only one of them.
_LITERAL = {
    "oneOf": [
        closed({"type": {"enum": ["string", "integer", "boolean"]}, "description": TEXT}),
        closed({"type": {"const": "string"}, "dynamic_variable": {"type": "string", "pattern": "^system__[a-z_]+$"}}),
    ]
}
ELEVENLABS = array(
    closed(
        {
            "tool_config": closed(
                {
                    "type": {"const": "webhook"},
                    "name": NAME,
                    "description": DESCRIPTION,
                    "response_timeout_secs": {"type": "integer", "minimum": 5, "maximum": 120},
                    "execution_mode": {"enum": ["immediate", "post_tool_speech", "async"]},
                    "pre_tool_speech": {"enum": ["auto", "force", "off"]},
                    "interruption_mode": {"enum": ["allow", "disable_during_tool", "disable_during_tool_and_turn"]},
                    "tool_error_handling_mode": {"enum": ["auto", "summarized", "passthrough", "hide"]},
                    "assignments": array(
                        closed({"source": {"const": "response"}, "dynamic_variable": TEXT, "value_path": TEXT}), 0
                    ),
                    "api_schema": closed(
                        {
                            "url": URL,
                            "method": POST,
                            "content_type": {"const": "application/json"},
                            "request_headers": {
                                "type": "object",
                                "additionalProperties": closed({"secret_id": TEXT}),
                            },
                            "request_body_schema": closed(
                                {
                                    "type": {"const": "object"},
                                    "properties": {"type": "object", "additionalProperties": _LITERAL},
                                    "required": {"type": "array", "items": {"type": "string"}},
                                }
                            ),
                        }
                    ),
                }
            )
        }
    )
)

# team-telnyx/telnyx-python types/ai/inference_embedding_webhook_tool_params.py.
TELNYX = closed(
    {
        "tools": array(
            closed(
                {
                    "type": {"const": "webhook"},
                    "webhook": closed(
                        {
                            "name": NAME,
                            "description": DESCRIPTION,
                            "url": URL,
                            "method": POST,
                            "headers": array(closed({"name": TEXT, "value": TEXT})),
                            "async": {"const": False},
                            "timeout_ms": {"type": "integer", "minimum": 1},
                            "body_parameters": PARAMETERS,
                            "preset_body_fields": texts(1),
                            "messages": array(
                                closed(
                                    {
                                        "type": {"enum": ["request_start", "request_response_delayed"]},
                                        "content": TEXT,
                                        "timing_ms": {"type": "integer"},
                                    },
                                    "timing_ms",
                                )
                            ),
                            "store_fields_as_variables": array(closed({"name": TEXT, "value_path": TEXT}), 0),
                        }
                    ),
                }
            )
        )
    }
)

# https://docs.bland.ai/api-v1/post/tools; a name must hold none of the reserved words.
BLAND = array(
    closed(
        {
            "name": {
                **NAME,
                "not": {
                    "pattern": "input|speak|transfer|switch|wait|finish|press|button|say|pause|record|play|dial|hang"
                },
            },
            "description": DESCRIPTION,
            "speech": TEXT,
            "url": URL,
            "method": POST,
            "headers": texts(1),
            "body": texts(1),
            "input_schema": {
                "type": "object",
                "properties": {
                    "type": {"const": "object"},
                    "properties": {"type": "object"},
                    "required": {"type": "array"},
                    "example": texts(1),
                },
                "required": ["type", "properties", "example"],
                "additionalProperties": False,
            },
            "response": {
                "type": "object",
                "additionalProperties": {"type": "string", "pattern": r"^\$\.[a-z_]+$"},
            },
            "timeout": {"type": "integer", "minimum": 1000},
        }
    )
)

# https://docs.synthflow.ai/create-a-custom-action and .../api-reference/platform-api/actions/create-action.
SYNTHFLOW = array(
    closed(
        {
            "CUSTOM_ACTION": closed(
                {
                    "http_mode": POST,
                    "url": URL,
                    "name": NAME,
                    "description": DESCRIPTION,
                    "run_action_before_call_start": {"type": "boolean"},
                    "speech_while_using_the_tool": TEXT,
                    "variables_during_the_call": array(
                        closed({"name": TEXT, "description": TEXT, "example": TEXT, "type": {"const": "string"}})
                    ),
                    "headers": array(closed({"key": TEXT, "value": TEXT})),
                    "json_body_stringified": TEXT,
                    "prompt": TEXT,
                }
            )
        }
    )
)

GENERIC = array(
    closed(
        {
            "name": NAME,
            "description": DESCRIPTION,
            "method": POST,
            "url": URL,
            "headers": texts(1),
            "parameters": PARAMETERS,
            "fixed": texts(1),
            "timeout_seconds": {"type": "integer"},
            "speech": TEXT,
            "interruptible": {"type": "boolean"},
        }
    )
)

# https://platform.openai.com/docs/api-reference/realtime-client-events/session/update: session.tools.
OPENAI = array(
    closed({"type": {"const": "function"}, "name": NAME, "description": DESCRIPTION, "parameters": PARAMETERS})
)

MCP = closed(
    {
        "mcpServers": {
            "type": "object",
            "additionalProperties": closed({"type": {"const": "http"}, "url": URL, "headers": texts(1)}),
            "minProperties": 1,
        }
    }
)

SCHEMAS: dict[str, Json] = {
    "vapi": VAPI,
    "retell": RETELL,
    "elevenlabs": ELEVENLABS,
    "telnyx": TELNYX,
    "bland": BLAND,
    "synthflow": SYNTHFLOW,
    "generic": GENERIC,
    "openai": OPENAI,
    "mcp": MCP,
}
