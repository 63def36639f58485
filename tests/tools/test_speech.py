"""Every outcome, read aloud."""

from datetime import date, datetime
from typing import get_args

import pytest
from tests.tools.samples import (
    LATER,
    LOS_ANGELES,
    OPEN,
    PENDING,
    TORONTO,
    WEDNESDAY,
    WEEK,
    at,
    booking,
    question,
    reply,
)

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
    WhyNot,
    WrongTime,
)
from calbridge.domain.appointments import Booking
from calbridge.tools.speech import say

FOUR_QUESTIONS = tuple(map(question, ("Company *", "Why do you come?", "", "Fax (number)", "Colour")))
LONG = ("some insurer with a long name", "another insurer with a long name")
NEAREST = (at(25, 11), at(25, 14, 30), at(26, 9), at(26, 10))

PHONE, EMAIL = "+12125550123", "ann@example.com"

SENTENCES: list[tuple[Reply, str]] = [
    (reply(Booked(booking())), "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."),
    (reply(Booked(booking()), agent_name=""), "You're booked for Wednesday, March 25 at 10 AM."),
    (reply(Booked(booking(at(20, 15)))), "You're booked with Dr. Rivera for today at 3 PM."),
    (reply(Booked(booking(at(21, 12)))), "You're booked with Dr. Rivera for tomorrow at noon."),
    (
        reply(Booked(booking(at(25, 9, 15, year=2027)))),
        "You're booked with Dr. Rivera for Thursday, March 25, 2027 at 9:15 AM.",
    ),
    (
        reply(Booked(booking()), timezone=LOS_ANGELES),
        "You're booked with Dr. Rivera for Wednesday, March 25 at 7 AM Los Angeles time.",
    ),
    (reply(Booked(booking()), timezone=TORONTO), "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."),
    (
        reply(Booked(booking(), guest="emma <Stone>")),
        "Emma Stone is booked with Dr. Rivera for Wednesday, March 25 at 10 AM.",
    ),
    (
        reply(Booked(PENDING, guest="Emma Stone")),
        "I've asked for Wednesday, March 25 at 10 AM with Dr. Rivera, for Emma Stone; it still has to be confirmed.",
    ),
    (
        reply(Booked(PENDING)),
        "I've asked for Wednesday, March 25 at 10 AM with Dr. Rivera; it still has to be confirmed.",
    ),
    (reply(Rescheduled(booking())), "I've moved your appointment with Dr. Rivera to Wednesday, March 25 at 10 AM."),
    (
        reply(Rescheduled(PENDING)),
        (
            "I've asked to move your appointment with Dr. Rivera to Wednesday, March 25 at 10 AM; "
            "it still has to be confirmed."
        ),
    ),
    (
        reply(Cancelled(booking(status="cancelled")), Cancel()),
        "Your appointment with Dr. Rivera on Wednesday, March 25 at 10 AM is cancelled.",
    ),
    (reply(Cancelled(booking(at(21, 9))), Cancel()), "Your appointment with Dr. Rivera tomorrow at 9 AM is cancelled."),
    (reply(Found((booking(),)), Find()), "You have an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM."),
    (reply(Found((booking(at(20, 15)),)), Find(), agent_name=""), "You have an appointment today at 3 PM."),
    (
        reply(Found((PENDING,)), Find()),
        (
            "You've asked for an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM; "
            "it still has to be confirmed."
        ),
    ),
    (
        reply(Found((booking(status="cancelled"),)), Find("some-uid")),
        "Your appointment with Dr. Rivera on Wednesday, March 25 at 10 AM is cancelled.",
    ),
    (
        reply(Found((booking(status="rejected"),)), Find("some-uid")),
        "Your request with Dr. Rivera for Wednesday, March 25 at 10 AM was declined, so nothing is booked.",
    ),
    (
        reply(Found((booking(at(19, 9)),)), Find("some-uid")),
        "Your appointment with Dr. Rivera yesterday at 9 AM is already over.",
    ),
    (
        reply(Found((booking(), booking(at(26, 12), "pending"))), Find()),
        (
            "You have two appointments with Dr. Rivera: Wednesday, March 25 at 10 AM; "
            "and Thursday, March 26 at noon, not confirmed yet."
        ),
    ),
    (
        reply(Found(tuple(map(booking, NEAREST[:3]))), Find(), LOS_ANGELES),
        (
            "You have three appointments with Dr. Rivera: Wednesday, March 25 at 8 AM; "
            "Wednesday, March 25 at 11:30 AM; and Thursday, March 26 at 6 AM, all in Los Angeles time."
        ),
    ),
    (
        reply(Found(tuple(map(booking, NEAREST))), Find()),
        (
            "You have more than three appointments with Dr. Rivera. The next ones are Wednesday, March 25 at 11 AM; "
            "Wednesday, March 25 at 2:30 PM; and Thursday, March 26 at 9 AM."
        ),
    ),
    (
        reply(TwoTimes(at(24, 10), at(31, 10))),
        "Do you mean Tuesday, March 24 or Tuesday, March 31 at 10 AM?",
    ),
    (reply(TwoTimes(at(24, 8), at(24, 20))), "Do you mean Tuesday, March 24 at 8 AM or 8 PM?"),
    (reply(TwoTimes(at(20, 20), at(21, 8))), "Do you mean today at 8 PM or tomorrow at 8 AM?"),
    (
        reply(TwoTimes(at(21, 11), at(28, 11)), timezone=LOS_ANGELES),
        "Do you mean tomorrow or Saturday, March 28 at 8 AM Los Angeles time?",
    ),
    (
        reply(Asked(Detail.DATETIME, day=date(2026, 3, 27))),
        "What time would you like on Friday, March 27?",
    ),
    (reply(Asked(Detail.DATETIME, day=date(2026, 3, 21))), "What time would you like tomorrow?"),
    (reply(Asked(Detail.CLARIFY_DATETIME)), "What day and time would you like?"),
    (
        reply(Asked(Detail.CONFIRM_EMAIL, email="jane.doe@example.com")),
        "Is your email address jane dot doe at example dot com?",
    ),
    (reply(Found(()), Find(phone=PHONE)), "I don't see any upcoming appointments under that phone number."),
    (reply(Found(()), Find(email=EMAIL)), "I don't see any upcoming appointments under that email address."),
    (
        reply(Found(()), Find(phone=PHONE, email=EMAIL)),
        "I don't see any upcoming appointments under those contact details.",
    ),
    (
        reply(NoneFound(), Cancel(phone=PHONE)),
        (
            "I don't see any upcoming appointments under that phone number. "
            "What other phone number or email address could it be under?"
        ),
    ),
    (
        reply(Choose((booking(), booking(at(26, 9)))), Cancel(phone=PHONE)),
        (
            "You have two appointments with Dr. Rivera: Wednesday, March 25 at 10 AM; and Thursday, March 26 at 9 AM. "
            "Which one shall I cancel?"
        ),
    ),
    (
        reply(Choose((booking(), booking(at(26, 9)))), Reschedule(phone=PHONE)),
        (
            "You have two appointments with Dr. Rivera: Wednesday, March 25 at 10 AM; and Thursday, March 26 at 9 AM. "
            "Which one shall I move?"
        ),
    ),
    (
        reply(Choose((booking(),)), Cancel(phone=PHONE)),
        "You have an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM. Would you like to cancel it?",
    ),
    (reply(Openings(OPEN), WEEK), "On Wednesday I have 9 AM or 2:30 PM; on Thursday, 9 AM."),
    (
        reply(Openings(OPEN), WEEK, LOS_ANGELES),
        "On Wednesday I have 6 AM or 11:30 AM; on Thursday, 6 AM, all in Los Angeles time.",
    ),
    (reply(Openings(OPEN[:2]), WEEK, LOS_ANGELES), "On Wednesday I have 6 AM or 8:30 AM Los Angeles time."),
    (reply(Openings(LATER), WEEK), "On Tuesday, April 14, I have 9 AM or 3 PM; on Wednesday, April 15, 9 AM."),
    (
        reply(Openings(OPEN), Availability(7)),
        "There are 12 open times. For example, on Wednesday I have 9 AM or 2:30 PM; on Thursday, 9 AM.",
    ),
    (reply(Openings(OPEN[:3]), Availability(7)), "On Wednesday I have 9 AM, 11:30 AM or noon."),
    (
        reply(Openings((at(20, 16), at(21, 9), at(23, 9), at(24, 9))), WEEK),
        "Today I have 4 PM; tomorrow, 9 AM; on Monday, 9 AM.",
    ),
    (
        reply(Openings(LATER, widened=True), WEEK),
        (
            "Nothing is free in the next 7 days. "
            "The next opening is Tuesday, April 14 at 9 AM; that day I also have noon or 3 PM."
        ),
    ),
    (
        reply(Openings(LATER[:1], widened=True), Availability(1)),
        "Nothing is free today or tomorrow. The next opening is Tuesday, April 14 at 9 AM.",
    ),
    (
        reply(Openings(LATER[:1], widened=True)),
        "Nothing is free that soon. The next opening is Tuesday, April 14 at 9 AM.",
    ),
    (reply(Openings(()), WEEK), "I don't see any open times."),
    (reply(NothingOpen(60), WEEK), "I'm sorry, nothing is open in the next 60 days."),
    (
        reply(SlotTaken(WEDNESDAY, NEAREST)),
        "That time is taken. On Wednesday I have 11 AM or 2:30 PM; on Thursday, 9 AM.",
    ),
    (reply(SlotTaken(WEDNESDAY, ())), "That time is taken, and I don't see another one near it."),
    (
        reply(SlotTaken(WEDNESDAY, NEAREST[:1], why=WhyNot.TOO_SOON)),
        "That time is too soon. On Wednesday I have 11 AM.",
    ),
    (
        reply(SlotTaken(WEDNESDAY, None, why=WhyNot.NOT_OFFERED)),
        "That time isn't available. What other time would suit you?",
    ),
    (
        reply(SlotTaken(WEDNESDAY, (), booking(at(26, 9))), Reschedule()),
        (
            "That time is taken, and I don't see another one near it. "
            "Your appointment stays on Thursday, March 26 at 9 AM."
        ),
    ),
    (
        reply(SlotTaken(WEDNESDAY, NEAREST[:1], booking(at(21, 9))), Reschedule()),
        "That time is taken. Your appointment stays as it is, tomorrow at 9 AM. On Wednesday I have 11 AM.",
    ),
    (
        reply(SlotTaken(WEDNESDAY, (), booking(at(26, 9), "pending")), Reschedule()),
        (
            "That time is taken, and I don't see another one near it. "
            "Your request stays as it is, on Thursday, March 26 at 9 AM, and still has to be confirmed."
        ),
    ),
    (reply(Asked(Detail.NAME)), "What name should I put the appointment under?"),
    (reply(Asked(Detail.CONTACT)), "What phone number or email address can I use for you?"),
    (reply(Asked(Detail.CONTACT, phone_only=True)), "What phone number can I use for you?"),
    (
        reply(Asked(Detail.CONTACT, refused=True)),
        "The calendar didn't accept those contact details. What phone number or email address can I use for you?",
    ),
    (reply(Asked(Detail.CONTACT), Cancel()), "What phone number or email address is the appointment under?"),
    (reply(Asked(Detail.EMAIL)), "What email address should I use?"),
    (reply(Asked(Detail.DATETIME)), "What day and time would you like?"),
    (reply(Asked(Detail.APPOINTMENT_ID), Cancel()), "Which appointment is it?"),
    (reply(Asked(Detail.DETAILS)), "I need a few more details to book this."),
    (
        reply(Asked(Detail.DETAILS, questions=FOUR_QUESTIONS)),
        "I need a little more to book this. Company? Why do you come? Fax number?",
    ),
    (
        reply(Asked(Detail.DETAILS, refused=True, questions=(question("Company"),))),
        "The calendar didn't accept one of those answers. I need a little more to book this. Company?",
    ),
    (
        reply(Asked(Detail.DETAILS, questions=(question("Insurance", "private", "public"), question("Age")))),
        "I need a little more to book this. Insurance: private or public? Age?",
    ),
    (
        reply(
            Asked(
                Detail.DETAILS, questions=(question("Day", *"12345"), question("Only", "this"), question("", "a", "b"))
            )
        ),
        "I need a little more to book this. Day? Only?",
    ),
    (
        reply(Asked(Detail.DETAILS, questions=(question("Insurer", *LONG),))),
        "I need a little more to book this. Insurer?",
    ),
    (
        reply(WrongTime(TimeFault.PAST, at(20, 9))),
        "Today at 9 AM has already passed. What other time would suit you?",
    ),
    (
        reply(WrongTime(TimeFault.SKIPPED, datetime(2027, 3, 14, 2, 30))),  # noqa: DTZ001 - local time that never was
        "There is no 2:30 AM on Sunday, March 14, because the clocks go forward then. What other time would suit you?",
    ),
    (
        reply(Unconfirmed(WEDNESDAY)),
        "I'm still confirming that with the calendar. Please ask me again in a moment.",
    ),
]

