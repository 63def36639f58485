"""The benchmark measures what it says: its imitation of Cal.com is read as Cal.com is, and its sums are right."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial

import pytest
from bench.connections import Client, request_of
from bench.load import closed
from bench.processes import LOOPBACK
from bench.report import Goal, Row, table
from bench.run import Session
from bench.upstream import State, Upstream

from bench import calcom, stacks
from calbridge.calcom import wire

KEY = {"authorization": f"Bearer {calcom.key_of(7)}"}
NEW = {
    "start": "2026-03-25T10:00:00Z",
    "eventTypeId": 7,
    "attendee": {"name": "Jane Doe", "timeZone": "Europe/London", "language": "en", "email": "jane@example.com"},
    "metadata": {"cb_intent": "one"},
}


@pytest.fixture
async def upstream() -> AsyncIterator[Client]:
    """The imitation, on a socket."""
    server = await asyncio.get_running_loop().create_server(partial(Upstream, State()), LOOPBACK, 0)
    async with Client(f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}") as client:
        yield client
    server.close()


async def test_slots_and_event_types_are_read_as_those_of_calcom_are(upstream: Client) -> None:
    slots = await upstream.ask(
        request_of("GET", "/v2/slots?start=2026-03-25T11:00:00Z&end=2026-03-26T09:00:00Z", **KEY)
    )
    event_types = await upstream.ask(request_of("GET", "/v2/event-types", **KEY))
    me = await upstream.ask(request_of("GET", "/v2/me", **KEY))

    starts = wire.read_slots(slots.body)
    assert Counter(f"{start:%Y-%m-%d}" for start in starts) == {
        "2026-03-25": calcom.STARTS_A_DAY,
        "2026-03-26": calcom.STARTS_A_DAY,
    }
    assert wire.Answer[list[wire.EventType]].model_validate_json(event_types.body).data[0].id == 7
    assert wire.Answer[wire.Me].model_validate_json(me.body).data.id == 7


async def test_a_booking_is_made_of_what_was_posted_and_found_again_by_its_uid(upstream: Client) -> None:
    made = wire.SoleBooking.model_validate_json(
        (await upstream.ask(request_of("POST", "/v2/bookings", NEW, **KEY))).body
    ).data
    page = await upstream.ask(request_of("GET", f"/v2/bookings?bookingUid={made.uid}&take=1", **KEY))
    nothing = await upstream.ask(request_of("GET", "/v2/bookings?bookingUid=another", **KEY))

    assert (made.event_type_id, made.metadata, made.hosts[0].id) == (7, {"cb_intent": "one"}, 7)
    assert wire.BookingPage.model_validate_json(page.body).data == [made]
    assert wire.BookingPage.model_validate_json(nothing.body).data == []


async def test_it_counts_and_leaves_a_key_hanging_until_it_is_told_otherwise(upstream: Client) -> None:
    await upstream.ask(request_of("POST", "/bench/orders", {"hung": [calcom.key_of(7)]}))
    hanging = asyncio.create_task(upstream.ask(request_of("GET", "/v2/me", **KEY)))
    other = await upstream.ask(request_of("GET", "/v2/me", authorization=f"Bearer {calcom.key_of(8)}"))

    assert other.is_success
    assert not hanging.done()
    await upstream.ask(request_of("POST", "/bench/orders", {"hung": []}))
    assert (await hanging).is_success
    assert json.loads((await upstream.ask(request_of("GET", "/bench/counts"))).body)["total"] == 2


async def test_what_fails_is_counted(upstream: Client) -> None:
    come = await closed(upstream, [request_of("GET", "/v2/me", **KEY), request_of("GET", "/v2/nothing", **KEY)], 2)

    assert (len(come.latencies), come.failures) == (1, 1)


async def test_a_server_that_is_gone_is_a_failure() -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, LOOPBACK, 0)
    with closing(server):
        port = server.sockets[0].getsockname()[1]
    async with Client(f"http://{LOOPBACK}:{port}") as client:
        come = await closed(client, [request_of("GET", "/")], 1)

    assert (come.latencies, come.failures) == ([], 1)


@pytest.mark.parametrize(
    ("value", "goal", "failures", "met"),
    [
        (1.25, Goal(1.25, "of D"), 0, True),
        (1.26, Goal(1.25, "of D"), 0, False),
        (3.0, Goal(3, "of P", at_most=False), 0, True),
        (2.9, Goal(3, "of P", at_most=False), 0, False),
        (1.0, Goal(1.25, "of D"), 1, False),
    ],
)
def test_a_goal_is_met_only_where_nothing_failed(value: float, goal: Goal, failures: int, met: bool) -> None:
    row = Row("a row", value, goal, "", failures)

    assert row.is_met is met
    assert ("**no**" in table([row])) is not met


def test_stacks_are_summed_up_by_package_without_threads_that_wait() -> None:
    booking = "run (uvicorn/server.py:1);book (calbridge/services/booking.py:2)"
    idle = "run (anyio/thread.py:1);wait (threading.py:327)"
    raw = f"{booking};execute (asyncpg/connection.py:3) 3\n{booking} 1\n{idle} 50"

    told = stacks.summary(raw)

    assert "| asyncpg | 75.0% |" in told
    assert "| `calbridge.services.booking: book` | 100.0% |" in told
    assert "threading" not in told


async def test_what_there_is_no_time_for_is_left_out_and_told() -> None:
    told: list[str] = []
    session = Session(told.append, 0.05)

    async def quick() -> list[Row]:
        return [Row("quick", 1, Goal(2), "")]

    async def slow() -> list[Row]:
        await asyncio.sleep(60)
        return []

    async def later() -> list[Row]:
        await asyncio.sleep(0)
        return [Row("later", 1, Goal(2), "")]

    await session.measure("first", quick())
    await session.measure("second", slow())
    await session.measure("third", later())

    assert [row.name for row in session.rows] == ["quick"]
    assert len(told) == 1
    assert session.rest == " Left out, because time was up: second, third."


async def test_a_measurement_that_fails_is_no_matter_of_time() -> None:
    async def failing() -> list[Row]:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await Session(lambda _: None, 60).measure("one", failing())
