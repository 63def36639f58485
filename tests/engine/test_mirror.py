"""Our records mirror Cal.com: told by webhooks, or found by the poller alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api import calcom
from tests.engine.post import OTHER, Town, open_town

from calbridge.domain.agents import AccountStatus
from calbridge.domain.errors import CalendarError, KeyRefusedError

HOUR = timedelta(hours=1)


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with open_town(database_url) as opened:
        yield opened


async def test_a_booking_of_somebody_else_is_written_down_with_its_caller_and_nobody_s_agent(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    await town.deliver()
    found = await town.record(uid)
    assert found is not None
    assert (found.agent_id, found.name, found.email, found.status) == (
        None,
        "Web Walker",
        "web@example.com",
        "accepted",
    )
    assert await town.records() == town.truths()


async def test_a_label_names_an_agent_only_of_the_organization(town: Town) -> None:
    mine = str(town.clinic.agent.id)
    other = await town.clinic.services.organizations.create("Another")
    foreign = str((await town.clinic.services.agents.create(other.id, "Dr. Who")).id)
    for hour, label in enumerate((mine, foreign, str(uuid4()), "nobody"), start=10):
        uid = await town.book(f"2026-03-25T{hour}:00:00Z", metadata={"agent_id": label})
        await town.deliver()
        found = await town.record(uid)
        assert found is not None
        assert (found.agent_id is None) is (label != mine)


async def test_what_callers_of_ours_do_ends_up_as_it_is_at_cal_com(town: Town) -> None:
    booked = (await town.clinic.book()).json()["data"]["appointment_id"]
    moved = await town.clinic.manage("reschedule", appointment_id=booked, appointment_datetime="2026-03-26T11:00:00")
    await town.clinic.sandbox.state.deliveries.settle()
    before = await town.records()
    await town.deliver()
    assert await town.records() == town.truths() == before
    found = await town.record(moved.json()["data"]["appointment_id"])
    assert found is not None
    assert (found.agent_id, found.root_uid, found.name) == (town.clinic.agent.id, booked, "Jane Doe")


async def test_the_poller_finds_what_nobody_told_of(town: Town) -> None:
    kept, cancelled, moved = [await town.book(f"2026-03-25T{hour}:00:00Z") for hour in (10, 11, 12)]
    await town.poll()
    assert (await town.records()).keys() == {kept, cancelled, moved}
    town.clinic.clock.advance(HOUR)
    await town.at_calcom("POST", f"/v2/bookings/{cancelled}/cancel", cancellationReason="Ill")
    await town.at_calcom("POST", f"/v2/bookings/{moved}/reschedule", start="2026-03-26T10:00:00Z")
    town.clinic.clock.advance(HOUR)
    await town.poll()
    assert await town.records() == town.truths()
    assert town.post.letters  # none of which was carried


async def test_what_was_over_before_the_first_poll_is_not_read_and_what_is_over_after_it_is(town: Town) -> None:
    over = await town.book("2026-03-20T11:00:00Z")
    town.clinic.clock.advance(timedelta(days=2))
    ahead = await town.book("2026-03-25T11:00:00Z")
    await town.poll()
    assert (await town.records()).keys() == {ahead}
    town.clinic.clock.advance(HOUR)
    await town.at_calcom("POST", f"/v2/bookings/{over}/mark-absent", attendees=[])
    await calcom.edit(town.clinic, over, location="elsewhere")
    await town.poll()
    assert (await town.records()).keys() == {over, ahead}


async def test_polled_again_nothing_is_read_that_is_long_known(town: Town) -> None:
    for hour in (9, 10, 11):
        await town.book(f"2026-03-25T{hour:02}:00:00Z")
        town.clinic.clock.advance(HOUR)
    await town.poll()
    before = town.asked()
    await town.poll()
    shown = [entry for entry in town.clinic.sandbox.state.ledger.entries if "afterUpdatedAt" in entry.query]
    assert town.asked() - before == len(shown) <= 2


async def test_every_page_of_many_changes_at_one_instant_is_read(town: Town) -> None:
    world = town.clinic.sandbox.state.world
    uid = await town.book("2026-03-25T10:00:00Z")
    await town.poll()
    town.clinic.clock.advance(HOUR)
    model = world.bookings[uid]
    for number in range(230):
        values = {name: getattr(model, name) for name in model.__dataclass_fields__}
        made = type(model)(**values | {"id": 1000 + number, "uid": f"copy{number}", "updated_at": world.now()})
        made.start, made.end = model.start + number * HOUR, model.end + number * HOUR
        world.add(made)
    await town.poll()
    assert await town.records() == town.truths()


async def test_a_booking_where_the_host_is_only_a_guest_is_nobody_s_record(town: Town) -> None:
    await town.clinic.at_calcom(
        "POST", "/sandbox/users",
        json={"name": "New", "username": "new", "email": "new@clinic.example", "keys": ["cal_sandbox_new"],
              "event_types": [{"slug": "visit", "minutes": 30}]},
    )  # fmt: skip
    number = max(town.clinic.sandbox.state.world.event_types)
    who = {"name": "Owner", "email": "owner@clinic.example", "timeZone": "Europe/London"}
    await town.book("2026-03-25T10:00:00Z", "cal_sandbox_new", eventTypeId=number, attendee=who)
    await town.poll()
    assert await town.records() == {}


async def test_who_was_erased_does_not_come_back_with_the_next_poll(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    await town.deliver()
    assert await town.clinic.services.bookings.erase_caller(None, email="web@example.com") == 1
    town.clinic.clock.advance(HOUR)
    moved = await town.at_calcom("POST", f"/v2/bookings/{uid}/reschedule", start="2026-03-26T10:00:00Z")
    await town.poll()
    for each in (uid, moved["uid"]):
        found = await town.record(each)
        assert found is not None
        assert (found.name, found.email, found.phone) == ("", "", "")
    assert await town.records() == town.truths()


async def test_an_appointment_made_elsewhere_can_be_read_and_cancelled(town: Town) -> None:
    uid = await town.book("2026-03-25T10:00:00Z")
    await town.deliver()
    async with town.clinic.authorized() as client:
        shown = await client.get(f"/api/v1/calcom/appointments/{uid}")
    assert shown.status_code == 200
    assert (await town.clinic.manage("cancel", appointment_id=uid)).status_code == 200
    await town.poll()
    assert await town.records() == town.truths()


async def test_each_account_is_polled_in_its_turn(town: Town) -> None:
    await town.book("2026-03-25T10:00:00Z")
    await town.clinic.services.connections.connect(town.clinic.organization.id, api_key=OTHER, name="Second")
    assert await town.clinic.services.poller.poll_due() == 2
    assert await town.records() == town.truths()
    assert await town.clinic.services.poller.poll_due() == 0


async def test_a_key_that_is_refused_is_found_out_and_not_polled_again(town: Town) -> None:
    town.clinic.sandbox.state.world.keys["cal_sandbox_demo"].expired = True
    with pytest.raises(KeyRefusedError):
        await town.poll()
    account = await town.clinic.services.connections.get(town.clinic.organization.id, town.clinic.account.id)
    assert account.status is AccountStatus.NEEDS_REAUTH
    assert await town.clinic.services.poller.poll_due() == 0


@pytest.mark.parametrize("kind", ["html", "malformed"])
async def test_a_poll_that_is_broken_off_goes_on_where_it_was(town: Town, kind: str) -> None:
    await town.book("2026-03-25T10:00:00Z")
    await town.poll()
    for hour in (11, 12, 13):
        town.clinic.clock.advance(HOUR)
        await town.book(f"2026-03-25T{hour}:00:00Z")
    await calcom.fault(town.clinic, kind, path="/v2/bookings", times=9)
    with pytest.raises(CalendarError):
        await town.poll()
    await town.clinic.at_calcom("DELETE", "/sandbox/faults")
    await town.poll()
    assert await town.records() == town.truths()


async def test_where_there_were_too_many_requests_it_is_tried_later(town: Town) -> None:
    await calcom.fault(town.clinic, "throttle", path="/v2/bookings")
    before = town.asked()
    assert await town.clinic.services.poller.poll_due() == 1
    assert await town.clinic.services.poller.poll_due() == 0
    assert town.asked() == before + 1
    account = await town.clinic.services.connections.get(town.clinic.organization.id, town.clinic.account.id)
    assert account.status is AccountStatus.ACTIVE
