"""One call on the command line: what is wrong with it, and what its caller hears. The walk-through books with it."""

import json
from uuid import uuid4

import pytest
from tests.cli.conftest import Shell


@pytest.fixture
def agent(shell: Shell) -> list[str]:
    """The options that name an agent, which has no calendar."""
    org = json.loads(shell.run("org", "create", "--name", "Clinic", "--json").out)["id"]
    made = shell.run("agent", "create", "--org", org, "--name", "Dr. Rivera", "--json")
    return ["--org", org, "--agent", json.loads(made.out)["id"]]


def test_the_caller_hears_what_stops_the_call(shell: Shell, agent: list[str]) -> None:
    said = shell.run("manage", "suggest", *agent)
    told = shell.run("manage", "suggest", *agent, "--json")

    assert (said.code, said.err) == (told.code, told.err) == (1, "")
    assert said.out.strip() == json.loads(told.out)["message"] != ""
    assert json.loads(told.out)["code"] == "NOT_CONNECTED"


def test_an_agent_that_the_organization_does_not_have(shell: Shell, agent: list[str]) -> None:
    told = shell.run("manage", "suggest", "--org", agent[1], "--agent", str(uuid4()), "--json")

    assert told.code == 1
    assert json.loads(told.out)["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["dance"], "calbridge: action must be one of book, reschedule, cancel, suggest, availability, find\n"),
        (["availability", "days_ahead=soon"], "calbridge: days_ahead must be a whole number\n"),
        (["suggest", "timezone=Mars/Olympus"], "calbridge: timezone must be an IANA time zone"),
    ],
)
def test_what_is_wrong_with_a_field_is_told_in_a_line(
    shell: Shell, agent: list[str], words: list[str], line: str
) -> None:
    answer = shell.run("manage", *words, *agent)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(line)
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("field", ["Jane Doe", "=Jane Doe"])
def test_what_is_no_field_is_wrong_usage(shell: Shell, agent: list[str], field: str) -> None:
    answer = shell.run("manage", "book", field, *agent)

    assert answer.code == 2
    assert "FIELD=VALUE" in answer.err
