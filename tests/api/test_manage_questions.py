"""``manage`` with ``book``: what an event type asks besides, how it is asked, and which answers get to Cal.com."""

import pytest
from tests.api import calcom
from tests.api.bodies import asked, question
from tests.api.clinic import Clinic

REASON = {"slug": "reason-for-visit", "label": "Reason for your visit?", "type": "text"}
INSURANCE = {"slug": "q7", "label": "Insurance", "type": "select", "options": ["Private", "Public"]}
COLOUR = {"slug": "colour", "label": "Favourite colour", "type": "text", "required": False}
STRANGE = {"email": "x@evil.example", "guests": "a@evil.example", "smsReminderNumber": "+442079460000", "location": "x"}


async def test_open_questions_are_asked_with_all_that_it_takes_to_answer_them(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, questions=[REASON, INSURANCE, COLOUR])

    answer = await small_clinic.book()

    assert answer.status_code == 400
    sentence = "I need a little more to book this. Reason for your visit? Insurance: Private or Public?"
    reason = question("reason-for-visit", "Reason for your visit?")
    insurance = question("q7", "Insurance", "select", "Private", "Public")
    assert answer.json() == asked("book", sentence, "provide_details", reason, insurance)


async def test_what_has_been_answered_is_not_asked_again(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, questions=[REASON, INSURANCE])

    answer = await small_clinic.book(details={"Reason for your visit": "a sore back"})

    sentence = "I need a little more to book this. Insurance: Private or Public?"
    insurance = question("q7", "Insurance", "select", "Private", "Public")
    assert answer.json() == asked("book", sentence, "provide_details", insurance)


@pytest.mark.parametrize("name", ["reason-for-visit", "reason for visit", "Reason for your visit?", "REASON_FOR_VISIT"])
async def test_answers_are_taken_by_slug_or_label_and_options_as_they_are_said(small_clinic: Clinic, name: str) -> None:
    await calcom.offer(small_clinic, questions=[REASON, INSURANCE, COLOUR])

    details = {name: "a sore back", "insurance": "private", "Favourite colour": "blue"}
    answer = await small_clinic.book(details=details)

    assert answer.status_code == 200
    given = {"reason-for-visit": "a sore back", "q7": "Private", "colour": "blue"}
    assert await _responses(small_clinic) == given


async def test_what_no_question_asks_for_does_not_get_to_cal_com(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, questions=[COLOUR])

    answer = await small_clinic.book(details={**STRANGE, "rescheduledReason": "x", "colour": "blue"})

    assert answer.status_code == 200
    assert await _responses(small_clinic) == {"colour": "blue"}


async def test_an_answer_that_cal_com_does_not_take_is_asked_for_again(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, questions=[INSURANCE])

    answer = await small_clinic.book(details={"insurance": "neither"})

    assert answer.status_code == 400
    asks = "I need a little more to book this. Insurance: Private or Public?"
    sentence = f"The calendar didn't accept one of those answers. {asks}"
    insurance = question("q7", "Insurance", "select", "Private", "Public")
    assert answer.json() == asked("book", sentence, "provide_details", insurance)


async def _responses(clinic: Clinic) -> calcom.Json:
    (sent,) = await calcom.sent(clinic, "POST", "/v2/bookings")
    return dict(sent["bookingFieldsResponses"])
