"""``manage`` where a plausible answer would be untrue: whose a booking is, what it stands for, what nobody knows."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from tests.api import calcom, owner
from tests.api.bodies import unconfirmed
from tests.api.clinic import Clinic

from calbridge.storage.tables import intents

BOB = {"name": "Bob Stone", "email": "bob@example.com"}
SESSION = {"call_session_id": "clinic-main-line"}
TEN = "2026-03-25T10:00:00Z"


async def test_parts_of_a_second_are_of_no_account(small_clinic: Clinic) -> None:
    answer = await small_clinic.book("2026-03-25T10:00:00.500Z")
    moved = await small_clinic.manage(
        "reschedule", appointment_id=calcom.uid_of(answer), appointment_datetime="2026-03-26T10:00:00.999Z"
    )

    assert (answer.status_code, answer.json()["data"]["date_time"]) == (200, TEN)
    assert (moved.status_code, moved.json()["data"]["date_time"]) == (200, "2026-03-26T10:00:00Z")


async def test_a_session_that_all_callers_share_does_not_give_one_the_others_booking(small_clinic: Clinic) -> None:
    await small_clinic.book(**SESSION)

    answer = await small_clinic.book(**SESSION, **BOB)

    assert answer.status_code == 422
    assert answer.json()["message"].startswith("That time is taken.")


async def test_who_shows_a_credential_or_the_same_call_gets_the_uid_again(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book(**SESSION))

    again = await small_clinic.book(**SESSION)
    stranger = await small_clinic.book("2026-03-26T10:00:00")
    stranger_again = await small_clinic.book("2026-03-26T10:00:00")

    assert calcom.uid_of(again) == uid
    assert calcom.uid_of(stranger) != ""
    assert stranger_again.json()["data"]["appointment_id"] == ""


async def test_a_request_that_calcom_answers_with_an_older_one_is_no_new_one(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="needs-approval")
    first = await small_clinic.book()
    small_clinic.clock.advance(timedelta(minutes=5))

    stranger = await small_clinic.book(name="Somebody Else")

    assert calcom.uid_of(first) != ""
    assert stranger.json()["data"]["message"] == "Appointment requested"
    assert stranger.json()["data"]["appointment_id"] == ""
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_what_may_have_been_booked_is_looked_for_before_it_is_sent_again(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, confirmation=True, pending_blocks=False)
    await calcom.fault(small_clinic, "drop", "POST", "/v2/bookings", when="after")
    await calcom.fault(small_clinic, "status", "GET", "/v2/bookings", times=9)

    unknown = await small_clinic.book(**SESSION)
    await small_clinic.at_calcom("DELETE", "/sandbox/faults")
    again = await small_clinic.book(**SESSION, email="jayne@example.com")

    assert unknown.json() == unconfirmed("book", TEN)
    assert again.json()["data"]["summary"] == "Appointment requested"
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_identical_requests_at_once_are_one_booking_even_where_requests_do_not_block(
    small_clinic: Clinic,
) -> None:
    await calcom.offer(small_clinic, confirmation=True, pending_blocks=False)

    answers = await asyncio.gather(*(small_clinic.book(**SESSION) for _ in range(5)))

    assert {calcom.uid_of(answer) for answer in answers} == {calcom.uid_of(answers[0])}
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_a_contact_alone_stands_for_the_caller_for_ten_minutes(small_clinic: Clinic) -> None:
    await small_clinic.book()
    await ago(small_clinic, timedelta(minutes=9))
    soon = await small_clinic.book()
    await ago(small_clinic, timedelta(minutes=2))
    late = await small_clinic.book()

    assert soon.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in late.headers
    assert soon.json() == late.json()  # asked anew, Cal.com says that it is taken, and it is taken by this very caller
    assert len(await calcom.sent(small_clinic, "POST", "/v2/bookings")) == 2


async def ago(clinic: Clinic, by: timedelta) -> None:
    """Have intents been made longer ago: their age goes by the database's clock."""
    async with clinic.services.database.write() as connection:
        for row_id, created_at in (await connection.execute(select(intents.c.id, intents.c.created_at))).all():
            earlier = update(intents).where(intents.c.id == row_id).values(created_at=created_at - by)
            await connection.execute(earlier)


async def test_no_zone_is_ever_guessed(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic)
    world = small_clinic.sandbox.state.world
    next(user for user in world.users.values() if user.username == "new-host").time_zone = ""
    await calcom.use(small_clinic, "cal_sandbox_new")

    local = await small_clinic.book()

    assert local.json()["code"] == "NOT_CONNECTED"


