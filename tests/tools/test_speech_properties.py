"""Whatever comes in, what is said can be said."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tools.samples import booking

from calbridge.domain.actions import (
    Action,
    Asked,
    Availability,
    Book,
    Booked,
    Cancel,
    Cancelled,
    Choose,
    Detail,
    Find,
    Found,
    NoneFound,
    NothingOpen,
    Obstacle,
    Openings,
    Outcome,
    Prevented,
    Reply,
    Reschedule,
    Rescheduled,
    SlotTaken,
    Suggest,
    TimeFault,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.appointments import Question
from calbridge.domain.errors import InvalidRequestError
from calbridge.domain.times import SkippedTimeError
from calbridge.tools.apologies import say_error, say_skipped
from calbridge.tools.headlines import headline, summary
from calbridge.tools.offers import offers
from calbridge.tools.speech import say

ZONES = [
    *("America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"),
    *("UTC", "Etc/GMT+5", "NZ-CHAT", "America/Argentina/ComodRivadavia", "America/North_Dakota/New_Salem"),
]
UNSPEAKABLE = re.compile(r"\d{4}-\d\d-\d\d|\dT\d\d|[\r\n\t*_`#\[\](){}<>|~\\@/]|  ")
CLOCK = re.compile(r"\b(?:\d{1,2}(?::\d\d)? [AP]M|noon)\b")

instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as asked
zones = st.sampled_from(ZONES).map(ZoneInfo)
hostile = [
    "**Dr**",
    "ann@example.com",
    "2026-03-25T10:00:00Z",
    "https://x.example/y",
    "20260325T1000Z",
    "a\r\nb",
    "[x](y)",
]
texts = st.text(max_size=400) | st.lists(st.sampled_from(hostile) | st.text(max_size=9)).map("".join)
bookings = st.builds(booking, instants, st.sampled_from(["accepted", "pending", "awaiting_host", "cancelled"]))
several = st.lists(bookings, max_size=10).map(tuple)
starts = st.lists(instants, max_size=20).map(sorted).map(tuple)
days = st.integers(1, 60)
questions = st.builds(Question, texts, texts, texts, st.lists(texts, max_size=5).map(tuple))

ACTIONS: dict[type[Action], st.SearchStrategy[Action]] = {
    Book: st.just(Book()),
    Reschedule: st.just(Reschedule()),
    Cancel: st.just(Cancel()),
    Suggest: st.builds(Suggest, days),
    Availability: st.builds(Availability, days),
    Find: st.sampled_from([Find(phone="+12125550123"), Find(email="ann@example.com"), Find()]),
}
OUTCOMES: dict[type[Outcome], st.SearchStrategy[Outcome]] = {
    Booked: st.builds(Booked, bookings, guest=texts),
    Rescheduled: st.builds(Rescheduled, bookings),
    Cancelled: st.builds(Cancelled, bookings),
    Found: st.builds(Found, several),
    Choose: st.builds(Choose, several),
    NoneFound: st.just(NoneFound()),
    Openings: st.builds(Openings, starts, st.booleans()),
    NothingOpen: st.builds(NothingOpen, days),
    SlotTaken: st.builds(SlotTaken, instants, starts, st.none() | bookings),
    Asked: st.builds(
        Asked,
        st.sampled_from(Detail),
        st.booleans(),
        st.lists(questions, max_size=5).map(tuple),
        st.booleans(),
        st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        st.just("") | st.emails(),
    ),
    TwoTimes: st.builds(TwoTimes, instants, instants),
    WrongTime: st.builds(WrongTime, st.just(TimeFault.PAST), instants)
    | st.builds(WrongTime, st.just(TimeFault.SKIPPED), instants.map(lambda instant: instant.replace(tzinfo=None))),
    Prevented: st.builds(Prevented, st.sampled_from(Obstacle), st.none() | bookings),
    Unconfirmed: st.builds(Unconfirmed, st.none() | instants),
}


def replies(agent_names: st.SearchStrategy[str], *kinds: type[Outcome]) -> st.SearchStrategy[Reply]:
    outcomes = st.one_of([OUTCOMES[kind] for kind in kinds or OUTCOMES])
    return st.builds(Reply, st.one_of(list(ACTIONS.values())), outcomes, agent_names, zones, zones, instants)


def assert_speakable(sentence: str) -> None:
    assert sentence.endswith((".", "?", "!"))
    assert len(sentence) <= 300
    assert not UNSPEAKABLE.search(sentence)
    assert "://" not in sentence
    foreign = [character for character in sentence if not character.isascii()]
    assert all(unicodedata.category(character)[0] in "LMN" for character in foreign)


def test_every_action_and_outcome_is_tried() -> None:
    assert set(ACTIONS) == set(get_args(Action))
    assert set(OUTCOMES) == set(get_args(Outcome))


@given(replies(texts))
@settings(max_examples=600)
def test_outcomes_are_speakable(reply: Reply) -> None:
    sentence = say(reply)
    assert_speakable(sentence)
    assert "bk_9Xq2" not in sentence
    assert "example.com" not in sentence


@given(replies(st.just("Dr. Rivera"), Openings))
def test_at_most_three_times_are_offered(reply: Reply) -> None:
    told = offers(reply)
    assert len(told) == len(CLOCK.findall(say(reply))) <= 3
    assert list(told) == sorted(told)


@given(replies(st.just("Dr. Rivera"), SlotTaken))
def test_at_most_three_times_are_offered_instead(reply: Reply) -> None:
    kept = isinstance(reply.outcome, SlotTaken) and reply.outcome.kept is not None
    assert len(offers(reply)) == len(CLOCK.findall(say(reply))) - kept <= 3


@given(replies(st.just("Dr. Rivera"), Found, Choose))
def test_at_most_three_appointments_are_named(reply: Reply) -> None:
    assert isinstance(reply.outcome, Found | Choose)
    sentence = say(reply)
    assert len(CLOCK.findall(sentence)) == min(3, len(reply.outcome.bookings))
    assert len(reply.outcome.bookings) <= 3 or "more than three appointments" in sentence


@given(replies(st.just("Dr. Rivera"), Booked, Rescheduled))
def test_what_waits_for_its_host_is_never_called_booked(reply: Reply) -> None:
    assert isinstance(reply.outcome, Booked | Rescheduled)
    told = f"{say(reply)} {headline(reply)} {summary(reply)}"
    if reply.outcome.booking.is_pending:
        assert not re.search(r"\b([Bb]ooked|(?<!to be )confirmed|moved|Rescheduled)\b", told)
    else:
        assert "still has to be confirmed" not in told


@given(texts, texts)
@settings(max_examples=300)
def test_complaints_about_fields_are_speakable(field: str, problem: str) -> None:
    assert_speakable(say_error(InvalidRequestError(field, problem), None))


@given(instants, zones)
def test_skipped_times_are_speakable(instant: datetime, zone: ZoneInfo) -> None:
    assert_speakable(say_skipped(SkippedTimeError(instant.replace(tzinfo=None), zone)))


@given(instants, zones, st.integers(0, 400))
def test_the_zone_is_named_where_the_clocks_differ(start: datetime, zone: ZoneInfo, ahead: int) -> None:
    host = ZoneInfo("America/New_York")
    reply = Reply(Book(), Booked(booking(start)), "Dr. Rivera", zone, host, start - timedelta(days=ahead))
    same = start.astimezone(zone).utcoffset() == start.astimezone(host).utcoffset()
    assert bool(re.search(r" time\.$| UTC( (plus|minus) [\d:]+)?\.$", say(reply))) is not same
