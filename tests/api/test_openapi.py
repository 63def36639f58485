"""The OpenAPI document: valid, whole, with examples that are true, and the same as ``docs/openapi.json``.

To write the file anew after a change of the API, run ``.venv/bin/python tests/api/test_openapi.py``.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from calbridge.api.app import create_app
from calbridge.bootstrap import Container
from calbridge.domain.errors import Code

Json = dict[str, Any]
FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
# What needs no credential and asks nobody; what Cal.com calls, which is signed, has errors of its own.
OPEN = ("/health/", "/api/v1/calcom/webhooks/")
# Where a credential may be left out.
OPTIONAL = ("/api/v1/calcom/appointments/manage", "/api/v1/calcom/voice/{platform}/")
DOCUMENTED = {
    ("post", "/api/v1/calcom/appointments/manage"),
    ("get", "/api/v1/calcom/appointments"),
    ("get", "/api/v1/calcom/appointments/{appointment_id}"),
    ("put", "/api/v1/calcom/agents/{agent_id}/account"),
    ("put", "/api/v1/calcom/integration/{integrationId}"),
}


def _never() -> AbstractAsyncContextManager[Container]:
    raise AssertionError("nothing is opened to describe the API")


DOCUMENT: Json = create_app(_never).openapi()


def operations() -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of every operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def contents() -> Iterator[tuple[str, Json]]:
    """Every JSON body that is described, requests and answers, under a telling name."""
    for method, path, operation in operations():
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for name, body in bodies.items():
            if "content" in body:
                yield f"{method} {path} {name}", body["content"]["application/json"]


def examples(content: Json) -> list[object]:
    """The examples of a body: its own, else those of its schema."""
    schema = _resolved(content["schema"])
    if "examples" in content:
        return [each["value"] for each in content["examples"].values()]
    if "examples" in schema:
        return list(schema["examples"])
    fields = schema.get("properties", {})
    if fields and all("examples" in field for field in fields.values()):
        return [{name: field["examples"][0] for name, field in fields.items()}]
    return []


def errors(operation: Json, status: str) -> list[Json]:
    """The examples of an error."""
    content = operation["responses"].get(status, {}).get("content", {"application/json": {"examples": {}}})
    return [each["value"] for each in content["application/json"]["examples"].values()]


CONTENTS = dict(contents())
OPERATIONS = {f"{method} {path}": (path, operation) for method, path, operation in operations()}


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def test_the_file_is_the_document_of_the_application() -> None:
    assert FILE.exists(), f"write {FILE.name} with: .venv/bin/python tests/api/test_openapi.py"
    written = json.loads(FILE.read_text())

    assert written == DOCUMENT, f"write {FILE.name} anew with: .venv/bin/python tests/api/test_openapi.py"


def test_the_documented_endpoints_are_there() -> None:
    assert {(method, path) for method, path, _ in operations()} >= DOCUMENTED


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does(name: str) -> None:
    _, operation = OPERATIONS[name]

    assert operation["summary"]
    assert len(operation["description"]) > 20
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_how_it_can_fail(name: str) -> None:
    path, operation = OPERATIONS[name]
    if path.startswith(OPEN):
        assert "security" not in operation
        return

    expected = {"401", "403", "500", "503"}
    if "requestBody" in operation or operation.get("parameters"):
        expected |= {"400"}
    if "requestBody" in operation:
        expected |= {"413", "415"}
    if path.endswith("}") or "/{" in path:
        expected |= {"404"}

    assert operation["responses"].keys() >= expected
    assert "HTTPValidationError" not in json.dumps(operation)
    assert ({} in operation["security"]) is path.startswith(OPTIONAL)
    assert {scheme for each in operation["security"] for scheme in each} == set(
        DOCUMENT["components"]["securitySchemes"]
    )


@pytest.mark.parametrize("name", [name for name, (path, _) in OPERATIONS.items() if not path.startswith(OPTIONAL)])
def test_what_an_example_finds_wrong_is_in_the_request(name: str) -> None:
    _, operation = OPERATIONS[name]
    fields = {"body", *(parameter["name"] for parameter in operation.get("parameters", []))}
    if "requestBody" in operation:
        fields |= _resolved(CONTENTS[f"{name} body"]["schema"]).get("properties", {}).keys()

    shown = [example for example in errors(operation, "400") if example.get("code") != "NOT_CONNECTED"]

    assert {str(example["message"]).split()[0] for example in shown} <= fields


CONFLICTS = {
    "put /api/v1/calcom/agents/{agent_id}/account": ["The agent has a private Cal.com key; disconnect that first."],
    "post /api/v1/calcom/agents/{agent_id}/connect": [
        "The agent is linked to an account of its organization; unlink it first."
    ],
    "post /api/v1/agents": ["An agent with this id exists already."],
    "put /api/v1/calcom/integration/{integrationId}": [
        "The account is disconnected: its key is erased. Connect it with a key.",
        "apiKey belongs to another Cal.com user; connect that one as an account of its own",
        "The agent has a private Cal.com key; disconnect that first.",
    ],
}


def test_conflicts_are_shown_where_they_are_and_in_their_words() -> None:
    told = {
        name: [example["message"] for example in errors(operation, "409")]
        for name, (path, operation) in OPERATIONS.items()
        if not path.startswith(OPTIONAL) and "409" in operation["responses"]
    }

    assert told == CONFLICTS


def test_manage_shows_an_answer_of_every_code() -> None:
    operation = DOCUMENT["paths"]["/api/v1/calcom/appointments/manage"]["post"]

    shown = {example.get("code") for status in operation["responses"] for example in errors(operation, status)}

    assert shown - {None} == set(Code) - {Code.METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_body_has_examples_and_they_are_true_to_their_schema(name: str) -> None:
    content = CONTENTS[name]
    schema = {**content["schema"], "components": DOCUMENT["components"]}

    shown = examples(content)

    assert shown
    for example in shown:
        OAS31Validator(schema).validate(example)


def _resolved(schema: Json) -> Json:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


if __name__ == "__main__":
    FILE.write_text(json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n")
