"""Cal.com's rate limit is never overrun, however many ask at once and in however many processes."""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL
from tests.conftest import made_database
from tests.engine.practice import MANAGE, Practice, open_practice
from tests.engine.stage import Stage

Question = Callable[[Practice[Stage], int], Coroutine[Any, Any, httpx.Response]]
Opened = Callable[[pytest.FixtureRequest], AbstractContextManager[Stage]]

LIMIT = 100
QUESTIONS = 200
SHORT_AND_LONG = [pytest.param(2.0, id="short"), pytest.param(5.0, id="long", marks=pytest.mark.long)]


@contextmanager
def one_server(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A server over an SQLite file."""
    url = request.getfixturevalue("sqlite_url")
    with Stage(request.getfixturevalue("tmp_path"), url, CALCOM_RATE_LIMIT=str(LIMIT)).open() as stage:
        yield stage


@contextmanager
def two_servers(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Two servers over one PostgreSQL database."""
    server: URL = request.getfixturevalue("postgres_server")
    folder: Path = request.getfixturevalue("tmp_path")
    with made_database(server, request.getfixturevalue("postgres_template")) as url:
        settings = {"CALCOM_RATE_LIMIT": str(LIMIT)}
        with Stage(folder, url, servers=2, **settings).open() as stage:
            yield stage


async def availability(practice: Practice[Stage], number: int) -> httpx.Response:
    """Ask for open times: many such questions may share one call to Cal.com."""
    server = practice.stage.servers[number % len(practice.stage.servers)]
    body = {"action": "availability", "org_id": practice.organization_id, "agent_id": practice.agent_id}
    return await practice.http.post(f"{server.url}{MANAGE}", json=body, headers={"X-Api-Key": practice.api_key})


async def appointments(practice: Practice[Stage], number: int) -> httpx.Response:
    """Ask for the list of appointments: each such question is one call to Cal.com, at least."""
    server = practice.stage.servers[number % len(practice.stage.servers)]
    query = {"org_id": practice.organization_id, "status": "upcoming"}
    url = f"{server.url}/api/v1/calcom/appointments"
    return await practice.http.get(url, params=query, headers={"Authorization": f"Bearer {practice.token}"})


async def arrivals(practice: Practice[Stage]) -> list[datetime]:
    """When the practice's requests came to Cal.com."""
    ledger = await practice.at_calcom("GET", "/ledger")
    return sorted(
        datetime.fromisoformat(each["received_at"]) for each in ledger["requests"] if each["user"] == practice.host
    )


def most_in(seconds: float, instants: list[datetime]) -> int:
    """The most of these sorted instants that lie in any window."""
    window = timedelta(seconds=seconds)
    return max(bisect_left(instants, instant + window) - index for index, instant in enumerate(instants))


@pytest.mark.parametrize("seconds", SHORT_AND_LONG)
@pytest.mark.parametrize("opened", [one_server, two_servers])
@pytest.mark.parametrize(("question", "least"), [(availability, 1), (appointments, 20)])
async def test_two_hundred_questions_do_not_overrun_the_limit_and_hold_up_no_booking(
    request: pytest.FixtureRequest, opened: Opened, seconds: float, question: Question, least: int
) -> None:
    with opened(request) as stage:
        async with open_practice(stage) as practice:
            asked = []
            for number in range(QUESTIONS):
                asked.append(asyncio.create_task(question(practice, number)))
                await asyncio.sleep(seconds / QUESTIONS)
                if number == QUESTIONS // 2:
                    booking = asyncio.create_task(practice.ask(practice.booking()))
            heard = await booking
            answers = await asyncio.gather(*asked)
            came = await arrivals(practice)

    assert heard.succeeded, heard
    assert heard.ended - heard.sent < timedelta(seconds=5)
    assert len(came) >= least
    assert most_in(60, came) <= LIMIT
    assert most_in(1, came) <= 20  # ten start in any second, but they need not arrive as they started
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses.keys() <= {200, 429}
    assert statuses[200] >= 15
    waits = [int(answer.headers["Retry-After"]) for answer in answers if answer.status_code == 429]
    assert all(1 <= wait <= 60 for wait in waits)