MOVED = "That appointment was moved a moment ago, and is now on Wednesday, March 25 at 10 AM."
STAYS = " Your appointment stays on Wednesday, March 25 at 10 AM."
OBSTACLES: dict[Obstacle, tuple[str, str]] = {
    Obstacle.OVER: (
        "That appointment is already over, so I can't move it.",
        "Your appointment on Wednesday, March 25 at 10 AM is already over, so I can't move it.",
    ),
    Obstacle.CANCELLED: (
        "That appointment has been cancelled, so I can't move it.",
        "Your appointment on Wednesday, March 25 at 10 AM has been cancelled, so I can't move it.",
    ),
    Obstacle.RECURRING: (alone := "That is a repeating appointment, and I can't move those from here.", alone + STAYS),
    Obstacle.CANCELLING_OFF: (alone := "This kind of appointment can't be cancelled.", alone + STAYS),
    Obstacle.RESCHEDULING_OFF: (alone := "This kind of appointment can't be moved to another time.", alone + STAYS),
    Obstacle.TOO_LATE_TO_MOVE: (alone := "It's too close to the appointment to move it now.", alone + STAYS),
    Obstacle.LIMIT_REACHED: (alone := "No more appointments of this kind can be booked for now.", alone + STAYS),
    Obstacle.ALREADY_SIGNED_UP: (alone := "You're already signed up for that time.", alone),
    Obstacle.SEATED: (
        alone := "That is a group appointment, and I can't move a place in it from here.",
        alone + STAYS,
    ),
    Obstacle.DETAILS_DEMANDED: (
        alone := "The calendar wants details for moving it that I can't give from here.",
        alone + STAYS,
    ),
    Obstacle.BLOCKED: (alone := "The calendar doesn't take appointments under those contact details.", alone),
    Obstacle.EMAIL_UNVERIFIED: (
        alone := "The calendar wants that email address verified first. Is there another one I can use?",
        alone,
    ),
    Obstacle.CANCELLED_LATELY: (alone := "That appointment was cancelled a moment ago; shall I book it again?", alone),
    Obstacle.MOVED_LATELY: (
        "That appointment was changed a moment ago. Shall I book the other time as well?",
        f"{MOVED} Shall I book the other time as well?",
    ),
    Obstacle.AT_ANOTHER_TIME: (
        "You have an appointment at another time. Shall I book the other time as well?",
        "Your appointment is on Wednesday, March 25 at 10 AM. Shall I book the other time as well?",
    ),
    Obstacle.CHANGED_MEANWHILE: (
        "That appointment was changed a moment ago. Do you still want me to move it?",
        f"{MOVED} Do you still want me to move it?",
    ),
}


