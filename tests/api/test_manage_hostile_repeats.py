"""``manage`` where a repetition is not what it seems: keys used twice, contacts in common, seats that were given up."""

import pytest
from tests.api import calcom
from tests.api.bodies import stopped
from tests.api.clinic import Clinic

TEN, ELEVEN = "2026-03-25T10:00:00Z", "2026-03-26T11:00:00Z"
JANE = {"name": "Jane Doe", "email": "jane@example.com", "call_session_id": "call-of-jane"}
BOB = {"name": "Bob Stone", "email": "bob@example.com", "call_session_id": "call-of-bob"}
CREATE = ("POST", "/v2/bookings")
REUSED_SAID = "I've already taken another request under that reference, so nothing was done this time."


@pytest.mark.parametrize("action", ["cancel", "reschedule"])
async def test_a_key_stands_for_one_wish_whatever_is_wished(clinic: Clinic, action: str) -> None:
    uid = calcom.uid_of(await clinic.book(idempotency_key="k-1"))

    answer = await clinic.manage(action, appointment_id=uid, appointment_datetime=ELEVEN, idempotency_key="k-1")

    assert (answer.status_code, answer.json()) == (422, stopped(action, "IDEMPOTENCY_KEY_REUSED", REUSED_SAID))
    assert (await calcom.booking(clinic, uid))["status"] == "accepted"


@pytest.mark.parametrize("action", ["cancel", "reschedule"])
async def test_a_key_of_another_wish_is_refused_even_where_nothing_is_left_to_do(
    small_clinic: Clinic, action: str
) -> None:
    uid = calcom.uid_of(await small_clinic.book(idempotency_key="k-1"))
    wish = {"appointment_id": uid, "appointment_datetime": ELEVEN}
    await small_clinic.manage(action, **wish, idempotency_key="k-2")

    again = await small_clinic.manage(action, **wish, idempotency_key="k-2")
    reused = await small_clinic.manage(action, **wish, idempotency_key="k-1")

    assert again.headers["Idempotent-Replayed"] == "true"
    assert reused.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_a_key_whose_wish_was_refused_without_a_try_stands_for_that_wish(
    small_clinic: Clinic, action: str
) -> None:
    uid = await calcom.book(small_clinic, "2026-03-26T10:00:00Z")
    await calcom.book(small_clinic, TEN)
    await small_clinic.manage("availability")
    wish = {"idempotency_key": "k-1"} | (JANE if action == "book" else {"appointment_id": uid})

    refused = await small_clinic.manage(action, **wish, appointment_datetime=TEN)
    again = await small_clinic.manage(action, **wish, appointment_datetime=TEN)
    reused = await small_clinic.manage(action, **wish, appointment_datetime=ELEVEN)

    assert (refused.status_code, again.status_code) == (422, 422)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert reused.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(await calcom.bookings(small_clinic)) == 2


@pytest.mark.parametrize("named", [{"call_session_id": "a-call-of-mine"}, {"idempotency_key": "mine"}])
async def test_who_knows_only_a_callers_address_gets_no_uid(small_clinic: Clinic, named: dict[str, str]) -> None:
    await small_clinic.book(**JANE)

    stranger = await small_clinic.book(name="Jane Doe", email="jane@example.com", **named)
    again = await small_clinic.book(name="Jane Doe", email="jane@example.com", **named)

    assert [answer.json()["data"]["appointment_id"] for answer in (stranger, again)] == ["", ""]


async def test_who_knows_only_an_address_gets_no_uid_of_what_was_booked_on_the_web(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, confirmation=True, pending_blocks=False)
    first = await small_clinic.book(**JANE)

    stranger = await small_clinic.book(**{**JANE, "call_session_id": "a-call-of-mine"})

    assert calcom.uid_of(first) != ""
    assert stranger.json()["data"]["appointment_id"] == ""


async def test_a_request_that_its_host_has_declined_is_told_so(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, confirmation=True)
    await calcom.edit(small_clinic, calcom.uid_of(await small_clinic.book(**JANE)), status="rejected")

    unsure = await small_clinic.book(**JANE)

    assert (unsure.status_code, unsure.json()["data"]["action_required"]) == (409, "confirm_rebook")
    assert unsure.json()["message"] == "That appointment was declined a moment ago; shall I book it again?"


async def test_a_seat_that_was_given_up_is_not_told_as_taken(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, seats=3)
    uid = calcom.uid_of(await small_clinic.book(**JANE))
    await small_clinic.book(**BOB)
    await small_clinic.manage("cancel", appointment_id=uid, call_session_id=JANE["call_session_id"])

    unsure = await small_clinic.book(**JANE)
    sure = await small_clinic.book(**JANE, confirm=True)

    assert (unsure.status_code, unsure.json()["data"]["action_required"]) == (409, "confirm_rebook")
    assert sure.status_code == 200
    assert len((await calcom.bookings(small_clinic))[0]["attendees"]) == 2


async def test_two_people_with_one_address_do_not_lose_each_others_seat(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, seats=3)
    uid = calcom.uid_of(
        await small_clinic.book(name="Anna Brown", email="f@example.com", call_session_id="call-of-anna")
    )

    ben = await small_clinic.book(name="Benjamin Fox", email="f@example.com", call_session_id="call-of-ben")
    gone = await small_clinic.manage("cancel", appointment_id=uid, call_session_id="call-of-ben")

    assert ben.status_code == 409
    assert gone.status_code == 409
    assert [one["name"] for one in (await calcom.bookings(small_clinic))[0]["attendees"]] == ["Anna Brown"]


async def test_a_caller_who_goes_back_to_the_first_number_is_not_stuck(small_clinic: Clinic) -> None:
    refused = {"statusCode": 400, "message": "no_available_users_found_error"}
    session = {"call_session_id": "call-4711-abc", "name": "Jane Doe"}
    contacts = [
        {"email": "", "phone": "+442079460958"},
        {"email": "", "phone": "+442079460959"},
        {"email": "jane@example.com"},
    ]
    for contact in contacts:
        await calcom.fault(small_clinic, "status", *CREATE, status=400, body=refused)
        await small_clinic.book(**session, **contact)

    answer = await small_clinic.book(**session, **contacts[0])

    assert answer.status_code == 200


async def test_what_the_host_moved_meanwhile_is_told_to_whoever_asks_with_a_key(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    moved = {"start": "2026-03-27T15:00:00Z", "reschedulingReason": "The host is away"}
    path = f"/v2/bookings/{uid}/reschedule"
    refused = {
        "statusCode": 400,
        "message": f"Can't reschedule booking with uid={uid} because it has been cancelled and rescheduled already to "
        "booking with uid=another. You probably want to reschedule another instead.",
    }
    await calcom.fault(small_clinic, "status", "POST", path, status=400, body=refused)
    wish = {"appointment_id": uid, "appointment_datetime": ELEVEN, "idempotency_key": "k-1"}
    first = await small_clinic.manage("reschedule", **wish)
    await small_clinic.at_calcom("POST", path, json=moved)

    again = await small_clinic.manage("reschedule", **wish)

    assert first.status_code in {200, 409}
    assert again.status_code in {200, 409}
