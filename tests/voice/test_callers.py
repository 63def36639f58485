"""Ten callers at seven doors: what stands at Cal.com when they hang up, and whether all that they heard was true."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from tests.api.clinic import Clinic, open_clinic
from tests.voice import simulators
from tests.voice.callers import STORIES
from tests.voice.grading import Calendar, Ear, Heard, faults
from tests.voice.phoning import LONDON, NEW_YORK, office
from tests.voice.simulators import SIMULATORS

TUESDAY = datetime(2026, 3, 24, 10, 35, tzinfo=UTC)  # half past ten is over


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """One running service for all callers. It is Tuesday, also for the platforms, which sign the time."""
    database = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("callers") / "calbridge.db")
    async with open_clinic(f"sqlite:///{database}") as clinic:
        clinic.clock.now = TUESDAY
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulators, "time", SimpleNamespace(time=lambda: clinic.clock().timestamp()))
            yield clinic


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("platform", SIMULATORS)
@pytest.mark.parametrize("name", STORIES)
async def test_a_caller(service: Clinic, name: str, platform: str) -> None:
    story = STORIES[name]
    async with office(service, platform, story.hours) as called:
        if story.proved:
            await called.prove()

        ending = await story.told(called)

        assert called.faults() == []
        assert (await called.calendar()).standing == ending.standing
        assert len(await called.bookings()) == ending.made


TEN, ELEVEN = datetime(2026, 3, 25, 10, tzinfo=UTC), datetime(2026, 3, 25, 11, tzinfo=UTC)
NOON, ONE = datetime(2026, 3, 25, 12, tzinfo=UTC), datetime(2026, 3, 26, 13, tzinfo=UTC)
EMPTY = Calendar(open=frozenset({TEN, ELEVEN, NOON, ONE}))
BOOKED = Calendar((TEN,), busy=frozenset({TEN}), open=frozenset({ELEVEN, NOON}))
TOO_SOON = Calendar(open=frozenset({ELEVEN, NOON}))
AT_TEN = "You're booked with Dr. Rivera for tomorrow at 10 AM."
OFFER = "Tomorrow I have 10 AM or noon; on Thursday, 1 PM."
OFFERED = (TEN, NOON, ONE)


def heard(sentence: str, before: Calendar = EMPTY, after: Calendar = EMPTY, *slots: datetime) -> Heard:
    """Somebody in London hears this, who has asked for ten o'clock."""
    return Heard(sentence, Ear(TUESDAY, LONDON), before, after, wanted=TEN, slots=slots)


@pytest.mark.parametrize(
    "true",
    [
        heard(AT_TEN, EMPTY, BOOKED),
        heard(AT_TEN, BOOKED, BOOKED),
        heard("You have an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM.", BOOKED, BOOKED),
        heard("Your appointment with Dr. Rivera tomorrow at 10 AM is cancelled.", BOOKED, Calendar(cancelled=(TEN,))),
        heard(OFFER, EMPTY, EMPTY, *OFFERED),
        heard("That time is taken. Tomorrow I have 11 AM or noon.", BOOKED, BOOKED, ELEVEN, NOON),
        heard("That time isn't available. Tomorrow I have 11 AM or noon.", TOO_SOON, TOO_SOON, ELEVEN, NOON),
        heard(f"There are 4 open times. For example, {OFFER.replace('T', 't', 1)}", EMPTY, EMPTY, *OFFERED),
        heard("You're booked with Dr. Rivera for tomorrow at 6 AM New York time.", EMPTY, BOOKED),
    ],
    ids=lambda each: each.sentence,
)
def test_the_grader_believes_what_is_true(true: Heard) -> None:
    assert faults(true) == []


LIES = {
    "nothing is booked": heard(AT_TEN),
    "booked, but at another time": heard("You're booked with Dr. Rivera for tomorrow at 11 AM.", EMPTY, BOOKED),
    "the right time on another day": heard("You're booked with Dr. Rivera for Thursday, March 26 at 10 AM."),
    "no such day": heard("You're booked with Dr. Rivera for Friday, March 25 at 10 AM.", EMPTY, BOOKED),
    "the wrong half of the day": heard("You're booked with Dr. Rivera for tomorrow at 10 PM.", EMPTY, BOOKED),
    "the wrong zone": heard("You're booked with Dr. Rivera for tomorrow at 10 AM New York time.", EMPTY, BOOKED),
    "an offer that is not open": heard(OFFER, BOOKED, BOOKED, *OFFERED),
    "four offers": heard("Tomorrow I have 10 AM, 11 AM or noon; on Thursday, 1 PM.", EMPTY, EMPTY, *OFFERED, ONE),
    "the model is told another order": heard(OFFER, EMPTY, EMPTY, NOON, TEN, ONE),
    "taken, but it is open": heard("That time is taken. What other time would suit you?"),
    "taken, but by nobody": heard("That time is taken. What other time would suit you?", TOO_SOON, TOO_SOON),
    "more open times than there are": heard(
        "There are 9 open times. For example, tomorrow I have 10 AM.", EMPTY, EMPTY, TEN
    ),
    "cancelled, but it stands": heard(
        "Your appointment with Dr. Rivera tomorrow at 10 AM is cancelled.", BOOKED, BOOKED
    ),
    "cancelled, but it never was": heard("Your appointment with Dr. Rivera tomorrow at 10 AM is cancelled."),
    "none, but there is one": heard("I don't see any upcoming appointments under that phone number.", BOOKED, BOOKED),
    "moved, but it is where it was": heard(
        "I've moved your appointment with Dr. Rivera to tomorrow at 11 AM.", BOOKED, BOOKED
    ),
    "booked in silence": heard("What day and time would you like?", EMPTY, BOOKED),
    "cancelled in silence": heard("I'm not able to do that on this line.", BOOKED, Calendar(cancelled=(TEN,))),
    "in words that nobody has agreed on": heard("All set, see you tomorrow at 10 AM!", EMPTY, BOOKED),
    "a truth, and then something else": heard(f"{AT_TEN} Bring a friend, who is booked, too.", EMPTY, BOOKED),
    "a time of machines": heard("You're booked for 2026-03-25T10:00:00Z.", EMPTY, BOOKED),
    "two lines": heard(f"{AT_TEN}\nWhat other time would suit you?", EMPTY, BOOKED),
    "too long": heard(" ".join([AT_TEN] * 7), EMPTY, BOOKED),
    "an id": heard(f"{AT_TEN} Your reference is byMva4K7mBrJqtvFvcgbgd.", EMPTY, BOOKED),
    "an address": heard(f"{AT_TEN} See https://clinic.example.", EMPTY, BOOKED),
    "nothing": heard(""),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_grader_catches(lie: str) -> None:
    assert faults(LIES[lie]) != []


def test_a_time_without_a_zone_is_taken_for_the_callers_own() -> None:
    in_new_york = Heard(AT_TEN, Ear(TUESDAY, NEW_YORK), EMPTY, BOOKED)

    (lie,) = faults(in_new_york)

    assert lie.startswith("tomorrow at 10 AM is not booked, but 25 10:00Z: ")
