"""A tool call that comes again is told what came of the first; the same wish in another tool call is still one wish."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api import calcom
from tests.api.clinic import SETTLE_SECONDS, Clinic
from tests.voice.envelopes import CALL, JANE, JOHN, Json, Spoken, door, key, tell, vapi

from calbridge.domain.actions import Call, Cancel
from calbridge.domain.errors import LookUpRefusedError

WEDNESDAY, THURSDAY = "2026-03-25T10:00:00", "2026-03-26T11:00:00"
BOOKED = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
MOVED = "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM."
CREATE = ("POST", "/v2/bookings")


def book(when: str = WEDNESDAY, **about: Any) -> Spoken:  # noqa: ANN401 - any field of Spoken
    """Jane books."""
    return Spoken("book", {"name": "Jane Doe", "appointment_datetime": when}, **about)


async def written(clinic: Clinic) -> list[str]:
    """The paths of all that was written at Cal.com."""
    return [path for method, path in await clinic.requests_at_calcom() if method != "GET"]


async def test_a_repeated_tool_call_is_replayed(clinic: Clinic) -> None:
    first = await tell(clinic, "vapi", book())
    again = await tell(clinic, "vapi", book())

    assert first == again
    assert first["message"] == BOOKED
    assert len(await calcom.sent(clinic, *CREATE)) == 1


async def test_the_same_wish_in_another_tool_call_is_one_wish(clinic: Clinic) -> None:
    """A model that is asked "did it work?" calls the tool once more: it must not be refused by its own booking."""
    first = await tell(clinic, "vapi", book())
    again = await tell(clinic, "vapi", book(tool_call_id="call_another_one_of_the_model"))

    assert first == again
    assert len(await calcom.sent(clinic, *CREATE)) == 1


async def test_the_same_id_with_other_arguments_is_another_request(clinic: Clinic) -> None:
    """Some models number their tool calls anew in every turn: never an error to a caller."""
    first = await tell(clinic, "vapi", book())
    other = await tell(clinic, "vapi", book(THURSDAY))

    assert first["message"] == BOOKED
    assert other["message"] == "You're booked with Dr. Rivera for Thursday, March 26 at 11 AM."
    assert len(await calcom.bookings(clinic)) == 2


async def test_a_tool_call_without_a_call_is_replayed_for_as_long_as_platforms_repeat(small_clinic: Clinic) -> None:
    """Where no session tells calls apart, the contact does so for ten minutes, and the tool call for a day."""
    spoken = book(call_id="")
    first = await tell(small_clinic, "generic", spoken)
    small_clinic.clock.advance(timedelta(minutes=30))
    again = await tell(small_clinic, "generic", spoken)

    assert first == again
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_a_late_repetition_of_a_move_does_not_move_it_back(clinic: Clinic) -> None:
    credential = await key(clinic)
    await tell(clinic, "vapi", book(), **credential)
    to_thursday = Spoken("reschedule", {"appointment_datetime": THURSDAY}, tool_call_id="call_to_thursday")
    to_friday = Spoken("reschedule", {"appointment_datetime": "2026-03-27T09:00:00"}, tool_call_id="call_to_friday")
    moved = await tell(clinic, "vapi", to_thursday, **credential)
    assert (await tell(clinic, "vapi", to_friday, **credential))["date_time"] == "2026-03-27T09:00:00Z"
    before = await written(clinic)

    late = await tell(clinic, "vapi", to_thursday, **credential)

    assert moved["message"] == MOVED
    assert late["success"] is False or late["date_time"] == "2026-03-27T09:00:00Z"
    assert "is now on Friday, March 27 at 9 AM" in late["message"]
    assert await written(clinic) == before


async def test_a_late_repetition_of_a_cancellation_leaves_the_next_appointment_alone(clinic: Clinic) -> None:
    credential = await key(clinic)
    await tell(clinic, "vapi", book(), **credential)
    cancel = Spoken("cancel", tool_call_id="call_to_cancel_it")
    cancelled = await tell(clinic, "vapi", cancel, **credential)
    await tell(clinic, "vapi", book(THURSDAY, tool_call_id="call_to_book_again"), **credential)

    late = await tell(clinic, "vapi", cancel, **credential)

    assert late == cancelled
    standing = [each for each in await calcom.bookings(clinic) if each["status"] == "accepted"]
    assert [each["start"][:10] for each in standing] == ["2026-03-26"]


async def test_a_time_that_was_taken_stays_so_for_the_same_tool_call(clinic: Clinic) -> None:
    """By the time it is repeated the caller has heard "taken" and may have chosen another time."""
    await calcom.fault(clinic, "status", *CREATE, status=400, body=SLOT_TAKEN)
    refused = await tell(clinic, "vapi", book())
    again = await tell(clinic, "vapi", book())
    anew = await tell(clinic, "vapi", book(tool_call_id="call_another_one_of_the_model"))

    assert refused["action_required"] == again["action_required"] == "reschedule"
    assert anew["message"] == BOOKED


async def test_tomorrow_is_the_same_day_for_a_repetition_after_midnight(small_clinic: Clinic) -> None:
    spoken = book("Wednesday at 10 am")
    first = await tell(small_clinic, "vapi", spoken)
    small_clinic.clock.advance(timedelta(hours=20))
    again = await tell(small_clinic, "vapi", spoken)

    assert first == again
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_repetitions_at_the_same_moment_are_one_booking(clinic: Clinic) -> None:
    answers = await asyncio.gather(*(tell(clinic, "vapi", book()) for _ in range(5)))

    assert [each["message"] for each in answers] == [BOOKED] * 5
    assert len(await calcom.bookings(clinic)) == 1


async def test_an_unknown_outcome_is_known_to_the_repetition(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "drop", *CREATE, when="before")
    unknown = await tell(small_clinic, "vapi", book())
    await asyncio.sleep(SETTLE_SECONDS)
    again = await tell(small_clinic, "vapi", book())

    assert unknown["action_required"] == "verify"
    assert again["message"] == BOOKED
    assert len(await calcom.bookings(small_clinic)) == 1


@pytest.mark.parametrize("platform", ["retell", "elevenlabs", "telnyx", "bland", "synthflow"])
async def test_platforms_without_ids_of_tool_calls_are_replayed_by_the_call(
    small_clinic: Clinic, platform: str
) -> None:
    first, again = [await tell(small_clinic, platform, book()) for _ in range(2)]

    assert first == again
    assert first["message"] == BOOKED
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_two_calls_in_one_message_are_answered_in_order_one_after_the_other(clinic: Clinic) -> None:
    credential = await key(clinic)
    body = vapi(
        book(tool_call_id="call_first_of_all"),
        book(caller="", tool_call_id="call_second_the_same"),
        Spoken("reschedule", {"appointment_datetime": THURSDAY}, tool_call_id="call_third_of_them"),
        Spoken("nonsense", tool_call_id="call_fourth_of_them"),
        Spoken("find", tool_call_id="call_fifth_of_them"),
    )
    async with clinic.client(**credential) as client:
        answer = await client.post(door(clinic, "vapi"), json=body)

    results = answer.json()["results"]
    assert [each["toolCallId"] for each in results] == [
        "call_first_of_all",
        "call_second_the_same",
        "call_third_of_them",
        "call_fourth_of_them",
        "call_fifth_of_them",
    ]
    assert [each["name"] for each in results][:2] == ["book_appointment", "book_appointment"]
    said = [httpx.Response(200, text=each["result"]).json()["message"] for each in results]
    assert said == [
        BOOKED,
        BOOKED,
        MOVED,
        "I didn't get what to do. Would you like to book, move or cancel an appointment?",
        "You have an appointment with Dr. Rivera on Thursday, March 26 at 11 AM.",
    ]
    assert len(await calcom.sent(clinic, *CREATE)) == 1


async def test_more_calls_in_one_message_than_any_model_makes(small_clinic: Clinic) -> None:
    body = vapi(*(Spoken("suggest", tool_call_id=f"call_number_{number}") for number in range(12)))
    async with small_clinic.client() as client:
        results = (await client.post(door(small_clinic, "vapi"), json=body)).json()["results"]

    assert [each["toolCallId"] for each in results] == [f"call_number_{number}" for number in range(12)]
    assert all("too many requests" in each["result"] for each in results[10:])


async def test_another_caller_in_the_same_call_is_another(small_clinic: Clinic) -> None:
    """Some platforms send one session for all calls."""
    await tell(small_clinic, "vapi", book())
    other = await tell(
        small_clinic,
        "vapi",
        Spoken("book", {"name": "John Roe", "appointment_datetime": WEDNESDAY}, JOHN, tool_call_id="call_of_john_1"),
    )

    assert other["action_required"] == "reschedule"
    assert "appointment_id" not in other


@pytest.mark.parametrize("when", ["the one on Friday", "Thursday", "yesterday at 3 PM", "2026-03-19T15:00:00", "bla"])
async def test_a_cancellation_whose_time_is_not_certain_is_asked_about_first_and_again(
    small_clinic: Clinic, when: str
) -> None:
    credential = await key(small_clinic)
    await tell(small_clinic, "vapi", book())
    for _ in range(2):
        told = await tell(small_clinic, "vapi", Spoken("cancel", {"appointment_datetime": when}), **credential)
        assert told["action_required"] == "choose_appointment"
    assert [each["status"] for each in await calcom.bookings(small_clinic)] == ["accepted"]


async def test_the_same_words_of_another_caller_are_another_request(small_clinic: Clinic) -> None:
    """Where a platform names no call, and tool calls by numbers: only the caller's number tells two of them apart."""
    credential = await key(small_clinic)
    for who, when in ((JOHN, WEDNESDAY), (JANE, THURSDAY)):
        await tell(small_clinic, "generic", Spoken("book", {"name": "A B", "appointment_datetime": when}, who))

    async def cancel(**headers: str) -> Json:
        async with small_clinic.client(**headers) as client:
            answer = await client.post(door(small_clinic, "generic", "cancel"), json={"tool_call_id": "toolcall_1"})
        told: Json = answer.json()
        return told

    of_john = await cancel(**credential, x_caller_number=JOHN)
    of_jane = await cancel(**credential, x_caller_number=JANE)
    again = await cancel(**credential, x_caller_number=JANE)

    assert [each["date_time"][:10] for each in (of_john, of_jane, again)] == ["2026-03-25", "2026-03-26", "2026-03-26"]
    assert of_jane["status"] == "cancelled"