async def test_an_appointment_can_be_moved_into_its_own_time(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="flexible")
    uid = calcom.uid_of(await small_clinic.book())
    await small_clinic.manage("availability")

    answer = await small_clinic.manage("reschedule", appointment_id=uid, appointment_datetime="2026-03-25T10:15:00Z")

    assert answer.status_code == 200
    assert answer.json()["data"]["date_time"] == "2026-03-25T10:15:00Z"


async def test_a_cancellation_that_may_have_happened_is_never_told_as_nothing_changed(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/cancel", when="after")
    await calcom.fault(small_clinic, "delay", "GET", "/v2/bookings")  # the first look, for what is to be cancelled
    await calcom.fault(small_clinic, "throttle", "GET", "/v2/bookings")

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 202
    assert answer.json() == unconfirmed("cancel", TEN)


async def test_a_lost_answer_does_not_give_a_stranger_the_uid_of_an_older_booking(small_clinic: Clinic) -> None:
    await small_clinic.book()
    small_clinic.clock.advance(timedelta(minutes=5))
    await calcom.fault(small_clinic, "drop", "POST", "/v2/bookings")

    stranger = await small_clinic.book(name="Attacker")

    assert stranger.json()["data"]["appointment_id"] == ""


async def test_two_people_who_share_a_phone_are_told_apart_by_name_and_address(small_clinic: Clinic) -> None:
    phone = "+442079460958"
    await small_clinic.book(phone=phone)

    answer = await small_clinic.book(phone=phone, **BOB)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "booking_limit_reached"),
        (400, "Attendee with this email can't book because the maximum number of active bookings has been reached."),
        (409, "No more seats left at this seated booking."),
    ],
)
async def test_a_refusal_that_is_due_to_ones_own_booking_is_none(
    small_clinic: Clinic, status: int, message: str
) -> None:
    refused = {"statusCode": status, "message": message}
    await calcom.fault(small_clinic, "status", "POST", "/v2/bookings", status=status, body=refused, when="after")

    answer = await small_clinic.book(**SESSION)

    assert answer.json()["data"]["summary"] == "Appointment confirmed"
    assert [booking["uid"] for booking in await calcom.bookings(small_clinic)] == [calcom.uid_of(answer)]


async def test_what_only_the_repeated_request_confirms_is_remembered_too(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/reschedule", when="after")
    await calcom.fault(small_clinic, "delay", "GET", "/v2/bookings")
    await calcom.fault(small_clinic, "status", "GET", "/v2/bookings", times=9)
    move = {"appointment_id": uid, "appointment_datetime": "2026-03-26T11:00:00Z"}

    unknown = await small_clinic.manage("reschedule", **move)
    await small_clinic.at_calcom("DELETE", "/sandbox/faults")
    again = await small_clinic.manage("reschedule", **move)

    assert (unknown.status_code, again.status_code) == (202, 200)
    async with small_clinic.authorized() as client:
        read = await client.get(f"/api/v1/calcom/appointments/{calcom.uid_of(again)}")
    assert read.json()["data"]["agent_id"] == str(small_clinic.agent.id)


@pytest.mark.parametrize("action", ["cancel", "reschedule"])
async def test_an_answer_that_does_not_say_it_happened_is_not_told_as_done(small_clinic: Clinic, action: str) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    booking = (await small_clinic.at_calcom("GET", f"/v2/bookings/{uid}"))["data"]
    wrong = {
        **booking,
        "status": "accepted" if action == "cancel" else "cancelled",
        "start": "2026-03-26T11:00:00.000Z",
    }
    await calcom.fault(
        small_clinic,
        "status",
        "POST",
        f"/v2/bookings/{uid}/{action}",
        status=200,
        body={"status": "success", "data": wrong},
        times=3,
    )

    answer = await small_clinic.manage(action, appointment_id=uid, appointment_datetime="2026-03-26T11:00:00Z")

    assert answer.status_code == 202


async def test_taken_is_not_believed_while_nobody_can_look(small_clinic: Clinic) -> None:
    await small_clinic.book()
    await ago(small_clinic, timedelta(minutes=11))
    await calcom.fault(small_clinic, "status", "GET", "/v2/bookings", times=99)

    answer = await small_clinic.book()

    assert len(await calcom.sent(small_clinic, "POST", "/v2/bookings")) == 2
    assert answer.json() == unconfirmed("book", TEN)
