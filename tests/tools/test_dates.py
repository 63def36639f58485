"""When is meant: offers and pairs beside the phrases of the table, and what holds for every text whatever."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tools.samples import booking, reply
from tests.tools.test_dates_table import ROWS

from calbridge.domain.actions import (
    Asked,
    Booked,
    Cancelled,
    Choose,
    Detail,
    Found,
    NoneFound,
    Openings,
    Rescheduled,
    Spoken,
    TimeFault,
    TwoTimes,
    WrongTime,
)
from calbridge.domain.loose import Meaning, Present
from calbridge.domain.said import Said
from calbridge.domain.times import SkippedTimeError, place
from calbridge.tools import choices
from calbridge.tools.clock import moment
from calbridge.tools.dates import is_day, meaning, when

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
WEDNESDAY_11, WEDNESDAY_14, THURSDAY_9 = (
    datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((25, 11), (25, 14), (26, 9))
)
OFFERED = (WEDNESDAY_11, WEDNESDAY_14, THURSDAY_9)
ZONES = st.sampled_from(sorted(name for name in available_timezones() if "/" in name and name[0].isupper()))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = (
    *("tomorrow", "today", "tonight", "next", "this", "friday", "sunday", "march", "5", "29", "31st", "the 16th", "at"),
    *(
        "3",
        "8",
        "12",
        "2:30",
        "10:30",
        "am",
        "pm",
        "noon",
        "midnight",
        "in",
        "two",
        "weeks",
        "hours",
        "half past",
        "on",
    ),
    *("morning", "evening", "3/4", "2026-03-29", "2025-11-01", "T01:30", "week", "of", "a", "from", "not", "or", "-"),
    *("yesterday", "last", "month", "february", "2028", "Z", "+14:00", "ma\u00f1ana", "um", "15 de abril"),
)
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
TEXTS = st.one_of(PHRASES, st.sampled_from([row[2] for row in ROWS]), st.text(max_size=30))


def meant(date: str, time: str = "", offered: tuple[datetime, ...] = ()) -> Meaning:
    return meaning(Spoken(date, time), Present(NOW, LONDON, offered))


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("2026-03-25", "14:00"),
        ("2026-03-25", "2:00 PM"),
        ("2026-03-25", "2"),
        ("the one on the 25th", "2 PM"),
        ("2026-03-25T00:00:00", "2 PM"),
        ("2026-03-25T00:00:00Z", "14:00"),
        ("", "2026-03-25T14:00"),
        ("2026-03-25", "2026-03-25T14:00:00"),
        ("Wednesday", "2 in the afternoon"),
        ("next Wednesday", "14:00"),
        ("March 25", "two"),
        ("2024-03-25", "14:00"),
    ],
)
def test_a_day_and_a_time_of_day_apart(date: str, time: str) -> None:
    assert meant(date, time) == WEDNESDAY_14


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("the second one", WEDNESDAY_14),
        ("second", WEDNESDAY_14),
        ("slot_2", WEDNESDAY_14),
        ("Slot 2", WEDNESDAY_14),
        ("option b", WEDNESDAY_14),
        ("B", WEDNESDAY_14),
        ("I'll take the first one please", WEDNESDAY_11),
        ("the last one", THURSDAY_9),
        ("number three", THURSDAY_9),
        ("no. 2", WEDNESDAY_14),
        ("no 2", Asked(Detail.DATETIME)),  # "no, two o'clock"
        ("Thursday", THURSDAY_9),
        ("2 pm", WEDNESDAY_14),
        ("at 11", WEDNESDAY_11),
        ("the afternoon", WEDNESDAY_14),
        ("Wednesday morning", WEDNESDAY_11),
        ("Wednesday at 2", WEDNESDAY_14),
        ("March 26", THURSDAY_9),
        ("Wednesday", TwoTimes(WEDNESDAY_11, WEDNESDAY_14)),
        ("the one on Thursday", THURSDAY_9),
        ("I'd like the one on the 26th please", THURSDAY_9),
        ("that one on March 26", THURSDAY_9),
        ("the one at 2", WEDNESDAY_14),
        ("the one in the afternoon", WEDNESDAY_14),
        ("the one on Wednesday", TwoTimes(WEDNESDAY_11, WEDNESDAY_14)),
        ("the one tomorrow", Asked(Detail.DATETIME, day=date(2026, 3, 21))),
        ("the one", Asked(Detail.DATETIME)),
        ("that one", Asked(Detail.DATETIME)),
        ("I'd like one on Thursday", Asked(Detail.DATETIME)),  # an appointment, or at one o'clock?
        ("the later one", Asked(Detail.DATETIME)),
        ("slot 4", Asked(Detail.DATETIME)),
        ("at 3", Asked(Detail.DATETIME)),  # of which day?
        ("Wednesday at 3", datetime(2026, 3, 25, 15, tzinfo=UTC)),
        ("tomorrow at 3", datetime(2026, 3, 21, 15, tzinfo=UTC)),
    ],
)
def test_what_was_offered_can_be_named(said: str, chosen: Meaning) -> None:
    assert meant(said, offered=OFFERED) == chosen


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("a week from Thursday", Asked(Detail.DATETIME, day=date(2026, 4, 2))),
        ("Thursday week", Asked(Detail.DATETIME, day=date(2026, 4, 2))),
        ("a week from Thursday in the morning", Asked(Detail.DATETIME, day=date(2026, 4, 2))),
        ("last Thursday", Asked(Detail.DATETIME)),
        ("this Thursday", THURSDAY_9),
        ("next Thursday", THURSDAY_9),
        ("Thursday next week", THURSDAY_9),
    ],
)
def test_which_of_the_weekdays_is_said_counts_among_offers_too(said: str, wanted: Meaning) -> None:
    assert meant(said, offered=OFFERED) == wanted


def test_a_weekday_alone_is_the_one_that_was_offered_however_far_ahead() -> None:
    in_two_weeks = THURSDAY_9 + timedelta(days=14)
    assert meant("Thursday", offered=(in_two_weeks,)) == in_two_weeks
    for said in ("this Thursday", "this coming Thursday"):
        assert meant(said, offered=(in_two_weeks,)) == Asked(Detail.DATETIME, day=date(2026, 3, 26))


@pytest.mark.parametrize(
    ("date", "time", "wanted"),
    [
        ("the second, 2 pm", "", WEDNESDAY_14),
        ("the second at 2", "", WEDNESDAY_14),
        ("2 pm, the second", "", WEDNESDAY_14),
        ("the second", "14:00", WEDNESDAY_14),
        ("the first at 11 am", "", WEDNESDAY_11),
        ("the third, in the morning", "", THURSDAY_9),
        ("the second, 10 am", "", Asked(Detail.DATETIME)),
        ("the first at 9", "", Asked(Detail.DATETIME)),
        ("the third on Thursday", "", Asked(Detail.DATETIME)),  # or April 3, which is a Friday
        ("the 2nd of April at 10", "", datetime(2026, 4, 2, 9, tzinfo=UTC)),
        ("the 2nd of next month at 10", "", datetime(2026, 4, 2, 9, tzinfo=UTC)),
        ("Thursday the 2nd at 10", "", datetime(2026, 4, 2, 9, tzinfo=UTC)),
        ("the fourth at 10", "", datetime(2026, 4, 4, 9, tzinfo=UTC)),
    ],
)
def test_a_small_number_beside_a_time_is_an_offers_place(date: str, time: str, wanted: Meaning) -> None:
    assert meant(date, time, OFFERED) == wanted


def test_a_small_number_is_a_date_where_nothing_was_offered() -> None:
    assert meant("the second at 10") == datetime(2026, 4, 2, 9, tzinfo=UTC)


TUESDAY_31, THE_1ST, THE_2ND = (datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((3, 31), (4, 1), (4, 2)))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("the 1st", TwoTimes(TUESDAY_31, THE_1ST)),
        ("I'll take the first", TwoTimes(TUESDAY_31, THE_1ST)),
        ("the first one", TUESDAY_31),
        ("slot 1", TUESDAY_31),
        ("the first at 10", TwoTimes(TUESDAY_31, THE_1ST)),
        ("Wednesday the 1st", THE_1ST),
        ("Wednesday the 1st at 10", THE_1ST),
        ("the 2nd", TwoTimes(THE_1ST, THE_2ND)),
        ("Thursday the 2nd at 10", THE_2ND),
        ("the third", THE_2ND),
    ],
)
def test_a_small_number_may_be_an_offers_date_as_well_as_its_place(said: str, wanted: Meaning) -> None:
    assert meant(said, offered=(TUESDAY_31, THE_1ST, THE_2ND)) == wanted


def test_the_date_of_an_offer_that_fits_goes_before_the_place_of_one_that_does_not() -> None:
    half_past_four = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)
    assert meant("the 1st at 10", offered=(half_past_four, THE_1ST)) == THE_1ST


def test_thursday_the_2nd_may_be_the_second_offer_and_is_asked_about_if_that_is_a_thursday() -> None:
    assert meant("Thursday the 2nd at 9", offered=(WEDNESDAY_11, THURSDAY_9)) == Asked(Detail.DATETIME)


@pytest.mark.parametrize("said", ["the 2nd", "the 2nd at 10", "Thursday the 2nd"])
def test_a_number_agrees_with_the_date_that_is_told_beside_it(said: str) -> None:
    offered = (WEDNESDAY_11, THURSDAY_9)
    assert meaning(Spoken(said), Present(NOW, LONDON, offered, wanted=THE_2ND)) == THE_2ND


def test_of_two_the_later_one_is_the_second() -> None:
    assert meant("the later one", offered=OFFERED[:2]) == WEDNESDAY_14
    assert meant("the earlier one", offered=OFFERED[:2]) == WEDNESDAY_11


def test_of_two_readings_the_one_that_was_offered_is_meant() -> None:
    evening = datetime(2026, 3, 25, 20, tzinfo=UTC)
    assert meant("Wednesday at 8", offered=(evening, THURSDAY_9)) == evening


@pytest.mark.parametrize(
    ("said", "offered", "wanted"),
    [
        ("tomorrow at 10:30", (22,), 22),
        ("tomorrow at half past ten", (22,), 22),
        ("Saturday the 21st at 10:30", (22, 9), 22),
        ("tomorrow at 10:30", (10,), 10),
        ("tomorrow at 10:30", (10, 22), None),
        ("tomorrow at 10:30", (9, 11), 10),
        ("tomorrow at 10:30 AM", (22,), 10),
        ("tomorrow morning at 10:30", (22,), 10),
    ],
)
def test_of_the_two_halves_of_a_day_the_one_that_was_offered_is_meant(
    said: str, offered: tuple[int, ...], wanted: int | None
) -> None:
    """Both: which. Neither: the likely one."""
    at = [datetime(2026, 3, 21, hour, 30, tzinfo=UTC) for hour in range(24)]
    expected = TwoTimes(at[10], at[22]) if wanted is None else at[wanted]
    assert meant(said, offered=tuple(at[hour] for hour in offered)) == expected


def test_what_was_offered_on_another_day_is_not_meant() -> None:
    sunday = datetime(2026, 3, 22, 22, 30, tzinfo=UTC)
    assert meant("tomorrow at 10:30", offered=(sunday,)) == datetime(2026, 3, 21, 10, 30, tzinfo=UTC)


def test_what_is_over_in_one_half_of_the_day_may_be_on_offer_in_the_other() -> None:
    evening = datetime(2026, 3, 20, 19, 30, tzinfo=UTC)
    assert meant("today at 7:30", offered=(evening,)) == evening


@pytest.mark.parametrize(
    ("said", "hour", "is_meant"),
    [
        ("in the evening", 16, False),
        ("in the evening", 17, True),
        ("the afternoon", 17, True),
        ("the afternoon", 18, False),
        ("tomorrow night", 17, False),
        ("tomorrow morning", 11, True),
    ],
)
def test_an_offer_is_meant_by_the_part_of_the_day_that_anybody_would_call_so(
    said: str, hour: int, is_meant: bool
) -> None:
    offer = datetime(2026, 3, 21, hour, 30, tzinfo=UTC)
    assert (meant(said, offered=(offer,)) == offer) is is_meant


def test_monday_this_week_is_not_the_one_that_was_offered_of_next_week() -> None:
    assert meant("Monday this week", offered=(datetime(2026, 3, 23, 9, tzinfo=UTC),)) == Asked(Detail.DATETIME)


@pytest.mark.parametrize("said", ["the second one", "slot_2", "B", "the last one"])
def test_without_an_offer_its_place_says_nothing(said: str) -> None:
    assert meant(said) == Asked(Detail.DATETIME)


def test_an_offer_that_is_over_is_over() -> None:
    assert not isinstance(meant("the first one", offered=(NOW - timedelta(hours=1),)), datetime)


@pytest.mark.parametrize(
    ("said", "now", "wanted"),
    [
        ("Sunday at 1:30 am", "2026-03-29T00:10Z", TimeFault.SKIPPED),
        ("next Sunday at 1:30 am", "2026-03-28T00:10Z", TimeFault.SKIPPED),
        ("1:30 am", "2026-03-29T00:10Z", TimeFault.SKIPPED),
        ("today at 1:30 am", "2026-03-29T12:00Z", TimeFault.SKIPPED),
        ("Sunday at 1:30 am", "2026-03-29T12:00Z", datetime(2026, 4, 5, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_skipped_moves_to_no_other_day(said: str, now: str, wanted: TimeFault | datetime) -> None:
    found = meaning(Spoken(said), Present(datetime.fromisoformat(now), LONDON))
    assert (found.fault if isinstance(found, WrongTime) else found) == wanted


def test_a_number_is_no_beginning_of_a_date() -> None:
    assert meant("2", "2026-03-25T14:00:00") == Asked(Detail.DATETIME)


def test_an_offer_of_another_weekday_is_not_meant() -> None:
    assert meant("Tuesday the 26th", offered=OFFERED) == Asked(Detail.DATETIME)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2026-03-27", True), ("tomorrow", True), ("tomorrow at 3", False), ("2026-03-27T09:00", False), ("3 PM", False)],
)
def test_a_day_is_told_from_a_time(text: str, is_one: bool) -> None:
    assert is_day(text) is is_one


@pytest.mark.parametrize("outcome", [Found, Choose])
def test_the_callers_own_appointments_are_told_as_far_as_they_are_heard(outcome: type[Found | Choose]) -> None:
    bookings = tuple(booking(NOW + timedelta(days=days)) for days in range(1, 5))
    assert choices.told(reply(outcome(bookings))) == Said(own=tuple(each.start for each in bookings[:3]))


def test_what_is_done_leaves_what_was_offered() -> None:
    made = booking()
    assert choices.told(reply(Booked(made))) == Said(own=(made.start,))
    for outcome in (Rescheduled(made), Cancelled(made), NoneFound(), Found(())):
        assert choices.told(reply(outcome)) == Said(own=())
    assert choices.told(reply(Asked(Detail.DATETIME))) == Said()


def test_what_is_told_can_be_named() -> None:
    assert choices.told(reply(Openings(OFFERED))) == Said(offered=OFFERED)
    assert choices.told(reply(TwoTimes(WEDNESDAY_11, THURSDAY_9))) == Said(offered=(WEDNESDAY_11, THURSDAY_9))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Wednesday", WEDNESDAY_14),
        ("the afternoon", WEDNESDAY_14),
        ("Wednesday at 2", WEDNESDAY_14),
        ("the first one", WEDNESDAY_11),
        ("11 AM", Asked(Detail.DATETIME)),
    ],
)
def test_what_is_the_callers_own_is_meant_only_if_it_is_named(said: str, wanted: Meaning) -> None:
    assert meaning(Spoken(said), Present(NOW, LONDON, OFFERED, own=(WEDNESDAY_11,))) == wanted


@pytest.mark.parametrize("said", ["Friday", "at 3", "3 PM", "the afternoon", "Friday at 3"])
def test_a_part_of_a_time_agrees_with_the_time_that_is_told_beside_it(said: str) -> None:
    """Whatever was offered; and "Friday at 3" is today or in a week."""
    for wanted in (datetime(2026, 3, 20, 15, tzinfo=UTC), datetime(2026, 3, 27, 15, tzinfo=UTC)):
        assert meaning(Spoken(said), Present(NOW, LONDON, OFFERED, wanted=wanted)) == wanted


@pytest.mark.parametrize(
    "text", ["2026-02-30T10:00", "2026-03-25", "20260325", "banana", "", "2026-03-25T10:00ZZ", "3"]
)
def test_what_neither_is_iso_nor_english_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must"):
        when(text)


def test_iso_is_read_at_once_and_words_later() -> None:
    assert when("2026-03-25T14:00:00Z") == WEDNESDAY_14
    assert when("next Tuesday at 3") == Spoken("next Tuesday at 3")
    assert when("the second one") == Spoken("the second one")


@settings(deadline=None)  # the first foreign text has the languages read
@given(text=TEXTS, zone=ZONES, now=MOMENTS)
def test_nothing_that_is_said_is_in_the_past_or_skipped(text: str, zone: str, now: datetime) -> None:
    found = meaning(Spoken(text), Present(now, ZoneInfo(zone)))
    for start in [found] if isinstance(found, datetime) else []:
        assert start > now
        local = start.astimezone(ZoneInfo(zone))
        assert place(local.replace(tzinfo=None), ZoneInfo(zone)) == start or "T" in text or "+" in text or "Z" in text
    if isinstance(found, TwoTimes):
        assert now < found.first < found.second


@given(local=st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1)), zone=ZONES, now=MOMENTS)  # noqa: DTZ001
def test_iso_that_lies_ahead_means_what_it_says(local: datetime, zone: str, now: datetime) -> None:
    local = local.replace(microsecond=0)
    try:
        start = place(local, ZoneInfo(zone))
    except SkippedTimeError:
        return
    found = meaning(Spoken(local.isoformat()), Present(now, ZoneInfo(zone)))
    pair = meaning(Spoken(f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}"), Present(now, ZoneInfo(zone)))
    assert found == pair
    if start > now:
        assert found == start


@given(
    minutes=st.integers(60, 60 * 24 * 320),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_what_we_say_is_understood(minutes: int, zone: str) -> None:
    told = reply(Booked, timezone=ZoneInfo(zone))  # type: ignore[arg-type] # only the zone and the present matter
    start = (told.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    local = start.astimezone(told.timezone)
    if place(local.replace(tzinfo=None), told.timezone) != start:  # the second of two that sound alike
        return
    assert meaning(Spoken(moment(start, told)), Present(told.now, told.timezone)) == start
