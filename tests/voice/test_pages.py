"""The pages for those who set a platform up: the JSON on them is what the service answers.

To write the JSON on the pages anew after a change of the tools, run ``.venv/bin/python -m tests.voice.test_pages``.
"""

import asyncio
import base64
import json
import re
import shlex
import sys
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any
from uuid import UUID

import pytest
from tests.api.clinic import Clinic, open_clinic
from tests.voice.envelopes import SIGNING
from tests.voice.vendors import SCHEMAS

from calbridge.storage.database import upgrade
from calbridge.tools.greeting import NAMES

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "voice"
ORGANIZATION = UUID("1268c1f0-19f3-47db-aefb-c16a7c3ace6e")
AGENT = UUID("019d1fdb-98e9-7c87-86c7-321e2fa98733")
PUBLIC = "https://calbridge.example.com"
PUBLIC_KEY = base64.b64encode(bytes(range(32))).decode()
WIDTH = 118
BLOCK = re.compile(r"(?<=<!-- tools -->\n\n```json\n).*?(?=\n```)", re.DOTALL)


async def pasted(clinic: Clinic, platform: str) -> Any:  # noqa: ANN401 - each platform's own JSON
    """The tools of the sample agent."""
    async with clinic.authorized() as client:
        answer = await client.get(f"/api/v1/calcom/agents/{AGENT}/tools/{platform}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def with_sample_agent(clinic: Clinic) -> Clinic:
    """Have the agent of the pages, with the ids of ``calbridge dev``."""
    await clinic.services.agents.create(clinic.organization.id, "Dr. Rivera", id=AGENT)
    await clinic.services.assignments.link(clinic.organization.id, AGENT, clinic.account.id)
    return clinic


@pytest.mark.parametrize("platform", SCHEMAS)
async def test_the_page_shows_what_the_service_answers(sqlite_url: str, platform: str) -> None:
    page = (PAGES / f"{platform}.md").read_text()
    (shown,) = BLOCK.findall(page)

    async with open_clinic(sqlite_url, organization_id=ORGANIZATION, public_url=PUBLIC) as clinic:
        answered = await pasted(await with_sample_agent(clinic), platform)

    assert json.loads(shown) == answered, "write it anew with: .venv/bin/python -m tests.voice.test_pages"


@pytest.mark.parametrize("platform", SCHEMAS)
def test_every_page_tells_where_what_and_what_if(platform: str) -> None:
    page = (PAGES / f"{platform}.md").read_text()

    for heading in ("## What to paste where", "## What the settings mean", "## What the caller hears"):
        assert heading in page
    assert f"/tools/{platform}" in page


@pytest.mark.parametrize("platform", SCHEMAS.keys() - {"openai", "mcp"})
def test_every_page_of_a_door_tells_what_is_known_before_the_call(platform: str) -> None:
    page = (PAGES / f"{platform}.md").read_text()

    assert "## Before the call" in page
    assert "/context" in page


def test_the_overview_names_every_page_and_every_variable() -> None:
    overview = (PAGES / "README.md").read_text()

    assert {f"{platform}.md" for platform in SCHEMAS} <= set(re.findall(r"\]\(([a-z]+\.md)\)", overview))
    assert all(f"`{name}`" in overview for name in NAMES)


async def carried_out(clinic: Clinic, page: str, variables: Mapping[str, str]) -> list[Any]:
    """Send what the commands of a page send, as printed but for the variables; the answers."""
    answers = []
    text = (PAGES / page).read_text().replace("\\\n", "").replace('"secret": "..."', f'"secret": "{PUBLIC_KEY}"')
    for command in re.findall(rf"curl .*{PUBLIC}.*", text):
        words = shlex.split(Template(command).substitute(variables))
        given = dict(pairwise(words))
        (address,) = (word for word in words if word.startswith(PUBLIC))
        headers = dict(after.split(": ") for word, after in pairwise(words) if word == "-H")
        async with clinic.client() as client:
            answer = await client.request(
                given.get("-X", "GET"), address.removeprefix(PUBLIC), headers=headers, content=given.get("-d")
            )
        assert answer.is_success, f"{command}: {answer.text}"
        answers.append(answer.json())
    return answers


@pytest.mark.parametrize("platform", SCHEMAS)
async def test_the_commands_work_as_printed(small_clinic: Clinic, platform: str) -> None:
    token = {"TOKEN": small_clinic.token}
    (made,) = await carried_out(small_clinic, "README.md", token)
    variables = {**token, "KEY": made["data"]["key"], "AGENT": str(small_clinic.agent.id)}

    tools, *secrets = await carried_out(small_clinic, f"{platform}.md", variables)

    assert "suggest_times" in json.dumps(tools) or platform == "mcp"  # whose clients ask the server for them
    assert [each["data"]["platform"] for each in secrets] == ([platform] if platform in SIGNING else [])


def test_links_lead_somewhere() -> None:
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def written(value: object, indent: int = 0, used: int = 0) -> str:
    """Write JSON as it is read best: on one line whatever fits, the rest one member a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + used + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + 2
    if isinstance(value, Mapping):
        keys = [json.dumps(key) for key in value]
        lines = [f"{key}: {written(each, inner, len(key) + 3)}" for key, each in zip(keys, value.values(), strict=True)]
    else:
        lines = [written(each, inner, 1) for each in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    separator = ",\n" + " " * inner
    return f"{opening}\n{' ' * inner}{separator.join(lines)}\n{' ' * indent}{closing}"


async def write_pages(database_url: str) -> None:
    """Write the JSON on all pages anew."""
    async with open_clinic(database_url, organization_id=ORGANIZATION, public_url=PUBLIC) as clinic:
        await with_sample_agent(clinic)
        for platform in SCHEMAS:
            page = PAGES / f"{platform}.md"
            block = written(await pasted(clinic, platform))
            page.write_text(BLOCK.sub(lambda _, block=block: block, page.read_text()))  # type: ignore[misc]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/pages.db"
        upgrade(address)
        asyncio.run(write_pages(address))
    sys.stdout.write("written\n")
