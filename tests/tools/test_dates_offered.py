"""What was offered in a call, and how it is named: by its place, by a part of its time, or by both."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.tools.samples import booking, reply
from tests.tools.test_dates import LONDON, NOW, OFFERED, THURSDAY_9, WEDNESDAY_11, WEDNESDAY_14, meant

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
    TwoTimes,
)
from calbridge.domain.loose import Meaning, Present
from calbridge.domain.said import Said
from calbridge.tools import choices
from calbridge.tools.dates import meaning


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


@pytest.mark.parametrize(
    "said", ["morgen um zehn", "morgen um zehn Uhr", "morgen zehn", "demain à dix", "demain dix", "morgen nicht"]
)
def test_a_time_of_day_that_is_not_understood_is_no_reason_to_take_what_was_offered_that_day(said: str) -> None:
    assert meant(said, offered=(datetime(2026, 3, 21, 9, tzinfo=UTC), THURSDAY_9)) == Asked(Detail.DATETIME)


@pytest.mark.parametrize("said", ["morgen", "demain", "amanhã", "sabado", "le samedi", "21 de marzo", "samedi 21 mars"])
def test_a_day_in_another_language_is_what_was_offered_that_day(said: str) -> None:
    tomorrow = datetime(2026, 3, 21, 9, tzinfo=UTC)
    assert meant(said, offered=(tomorrow, THURSDAY_9)) == tomorrow


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


def test_an_offer_of_another_weekday_is_not_meant() -> None:
    assert meant("Tuesday the 26th", offered=OFFERED) == Asked(Detail.DATETIME)


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
