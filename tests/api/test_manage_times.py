"""``manage``: in which zone a time is read, what the clocks do to it, and how it is spoken."""

import pytest
from tests.api import calcom, owner
from tests.api.bodies import NO_TIME, Json, booked, not_done, stopped
from tests.api.clinic import Clinic

NIGHTS: Json = {"hours": {day: [["00:00", "24:00"]] for day in ("Saturday", "Sunday")}}
FALL, SPRING = "2026-10-25", "2026-03-29"  # London's clocks change in the night to these
OVER = "What other time would suit you?"


@pytest.mark.parametrize(
    ("when", "instant", "spoken"),
    [
        ("2026-03-25T10:00:00Z", "2026-03-25T10:00:00Z", "Wednesday, March 25 at 10 AM"),
        ("2026-03-25T10:00:00+01:00", "2026-03-25T09:00:00Z", "Wednesday, March 25 at 9 AM"),
        ("2026-03-25t10:30:00.000-05:00", "2026-03-25T15:30:00Z", "Wednesday, March 25 at 3:30 PM"),
        ("2026-03-25 12:00", "2026-03-25T12:00:00Z", "Wednesday, March 25 at noon"),
        ("2026-03-20T15:00", "2026-03-20T15:00:00Z", "today at 3 PM"),
        ("2026-04-01T10:00:00", "2026-04-01T09:00:00Z", "Wednesday, April 1 at 10 AM"),
        ("2026-10-26T10:00:00", "2026-10-26T10:00:00Z", "Monday, October 26 at 10 AM"),
        ("2027-03-24T10:00:00", "2027-03-24T10:00:00Z", "Wednesday, March 24, 2027 at 10 AM"),
    ],
)
async def test_a_time_is_read_with_its_offset_and_else_as_the_hosts_own(
    small_clinic: Clinic, when: str, instant: str, spoken: str
) -> None:
    answer = await small_clinic.book(when)

    assert answer.json() == booked(calcom.uid_of(answer), f"You're booked with Dr. Rivera for {spoken}.", instant)


@pytest.mark.parametrize(
    ("when", "instant"),
    [
        ("2026-03-25T10:00:00", "2026-03-25T14:00:00Z"),  # New York's clocks have changed, London's have not
        ("2026-03-31T10:00:00", "2026-03-31T14:00:00Z"),
        ("2026-10-27T10:00:00", "2026-10-27T14:00:00Z"),  # London's clocks have changed, New York's have not
        ("2026-11-03T10:00:00", "2026-11-03T15:00:00Z"),
    ],
)
async def test_a_local_time_is_read_in_the_callers_zone_whatever_the_clocks_do(
    small_clinic: Clinic, when: str, instant: str
) -> None:
    answer = await small_clinic.book(when, timezone="America/New_York")

    body = answer.json()
    assert body["data"]["date_time"] == instant
    assert body["data"]["timezone"] == "America/New_York"
    assert body["message"].endswith(" at 10 AM New York time.")


async def test_the_callers_zone_goes_before_the_agents(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, timezone="America/New_York")

    answer = await small_clinic.book(timezone="Europe/Paris")

    sentence = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM Paris time."
    expected = booked(calcom.uid_of(answer), sentence, "2026-03-25T09:00:00Z", timezone="Europe/Paris")
    assert answer.json() == expected


async def test_without_a_callers_zone_the_agents_counts(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, timezone="America/New_York")
    await owner.update(small_clinic, timezone="Europe/Paris")

    answer = await small_clinic.book()

    sentence = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM New York time."
    expected = booked(calcom.uid_of(answer), sentence, "2026-03-25T14:00:00Z", timezone="America/New_York")
    assert answer.json() == expected


async def test_without_an_agents_zone_the_accounts_counts(small_clinic: Clinic) -> None:
    await owner.update(small_clinic, timezone="Europe/Paris")

    answer = await small_clinic.book()

    sentence = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM Paris time."
    expected = booked(calcom.uid_of(answer), sentence, "2026-03-25T09:00:00Z", timezone="Europe/Paris")
    assert answer.json() == expected


