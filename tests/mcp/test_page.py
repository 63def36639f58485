"""The page about this door is true: its names are ours, its JSON is JSON, and its command line works as printed."""

import json
import re
import shlex
from pathlib import Path

from tests.mcp.line import Line

from calbridge.cli.dev import AGENT
from calbridge.mcp.door import AGENT as NAMES_OF_AGENT
from calbridge.mcp.door import CALL, CALLER, CHAT
from calbridge.tools.catalog import ACTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "voice" / "mcp.md").read_text()


def test_it_names_what_there_is() -> None:
    tools = PAGE.partition("## The tools")[2].partition(":")[0]
    headers = [header for header, _ in (NAMES_OF_AGENT, CALL, CHAT, CALLER)]
    parameters = [parameter for _, parameter in (NAMES_OF_AGENT, CALL, CALLER)]

    assert re.findall(r"`(\w+)`", tools) == list(ACTIONS)
    assert not [header for header in headers if f"`{header.title()}`" not in PAGE]
    assert not [parameter for parameter in parameters if f"`?{parameter}=...`" not in PAGE]


def test_its_json_is_json() -> None:
    for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        assert json.loads(text)


async def test_its_command_line_works(line: Line) -> None:
    (command,) = re.findall(r"```\n(curl \S* '[^\n]*/mcp[^\n]*)\n```", PAGE)
    words = shlex.split(command.replace("$(cat .calbridge/token)", line.clinic.token))
    address, body = words[2], words[words.index("-d") + 1]
    headers = dict(re.split(r":\s*", words[index + 1], maxsplit=1) for index, word in enumerate(words) if word == "-H")

    query = address.partition("/mcp")[2].replace(str(AGENT), str(line.clinic.agent.id))
    answer = await line.post(json.loads(body), query=query, **headers)

    assert str(AGENT) in address
    assert answer.json()["result"]["structuredContent"]["success"] is True
