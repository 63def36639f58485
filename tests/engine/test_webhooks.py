"""Many deliveries, most of them late, twice, in disorder, lost or forged: our records end up as it is at Cal.com."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from tests.engine.post import PATH, PUBLIC_URL, Town, open_town, signed, telling_of

from calbridge.sandbox.world import Booking

DOUBLED, SHUFFLED, DROPPED, FORGED = 0.3, 0.3, 0.2, 0.05
IN_A_BAG = 40  # deliveries that are under way at once


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with open_town(database_url) as opened:
        yield opened


@dataclass(slots=True)
class Host:
    """Somebody who works at Cal.com's own pages: makes, moves, confirms, declines and cancels."""

    town: Town
    dice: random.Random
    hours: int = 0

    async def act(self) -> None:
        """Do one thing."""
        clock = self.town.clinic.clock
        clock.advance(timedelta(seconds=self.dice.randint(0, 2)))
        alive = [each for each in self.town.clinic.sandbox.state.world.bookings.values() if each.alive]
        if len(alive) < 3 or self.dice.random() < 0.4:
            await self._book()
            return
        booking = self.dice.choice(alive)
        if booking.status == "pending" and self.dice.random() < 0.7:
            await self._to(booking, self.dice.choice(["confirm", "decline"]))
        elif self.dice.random() < 0.5:
            await self._to(booking, "reschedule", start=self._start())
        else:
            await self._to(booking, "cancel", cancellationReason="Changed plans")

    async def _book(self) -> None:
        event_type = self.dice.choice([1, 1, 3])  # the last one needs the host's consent
        who = {"name": f"Walker {self.hours}", "email": f"w{self.hours}@example.com", "timeZone": "Europe/London"}
        await self.town.book(self._start(), eventTypeId=event_type, attendee=who)

    async def _to(self, booking: Booking, what: str, **body: str) -> None:
        await self.town.at_calcom("POST", f"/v2/bookings/{booking.uid}/{what}", **body)

    def _start(self) -> str:
        """A time that nobody has had: an hour of a working day."""
        self.hours += 1
        day = self.town.clinic.clock().date() + timedelta(days=7)
        day += timedelta(days=7 - day.weekday() if day.weekday() else 0)
        week, hour = divmod(self.hours, 5 * 7)
        weekday, hour = divmod(hour, 7)
        return f"{day + timedelta(days=7 * week + weekday)}T{9 + hour:02}:00:00Z"


def forged(letter: httpx.Request, dice: random.Random) -> httpx.Request:
    """Make a delivery that Cal.com never sent, of a booking that exists."""
    content, headers = letter.content, dict(letter.headers)
    match dice.randrange(4):
        case 0:
            headers["x-cal-signature-256"] = "no-secret-provided"
        case 1:
            content = content.replace(b"BOOKING_", b"B00KING_")
        case 2:
            headers |= {name.lower(): value for name, value in signed(content, "a guess").items()}
        case _:
            return httpx.Request("POST", f"{PUBLIC_URL}{PATH}{'A' * 22}", content=content, headers=headers)
    return httpx.Request("POST", letter.url, content=content, headers=headers)


def spoilt(letters: Sequence[httpx.Request], dice: random.Random) -> list[httpx.Request]:
    """Lose some of what is delivered, deliver some of it twice, and some of it out of order."""
    kept = [letter for letter in letters if dice.random() >= DROPPED]
    kept += [letter for letter in kept if dice.random() < DOUBLED]
    moved = [index for index in range(len(kept)) if dice.random() < SHUFFLED]
    for index, other in zip(moved, dice.sample(moved, len(moved)), strict=True):
        kept[index], kept[other] = kept[other], kept[index]
    return kept


async def nothing_comes_of(town: Town, letters: Sequence[httpx.Request]) -> None:
    """Deliver what is forged: it is refused, asks nothing of Cal.com, and leaves everything as it was."""
    before, asked = await town.records(), town.asked()
    if letters:
        assert set(await town.carry(*letters)) == {401}
    await town.clinic.services.inbox.work_off()
    assert (await town.records(), town.asked()) == (before, asked)


