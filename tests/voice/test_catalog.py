"""The catalog of tools: what it offers can be taken by ``manage``, and all that ``manage`` takes is offered."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from calbridge.api.ravan import manage_request
from calbridge.api.ravan.manage_request import ManageRequest
from calbridge.domain.agents import AccountSettings
from calbridge.tools.catalog import ACTIONS, MAX_DESCRIPTION, TOOLS, Tool, offered

SETTINGS = AccountSettings("Front desk", "demo", "Europe/London")
# What no model gives: who is called and who calls is the platform's to say, how long it may take is ours.
NOT_THE_MODELS = {"org_id", "agent_id", "action", "call_session_id", "deadline_ms", "idempotency_key"}
# Another way of giving ``appointment_datetime``, for tools that somebody else has made; a model is shown one way.
OTHER_WAYS = {"date", "time"}
MODELS: dict[str, type[ManageRequest]] = {
    get_args(model.model_fields["action"].annotation)[0]: model
    for model in vars(manage_request).values()
    if isinstance(model, type) and issubclass(model, ManageRequest) and "action" in model.model_fields
}


def types_of(schema: dict[str, Any]) -> set[str]:
    """The JSON types of a field, but null."""
    return {each["type"] for each in schema.get("anyOf", [schema])} - {"null"}


def test_every_action_is_a_tool() -> None:
    assert {tool.action for tool in TOOLS} == MODELS.keys()
    assert len(ACTIONS) == len(TOOLS)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_parameters_are_the_fields_of_the_request(tool: Tool) -> None:
    fields = MODELS[tool.action].model_json_schema()["properties"]

    assert {parameter.name for parameter in tool.parameters} == fields.keys() - NOT_THE_MODELS - OTHER_WAYS
    for parameter in tool.parameters:
        assert types_of(fields[parameter.name]) == {parameter.kind.value}, parameter.name


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_examples_can_be_taken(tool: Tool) -> None:
    examples = {parameter.name: parameter.example for parameter in tool.parameters}
    ids = {"org_id": "1268c1f0-19f3-47db-aefb-c16a7c3ace6e", "agent_id": "019d1fdb-98e9-7c87-86c7-321e2fa98733"}

    request = MODELS[tool.action].model_validate({"action": tool.action, **ids, **examples})

    assert type(request.to_action()).__name__.lower() == tool.action


@pytest.mark.parametrize(
    ("check", "book", "left"),
    [
        (True, True, ["suggest", "availability", "book", "reschedule", "cancel", "find"]),
        (False, True, ["book", "reschedule", "cancel", "find"]),
        (True, False, ["suggest", "availability", "cancel", "find"]),
        (False, False, ["cancel", "find"]),
    ],
)
def test_only_what_the_account_allows_is_offered(check: bool, book: bool, left: list[str]) -> None:
    tools = offered(replace(SETTINGS, can_check_availability=check, can_book=book))

    assert [tool.action for tool in tools] == left


def test_the_owners_wishes_are_part_of_every_description() -> None:
    for tool, plain in zip(offered(replace(SETTINGS, prompt=" Offer mornings\nfirst. ")), TOOLS, strict=True):
        assert tool.description == f"{plain.description} Offer mornings first."


def test_long_wishes_are_cut_to_what_platforms_take() -> None:
    for tool, plain in zip(offered(replace(SETTINGS, prompt="Be kind. " * 2000)), TOOLS, strict=True):
        assert len(tool.description) <= MAX_DESCRIPTION
        assert tool.description.startswith(f"{plain.description} Be kind.")
        assert tool.description.endswith(("Be", "kind."))
