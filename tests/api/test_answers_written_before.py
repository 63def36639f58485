"""Open times that were written for somebody a moment ago, and asked for again: what has changed is told anew."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.api import agent, calcom, owner
from tests.api.clinic import MANAGE, Clinic, open_clinic

from calbridge.api.ravan.manage_answer import answer
from calbridge.domain.actions import Openings, Reply, Suggest
from calbridge.domain.times import suggest

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
async def serving_clinic(sqlite_url: str) -> AsyncIterator[Clinic]:
    """A clinic that remembers, because it hears of changes."""
    async with open_clinic(sqlite_url, serving=True) as clinic:
        await asyncio.sleep(0.3)  # the first look for changes forgets everything
        yield clinic


async def told(clinic: Clinic, **fields: object) -> dict[str, Any]:
    """What is told of the open times of these two days."""
    answer = await clinic.manage("availability", **{"days_ahead": 1, **fields})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def starts(data: dict[str, Any]) -> list[str]:
    """The starts, in UTC."""
    return [start for day in data["available_slots"] for start in day["start_times"]]


async def asked(clinic: Clinic) -> int:
    """How often Cal.com was asked for open times."""
    return len(await calcom.sent(clinic, "GET", "/v2/slots"))


async def test_the_same_is_told_again_without_asking(serving_clinic: Clinic) -> None:
    first = await told(serving_clinic)

    assert await told(serving_clinic) == first
    assert await asked(serving_clinic) == 1


async def test_a_start_that_is_over_is_not_told_again(serving_clinic: Clinic) -> None:
    before = starts(await told(serving_clinic))
    serving_clinic.clock.advance(timedelta(hours=2, minutes=1))

    after = starts(await told(serving_clinic))

    assert before[0] == "2026-03-20T10:00:00Z"
    assert after == [start for start in before if start > "2026-03-20T10:01:00Z"]
    assert len(after) < len(before)
    assert await asked(serving_clinic) == 1


async def test_the_next_day_it_is_another_today(serving_clinic: Clinic) -> None:
    before = await told(serving_clinic, days_ahead=3)
    serving_clinic.clock.advance(timedelta(days=3))

    after = await told(serving_clinic, days_ahead=0)

    assert [day["date_label"] for day in before["available_slots"]] == ["Today", "Monday"]
    assert after["available_slots"][0]["date"] == "2026-03-23"
    assert after["available_slots"][0]["date_label"] == "Today"


async def test_a_time_that_was_booked_is_not_told_again(serving_clinic: Clinic) -> None:
    assert "2026-03-20T11:00:00Z" in starts(await told(serving_clinic))
    await serving_clinic.book("2026-03-20T11:00:00")

    assert "2026-03-20T11:00:00Z" not in starts(await told(serving_clinic))


async def test_nor_is_it_by_another_agent_with_a_key_of_the_same_host(serving_clinic: Clinic) -> None:
    services, organization = serving_clinic.services, serving_clinic.organization
    other = await services.agents.create(organization.id, "Dr. Okafor")
    await services.assignments.connect_private(organization.id, other.id, api_key="cal_sandbox_demo", name=None)
    assert "2026-03-20T11:00:00Z" in starts(await told(serving_clinic, agent_id=str(other.id)))

    await serving_clinic.book("2026-03-20T11:00:00")
    await asyncio.sleep(0.5)

    assert "2026-03-20T11:00:00Z" not in starts(await told(serving_clinic, agent_id=str(other.id)))


async def test_each_zone_has_its_own_clock(serving_clinic: Clinic) -> None:
    london = await told(serving_clinic)
    new_york = await told(serving_clinic, timezone="America/New_York")

    assert (london["timezone"], london["available_slots"][0]["slots"][0]) == ("Europe/London", "10:00 AM")
    assert (new_york["timezone"], new_york["available_slots"][0]["slots"][0]) == ("America/New_York", "6:00 AM")


async def test_a_few_times_are_not_all_times(serving_clinic: Clinic) -> None:
    everything = await serving_clinic.manage("availability", days_ahead=3)
    some = await serving_clinic.manage("suggest", days_ahead=3)

    assert everything.json()["data"]["action"] == "availability"
    assert some.json()["data"]["action"] == "suggest"
    assert len(starts(some.json()["data"])) < len(starts(everything.json()["data"]))


async def test_an_agent_that_is_renamed_has_its_new_name(serving_clinic: Clinic) -> None:
    before = await told(serving_clinic)
    await agent.patch(serving_clinic, agentName="Dr. Silva")

    assert before["agent_name"] == "Dr. Rivera"
    assert (await told(serving_clinic))["agent_name"] == "Dr. Silva"


async def test_another_account_has_other_times(serving_clinic: Clinic) -> None:
    await calcom.host(serving_clinic, hours={"Friday": [["10:00", "11:00"]]})
    before = starts(await told(serving_clinic))
    await calcom.use(serving_clinic, "cal_sandbox_new")

    assert len(before) > 2
    assert starts(await told(serving_clinic)) == ["2026-03-20T10:00:00Z", "2026-03-20T10:30:00Z"]


async def test_another_agent_of_the_same_calendar_is_called_by_its_own_name(serving_clinic: Clinic) -> None:
    services, organization = serving_clinic.services, serving_clinic.organization
    other = await services.agents.create(organization.id, "Dr. Okafor")
    await services.assignments.link(organization.id, other.id, serving_clinic.account.id)
    mine = await told(serving_clinic)

    theirs = await told(serving_clinic, agent_id=str(other.id))

    assert theirs == {**mine, "agent_name": "Dr. Okafor"}


async def test_who_may_not_ask_is_told_nothing(serving_clinic: Clinic) -> None:
    await told(serving_clinic)
    await owner.update(serving_clinic, checkAvailabilityEnabled=False)
    switched_off = await serving_clinic.manage("availability", days_ahead=1)
    body = {"action": "availability", "agent_id": str(serving_clinic.agent.id), "days_ahead": 1}
    async with serving_clinic.client(x_api_key="ak_wrong") as stranger:
        refused = await stranger.post(MANAGE, json={**body, "org_id": str(serving_clinic.organization.id)})

    assert (switched_off.status_code, refused.status_code) == (403, 401)
    assert not starts(switched_off.json()["data"])


def test_of_an_hour_that_clocks_repeat_the_one_is_told_that_is_open() -> None:
    summer, winter = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))  # both are half past one

    def suggested(start: datetime) -> list[str]:
        openings = Openings(suggest([start], LONDON), widened=False)
        told = answer(Reply(Suggest(7), openings, "Dr. Rivera", LONDON, LONDON, summer - timedelta(days=1)))
        return starts(json.loads(bytes(told.body))["data"])

    assert suggested(summer) == ["2026-10-25T00:30:00Z"]
    assert suggested(winter) == ["2026-10-25T01:30:00Z"]
