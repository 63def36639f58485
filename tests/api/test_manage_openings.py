"""``manage`` with ``suggest`` and ``availability``: open times, counted in the caller's days."""

from datetime import timedelta

import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, day, offered, told
from tests.api.clinic import Clinic

ONE_HOUR: Json = {
    "hours": {name: [["10:00", "11:00"]] for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")}
}


async def test_a_few_times_are_suggested_over_three_days(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage("suggest")

    assert answer.status_code == 200
    assert answer.json() == offered(
        "suggest",
        "Today I have 10 AM or 4:30 PM; on Monday, 9 AM.",
        day("2026-03-20", "Today", "10:00 AM 10:00", "12:00 PM 12:00", "4:30 PM 16:30"),
        day("2026-03-23", "Monday", "9:00 AM 09:00", "12:00 PM 12:00", "4:30 PM 16:30"),
        day("2026-03-24", "Tuesday", "9:00 AM 09:00", "12:00 PM 12:00", "4:30 PM 16:30"),
    )


async def test_every_open_time_is_listed(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, **ONE_HOUR)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.manage("availability")

    labels = {
        "2026-03-20": "Today",
        "2026-03-23": "Monday",
        "2026-03-24": "Tuesday",
        "2026-03-25": "Wednesday",
        "2026-03-26": "Thursday",
        "2026-03-27": "Friday, March 27",
    }
    days = [day(date, label, "10:00 AM 10:00", "10:30 AM 10:30") for date, label in labels.items()]
    sentence = "There are 12 open times. For example, today I have 10 AM or 10:30 AM; on Monday, 10 AM."
    assert answer.status_code == 200
    assert answer.json() == offered("availability", sentence, *days)


async def test_tomorrow_is_called_so(small_clinic: Clinic) -> None:
    small_clinic.clock.advance(timedelta(days=-1))

    answer = await small_clinic.manage("suggest")

    days = answer.json()["data"]["available_slots"]
    assert [each["date_label"] for each in days] == ["Today", "Tomorrow", "Monday"]
    assert answer.json()["message"] == "Today I have 10 AM or 4:30 PM; tomorrow, 9 AM."


async def test_what_is_booked_is_not_offered(small_clinic: Clinic) -> None:
    await small_clinic.book("2026-03-20T10:00:00")

    answer = await small_clinic.manage("availability", days_ahead=1)

    (today,) = answer.json()["data"]["available_slots"]
    assert today["slots"][:2] == ["10:30 AM", "11:00 AM"]


async def test_days_are_those_of_the_caller_and_the_zone_is_named(small_clinic: Clinic) -> None:
    await calcom.host(small_clinic, **ONE_HOUR)
    await calcom.use(small_clinic, "cal_sandbox_new")

    answer = await small_clinic.manage("availability", timezone="Pacific/Auckland", days_ahead=3)

    assert answer.json() == offered(
        "availability",
        "There are 4 open times. For example, today I have 11 PM or 11:30 PM; on Monday, 11 PM, all in Auckland time.",
        day("2026-03-20", "Today", "11:00 PM 10:00", "11:30 PM 10:30"),
        day("2026-03-23", "Monday", "11:00 PM 10:00", "11:30 PM 10:30"),
        timezone="Pacific/Auckland",
    )


@pytest.mark.parametrize("action", ["suggest", "availability"])
@pytest.mark.parametrize(
    ("days_ahead", "last"),
    [
        (None, "2026-03-27"),  # seven days
        (0, "2026-03-27"),
        (-3, "2026-03-27"),
        ("", "2026-03-27"),
        (3, "2026-03-23"),
        ("5", "2026-03-25"),
        (10.0, "2026-03-30"),
        (30, "2026-04-17"),  # Sunday the 19th is the thirtieth day
        (31, "2026-04-17"),
        (9999, "2026-04-17"),
    ],
)
async def test_the_window_ends_with_the_local_day_so_many_days_on(
    small_clinic: Clinic, action: str, days_ahead: object, last: str
) -> None:
    answer = await small_clinic.manage(action, days_ahead=days_ahead)

    assert answer.status_code == 200
    days = [each["date"] for each in answer.json()["data"]["available_slots"]]
    assert days == sorted(days)
    assert (days[-1] == last) if action == "availability" else (len(days) <= 3 and days[-1] <= last)


@pytest.mark.parametrize(
    ("action", "also"),
    [
        ("suggest", "that day I also have noon or 4:30 PM."),
        ("availability", "that day I also have 1 PM or 4:30 PM."),
    ],
)
async def test_an_empty_window_is_widened_to_the_next_open_day(small_clinic: Clinic, action: str, also: str) -> None:
    await calcom.offer(small_clinic, notice=9 * 24 * 60)

    answer = await small_clinic.manage(action, days_ahead=2)

    assert answer.status_code == 200
    slots = answer.json()["data"]["available_slots"]
    sentence = f"Nothing is free in the next 2 days. The next opening is Monday, March 30 at 9 AM; {also}"
    assert answer.json() == offered(action, sentence, *slots)
    assert [each["date_label"] for each in slots] == ["Monday, March 30", "Tuesday, March 31"]


async def test_the_search_is_widened_to_sixty_days(small_clinic: Clinic) -> None:
    await calcom.offer(small_clinic, notice=58 * 24 * 60)

    answer = await small_clinic.manage("suggest")

    assert answer.json()["data"]["available_slots"][0]["date"] == "2026-05-18"
    assert "The next opening is Monday, May 18 at 9 AM" in answer.json()["message"]


@pytest.mark.parametrize("action", ["suggest", "availability"])
async def test_where_nothing_is_open_at_all_that_is_said(small_clinic: Clinic, action: str) -> None:
    await calcom.offer(small_clinic, notice=90 * 24 * 60)

    answer = await small_clinic.manage(action)

    nothing = "No available times"
    assert answer.status_code == 200
    assert answer.json() == told(action, "I'm sorry, nothing is open in the next 60 days.", nothing, nothing)


async def test_never_more_than_three_days_with_three_times_are_suggested(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="flexible")  # a time every fifteen minutes

    answer = await small_clinic.manage("suggest", days_ahead=30)

    days = answer.json()["data"]["available_slots"]
    assert [len(each["slots"]) for each in days] == [3, 3, 3]
    assert all(_morning_and_afternoon(each) for each in days)


async def test_slots_and_start_times_run_side_by_side(small_clinic: Clinic) -> None:
    answer = await small_clinic.manage("availability", days_ahead=30)

    days = answer.json()["data"]["available_slots"]
    assert all(len(each["slots"]) == len(each["start_times"]) for each in days)
    summer = next(each for each in days if each["date"] == "2026-03-30")
    assert (summer["slots"][0], summer["start_times"][0]) == ("9:00 AM", "2026-03-30T08:00:00Z")


async def test_looking_for_times_asks_calcom_once_for_the_times_and_not_for_the_event_types(
    small_clinic: Clinic,
) -> None:
    before = len(await small_clinic.requests_at_calcom())

    await small_clinic.manage("suggest")

    seen = (await small_clinic.requests_at_calcom())[before:]
    assert seen == [("GET", "/v2/slots")]


async def test_event_types_that_are_not_known_are_asked_for_once(small_clinic: Clinic) -> None:
    small_clinic.clock.advance(timedelta(seconds=1))
    await owner.update(small_clinic, prompt="Changed.")  # what was read at connect is not believed any more
    before = len(await small_clinic.requests_at_calcom())

    for _ in range(2):
        await small_clinic.manage("suggest")

    seen = (await small_clinic.requests_at_calcom())[before:]
    assert seen == [("GET", "/v2/event-types"), ("GET", "/v2/slots"), ("GET", "/v2/slots")]


def _morning_and_afternoon(shown: Json) -> bool:
    return {time.rpartition(" ")[2] for time in shown["slots"]} == {"AM", "PM"}
