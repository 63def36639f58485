"""Voice platforms in small: each is set up with nothing but the JSON to paste, and calls tools as its vendor documents.

A simulator does what the platform does around a model: it checks the model's arguments against the schema, fills in its
own template language, signs, waits no longer than it was told, and takes the answer apart. The caller hears the
``message``; what the definition lifts out of the answer is kept in ``variables``.

Where the vendors describe all this, the modules of ``calbridge.api.voice.definitions`` say.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the telephone network tells it to the platform."""

    id: str
    caller: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is set up at the platform beside the tools: an API key of calbridge's, and a secret to sign with."""

    api_key: str
    secret: str
    private_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public_key(self) -> str:
        """The key by which signatures are known, as the platform shows it: base64."""
        return base64.b64encode(self.private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that a platform makes."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    seconds: float


class Simulator(ABC):
    """One platform with one agent in one call."""

    name: ClassVar[str]

    def __init__(self, pasted: Any, workspace: Workspace, call: Call) -> None:  # noqa: ANN401 - each platform's own JSON
        self.workspace = workspace
        self.call = call
        self.variables: dict[str, object] = {}
        self.tools = {self.name_of(each): each for each in self.listed(pasted)}

    async def use(self, client: httpx.AsyncClient, tool: str, **arguments: object) -> Json:
        """Have the model call a tool; return what it learns. Raises AssertionError for what no platform would take."""
        request = self.request(self.tools[tool], arguments)
        answer = await client.post(
            request.url, content=request.body, headers=dict(request.headers), timeout=request.seconds
        )
        assert answer.status_code == 200, answer.text  # others are hidden from the model, or tried again
        return self.heard(self.tools[tool], answer.json())

    def listed(self, pasted: Any) -> list[Json]:  # noqa: ANN401 - each platform's own JSON
        """Take the tools out of what was pasted."""
        tools: list[Json] = pasted
        return tools

    def name_of(self, tool: Json) -> str:
        """Return what the model knows a tool by."""
        return str(tool["name"])

    @abstractmethod
    def request(self, tool: Json, arguments: Json) -> Sent:
        """Compose the request of a tool call."""

    def heard(self, tool: Json, answer: Json) -> Json:
        """Take an answer apart, and keep what the tool says is worth keeping."""
        del tool
        return answer


class Vapi(Simulator):
    """Vapi: its envelope, static parameters in Liquid, and a secret in a header."""

    name = "vapi"

    def name_of(self, tool: Json) -> str:
        """Return the function's name."""
        return str(tool["function"]["name"])

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Send a message with one tool call."""
        conforms(tool["function"]["parameters"], arguments)
        bag = {"customer.number": self.call.caller, "call.id": self.call.id}
        fixed = {each["key"]: filled(each["value"], r"\{\{ *([a-z.]+) *\}\}", bag) for each in tool["parameters"]}
        call = {"id": f"call_{len(self.variables)}_{self.name_of(tool)}", "name": self.name_of(tool)}
        message = {
            "type": "tool-calls",
            "timestamp": 1,
            "call": {"id": self.call.id},
            "customer": {"number": self.call.caller},
            "toolCallList": [{**call, "arguments": {**arguments, **fixed}}],
            "toolWithToolCallList": [{**tool, "toolCall": {**call, "parameters": {**arguments, **fixed}}}],
        }
        body = json.dumps({"message": message}).encode()
        headers = {"Content-Type": "application/json", "X-Vapi-Secret": self.workspace.secret}
        return Sent(tool["server"]["url"], body, headers, tool["server"]["timeoutSeconds"])

    def heard(self, tool: Json, answer: Json) -> Json:
        """Take the one result, which has to be text on one line and bear the id of the call."""
        (result,) = answer["results"]
        assert result["toolCallId"].endswith(self.name_of(tool))
        assert "\n" not in result["result"]
        told: Json = json.loads(result["result"])
        return told


class Retell(Simulator):
    """Retell: name, call and args, signed."""

    name = "retell"

    def listed(self, pasted: Any) -> list[Json]:  # noqa: ANN401 - each platform's own JSON
        """Take the general tools."""
        tools: list[Json] = pasted["general_tools"]
        return tools

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Send the envelope; the signature covers the body and the time in milliseconds."""
        conforms(tool["parameters"], arguments)
        call = {
            "call_id": self.call.id,
            "call_type": "phone_call",
            "direction": "inbound",
            "from_number": self.call.caller,
            "to_number": "+12125550123",
            "transcript": "Agent: Hello\nUser: Hi",
        }
        body = json.dumps({"name": tool["name"], "call": call, "args": arguments}).encode()
        stamp = str(int(time.time() * 1000))
        code = hmac.new(self.workspace.secret.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Retell-Signature": f"v={stamp},d={code}"}
        return Sent(tool["url"], body, headers, tool["timeout_ms"] / 1000)

    def heard(self, tool: Json, answer: Json) -> Json:
        """Keep the response variables."""
        self.variables |= {name: answer[path] for name, path in tool["response_variables"].items()}
        return answer


class ElevenLabs(Simulator):
    """ElevenLabs: the body that the schema declares, with dynamic variables where the schema has them."""

    name = "elevenlabs"

    def listed(self, pasted: Any) -> list[Json]:  # noqa: ANN401 - each platform's own JSON
        """Unwrap the configurations."""
        return [each["tool_config"] for each in pasted]

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Fill the declared body."""
        api = tool["api_schema"]
        schema = api["request_body_schema"]
        system = {"system__caller_id": self.call.caller, "system__conversation_id": self.call.id}
        known = {
            name: system[each["dynamic_variable"]]
            for name, each in schema["properties"].items()
            if "dynamic_variable" in each
        }
        asked = {name: each for name, each in schema["properties"].items() if name not in known}
        required = [name for name in schema["required"] if name not in known]
        conforms({**schema, "properties": asked, "required": required}, arguments)
        secrets = {"YOUR_CALBRIDGE_API_KEY": self.workspace.api_key}
        headers = {name: secrets[each["secret_id"]] for name, each in api["request_headers"].items()}
        body = json.dumps({**arguments, **known}).encode()
        return Sent(api["url"], body, {**headers, "Content-Type": api["content_type"]}, tool["response_timeout_secs"])

    def heard(self, tool: Json, answer: Json) -> Json:
        """Assign variables."""
        self.variables |= {each["dynamic_variable"]: answer[each["value_path"]] for each in tool["assignments"]}
        return answer


class Telnyx(Simulator):
    """Telnyx: preset fields in mustache, integration secrets in headers, and an Ed25519 signature."""

    name = "telnyx"

    def listed(self, pasted: Any) -> list[Json]:  # noqa: ANN401 - each platform's own JSON
        """Unwrap the webhooks."""
        return [each["webhook"] for each in pasted["tools"]]

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Send the parameters, with the preset fields over them, signed."""
        conforms(tool["body_parameters"], arguments)
        bag = {"telnyx_end_user_target": self.call.caller, "call_control_id": self.call.id}
        preset = {name: filled(value, r"\{\{([a-z_]+)\}\}", bag) for name, value in tool["preset_body_fields"].items()}
        integration = {"calbridge_api_key": self.workspace.api_key}
        secret = r"\{\{#integration_secret\}\}([a-z_]+)\{\{/integration_secret\}\}"
        headers = {each["name"]: filled(each["value"], secret, integration) for each in tool["headers"]}
        body, stamp = json.dumps({**arguments, **preset}).encode(), str(int(time.time()))
        signature = base64.b64encode(self.workspace.private_key.sign(stamp.encode() + b"|" + body)).decode()
        signed = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": stamp}
        headers |= {"Content-Type": "application/json", "x-telnyx-call-control-id": self.call.id, **signed}
        return Sent(tool["url"], body, headers, tool["timeout_ms"] / 1000)

    def heard(self, tool: Json, answer: Json) -> Json:
        """Store fields."""
        self.variables |= {each["name"]: answer[each["value_path"]] for each in tool["store_fields_as_variables"]}
        return answer


class Bland(Simulator):
    """Bland: a body of templates, in which an input that the model left out stays as it is."""

    name = "bland"

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Fill the body."""
        schema = tool["input_schema"]
        conforms(schema, {"speech": "One moment.", **arguments})
        bag = {f"input.{name}": value for name, value in arguments.items()}
        bag |= {"call_id": self.call.id, "phone_number": self.call.caller}
        body = {name: filled(value, r"\{\{([a-z_.]+)\}\}", bag) for name, value in tool["body"].items()}
        headers = {
            name: value.replace("YOUR_CALBRIDGE_API_KEY", self.workspace.api_key)
            for name, value in tool["headers"].items()
        }
        return Sent(tool["url"], json.dumps(body).encode(), headers, tool["timeout"] / 1000)

    def heard(self, tool: Json, answer: Json) -> Json:
        """Know only what the JSONPaths take out of it."""
        told = {name: answer[path.removeprefix("$.")] for name, path in tool["response"].items()}
        self.variables |= told
        return {**answer, **told}


class Synthflow(Simulator):
    """Synthflow: a body of templates as one text, with variables of the call in other braces."""

    name = "synthflow"

    def listed(self, pasted: Any) -> list[Json]:  # noqa: ANN401 - each platform's own JSON
        """Unwrap the actions."""
        return [each["CUSTOM_ACTION"] for each in pasted]

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Fill the text."""
        known = {each["name"] for each in tool["variables_during_the_call"]}
        assert arguments.keys() <= known
        collected = {name: _in_json(value) for name, value in arguments.items()}
        text = filled(tool["json_body_stringified"], r"<([a-z_]+)>", collected)
        system = {"call_id": self.call.id, "user_phone_number": self.call.caller}
        text = filled(text, r"(?<=\")\{([a-z_]+)\}(?=\")", system)
        headers = {
            each["key"]: each["value"].replace("YOUR_CALBRIDGE_API_KEY", self.workspace.api_key)
            for each in tool["headers"]
        }
        return Sent(tool["url"], text.encode(), headers, 20)


class Generic(Simulator):
    """Any other: the arguments and what is fixed, at the root."""

    name = "generic"

    def request(self, tool: Json, arguments: Json) -> Sent:
        """Send all of it."""
        conforms(tool["parameters"], arguments)
        bag = {"call_id": self.call.id, "caller_number": self.call.caller}
        fixed = {name: filled(value, r"\{\{([a-z_]+)\}\}", bag) for name, value in tool["fixed"].items()}
        headers = {
            name: value.replace("YOUR_CALBRIDGE_API_KEY", self.workspace.api_key)
            for name, value in tool["headers"].items()
        }
        return Sent(tool["url"], json.dumps({**arguments, **fixed}).encode(), headers, tool["timeout_seconds"])


SIMULATORS: dict[str, type[Simulator]] = {
    each.name: each for each in (Vapi, Retell, ElevenLabs, Telnyx, Bland, Synthflow, Generic)
}


def conforms(schema: Json, arguments: Json) -> None:
    """Insist that the model gives what the schema has, and all that it requires."""
    assert arguments.keys() <= schema["properties"].keys()
    assert set(schema.get("required", [])) <= arguments.keys()


def filled(template: str, pattern: str, bag: Mapping[str, object]) -> str:
    """Fill a template in; what the bag does not have stays as it is, braces and all."""
    return re.sub(pattern, lambda match: str(bag.get(match[1], match[0])), template)


def _in_json(value: object) -> str:
    """Write a value so that it can stand inside of a JSON text."""
    return json.dumps(str(value))[1:-1]
