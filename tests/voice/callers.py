"""Ten callers: what each says, and what has to stand in the calendar when they have hung up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.voice.phoning import LONDONER, NEW_YORK, NEW_YORKER, Office, slots

REFUSED = "I'm not able to do that on this line."


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left at Cal.com: the starts of what stands, and how many bookings were ever made for the caller."""

    standing: tuple[datetime, ...]
    made: int


@dataclass(frozen=True, slots=True)
class Story:
    """A caller, the hours of the office they call, and whether the platform proves from the beginning who calls."""

    told: Callable[[Office], Awaitable[Ending]]
    hours: Mapping[str, object] = field(default_factory=dict)
    proved: bool = True


async def happy_path(office: Office) -> Ending:
    """Takes the first time that is offered."""
    caller = await office.call()
    offered = await caller.use("suggest_times", days_ahead=7)
    await caller.use("check_availability", days_ahead=3)
    booked = await caller.book(offered["slot_1_start"])

    assert booked["success"] is True
    return _one_at(offered["slot_1_start"])


async def slot_taken_twice(office: Office) -> Ending:
    """Is beaten to it twice by somebody on the web page, and takes what is offered then."""
    caller = await office.call()
    offered = await caller.use("suggest_times")
    for _ in range(2):
        wanted = offered["slot_1_start"]
        await office.taken_by_somebody_else(wanted)
        offered = await caller.book(wanted, wanted=wanted)
        assert offered["action_required"] == "reschedule"
        assert wanted not in slots(offered)
    await caller.book(offered["slot_2_start"])
    return _one_at(offered["slot_2_start"])


async def the_second_one(office: Office) -> Ending:
    """Names no time at all, but a place among those that were heard."""
    caller = await office.call()
    offered = await caller.use("suggest_times")
    await caller.book("the second one")
    return _one_at(offered["slot_2_start"])


async def without_an_email(office: Office) -> Ending:
    """Withholds the number, is asked for one, and has no address to give."""
    caller = await office.call("anonymous")
    offered = await caller.use("suggest_times")
    asked = await caller.book(offered["slot_3_start"])
    assert asked["action_required"] == "provide_contact"
    assert not await office.bookings()

    await caller.book(offered["slot_3_start"], phone=LONDONER)
    (booking,) = await office.bookings()
    assert booking["attendees"][0]["phoneNumber"] == LONDONER
    return _one_at(offered["slot_3_start"])


async def in_another_zone(office: Office) -> Ending:
    """Calls from New York, and means the clocks there."""
    caller = await office.call(NEW_YORKER, NEW_YORK)
    await caller.use("suggest_times")
    await caller.book("Thursday at 10")
    await caller.use("find_appointments")

    assert all("New York time" in heard.sentence for heard in office.heard)
    return _one_at("2026-03-26T14:00:00Z")


async def next_tuesday_on_a_tuesday(office: Office) -> Ending:
    """Says "Tuesday" on a Tuesday, is asked which, and means the next."""
    caller = await office.call()
    asked = await caller.book("Tuesday at 3")
    assert asked["action_required"] == "clarify_datetime"
    assert asked["message"] == "Do you mean today or Tuesday, March 31 at 3 PM?"

    await caller.book("next Tuesday at 3")
    return _one_at("2026-03-31T14:00:00Z")  # the clocks have changed by then


async def half_past_ten(office: Office) -> Ending:
    """Says "10:30", which could be anything, and says it again when both halves of tomorrow have one."""
    caller = await office.call()
    which_day = await caller.book("10:30")
    await caller.use("suggest_times")
    which_half = await caller.book("10:30")
    assert which_day["action_required"] == "provide_datetime"
    assert which_half["action_required"] == "clarify_datetime"
    assert which_half["message"] == "Do you mean tomorrow at 10:30 AM or 10:30 PM?"
    assert not await office.bookings()

    await caller.book("10:30 PM")
    return _one_at("2026-03-25T22:30:00Z")


async def changes_mind(office: Office) -> Ending:
    """Books, moves, cancels, and books another after all."""
    caller = await office.call()
    offered = await caller.use("suggest_times")
    await caller.book("slot_1")
    await caller.use("reschedule_appointment", appointment_datetime="the second one")
    await caller.use("find_appointments")
    await caller.use("cancel_appointment")
    await caller.use("find_appointments")
    await caller.book(offered["slot_3_start"])
    await caller.use("find_appointments")
    return Ending(_one_at(offered["slot_3_start"]).standing, made=3)


async def calls_back_to_cancel(office: Office) -> Ending:
    """Has no id, and calls back twice: before the platform proves who calls, and after."""
    caller = await office.call()
    offered = await caller.use("suggest_times")
    await caller.book(offered["slot_1_start"])
    stranger = await office.call()
    for tool, arguments in (
        ("cancel_appointment", {}),
        ("find_appointments", {}),
        ("cancel_appointment", {"phone": LONDONER}),
    ):
        assert (await stranger.use(tool, **arguments))["message"] == REFUSED
    assert (await office.calendar()).standing == _one_at(offered["slot_1_start"]).standing

    await office.prove()
    known = await office.call()
    cancelled = await known.use("cancel_appointment")
    assert cancelled["success"] is True
    return Ending((), made=1)


async def hears_everything_thrice(office: Office) -> Ending:
    """Is with a platform that sends every tool call twice, and once more under a new id."""
    caller = await office.call(repeats=True)
    offered = await caller.use("suggest_times")
    await caller.book(offered["slot_1_start"])
    await caller.use("find_appointments")
    assert len(await office.bookings()) == 1

    await caller.use("reschedule_appointment", appointment_datetime=offered["slot_2_start"])
    return Ending(_one_at(offered["slot_2_start"]).standing, made=2)


STORIES: Mapping[str, Story] = {
    "1 happy path": Story(happy_path),
    "2 slot taken twice": Story(slot_taken_twice),
    "3 the second one": Story(the_second_one),
    "4 without an e-mail": Story(without_an_email),
    "5 in another zone": Story(in_another_zone),
    "6 next Tuesday on a Tuesday": Story(next_tuesday_on_a_tuesday),
    "7 half past ten": Story(half_past_ten, hours={"Wednesday": [["10:30", "11:00"], ["22:30", "23:00"]]}),
    "8 changes mind": Story(changes_mind),
    "9 calls back to cancel": Story(calls_back_to_cancel, proved=False),
    "10 the platform repeats everything": Story(hears_everything_thrice),
}


def _one_at(start: str) -> Ending:
    return Ending((datetime.fromisoformat(start),), made=1)
