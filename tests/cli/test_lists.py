"""What commands that make and list things take for a name, and how they show it."""

import json

import pytest
from tests.cli.conftest import Shell

ODD = "[/b] [red]Clinic[/red]"


def made(shell: Shell, *words: str) -> str:
    """Make something, and return its id."""
    answer = shell.run(*words, "--json")
    assert answer.code == 0, answer.err
    return str(json.loads(answer.out)["id"])


@pytest.mark.parametrize("columns", ["40", "80"])
def test_ids_are_shown_whole_however_narrow_the_terminal(shell: Shell, columns: str) -> None:
    shell.monkeypatch.setenv("COLUMNS", columns)
    org = made(shell, "org", "create", "--name", "A clinic with a long name, in a long street")
    agent = made(shell, "agent", "create", "--org", org, "--name", "Dr. Rivera", "--timezone", "Europe/London")
    key = made(shell, "key", "create", "--org", org, "--name", "Voice platform", "--scope", "admin", "--scope", "read")

    listed = {word: shell.run(word, "list", "--org", org).out for word in ("agent", "key")}
    orgs = shell.run("org", "list").out

    assert org in orgs
    assert agent in listed["agent"]
    assert {key, org} <= set(listed["key"].split())
    for table in (orgs, *listed.values()):
        assert len(table.splitlines()) == 2  # the heading, and a line for what there is


def test_names_are_shown_as_they_are(shell: Shell) -> None:
    org = made(shell, "org", "create", "--name", ODD)
    made(shell, "agent", "create", "--org", org, "--name", ODD)

    for words in (["org", "list"], ["agent", "list", "--org", org]):
        answer = shell.run(*words)
        assert (answer.code, answer.err) == (0, "")
        assert ODD in answer.out


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x1b[31mb", "two\x00lines"])
@pytest.mark.parametrize("words", [["org", "create"], ["agent", "create", "--org", "ORG"]], ids=["org", "agent"])
def test_a_name_that_the_api_would_not_take_is_wrong_usage(shell: Shell, words: list[str], name: str) -> None:
    org = made(shell, "org", "create", "--name", "Clinic")

    answer = shell.run(*(org if word == "ORG" else word for word in words), "--name", name)

    assert answer.code == 2
    assert "--name" in answer.err
    assert len(json.loads(shell.run("org", "list", "--json").out)) == 1
    assert json.loads(shell.run("agent", "list", "--org", org, "--json").out) == []


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["key", "create", "--name", "a\x1b[31mb"], "--name"),
        (["key", "create", "--name", "x" * 201], "--name"),
        (["agent", "create", "--name", "Dr. Rivera", "--event-type", "x" * 201], "--event-type"),
        (["account", "connect", "--name", "a\x1b[31mb"], "--name"),
    ],
)
def test_nor_are_other_texts_taken_that_the_api_refuses(shell: Shell, words: list[str], option: str) -> None:
    org = made(shell, "org", "create", "--name", "Clinic")

    answer = shell.run(*words, "--org", org)

    assert answer.code == 2
    assert option in answer.err
