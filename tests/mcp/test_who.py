"""Who may call the door, and for which agent: what is refused is refused before the protocol is spoken."""

import time
from uuid import uuid4

import pytest
from jose import jwt
from mcp import MCPError
from tests.api import owner
from tests.api.bodies import error
from tests.api.clinic import JWT_SECRET
from tests.api.office import neighbour
from tests.mcp.line import ERAS, Era, Line, call

from calbridge.domain.access import COMMAND, Scope
from calbridge.domain.agents import AgentStatus

UNAUTHORIZED = error("", "Authentication is required.")
FORBIDDEN = error("", "This credential does not allow that.")
ASK = error("INVALID_REQUEST", "agent_id must be a UUID: in the query, or as the header X-Agent-Id")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer ak_wrong"},
        {"authorization": "Bearer not.a.token"},
        {"authorization": "Basic YTpi"},
        {"x_api_key": "ak_wrong"},
    ],
)
async def test_without_a_key_that_holds_nobody_is_let_in(line: Line, headers: dict[str, str]) -> None:
    answer = await line.post(x_agent_id=str(line.clinic.agent.id), **headers)

    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["x-request-id"]


async def test_a_token_and_a_key_in_its_own_header_open_too(line: Line) -> None:
    agent = str(line.clinic.agent.id)
    by_token = await line.post(x_agent_id=agent, authorization=f"Bearer {line.clinic.token}")
    by_key = await line.post(x_agent_id=agent, x_api_key=line.key)
    by_both = await line.post(x_agent_id=agent, x_api_key=line.key, authorization=f"Bearer {line.clinic.token}")
    twice = await line.post(x_agent_id=agent, x_api_key=line.key, authorization=f"bearer {line.key}")
    at_odds = await line.post(x_agent_id=agent, x_api_key="ak_other", authorization=f"Bearer {line.key}")

    assert [each.status_code for each in (by_token, by_key, by_both, twice, at_odds)] == [200, 200, 200, 200, 401]


async def test_a_key_that_may_only_read_does_not_open(line: Line) -> None:
    scopes = frozenset({Scope.READ})
    _, key = await line.clinic.services.keys.create(line.clinic.organization.id, "reader", scopes, by=COMMAND)

    answer = await line.post(x_agent_id=str(line.clinic.agent.id), x_api_key=key)

    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


async def test_a_token_that_names_no_organization_does_not_open(line: Line) -> None:
    token = jwt.encode({"sub": "tests", "exp": int(time.time()) + 60}, JWT_SECRET, "HS256")

    answer = await line.post(x_agent_id=str(line.clinic.agent.id), authorization=f"Bearer {token}")

    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("agent", ["", "rivera", "{{agent_id}}"])
async def test_an_agent_has_to_be_named(line: Line, agent: str) -> None:
    named = {"x_agent_id": agent} if agent else {}

    answer = await line.post(authorization=f"Bearer {line.key}", **named)

    assert (answer.status_code, answer.json()) == (400, ASK)


async def test_the_agent_may_stand_in_the_query_but_not_be_two(line: Line) -> None:
    query, key = f"?agent_id={line.clinic.agent.id}", f"Bearer {line.key}"

    named = await line.post(query=query, authorization=key)
    twice = await line.post(query=query, authorization=key, x_agent_id=str(line.clinic.agent.id))
    two = await line.post(query=query, authorization=key, x_agent_id=str(uuid4()))

    assert [each.status_code for each in (named, twice, two)] == [200, 200, 400]
    assert len(named.json()["result"]["tools"]) == 6


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("whose", ["another organization's", "nobody's", "one that takes no calls"])
async def test_only_agents_of_the_organization_that_take_calls_are_found(line: Line, whose: str, era: Era) -> None:
    agent = str(line.clinic.agent.id)
    match whose:
        case "another organization's":
            agent = str((await neighbour(line.clinic)).agent.id)
        case "nobody's":
            agent = str(uuid4())
        case _:
            await owner.change_agent(line.clinic, status=AgentStatus.INACTIVE)

    async with line.client(era, x_agent_id=agent) as client:
        with pytest.raises(MCPError, match="Agent not found"):
            await client.list_tools()
        told = await call(client, "suggest_times")

    assert (told.message, told.failed) == ("I'm sorry, I can't make appointments on this line.", True)


async def test_another_organizations_key_opens_only_its_own(line: Line) -> None:
    other = await neighbour(line.clinic)
    _, key = await line.clinic.services.keys.create(other.organization.id, "k", frozenset({Scope.MANAGE}), by=COMMAND)

    async with line.client(authorization=f"Bearer {key}") as client:
        told = await call(client, "find_appointments", phone="+442079460958")

    assert told.fields["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("flag", "left"),
    [
        (
            "checkAvailabilityEnabled",
            ["book_appointment", "reschedule_appointment", "cancel_appointment", "find_appointments"],
        ),
        (
            "createBookingEnabled",
            ["suggest_times", "check_availability", "cancel_appointment", "find_appointments"],
        ),
    ],
)
async def test_only_what_the_owner_allows_is_listed_and_done(line: Line, flag: str, left: list[str]) -> None:
    await owner.update(line.clinic, None, **{flag: False, "prompt": "Offer mornings first."})
    async with line.client() as client:
        tools = (await client.list_tools()).tools
        told = await call(client, "suggest_times" if "Availability" in flag else "book_appointment", name="Jane Doe")

    assert [tool.name for tool in tools] == left
    assert all(str(tool.description).endswith("Offer mornings first.") for tool in tools)
    assert (told.fields["code"], told.failed) == ("FORBIDDEN", False)
    assert told.message.startswith("I'm not able to")


async def test_a_browser_is_refused(line: Line) -> None:
    headers = {"authorization": f"Bearer {line.key}", "x_agent_id": str(line.clinic.agent.id)}

    own = await line.post(origin=line.url.removesuffix("/mcp"), **headers)
    strange = await line.post(origin="https://evil.example", **headers)
    behind_a_proxy = await line.post(host="book.clinic.example", **headers)

    assert [each.status_code for each in (own, strange, behind_a_proxy)] == [403, 403, 200]
