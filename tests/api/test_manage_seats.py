"""``manage`` where several people share an appointment: each has a seat, and loses no other's."""

from copy import deepcopy
from datetime import timedelta

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import Clinic
from tests.api.lookups import ask

TEN = "2026-03-25T10:00:00Z"
JANE = {"name": "Jane Doe", "email": "jane@example.com", "call_session_id": "call-of-jane"}
BOB = {"name": "Bob Stone", "email": "bob@example.com", "call_session_id": "call-of-bob"}
CAROL = {"name": "Carol King", "email": "", "phone": "+442079460958", "call_session_id": "call-of-carol"}


@pytest.fixture
async def group(small_clinic: Clinic) -> Clinic:
    """A clinic where up to three come at a time."""
    await calcom.offer(small_clinic, seats=3)
    return small_clinic


async def attendees(clinic: Clinic) -> list[str]:
    """Who has a seat in the one booking that there is."""
    (booking,) = await calcom.bookings(clinic)
    return [] if booking["status"] == "cancelled" else [one["email"] for one in booking["attendees"]]


async def cancelled(clinic: Clinic, **fields: str) -> httpx.Response:
    """Cancel as a platform that shows a credential does."""
    return await ask(clinic, "cancel", **fields)


async def found(clinic: Clinic, who: dict[str, str]) -> list[str]:
    """When the appointments are that somebody is told of by phone."""
    answer = await ask(clinic, "find", phone=who["phone"])
    return [each["date_time"] for each in answer.json()["data"].get("appointments", [])]


async def polled(clinic: Clinic) -> None:
    """Let a minute pass, and have our records brought up to date."""
    clinic.clock.advance(timedelta(minutes=1))
    for connection in await clinic.services.connections.usable(clinic.organization.id):
        await clinic.services.poller.poll(connection)


async def seat_at_calcom(clinic: Clinic, who: dict[str, str]) -> tuple[str, str]:
    """The uid of the one booking that there is, and that of somebody's seat in it."""
    (booking,) = await calcom.bookings(clinic)
    return booking["uid"], next(one["seatUid"] for one in booking["attendees"] if one["name"] == who["name"])


def moved_by_the_host(clinic: Clinic, uid: str) -> str:
    """Move a group as its host does, with all who have a seat in it, to noon; the sandbox has no request for that."""
    bookings = clinic.sandbox.state.world.bookings
    old = next(booking for booking in bookings.values() if booking.uid == uid)
    new = deepcopy(old)
    new.uid, new.id, new.rescheduled_from = "movedMovedMovedMoved01", old.id + 1000, uid
    new.start, new.end = old.start + timedelta(hours=2), old.end + timedelta(hours=2)
    old.status, old.rescheduled_to = "cancelled", new.uid
    old.updated_at = new.updated_at = clinic.clock()
    bookings[new.uid] = new
    return str(new.uid)


async def test_several_callers_are_booked_for_one_time(group: Clinic) -> None:
    answers = [await group.book(**who) for who in (JANE, BOB, CAROL)]

    assert {answer.json()["data"]["summary"] for answer in answers} == {"Appointment confirmed"}
    assert {calcom.uid_of(answer) for answer in answers} == {calcom.uid_of(answers[0])}
    assert await attendees(group) == ["jane@example.com", "bob@example.com", "442079460958@phone.invalid"]


@pytest.mark.parametrize("who", [BOB, CAROL], ids=["by e-mail", "by phone"])
async def test_a_later_seat_whose_answer_was_lost_is_found(group: Clinic, who: dict[str, str]) -> None:
    await group.book(**JANE)
    await calcom.fault(group, "drop", "POST", "/v2/bookings", when="after")

    answer = await group.book(**who)
    again = await group.book(**who)

    assert answer.json()["data"]["summary"] == "Appointment confirmed"
    assert again.json() == answer.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await attendees(group)) == 2


