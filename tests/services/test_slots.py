"""Open times are asked for once by all who want to know, remembered for a while, and dropped when one is booked."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import Clinic, open_clinic
from tests.services.test_memory import Timer

from calbridge.calcom.calendar import Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.governor import Governor
from calbridge.domain.actions import Call, Suggest
from calbridge.domain.appointments import EventType
from calbridge.domain.errors import CalendarUnreachableError
from calbridge.domain.permits import Pace
from calbridge.domain.times import Window
from calbridge.services.inquiries import Inquiries
from calbridge.services.memory import Memories
from calbridge.services.slots import FRESH_SECONDS, RENEWED_SECONDS, Slots
from calbridge.services.visit import Visit

TTL = 60.0
MONDAY = datetime(2026, 3, 23, 10, tzinfo=UTC)
SLOTS = ("GET", "/v2/slots")


class Desk:
    """Slots over the sandbox, with seconds that pass when they are told to."""

    def __init__(self, clinic: Clinic, visit: Visit, event_type: EventType, inquiries: Inquiries) -> None:
        self.clinic = clinic
        self.visit = visit
        self.event_type = event_type
        self.inquiries = inquiries
        self.timer = Timer()
        self.memories = Memories(self.timer)
        self.memories.now_current(self.timer.now)
        self.slots = Slots(TTL, self.memories, inquiries, self.timer)

    async def ahead(self, days: int = 7, *, seconds: float = 8) -> tuple[datetime, ...]:
        """Ask for the next days, as a caller who waits for so many seconds."""
        visit = replace(self.visit, deadline=Deadline.after(seconds))
        starts, _ = await self.slots.ahead(visit, self.event_type, days)
        return starts

    async def pass_time(self, seconds: float) -> None:
        """Have time pass, and the process look for changes all the while."""
        self.timer.now += seconds
        self.memories.now_current(self.timer.now)

    async def booked(self, start: datetime) -> str:
        """Have somebody book past calbridge; return the uid."""
        return await calcom.book(self.clinic, start.isoformat(), self.event_type.slug)

    async def asked(self) -> int:
        """How often Cal.com was asked for times."""
        return (await self.clinic.requests_at_calcom()).count(SLOTS)

    async def asked_within(self, count: int) -> None:
        """Wait until Cal.com was asked so often."""
        async with asyncio.timeout(10):
            while await self.asked() < count:  # noqa: ASYNC110 - nobody tells when a request arrives
                await asyncio.sleep(0.005)


@asynccontextmanager
async def open_desk(url: str) -> AsyncIterator[Desk]:
    """Open a desk in a clinic."""
    async with open_clinic(url) as clinic:
        transport = httpx.ASGITransport(clinic.sandbox)
        async with httpx.AsyncClient(transport=transport) as http, Inquiries() as inquiries:
            governor = Governor(b"secret", Pace.of(100_000))
            calendars = Calendars(
                CalcomClient(http, timeout=5, governor=governor),
                placeholder_domain="phone.invalid",
                allows=lambda _: True,
            )
            assignment = await clinic.services.agents.assignment(clinic.organization.id, clinic.agent.id)
            assert assignment is not None
            assert assignment.connection is not None
            call = Call(clinic.organization.id, clinic.agent.id, Suggest(7))
            visit = Visit(
                call, assignment, assignment.connection, calendars, Deadline.after(60), clinic.clock(), anonymous=True
            )
            event_type = (await visit.calendar.event_types())[0]
            yield Desk(clinic, visit, event_type, inquiries)
            await governor.close()


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """A desk; the database does not matter."""
    async with open_desk(sqlite_url) as opened:
        yield opened


async def test_a_hundred_who_ask_for_the_same_days_ask_once(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ahead() for _ in range(100)))
    assert len(set(answers)) == 1
    assert answers[0]
    assert await desk.asked() == 1


async def test_one_who_gives_up_does_not_stop_the_others(desk: Desk) -> None:
    await calcom.fault(desk.clinic, "delay", *SLOTS, seconds=0.4)
    hasty = asyncio.create_task(desk.ahead(seconds=0.05))
    leaving = asyncio.create_task(desk.ahead())
    patient = asyncio.create_task(desk.ahead())
    with pytest.raises(CalendarUnreachableError):
        await hasty
    leaving.cancel()
    assert await patient
    assert await desk.ahead()
    assert await desk.asked() == 1


async def test_the_days_after_those_that_were_asked_for_are_known_too(desk: Desk) -> None:
    week = await desk.ahead(7)
    two_days, fortnight = await desk.ahead(2), await desk.ahead(14)
    assert set(two_days) < set(week) < set(fortnight)
    assert await desk.asked() == 1


async def test_an_answer_is_fresh_then_offered_while_it_is_renewed_then_asked_for_again(desk: Desk) -> None:
    first = await desk.ahead()
    await desk.pass_time(FRESH_SECONDS - 1)
    assert await desk.ahead() == first
    assert await desk.asked() == 1
    await desk.booked(first[0])
    await desk.pass_time(1)

    assert await desk.ahead() == first  # at once, and it is renewed behind the caller's back
    await desk.asked_within(2)
    async with asyncio.timeout(10):
        while await desk.ahead() == first:  # noqa: ASYNC110 - the answer is on its way
            await asyncio.sleep(0.005)
    assert await desk.asked() == 2
    await desk.pass_time(TTL)
    assert first[0] not in await desk.ahead()
    assert await desk.asked() == 3


async def test_a_renewal_that_fails_leaves_what_is_known(desk: Desk) -> None:
    first = await desk.ahead()
    await calcom.fault(desk.clinic, "malformed", *SLOTS)
    await desk.pass_time(FRESH_SECONDS)
    assert await desk.ahead() == first
    await desk.asked_within(2)
    assert await desk.ahead() == first


async def test_a_renewal_that_fails_at_once_is_not_tried_again_for_everyone_who_asks(desk: Desk) -> None:
    first = await desk.ahead()
    for _ in range(3):
        await calcom.fault(desk.clinic, "malformed", *SLOTS)
    await desk.pass_time(FRESH_SECONDS)
    for _ in range(10):
        assert await desk.ahead() == first
        await asyncio.sleep(0.01)
    assert await desk.asked() == 2
    await desk.pass_time(RENEWED_SECONDS)
    assert await desk.ahead() == first
    await desk.asked_within(3)


async def test_what_is_known_of_days_that_are_apart_is_renewed_apart(desk: Desk) -> None:
    now = desk.visit.now
    windows = Window(now, now + timedelta(days=5)), Window(now + timedelta(days=20), now + timedelta(days=40))
    for window in windows:
        await desk.slots.open(desk.visit, desk.event_type, window)
    await desk.pass_time(FRESH_SECONDS)
    for window in windows:
        await desk.slots.open(desk.visit, desk.event_type, window)
    await desk.asked_within(4)


async def test_what_is_booked_is_not_offered_any_more(desk: Desk) -> None:
    first = await desk.ahead()
    await desk.booked(first[0])
    desk.slots.forget(desk.visit.account_id)
    assert await desk.ahead() == first[1:]


async def test_a_change_that_is_heard_of_drops_what_is_known_of_that_calendar_only(desk: Desk) -> None:
    await desk.ahead()
    desk.memories.hear(uuid4(), uuid4())
    await desk.ahead()
    assert await desk.asked() == 1
    desk.memories.hear(uuid4(), desk.visit.account_id)
    await desk.ahead()
    assert await desk.asked() == 2


async def test_a_question_from_before_a_booking_is_neither_shared_nor_remembered_nor_told(desk: Desk) -> None:
    await calcom.fault(desk.clinic, "delay", *SLOTS, seconds=0.3, when="after")
    before = asyncio.create_task(desk.ahead())
    await desk.asked_within(1)
    await desk.booked(MONDAY)
    desk.slots.forget(desk.visit.account_id)

    after = await desk.ahead()

    assert MONDAY not in after
    assert await before == after  # asked again: it was offered when it was taken already
    assert await desk.ahead() == after
    assert await desk.asked() == 2


async def test_nor_is_a_second_question_from_before_the_next_booking(desk: Desk) -> None:
    await calcom.fault(desk.clinic, "delay", *SLOTS, seconds=0.3, when="after", times=2)
    asking = asyncio.create_task(desk.ahead())
    taken = [MONDAY, MONDAY + timedelta(hours=1)]
    for count, start in enumerate(taken, 1):
        await desk.asked_within(count)
        await desk.booked(start)
        desk.slots.forget(desk.visit.account_id)

    assert not set(taken) & set(await asking)
    assert await desk.asked() == 3


async def test_an_answer_that_took_long_is_told_when_it_is_known_what_was_booked_meanwhile(desk: Desk) -> None:
    await calcom.fault(desk.clinic, "delay", *SLOTS, seconds=0.3, when="after")
    asking = asyncio.create_task(desk.ahead())
    await desk.asked_within(1)
    await desk.booked(MONDAY)
    desk.timer.now += 1.5
    await asyncio.sleep(0.4)
    assert not asking.done()  # the next look is late

    desk.memories.hear(uuid4(), desk.visit.account_id)
    desk.memories.now_current(desk.timer.now)

    assert MONDAY not in await asking


async def test_all_who_lose_to_one_booking_ask_together(desk: Desk) -> None:
    await desk.ahead()
    winner = uuid4()

    async def lose() -> None:
        desk.slots.forget(desk.visit.account_id, because=winner)
        await desk.slots.around(desk.visit, desk.event_type, MONDAY)

    await asyncio.gather(*(lose() for _ in range(49)))
    assert await desk.asked() == 2


async def test_while_changes_are_not_heard_of_nothing_remembered_is_offered(desk: Desk) -> None:
    first = await desk.ahead()
    desk.timer.now += 1
    await desk.ahead()
    assert await desk.asked() == 2
    assert not desk.slots.doubtful(desk.visit, desk.event_type, first[0])
    assert desk.slots.doubtful(desk.visit, desk.event_type, first[0] + timedelta(minutes=7))


async def test_a_doubt_is_dispelled_by_cal_com_and_not_by_memory(desk: Desk) -> None:
    first = await desk.ahead()
    await desk.booked(first[0])
    assert first[0] not in await desk.slots.of_day(desk.visit, desk.event_type, first[0])
    assert desk.slots.doubtful(desk.visit, desk.event_type, first[0])


async def test_times_for_moving_an_appointment_are_nobody_elses(desk: Desk) -> None:
    uid = await desk.booked(MONDAY)
    moving, _ = await desk.slots.ahead(desk.visit, desk.event_type, 7, uid)
    assert MONDAY in moving
    assert MONDAY not in await desk.ahead()


async def test_an_account_that_was_changed_is_asked_anew(desk: Desk) -> None:
    await desk.ahead()
    connection = desk.visit.connection
    changed = replace(connection.account, updated_at=connection.account.updated_at + timedelta(seconds=1))
    desk.visit = replace(desk.visit, connection=replace(connection, account=changed))
    await desk.ahead()
    assert await desk.asked() == 2


async def test_what_is_about_to_be_too_old_is_asked_for_ahead_of_time(desk: Desk) -> None:
    assert await desk.slots.keep_warm(desk.visit, desk.event_type, 7)
    assert not await desk.slots.keep_warm(desk.visit, desk.event_type, 7)
    await desk.pass_time(TTL * 3 / 4)
    assert await desk.slots.keep_warm(desk.visit, desk.event_type, 7)
    assert await desk.asked() == 2


async def test_what_cannot_be_offered_any_more_is_let_go(desk: Desk) -> None:
    start = (await desk.ahead())[0]
    holders = sys.getrefcount(start)
    await desk.pass_time(TTL)
    later = replace(desk.visit, now=desk.visit.now + timedelta(hours=1))
    await desk.slots.ahead(later, desk.event_type, 7)

    assert sys.getrefcount(start) < holders


async def test_without_a_memory_only_who_asked_has_the_answer(desk: Desk) -> None:
    desk.slots = Slots(0, desk.memories, desk.inquiries, desk.timer)
    start = (await desk.ahead())[0]
    holders = sys.getrefcount(start)
    assert desk.slots.remembers(desk.visit.account_id)  # so that nobody has it asked for again and again

    desk.slots.forget(desk.visit.account_id)

    assert sys.getrefcount(start) == holders
    assert not desk.slots.remembers(desk.visit.account_id)


async def test_a_host_is_not_remembered_when_nothing_of_it_may_be_offered_any_more(desk: Desk) -> None:
    await desk.ahead()
    await desk.pass_time(1)
    assert desk.slots.remembers(desk.visit.account_id)

    await desk.pass_time(TTL)

    assert not desk.slots.remembers(desk.visit.account_id)
