"""``manage`` where a wish was granted otherwise: at another time by Cal.com, or in the words of an operator."""

from datetime import timedelta

import pytest
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.api.test_manage_late_commits import CREATE, SESSION, intent

from calbridge.domain.access import CALBRIDGE
from calbridge.domain.errors import ConflictError
from calbridge.domain.intents import State

ELEVEN = "2026-03-25T11:00:00Z"
ELSEWHERE = "Your appointment is on Wednesday, March 25 at 11 AM. Shall I book the other time as well?"


@pytest.fixture
async def otherwise(small_clinic: Clinic) -> str:
    """The booking for eleven that Cal.com has answered with when Jane asked for ten; an operator has confirmed it."""
    uid = await calcom.book(small_clinic, ELEVEN, email="jane@example.com", name="Jane Doe")
    made = {"status": "success", "data": await calcom.booking(small_clinic, uid)}
    await calcom.fault(small_clinic, "status", *CREATE, status=201, body=made)
    assert (await small_clinic.book(**SESSION)).status_code == 202
    decided = await small_clinic.services.decisions.confirm((await intent(small_clinic)).id, uid, by=CALBRIDGE)
    assert decided.state is State.CONFIRMED
    return uid


@pytest.mark.usefixtures("otherwise")
async def test_what_stands_at_another_time_is_told_however_late_the_wish_is_repeated(small_clinic: Clinic) -> None:
    told = []
    for _ in range(2):
        told.append(await small_clinic.book(**SESSION))
        small_clinic.clock.advance(timedelta(minutes=11))

    for answer in told:
        data = answer.json()["data"]
        assert (answer.status_code, answer.json()["message"]) == (409, ELSEWHERE)
        assert (data["action_required"], data["appointment_id"]) == ("confirm_rebook", "")
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_who_wants_the_other_time_as_well_gets_it(small_clinic: Clinic, otherwise: str) -> None:
    answer = await small_clinic.book(**SESSION, confirm=True)

    assert answer.status_code == 200
    assert (await calcom.booking(small_clinic, otherwise))["status"] == "accepted"
    assert calcom.uid_of(answer) != otherwise


async def test_who_knows_only_an_address_gets_no_uid_of_what_was_moved(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    moved = await small_clinic.manage("reschedule", appointment_id=uid, appointment_datetime=ELEVEN)

    stranger = await small_clinic.book()

    assert moved.status_code == 200
    assert (stranger.status_code, stranger.json()["data"]["appointment_id"]) == (409, "")


async def test_a_stranger_keeps_their_record_though_an_operator_names_it(small_clinic: Clinic) -> None:
    jane = calcom.uid_of(await small_clinic.book(**SESSION))
    web = await calcom.book(small_clinic, ELEVEN)
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{jane}/reschedule", when="before")
    await small_clinic.manage("reschedule", appointment_id=jane, appointment_datetime=ELEVEN, **SESSION)
    (open_one,) = await small_clinic.services.intents.list(small_clinic.organization.id, (State.UNKNOWN,), 10)

    with pytest.raises(ConflictError, match="not moved from"):
        await small_clinic.services.decisions.confirm(open_one.id, web, by=CALBRIDGE)

    assert await small_clinic.services.bookings.get(small_clinic.organization.id, web) is None


async def test_what_was_moved_to_another_time_can_be_confirmed(small_clinic: Clinic) -> None:
    jane = calcom.uid_of(await small_clinic.book(**SESSION))
    body = {"start": "2026-03-25T12:00:00Z", "reschedulingReason": "by hand"}
    moved = await small_clinic.at_calcom("POST", f"/v2/bookings/{jane}/reschedule", json=body)
    await calcom.edit(small_clinic, jane, status="accepted")
    await calcom.fault(small_clinic, "status", "POST", f"/v2/bookings/{jane}/reschedule", status=201, body=moved)
    await small_clinic.manage("reschedule", appointment_id=jane, appointment_datetime=ELEVEN, **SESSION)
    (open_one,) = await small_clinic.services.intents.list(small_clinic.organization.id, (State.NEEDS_HUMAN,), 10)

    decided = await small_clinic.services.decisions.confirm(open_one.id, moved["data"]["uid"], by=CALBRIDGE)

    record = await small_clinic.services.bookings.get(small_clinic.organization.id, moved["data"]["uid"])
    assert decided.state is State.CONFIRMED
    assert record is not None
    assert (record.name, record.status, record.root_uid) == ("Jane Doe", "accepted", jane)