@pytest.mark.parametrize("deliveries", [200, pytest.param(2_000, marks=pytest.mark.long)])
async def test_our_records_equal_cal_com_s_after_the_poller_s_turn(town: Town, deliveries: int) -> None:
    dice = random.Random(deliveries)  # noqa: S311 - the same in every run
    host, carried, waiting = Host(town, dice), 0, []
    await town.poll()
    while carried < deliveries:
        await host.act()
        waiting += town.post.letters
        town.post.letters.clear()
        if len(waiting) >= IN_A_BAG:
            bag, waiting = spoilt(waiting, dice), []
            await nothing_comes_of(town, [forged(letter, dice) for letter in bag if dice.random() < FORGED])
            assert set(await town.carry(*bag)) == {200}
            await town.clinic.services.inbox.work_off()
            carried += len(bag)
    told = await town.records()
    truths = town.truths()
    assert told.keys() <= truths.keys()
    assert len(told) > len(truths) / 2
    await town.poll()
    assert await town.records() == truths


async def test_a_webhook_that_comes_before_the_answer_to_our_own_booking(town: Town) -> None:
    deliveries, inbox = town.clinic.sandbox.state.deliveries, town.clinic.services.inbox
    told, carried = [], asyncio.Event()

    async def carry_at_once(request: httpx.Request) -> httpx.Response:
        async with town.clinic.client() as client:
            answer = await client.send(request)
        await inbox.work_off()
        told.append(await town.records())
        carried.set()
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(carry_at_once)) as client:
        deliveries.client = client
        await calcom_fault(town, kind="delay", seconds=0.4, when="after", method="POST", path="/v2/bookings")
        booking = asyncio.create_task(town.clinic.book())
        await carried.wait()
        assert not booking.done()
        booked = (await booking).json()["data"]["appointment_id"]
    assert await town.records() == town.truths() == told[0]
    found = await town.record(booked)
    assert found is not None
    assert (found.agent_id, found.name, found.status) == (town.clinic.agent.id, "Jane Doe", "accepted")


async def calcom_fault(town: Town, **order: object) -> None:
    await town.clinic.at_calcom("POST", "/sandbox/faults", json=order)


async def test_a_delivery_that_is_replayed_a_day_later_does_nothing(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    (letter,) = town.post.letters
    await town.deliver()
    town.clinic.clock.advance(timedelta(days=1))
    await town.at_calcom("POST", f"/v2/bookings/{uid}/cancel", cancellationReason="Ill")
    await town.deliver()
    before, asked = await town.records(), town.asked()
    assert await town.carry(letter) == [200]
    await town.clinic.services.inbox.work_off()
    assert (await town.records(), town.asked()) == (before, asked)


async def test_a_delivery_that_is_replayed_when_it_is_forgotten_asks_and_changes_nothing(town: Town) -> None:
    await town.book("2026-04-22T10:00:00Z")
    (letter,) = town.post.letters
    await town.deliver()
    town.clinic.clock.advance(timedelta(days=8))
    before, asked = await town.records(), town.asked()
    assert await town.carry(letter) == [200]
    await town.clinic.services.inbox.work_off()
    assert await town.records() == before == town.truths()
    assert town.asked() == asked + 1


async def test_the_cancellation_comes_before_the_booking(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    (made,) = town.post.letters
    await town.at_calcom("POST", f"/v2/bookings/{uid}/cancel", cancellationReason="Ill")
    cancelled = town.post.letters[-1]
    for letter in (cancelled, made):
        assert await town.carry(letter) == [200]
        await town.clinic.services.inbox.work_off()
        assert await town.records() == town.truths()


async def test_many_deliveries_of_one_booking_ask_once(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    (hook,) = town.hooks
    before = town.asked()
    async with town.clinic.client() as client:
        for number in range(20):
            body = telling_of(uid, number=number)
            answer = await client.post(hook.url, content=body, headers=signed(body, hook.secret or ""))
            assert answer.status_code == 200
    await town.clinic.services.inbox.work_off()
    assert town.asked() == before + 1


async def test_a_delivery_is_only_a_hint(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    (hook,) = town.hooks
    for body in (
        telling_of(uid, "BOOKING_CANCELLED", status="CANCELLED", startTime="2030-01-01T00:00:00Z"),
        telling_of("neverheardof", rescheduleUid=uid),
        b'{"triggerEvent":"PING"}',
        b"not even JSON",
    ):
        async with town.clinic.client() as client:
            answer = await client.post(hook.url, content=body, headers=signed(body, hook.secret or ""))
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        await town.clinic.services.inbox.work_off()
        assert await town.records() == town.truths()


async def test_when_cal_com_cannot_be_asked_the_poller_is_sent_soon(town: Town) -> None:
    assert await town.clinic.services.poller.poll_due() == 1
    await town.book("2026-03-25T10:00:00Z")
    await calcom_fault(town, kind="throttle", path="/v2/bookings")
    await town.deliver()
    assert await town.records() == {}
    assert await town.clinic.services.poller.poll_due() == 0  # in a while, when it may ask again
