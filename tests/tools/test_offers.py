"""Which open times are spoken, and the short strings beside the sentence."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from tests.tools.samples import LATER, NOW, OPEN, PENDING, WEDNESDAY, WEEK, at, booking, reply

from calbridge.domain.actions import (
    Asked,
    Booked,
    Cancelled,
    Choose,
    Detail,
    Found,
    NoneFound,
    NothingOpen,
    Obstacle,
    Openings,
    Outcome,
    Prevented,
    Rescheduled,
    SlotTaken,
    TimeFault,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)
from calbridge.tools.headlines import headline, summary
from calbridge.tools.offers import offers


def test_headlines() -> None:
    lines = [
        (reply(Booked(booking())), "Booked successfully", "Appointment confirmed"),
        (reply(Booked(PENDING)), "Appointment requested", "Appointment requested"),
        (reply(Rescheduled(booking())), "Rescheduled successfully", "Rescheduled"),
        (reply(Rescheduled(PENDING)), "Appointment requested", "Appointment requested"),
        (reply(Cancelled(booking())), "Cancelled successfully", "Cancelled"),
        (reply(Found((booking(),))), "Appointments found", "Appointments found"),
        (reply(Found(())), "No appointments found", "No appointments found"),
        (reply(Choose((booking(), PENDING))), "Appointments found", "Appointments found"),
        (reply(NoneFound()), "No appointments found", "No appointments found"),
        (reply(Openings(OPEN)), "Available times", "Available times"),
        (reply(NothingOpen(60)), "No available times", "No available times"),
        (reply(SlotTaken(WEDNESDAY, ())), "Time not available", "Time not available"),
        (reply(Asked(Detail.NAME)), "More information needed", "More information needed"),
        (reply(TwoTimes(WEDNESDAY, at(26, 10))), "More information needed", "More information needed"),
        (reply(WrongTime(TimeFault.PAST, NOW)), "Not a possible time", "Not a possible time"),
        (reply(Prevented(Obstacle.OVER)), "Not possible", "Not possible"),
        (reply(Unconfirmed(None)), "Not confirmed yet", "Not confirmed yet"),
    ]
    assert {type(told.outcome) for told, _, _ in lines} == set(get_args(Outcome))
    for told, message, short in lines:
        assert (headline(told), summary(told)) == (message, short)


def test_offers_are_the_times_that_are_spoken_in_their_order() -> None:
    assert offers(reply(Openings(OPEN), WEEK)) == (at(25, 9), at(25, 14, 30), at(26, 9))
    assert offers(reply(Openings(LATER, widened=True), WEEK)) == LATER[:3]
    assert offers(reply(SlotTaken(WEDNESDAY, (at(25, 11), at(24, 16), at(26, 9), at(27, 9))))) == (
        *(at(24, 16), at(25, 11), at(26, 9)),
    )
    assert offers(reply(Booked(booking()))) == ()


def test_two_times_that_sound_alike_are_offered_once() -> None:
    one_thirty = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    repeated = one_thirty + timedelta(hours=1)
    assert offers(reply(Openings((one_thirty, repeated)))) == (one_thirty,)
    assert offers(reply(SlotTaken(WEDNESDAY, (repeated, one_thirty)))) == (one_thirty,)
