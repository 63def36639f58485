"""Two servers over one database: what one of them changes, the other one knows a second later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from tests.engine.practice import MANAGE, Practice
from tests.engine.stage import Stage

HEARD_SECONDS = 1.0
ACCOUNT = "/api/v1/calcom/agents/{}/account"


class Caller:
    """Somebody who asks a server for times."""

    def __init__(self, practice: Practice[Stage], server: int) -> None:
        self._practice = practice
        self._url = f"{practice.stage.servers[server].url}{MANAGE}"

    async def ask(self) -> httpx.Response:
        """Ask for all times of the next two days."""
        practice = self._practice
        body = {
            "action": "availability",
            "org_id": practice.organization_id,
            "agent_id": practice.agent_id,
            "days_ahead": 2,
        }
        return await practice.http.post(self._url, json=body, headers={"X-Api-Key": practice.api_key})

    async def offered(self) -> set[str]:
        """The times that are offered, in UTC."""
        answer = await self.ask()
        assert answer.status_code == httpx.codes.OK, answer.text
        return {start for day in answer.json()["data"]["available_slots"] for start in day["start_times"]}


def utc(practice: Practice[Stage], slot: int) -> str:
    """The start of a slot as it is told."""
    return practice.slot(slot).strftime("%Y-%m-%dT%H:%M:%SZ")


async def warmed(practice: Practice[Stage]) -> tuple[Caller, Caller]:
    """Have both servers remember all that there is to remember."""
    callers = Caller(practice, 0), Caller(practice, 1)
    for _ in range(3):
        for caller in callers:
            assert await caller.offered()
    return callers


async def office(practice: Practice[Stage], method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
    """Have the first server change something."""
    url, headers = f"{practice.stage.servers[0].url}{path}", {"Authorization": f"Bearer {practice.token}"}
    answer = await practice.http.request(method, url, json=body or None, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def a_second_later(act: Callable[[], Awaitable[object]]) -> None:
    """Do something, and let a second pass since it was answered; that is the promise, so that it is no race."""
    await act()
    await asyncio.sleep(HEARD_SECONDS / 2)
    await asyncio.sleep(HEARD_SECONDS / 2)


async def test_times_are_remembered_by_each_server(group_practice: Practice[Stage]) -> None:
    await warmed(group_practice)
    assert (
        1 <= len(await group_practice.requests("GET", "/v2/slots")) <= 4
    )  # of six, one for each server if it is quick


async def test_a_time_that_was_booked_is_offered_by_neither(group_practice: Practice[Stage]) -> None:
    first, second = await warmed(group_practice)
    jane = group_practice.booking(3)
    assert utc(group_practice, 3) in await second.offered()

    assert (await group_practice.ask(jane)).succeeded
    assert utc(group_practice, 3) not in await first.offered()
    await a_second_later(lambda: asyncio.sleep(0))

    assert utc(group_practice, 3) not in await second.offered()
    await group_practice.verify()


async def test_nor_is_one_of_which_nobody_knows_yet_whether_it_was_booked(group_practice: Practice[Stage]) -> None:
    first, second = await warmed(group_practice)
    jane = group_practice.booking(5)
    assert utc(group_practice, 5) in await second.offered()
    await group_practice.strike("drop", when="after")
    await group_practice.strike("status", method="GET", path="/v2/bookings", status=500, times=20)

    unknown = await group_practice.ask(jane, deadline_ms=1_000)
    assert unknown.asks == "verify"
    assert utc(group_practice, 5) not in await first.offered()
    await a_second_later(lambda: asyncio.sleep(0))

    assert utc(group_practice, 5) not in await second.offered()
    assert (await group_practice.insist(jane)).succeeded
    await group_practice.verify()


async def test_a_time_that_was_given_up_is_offered_by_both(group_practice: Practice[Stage]) -> None:
    jane = group_practice.booking(4)
    booked = await group_practice.ask(jane)
    first, second = await warmed(group_practice)
    assert utc(group_practice, 4) not in await second.offered()

    assert (await group_practice.ask(group_practice.cancel(jane), booked.uid)).succeeded
    assert utc(group_practice, 4) in await first.offered()
    await a_second_later(lambda: asyncio.sleep(0))

    assert utc(group_practice, 4) in await second.offered()
    await group_practice.verify()


async def test_a_key_that_was_revoked_opens_neither(group_practice: Practice[Stage]) -> None:
    first, second = await warmed(group_practice)
    made = await office(group_practice, "POST", "/api/v1/keys", name="another", scopes=["manage"])
    group_practice.api_key = made["data"]["key"]
    await warmed(group_practice)

    await office(group_practice, "DELETE", f"/api/v1/keys/{made['data']['id']}")
    assert (await first.ask()).status_code == httpx.codes.UNAUTHORIZED
    await a_second_later(lambda: asyncio.sleep(0))

    assert (await second.ask()).status_code == httpx.codes.UNAUTHORIZED


async def test_a_link_that_was_changed_is_used_by_both(group_practice: Practice[Stage]) -> None:
    first, second = await warmed(group_practice)
    path = ACCOUNT.format(group_practice.agent_id)
    account = (await office(group_practice, "GET", path))["data"]["calcom_account_id"]

    await office(group_practice, "PUT", path, calcom_account_id=None)
    assert (await first.ask()).json()["code"] == "NOT_CONNECTED"
    await a_second_later(lambda: asyncio.sleep(0))
    assert (await second.ask()).json()["code"] == "NOT_CONNECTED"

    await office(group_practice, "PUT", path, calcom_account_id=account)
    assert await first.offered()
    await a_second_later(lambda: asyncio.sleep(0))
    assert await second.offered()


async def test_a_disconnected_account_is_asked_by_neither(group_practice: Practice[Stage]) -> None:
    first, second = await warmed(group_practice)

    await office(group_practice, "POST", "/api/v1/calcom/disconnect", org_id=group_practice.organization_id)
    assert (await first.ask()).json()["code"] == "NOT_CONNECTED"
    await a_second_later(lambda: asyncio.sleep(0))
    asked = len(await group_practice.requests("GET", "/v2/slots"))

    assert (await second.ask()).json()["code"] == "NOT_CONNECTED"
    refused = await group_practice.ask(group_practice.booking(5), server=1)
    assert refused.code == "NOT_CONNECTED"
    assert len(await group_practice.requests("GET", "/v2/slots")) == asked
    assert await group_practice.requests() == []


async def test_callers_of_both_servers_who_lose_one_slot_are_offered_others(group_practice: Practice[Stage]) -> None:
    await warmed(group_practice)
    callers = [group_practice.booking(6) for _ in range(10)]
    before = len(await group_practice.requests("GET", "/v2/slots"))
    await group_practice.strike("delay", when="after", seconds=2)  # until everybody waits for whoever was first

    heard = await asyncio.gather(
        *(group_practice.ask(one, server=n % 2, deadline_ms=20_000) for n, one in enumerate(callers))
    )

    assert sum(one.succeeded for one in heard) == 1
    losers = [one for one in heard if not one.succeeded]
    assert all(one.code == "SLOT_UNAVAILABLE" for one in losers), losers
    for one in losers:
        shown = {start for day in one.body["data"]["available_slots"] for start in day["start_times"]}
        assert shown
        assert utc(group_practice, 6) not in shown
    assert len(await group_practice.requests("GET", "/v2/slots")) - before < len(losers)
    await group_practice.verify()