async def test_who_repeats_somebodys_words_without_a_credential_learns_nothing(small_clinic: Clinic) -> None:
    credential = await key(small_clinic)
    await tell(small_clinic, "generic", book())
    body = {"tool_call_id": "toolcall_2", "appointment_datetime": THURSDAY}
    address = door(small_clinic, "generic", "reschedule")
    for about in ({"x_caller_number": JANE}, {"x_caller_number": JANE, "x_call_id": CALL}):
        async with small_clinic.client(**credential, **about) as client:
            moved = await client.post(address, json=body)
        assert moved.json()["message"] == MOVED
        known = {name: value for name, value in about.items() if name == "x_call_id"}
        for stranger in ({}, known, about):
            async with small_clinic.client(**stranger) as client:
                answer = await client.post(address, json=body)
            assert answer.json()["success"] is False
            assert answer.json()["appointment_id"] == ""


async def test_who_names_nobody_is_given_no_appointment_by_a_repetition(small_clinic: Clinic) -> None:
    """The name of a tool call that somebody else has begun is no way in."""
    await tell(small_clinic, "generic", book())
    booked = await calcom.bookings(small_clinic)
    organization, agent = small_clinic.organization.id, small_clinic.agent.id
    theirs = Call(organization, agent, Cancel(booked[0]["uid"]), tool_call="toolcall_3", session=CALL)
    await small_clinic.services.front_desk.handle(theirs, None, "192.0.2.1")

    with pytest.raises(LookUpRefusedError):
        await small_clinic.services.front_desk.handle(replace(theirs, action=Cancel()), None, "192.0.2.2")


@pytest.mark.parametrize(("about", "known"), [({}, False), ({"call_id": CALL}, True), ({"caller_number": JANE}, True)])
async def test_a_tool_call_of_nobody_in_no_call_has_no_name(small_clinic: Clinic, about: Json, known: bool) -> None:
    async with small_clinic.client(**await key(small_clinic)) as client:
        answer = await client.post(
            f"{door(small_clinic, 'generic')}/echo", json={"tool": "book", "tool_call_id": "toolcall_4", **about}
        )

    assert answer.json()["tool_calls"][0]["retries_are_known"] is known


SLOT_TAKEN: Json = {
    "status": "error",
    "error": {
        "code": "BadRequestException",
        "message": "User either already has booking at this time or is not available",
    },
}