@pytest.mark.parametrize("who", [BOB, CAROL], ids=["by e-mail", "by phone"])
async def test_a_seat_is_cancelled_and_the_others_stay(group: Clinic, who: dict[str, str]) -> None:
    await group.book(**JANE)
    uid = calcom.uid_of(await group.book(**who))

    answer = await group.manage("cancel", appointment_id=uid, call_session_id=who["call_session_id"])
    again = await group.manage("cancel", appointment_id=uid, call_session_id=who["call_session_id"])

    assert (answer.status_code, again.status_code) == (200, 200)
    assert answer.json()["data"]["summary"] == "Cancelled"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await attendees(group) == ["jane@example.com"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_cancellation_of_a_seat_is_repeated_until_it_is_certain(group: Clinic, when: str) -> None:
    await group.book(**JANE)
    uid = calcom.uid_of(await group.book(**BOB))
    await calcom.fault(group, "drop", "POST", f"/v2/bookings/{uid}/cancel", when=when)

    answer = await group.manage("cancel", appointment_id=uid, call_session_id=BOB["call_session_id"])

    assert answer.json()["data"]["summary"] == "Cancelled"
    assert await attendees(group) == ["jane@example.com"]


async def test_a_caller_who_calls_back_is_known_by_their_phone(group: Clinic) -> None:
    await group.book(**JANE)
    await group.book(**CAROL)

    answer = await cancelled(group, phone=CAROL["phone"])

    assert answer.json()["data"]["summary"] == "Cancelled"
    assert await attendees(group) == ["jane@example.com"]


async def test_whose_seat_is_not_known_cancels_nobodys(group: Clinic) -> None:
    uid = calcom.uid_of(await group.book(**JANE))
    await group.book(**BOB)

    answer = await group.manage("cancel", appointment_id=uid, call_session_id="call-of-somebody")

    assert answer.status_code == 409
    assert len(await attendees(group)) == 2


async def test_the_last_seat_to_go_ends_the_appointment(group: Clinic) -> None:
    uid = calcom.uid_of(await group.book(**JANE))

    answer = await group.manage("cancel", appointment_id=uid, call_session_id=JANE["call_session_id"])

    assert answer.json()["data"]["summary"] == "Cancelled"
    assert await attendees(group) == []


FAMILY = {"one phone": {"email": "", "phone": "+442079460958"}, "one e-mail address": {"email": "family@example.com"}}


@pytest.mark.parametrize("contact", FAMILY.values(), ids=list(FAMILY))
async def test_nobody_is_told_of_a_seat_that_another_of_the_family_has(group: Clinic, contact: dict[str, str]) -> None:
    call = contact | {"call_session_id": "call-of-the-family"}
    await group.book(name="Emma Stone", **call)

    oliver = await group.book(name="Oliver Twist", **call)
    max_stone = await group.book(name="Max Stone", **call)
    emma = await group.book(name="Emma Stone", **call)

    assert (oliver.status_code, oliver.json()["success"]) == (409, False)
    assert max_stone.json()["message"].startswith("Emma Stone is booked with ")
    assert emma.json()["message"].startswith("You're booked with ")
    assert len(await attendees(group)) == 1


async def test_each_of_a_family_with_an_address_of_their_own_has_a_seat(group: Clinic) -> None:
    call = {"phone": "+442079460958", "call_session_id": "call-of-the-family"}
    emma = await group.book(name="Emma Stone", **call | {"email": "emma@example.com"})
    await calcom.fault(group, "drop", "POST", "/v2/bookings", when="after")
    oliver = await group.book(name="Oliver Twist", **call | {"email": "oliver@example.com"})

    assert [answer.json()["data"]["summary"] for answer in (emma, oliver)] == ["Appointment confirmed"] * 2
    assert await attendees(group) == ["emma@example.com", "oliver@example.com"]


async def test_a_guest_who_was_misheard_has_one_seat(group: Clinic) -> None:
    await group.book(**JANE)
    again = await group.book(**JANE | {"name": "Jayne Dough", "email": "jayne@example.com"})

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["message"].startswith("Jane Doe is booked with ")
    assert await attendees(group) == ["jane@example.com"]


@pytest.mark.parametrize(
    "contact",
    [{"phone": CAROL["phone"]}, {"email": "carol@example.com"}, {"phone": CAROL["phone"], "email": "carol at"}],
    ids=["phone", "e-mail", "phone and nonsense"],
)
async def test_a_contact_beside_the_id_tells_whose_seat_is_given_up(group: Clinic, contact: dict[str, str]) -> None:
    await group.book(**JANE)
    uid = calcom.uid_of(await group.book(**CAROL | {"email": "carol@example.com"}))

    answer = await cancelled(group, appointment_id=uid, **contact)

    assert answer.json()["data"]["summary"] == "Cancelled"
    assert await attendees(group) == ["jane@example.com"]


async def test_a_contact_beside_the_id_says_nothing_without_a_credential(group: Clinic) -> None:
    uid = calcom.uid_of(await group.book(**JANE))
    await group.book(**CAROL)

    answer = await group.manage(
        "cancel", appointment_id=uid, phone=CAROL["phone"], call_session_id="call-of-a-stranger"
    )

    assert answer.status_code == 409
    assert len(await attendees(group)) == 2


async def test_a_seat_that_was_given_up_and_taken_again_can_be_given_up_again(group: Clinic) -> None:
    await group.book(**BOB)
    uid = calcom.uid_of(await group.book(**JANE))

    for _ in range(2):
        answer = await group.manage("cancel", appointment_id=uid, call_session_id=JANE["call_session_id"])
        assert (answer.status_code, answer.headers.get("Idempotent-Replayed")) == (200, None)
        assert await attendees(group) == ["bob@example.com"]
        assert (await group.book(**JANE, confirm="true")).json()["data"]["summary"] == "Appointment confirmed"
        assert await attendees(group) == ["bob@example.com", "jane@example.com"]


async def test_a_seat_that_was_given_up_is_found_no_more_whoever_comes_after(group: Clinic) -> None:
    await group.book(**CAROL)
    await group.book(**BOB)
    assert await found(group, CAROL) == [TEN]

    answers = [await cancelled(group, phone=CAROL["phone"])]
    group.clock.advance(timedelta(minutes=1))
    await group.book(**JANE)
    await polled(group)
    answers.append(await cancelled(group, phone=CAROL["phone"]))

    assert [answer.json()["data"]["summary"] for answer in answers] == ["Cancelled"] * 2
    assert await found(group, CAROL) == []
    assert await attendees(group) == ["bob@example.com", "jane@example.com"]


@pytest.mark.parametrize("is_known", [False, True], ids=["before we hear of it", "after"])
async def test_a_seat_that_was_given_up_at_calcom_is_found_no_more(group: Clinic, is_known: bool) -> None:
    await group.book(**CAROL)
    await group.book(**BOB)
    uid, seat = await seat_at_calcom(group, CAROL)
    group.clock.advance(timedelta(minutes=1))
    given_up = {"cancellationReason": "Ill", "seatUid": seat}
    await group.at_calcom("POST", f"/v2/bookings/{uid}/cancel", "cal_sandbox_new", json=given_up)
    if is_known:
        await polled(group)

    assert await found(group, CAROL) == []


@pytest.mark.parametrize("is_known", [False, True], ids=["before we hear of it", "after"])
async def test_a_seat_goes_with_its_group(group: Clinic, is_known: bool) -> None:
    await group.book(**BOB)
    uid = calcom.uid_of(await group.book(**CAROL))
    group.clock.advance(timedelta(minutes=1))
    new = moved_by_the_host(group, uid)
    if is_known:
        await polled(group)

    assert await found(group, CAROL) == ["2026-03-25T12:00:00Z"]
    answer = await cancelled(group, phone=CAROL["phone"])
    assert answer.json()["data"]["summary"] == "Cancelled"
    assert [one["name"] for one in (await calcom.booking(group, new))["attendees"]] == ["Bob Stone"]
