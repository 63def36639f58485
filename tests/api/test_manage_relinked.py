"""``manage`` after the agent was given another calendar: what was sent is looked for where it was sent."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.api import calcom
from tests.api.clinic import SETTLE_SECONDS, Clinic, open_clinic
from tests.api.test_manage_late_commits import CREATE, LIST, SESSION, intent, poll, unseen

from calbridge.domain.intents import State

KEY = {"idempotency_key": "order-4711"}


async def relink(clinic: Clinic) -> None:
    """Have the agent use the calendar of another Cal.com user."""
    await calcom.host(clinic)
    await calcom.use(clinic, "cal_sandbox_new")


async def live(clinic: Clinic) -> list[str]:
    """The bookings that stand, in whichever calendar."""
    return [str(each["uid"]) for each in await calcom.bookings(clinic) if each["status"] == "accepted"]


async def test_a_lost_answer_is_found_in_the_calendar_that_was_asked(clinic: Clinic) -> None:
    await calcom.fault(clinic, "drop", *CREATE, when="after")
    await calcom.fault(clinic, "status", *LIST, times=99)
    unknown = await clinic.book(**KEY)
    await asyncio.sleep(SETTLE_SECONDS)
    await clinic.at_calcom("DELETE", "/sandbox/faults")
    await relink(clinic)

    again = await clinic.book(**KEY)

    assert unknown.status_code == 202
    assert again.status_code == 200
    assert await live(clinic) == [calcom.uid_of(again)]


async def test_a_success_is_told_again(small_clinic: Clinic) -> None:
    first = await small_clinic.book(**KEY)
    await relink(small_clinic)

    again = await small_clinic.book(**KEY)

    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()


async def test_nothing_is_told_where_nobody_can_look(small_clinic: Clinic) -> None:
    await small_clinic.book(**KEY)
    await relink(small_clinic)
    await small_clinic.services.connections.disconnect(small_clinic.organization.id, small_clinic.account.id)

    again = await small_clinic.book(**KEY)

    assert again.status_code == 202
    assert len(await live(small_clinic)) == 1


async def test_what_came_to_nothing_there_is_begun_anew_here(clinic: Clinic) -> None:
    await calcom.fault(clinic, "drop", *CREATE, when="before")
    await clinic.book(**KEY)
    await asyncio.sleep(SETTLE_SECONDS)
    await clinic.services.decisions.look((await intent(clinic)).id)
    await relink(clinic)

    here = await clinic.book(**KEY)
    again = await clinic.book(**KEY)

    new, old = await clinic.services.intents.list(clinic.organization.id, (), 10)
    assert await live(clinic) == [calcom.uid_of(here)] == [calcom.uid_of(again)]
    assert (new.state, new.uid) == (State.CONFIRMED, calcom.uid_of(here))
    assert (old.state, old.account_id) == (State.REJECTED, clinic.account.id)


async def test_what_comes_late_there_when_it_was_booked_here_needs_a_person(clinic: Clinic) -> None:
    late = await unseen(clinic, **KEY)
    await relink(clinic)
    here = calcom.uid_of(await clinic.book(**SESSION, **KEY))

    await poll(clinic)

    new, old = await clinic.services.intents.list(clinic.organization.id, (), 10)
    assert (new.state, new.uid) == (State.CONFIRMED, here)
    assert (old.state, old.uid) == (State.NEEDS_HUMAN, late)


@pytest.fixture
async def private(database_url: str) -> AsyncIterator[Clinic]:
    """A clinic with its background work, whose agent has a private key of the demo user."""
    async with open_clinic(database_url, serving=True) as clinic:
        await calcom.host(clinic)
        await clinic.services.connections.disconnect(clinic.organization.id, clinic.account.id)
        await give(clinic, calcom.DEMO)
        yield clinic


async def give(clinic: Clinic, key: str) -> None:
    """Give the agent a private key, in place of the one that it has."""
    await clinic.services.assignments.connect_private(clinic.organization.id, clinic.agent.id, api_key=key, name=None)


async def test_what_was_sent_for_one_user_is_not_looked_for_at_another(private: Clinic) -> None:
    await calcom.fault(private, "drop", *CREATE, when="after")
    await calcom.fault(private, "status", *LIST, status=400, times=999)
    await private.book(**KEY)
    await give(private, "cal_sandbox_new")
    await asyncio.sleep(0.1)  # for a look that is under way
    await private.at_calcom("DELETE", "/sandbox/faults")
    await asyncio.sleep(3 * SETTLE_SECONDS)

    swept = await intent(private)
    meanwhile = await private.book(**KEY)
    await give(private, calcom.DEMO)
    again = await private.book(**KEY)

    assert (swept.state, meanwhile.status_code) == (State.UNKNOWN, 202)
    assert again.status_code == 200
    assert await live(private) == [calcom.uid_of(again)]


async def test_what_came_to_nothing_for_one_user_is_begun_anew_for_another(private: Clinic) -> None:
    await calcom.fault(private, "drop", *CREATE, when="before")
    await private.book(**KEY)
    while (await intent(private)).state is not State.REJECTED:  # noqa: ASYNC110 - the sweeper finds it out
        await asyncio.sleep(SETTLE_SECONDS / 10)
    await give(private, "cal_sandbox_new")

    here = await private.book(**KEY)

    new, old = await private.services.intents.list(private.organization.id, (), 10)
    assert await live(private) == [calcom.uid_of(here)]
    assert (new.account_id, new.user == old.user) == (old.account_id, False)
    assert (new.state, old.state) == (State.CONFIRMED, State.REJECTED)