@pytest.mark.parametrize(("told", "sentence"), SENTENCES, ids=lambda value: value if isinstance(value, str) else "")
def test_outcomes_are_told(told: Reply, sentence: str) -> None:
    assert say(told) == sentence


@pytest.mark.parametrize("obstacle", Obstacle)
def test_obstacles_are_told_and_what_stays_is_said(obstacle: Obstacle) -> None:
    alone, with_booking = OBSTACLES[obstacle]
    assert say(reply(Prevented(obstacle), Reschedule())) == alone
    assert say(reply(Prevented(obstacle, booking()), Reschedule())) == with_booking


@pytest.mark.parametrize("kept", [booking(at(19, 9)), booking(status="cancelled")])
def test_an_appointment_that_is_over_or_cancelled_does_not_stay(kept: Booking) -> None:
    assert "stays" not in say(reply(Prevented(Obstacle.RESCHEDULING_OFF, kept), Reschedule()))


@pytest.mark.parametrize("obstacle", [Obstacle.CANCELLED, Obstacle.CANCELLED_LATELY])
def test_what_the_host_has_declined_is_not_called_cancelled(obstacle: Obstacle) -> None:
    sentence = say(reply(Prevented(obstacle, booking(status="rejected")), Reschedule()))
    assert "was declined" in sentence
    assert "cancelled" not in sentence


def test_an_obstacle_names_what_was_wanted() -> None:
    books: list[Action] = [Book(), Suggest(7), Availability(7)]
    wanted = [*((action, "book") for action in books), (Reschedule(), "move"), (Cancel(), "cancel"), (Find(), "change")]
    assert {type(action) for action, _ in wanted} == set(get_args(Action))
    for action, word in wanted:
        assert f"I can't {word} it" in say(reply(Prevented(Obstacle.OVER), action))


def test_no_outcome_and_no_detail_is_forgotten() -> None:
    told = [row[0].outcome for row in SENTENCES]
    assert {type(outcome) for outcome in told} | {Prevented} == set(get_args(Outcome))
    assert {outcome.detail for outcome in told if isinstance(outcome, Asked)} == set(Detail)
    assert {outcome.fault for outcome in told if isinstance(outcome, WrongTime)} == set(TimeFault)
    assert set(OBSTACLES) == set(Obstacle)
    for detail in Detail:
        assert say(reply(Asked(detail, refused=True))).startswith("The calendar didn't accept ")
