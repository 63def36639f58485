"""``manage``: which event type is booked, and what is said when there is none."""

import pytest
from tests.api import calcom, owner
from tests.api.bodies import stopped
from tests.api.clinic import Clinic


async def test_the_agents_own_event_type_is_booked_by_its_slug(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="flexible")

    assert await _booked_type(small_clinic) == "flexible"


async def test_the_agents_own_event_type_is_booked_by_its_number(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type=str(await calcom.event_type(small_clinic, "default-location")))

    assert await _booked_type(small_clinic) == "default-location"


async def test_without_one_the_accounts_default_is_booked_by_its_slug(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, defaultEventTypeSlug="flexible")

    assert await _booked_type(small_clinic) == "flexible"


async def test_without_one_the_accounts_default_is_booked_by_its_number(small_clinic: Clinic) -> None:
    number = await calcom.event_type(small_clinic, "default-location")
    await owner.update(small_clinic, defaultEventTypeId=number)

    assert await _booked_type(small_clinic) == "default-location"


async def test_the_agents_own_event_type_goes_before_the_accounts_default(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, defaultEventTypeSlug="flexible")
    await owner.change_agent(small_clinic, event_type="default-location")

    assert await _booked_type(small_clinic) == "default-location"


async def test_a_hidden_event_type_is_booked_if_it_is_named(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, slug="secret", hidden=True)
    await owner.change_agent(small_clinic, event_type="secret")

    assert await _booked_type(small_clinic) == "secret"


async def test_without_any_the_first_is_booked_that_is_neither_hidden_nor_recurring(small_clinic: Clinic) -> None:
    types = [
        {"slug": "secret", "minutes": 30, "hidden": True},
        {"slug": "weekly", "minutes": 30, "recurring": 4},
        {"slug": "plain", "minutes": 30},
        {"slug": "other", "minutes": 30},
    ]
    await calcom.host(small_clinic, event_types=types)
    await calcom.use(small_clinic, "cal_sandbox_new")

    assert await _booked_type(small_clinic) == "plain"


@pytest.mark.parametrize("action", ["book", "suggest", "availability"])
async def test_an_event_type_that_does_not_exist_is_a_conflict(small_clinic: Clinic, action: str) -> None:
    await owner.change_agent(small_clinic, event_type="acupuncture")

    answer = await (small_clinic.book() if action == "book" else small_clinic.manage(action))

    assert answer.status_code == 409
    assert answer.json() == stopped(action, "CONFLICT", "That can't be done as things stand.")
    assert await calcom.bookings(small_clinic) == []


@pytest.mark.parametrize("action", ["book", "suggest", "availability"])
async def test_an_event_type_that_makes_a_series_is_a_conflict(small_clinic: Clinic, action: str) -> None:
    await calcom.offer(small_clinic, slug="weekly", recurring=4)
    await owner.change_agent(small_clinic, event_type="weekly")

    answer = await (small_clinic.book() if action == "book" else small_clinic.manage(action))

    assert answer.status_code == 409
    sentence = "Appointments of that kind repeat, and I can't book those by phone."
    assert answer.json() == stopped(action, "CONFLICT", sentence)
    assert await calcom.bookings(small_clinic) == []


async def test_an_account_without_an_event_type_that_can_be_booked_is_a_conflict(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, hidden=True)

    answer = await small_clinic.book()

    assert answer.status_code == 409
    assert answer.json() == stopped("book", "CONFLICT", "That can't be done as things stand.")


async def test_an_event_type_that_is_gone_since_it_was_remembered_is_not_booked(small_clinic: Clinic) -> None:
    message = "Event type with id 1 not found."
    details = {"message": message, "error": "Not Found", "statusCode": 404}
    error = {"code": "NotFoundException", "message": message, "details": details}
    await calcom.fault(
        small_clinic, "status", "POST", "/v2/bookings", status=404, body={"status": "error", "error": error}
    )

    answer = await small_clinic.book()

    assert answer.status_code == 502
    sentence = "The calendar doesn't offer that kind of appointment any more."
    assert answer.json() == stopped("book", "CALCOM_API_ERROR", sentence)


async def _booked_type(clinic: Clinic) -> str:
    answer = await clinic.book()
    assert answer.status_code == 200
    return str((await calcom.booking(clinic, calcom.uid_of(answer)))["eventType"]["slug"])
