"""The documents are true: every setting is described, every command and every door is named, nothing is left behind."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from calbridge.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SETTINGS = {
    name.upper()
    for section in fields(Settings)
    if isinstance(section.type, type) and issubclass(section.type, BaseSettings)
    for name in section.type.model_fields
}


def test_the_example_describes_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^CALBRIDGE_(\w+)=", example, re.MULTILINE)) == SETTINGS


def test_the_readme_lists_every_setting_and_no_other() -> None:
    table = README.partition("| `CALBRIDGE_...` |")[2].partition("\n\n")[0]
    named = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([A-Z_]{4,})`", row.split("|")[1] if "|" in row else "")
    }

    assert named == SETTINGS


@pytest.mark.parametrize(
    "command", ["org create", "agent create", "account connect", "token issue", "serve", "db upgrade"]
)
def test_the_readme_shows_the_commands(command: str) -> None:
    assert f"calbridge {command}" in README


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/architecture.md",
        "CHANGELOG.md",
        *map(str, sorted((ROOT / "docs" / "decisions").glob("*.md"))),
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target
