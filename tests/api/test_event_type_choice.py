"""Which event type a booking uses, set over HTTP on the agent or on the account, and what it then demands."""

import pytest
from tests.api import calcom, owner
from tests.api.agent import patch
from tests.api.bodies import asked, booked, question, requested
from tests.api.clinic import Clinic
from tests.api.office import PREFIX, done

PHONE = "+442079460958"
TEN = "2026-03-25T10:00:00Z"
REASON = question("reason-for-visit", "Reason for visit")
SENTENCE = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
AGENT, ACCOUNT = "the agent", "the account"


async def choose(clinic: Clinic, whose: str, slug: str) -> None:
    """Set the event type of the agent or of its account; "" for none."""
    if whose == AGENT:
        assert (await patch(clinic, calcomCalendarId=slug)).status_code == 200
    else:
        await owner.update(clinic, defaultEventTypeSlug=slug)


async def booked_type(clinic: Clinic, when: str) -> str:
    """Book, and see at Cal.com what it has become."""
    answer = await clinic.book(when)
    assert answer.status_code == 200
    return str((await calcom.booking(clinic, calcom.uid_of(answer)))["eventType"]["slug"])


async def test_the_agents_goes_before_the_accounts_and_that_before_the_first(small_clinic: Clinic) -> None:
    first = await booked_type(small_clinic, "2026-03-25T10:00:00")
    await choose(small_clinic, ACCOUNT, "default-location")
    accounts = await booked_type(small_clinic, "2026-03-25T11:00:00")
    await choose(small_clinic, AGENT, "flexible")
    agents = await booked_type(small_clinic, "2026-03-25T12:00:00")
    await choose(small_clinic, AGENT, "")
    await choose(small_clinic, ACCOUNT, "")
    again = await booked_type(small_clinic, "2026-03-25T14:00:00")

    assert [first, accounts, agents, again] == ["consultation", "default-location", "flexible", "consultation"]


@pytest.mark.parametrize("whose", [AGENT, ACCOUNT])
async def test_a_phone_number_that_it_demands_is_asked_for(small_clinic: Clinic, whose: str) -> None:
    await choose(small_clinic, whose, "phone-consultation")

    without, with_it = await small_clinic.book(), await small_clinic.book(phone=PHONE)

    assert without.status_code == 400
    assert without.json() == asked("book", "What phone number can I use for you?", "provide_contact")
    assert with_it.json() == booked(calcom.uid_of(with_it), SENTENCE, TEN)


@pytest.mark.parametrize("whose", [AGENT, ACCOUNT])
async def test_a_question_that_it_demands_is_asked(small_clinic: Clinic, whose: str) -> None:
    await choose(small_clinic, whose, "intake")

    without = await small_clinic.book()
    with_it = await small_clinic.book(details={"reason-for-visit": "a sore back"})

    assert without.status_code == 400
    sentence = "I need a little more to book this. Reason for visit?"
    assert without.json() == asked("book", sentence, "provide_details", REASON)
    assert with_it.json() == booked(calcom.uid_of(with_it), SENTENCE, TEN)


@pytest.mark.parametrize("whose", [AGENT, ACCOUNT])
async def test_what_its_host_must_confirm_is_only_requested(small_clinic: Clinic, whose: str) -> None:
    await choose(small_clinic, whose, "needs-approval")

    answer = await small_clinic.book()

    sentence = "I've asked for Wednesday, March 25 at 10 AM with Dr. Rivera; it still has to be confirmed."
    assert (answer.status_code, answer.json()) == (200, requested(calcom.uid_of(answer), sentence, TEN))


async def test_the_event_types_of_a_private_key_are_the_ones_that_count(small_clinic: Clinic) -> None:
    types = [
        {"slug": "visit", "minutes": 30},
        {"slug": "consultation", "minutes": 45, "confirmation": True},
    ]
    await calcom.host(small_clinic, event_types=types)
    path = f"{PREFIX}/agents/{small_clinic.agent.id}"
    await owner.update(small_clinic, defaultEventTypeSlug="consultation")
    await done(small_clinic, "PUT", f"{path}/account", {"calcom_account_id": None})
    await done(small_clinic, "POST", f"{path}/connect", {"api_key": "cal_sandbox_new"})

    first = await small_clinic.book()
    await choose(small_clinic, AGENT, "consultation")
    second = await small_clinic.book("2026-03-25T11:00:00")

    assert [answer.json()["data"]["status"] for answer in (first, second)] == ["accepted", "pending"]
    assert {each["host"] for each in await calcom.bookings(small_clinic)} == {"new-host"}