async def test_without_any_other_the_calcom_hosts_zone_counts_and_is_not_named(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, time_zone="America/Chicago")
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.book()

    sentence = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
    expected = booked(calcom.uid_of(answer), sentence, "2026-03-25T15:00:00Z", timezone="America/Chicago")
    assert answer.json() == expected


async def test_a_zone_whose_clocks_agree_with_the_hosts_is_not_named(small_clinic: Clinic) -> None:
    answer = await small_clinic.book(timezone="Europe/Lisbon")

    sentence = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
    expected = booked(calcom.uid_of(answer), sentence, "2026-03-25T10:00:00Z", timezone="Europe/Lisbon")
    assert answer.json() == expected


async def test_a_local_time_that_the_clocks_skip_is_refused_by_name(small_clinic: Clinic) -> None:
    before = await calcom.requests(small_clinic)

    answer = await small_clinic.book(f"{SPRING}T01:30:00")

    assert answer.status_code == 400
    sentence = f"There is no 1:30 AM on Sunday, March 29, because the clocks go forward then. {OVER}"
    assert answer.json() == not_done("book", "INVALID_REQUEST", sentence, NO_TIME, action_required="provide_datetime")
    assert await calcom.requests(small_clinic) == before


async def test_a_time_that_the_clocks_skip_elsewhere_is_not_refused(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, **NIGHTS)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.book(f"{SPRING}T01:30:00", timezone="UTC")

    sentence = "You're booked with Dr. Rivera for Sunday, March 29 at 1:30 AM UTC."
    assert answer.json() == booked(calcom.uid_of(answer), sentence, f"{SPRING}T01:30:00Z", timezone="UTC")


async def test_a_local_time_that_the_clocks_repeat_means_the_first(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, **NIGHTS)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.book(f"{FALL}T01:30:00")

    sentence = "You're booked with Dr. Rivera for Sunday, October 25 at 1:30 AM."
    assert answer.json() == booked(calcom.uid_of(answer), sentence, f"{FALL}T00:30:00Z")


async def test_the_second_of_two_repeated_times_can_be_had_by_its_offset(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, **NIGHTS)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.book(f"{FALL}T01:30:00+00:00")

    assert answer.json()["data"]["date_time"] == f"{FALL}T01:30:00Z"


@pytest.mark.parametrize(
    ("when", "spoken"),
    [
        ("2026-03-20T08:00:00Z", "Today at 8 AM"),  # this very moment
        ("2026-03-19T10:00:00", "Yesterday at 10 AM"),
        ("2025-03-25T10:00:00", "Tuesday, March 25, 2025 at 10 AM"),
    ],
)
async def test_a_time_in_the_past_is_refused(small_clinic: Clinic, when: str, spoken: str) -> None:
    answer = await small_clinic.book(when)

    assert answer.status_code == 400
    sentence = f"{spoken} has already passed. {OVER}"
    assert answer.json() == not_done("book", "INVALID_REQUEST", sentence, NO_TIME, action_required="provide_datetime")
    assert await calcom.bookings(small_clinic) == []


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("not Tuesday", "The appointment datetime must be an ISO 8601 date and time."),
        ("2026-02-30T10:00:00", "The appointment datetime must be an ISO 8601 date and time."),
        ("2026-03-25", "The appointment datetime must have a time of day."),
        (["2026-03-25T10:00:00"], "The appointment datetime must be a string."),
        (20260325, "The appointment datetime must have a time of day."),
        ("9999-12-31T10:00:00", "The appointment datetime must be a date that a calendar can hold."),
    ],
)
async def test_what_is_no_time_is_asked_for_again(small_clinic: Clinic, when: object, sentence: str) -> None:
    answer = await small_clinic.manage("book", name="Jane", email="jane@example.com", appointment_datetime=when)

    assert answer.status_code == 400
    assert answer.json() == stopped("book", "INVALID_REQUEST", sentence, "provide_datetime")
