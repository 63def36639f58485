"""The checker itself, on made-up histories: it is silent about honest ones, and names each broken promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.engine.history import FOREVER, Book, Booking, Cancel, Exchange, History, Json, Move, Wish, read_bookings
from tests.engine.promises import violations

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
TEN = datetime(2026, 3, 25, 10, tzinfo=UTC)
ELEVEN, HALF_HOUR = TEN + timedelta(hours=1), timedelta(minutes=30)
JANE = Book("jane", "host", 1, TEN, frozenset({"jane@example.com", "+442079460958"}))
MOVED, GONE = Move("move", "jane", ELEVEN), Cancel("cancel", "jane")


def at(seconds: float) -> datetime:
    """A moment of the story."""
    return NOON + timedelta(seconds=seconds)


def booking(
    uid: str = "A",
    *,
    made: float = 1,
    gone: float | None = None,
    start: datetime = TEN,
    **fields: Any,  # noqa: ANN401 - any field
) -> Booking:
    """Jane's booking."""
    usual = Booking(
        uid,
        "host",
        1,
        start,
        start + HALF_HOUR,
        frozenset({"jane@example.com"}),
        at(made),
        FOREVER if gone is None else at(gone),
    )
    return replace(usual, **fields)


def heard(
    status: int | None,
    uid: str = "",
    *,
    wish: str = "jane",
    sent: float = 0,
    ended: float = 2,
    replayed: bool = False,
    **data: object,
) -> Exchange:
    """An answer."""
    body: Json = {"success": status == 200, "data": {"appointment_id": uid, **data}}
    return Exchange(wish, at(sent), at(ended), status, body, replayed)


def told(wishes: tuple[Wish, ...], exchanges: list[Exchange], bookings: list[Booking], **more: object) -> list[str]:
    """What the checker says."""
    return violations(replace(History(wishes, tuple(exchanges), tuple(bookings)), **more))  # type: ignore[arg-type] # any field


BOOKED = heard(200, "A")
AGAIN = heard(200, "A", sent=5, ended=6, replayed=True)
VERIFY = heard(202, action_required="verify")
OPEN = [{"start_times": ["2026-03-25T11:00:00Z"]}]
MOVED_ON = [
    booking(gone=5, moved_to="B"),
    booking("B", made=5, start=ELEVEN, moved_from="A"),
]
HONEST: dict[str, tuple[tuple[Wish, ...], list[Exchange], list[Booking]]] = {
    "booked and told again": ((JANE,), [BOOKED, AGAIN], [booking()]),
    "fifty at once hear the same": ((JANE,), [BOOKED, heard(200, "A", ended=3)], [booking()]),
    "unknown, then told": ((JANE,), [VERIFY, heard(200, "A", sent=5, ended=6)], [booking()]),
    "nobody hears anything": ((JANE,), [heard(None)], [booking()]),
    "refused, with times that are open": ((JANE,), [heard(422, available_slots=OPEN)], []),
    "refused, then booked": ((JANE,), [heard(422), heard(200, "A", sent=5, ended=6)], [booking(made=5.5)]),
    "a repeat to a stranger": ((JANE,), [BOOKED, replace(AGAIN, body=heard(200).body)], [booking()]),
    "moved": ((JANE, MOVED), [BOOKED, heard(200, "B", wish="move", sent=4, ended=6)], MOVED_ON),
    "booked, asked again after a move": (
        (JANE, MOVED),
        [BOOKED, heard(200, "B", wish="move", sent=4, ended=6), heard(200, "B", sent=7, ended=8, replayed=True)],
        MOVED_ON,
    ),
    "asked again after a move, and told that it was moved": (
        (JANE, MOVED),
        [BOOKED, heard(200, "B", wish="move", sent=4, ended=6), heard(409, "B", sent=7, ended=8)],
        MOVED_ON,
    ),
    "cancelled": ((JANE, GONE), [BOOKED, heard(200, "A", wish="cancel", sent=4, ended=6)], [booking(gone=5)]),
    "cancelled, and nobody heard": ((JANE, GONE), [BOOKED, heard(None, wish="cancel")], [booking(gone=5)]),
    "asked whether to book again": (
        (JANE, GONE),
        [
            BOOKED,
            heard(200, "A", wish="cancel", sent=4, ended=6),
            heard(409, sent=7, ended=8, action_required="confirm_rebook"),
        ],
        [booking(gone=5)],
    ),
    "booked again": (
        (JANE, GONE, replace(JANE, name="again")),
        [
            BOOKED,
            heard(200, "A", wish="cancel", sent=4, ended=6),
            heard(200, "B", wish="again", sent=7, ended=9),
        ],
        [booking(gone=5), booking("B", made=8)],
    ),
}


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_history_passes(case: str) -> None:
    assert told(*HONEST[case]) == []


BROKEN: dict[str, tuple[str, tuple[Wish, ...], list[Exchange], list[Booking]]] = {
    "two stand": ("P1 jane: 2 live bookings", (JANE,), [BOOKED], [booking(), booking("B", made=1.5)]),
    "two stood for a while": (
        "P1 jane: booked 2 times at the same time",
        (JANE,),
        [BOOKED],
        [booking(), booking("B", made=1.5, gone=9)],
    ),
    "booked again though cancelled": (
        "P1 jane: booked 2 times: A, B",
        (JANE, GONE),
        [BOOKED, heard(200, "A", wish="cancel", sent=4, ended=6)],
        [booking(gone=5), booking("B", made=7)],
    ),
    "moved to and fro": (
        "P1 jane: moved 1 times to 25 10:00, wanted 0 times",
        (JANE, MOVED),
        [BOOKED],
        [
            booking(gone=5, moved_to="B"),
            booking("B", made=5, gone=6, start=ELEVEN, moved_from="A", moved_to="C"),
            booking("C", made=6, moved_from="B"),
        ],
    ),
    "a booking of nobody": ("P2 nobody wanted", (), [], [booking()]),
    "gone without a word": ("P2 jane: booked, then gone", (JANE,), [BOOKED], [booking(gone=9)]),
    "gone, and the caller was refused": (
        "P2 jane: booked, then gone",
        (JANE, GONE),
        [BOOKED, heard(409, wish="cancel", sent=4, ended=4.5)],
        [booking(gone=9)],
    ),
    "refused, then booked after all": (
        "P2 jane: stands at Cal.com, but the last that its caller heard was 422",
        (JANE,),
        [heard(422)],
        [booking(made=3)],
    ),
    "nothing was sent, and yet": (
        "P2 jane: stands at Cal.com",
        (JANE,),
        [replace(heard(503), retry_after=1)],
        [booking(made=3)],
    ),
    "never moved": (
        "P2 move: told as moved",
        (JANE, MOVED),
        [BOOKED, heard(200, "A", wish="move", sent=4, ended=6)],
        [booking()],
    ),
    "not cancelled": (
        "P2 cancel: told as cancelled, but A stands",
        (JANE, GONE),
        [BOOKED, heard(200, "A", wish="cancel", sent=4, ended=6)],
        [booking()],
    ),
    "no such uid": ("P3 jane: told of Z", (JANE,), [heard(200, "Z")], []),
    "no uid": ("P3 jane: told of no uid", (JANE,), [heard(200)], [booking()]),
    "somebody else's uid": (
        "P3 jane: told of Z",
        (JANE, replace(JANE, name="bob", contacts=frozenset({"bob@example.com"}))),
        [heard(200, "Z")],
        [booking("Z", contacts=frozenset({"bob@example.com"}))],
    ),
    "dead when told": ("P3 jane: told of A, which was not alive", (JANE,), [AGAIN], [booking(gone=4)]),
    "another time": ("P3 jane: told of B", (JANE,), [heard(200, "B")], [booking("B", start=ELEVEN)]),
    "refused by itself": (
        "P3 jane: refused with 422, but its own booking A was alive",
        (JANE,),
        [BOOKED, heard(422, sent=4, ended=5)],
        [booking()],
    ),
    "asked to rebook what never was": (
        "P3 jane: asked whether to book again",
        (JANE,),
        [heard(409, action_required="confirm_rebook")],
        [],
    ),
    "there already": (
        "P3 move: refused with 409, but the booking was there already",
        (JANE, MOVED),
        [BOOKED, heard(409, wish="move", sent=7, ended=8)],
        MOVED_ON,
    ),
    "cancelled already": (
        "P3 cancel: refused with 409, but the booking was cancelled already",
        (JANE, GONE),
        [BOOKED, heard(None, wish="cancel"), heard(409, wish="cancel", sent=7, ended=8)],
        [booking(gone=5)],
    ),
    "an offer that is taken": (
        "P3 jane: offered 25 11:00, which was taken",
        (JANE, replace(JANE, name="bob", start=ELEVEN, contacts=frozenset({"bob@example.com"}))),
        [heard(422, sent=5, ended=6, available_slots=OPEN)],
        [booking("B", start=ELEVEN, contacts=frozenset({"bob@example.com"}))],
    ),
    "an answer that is none": ("P3 jane: heard 500", (JANE,), [heard(500)], []),
    "come again, but when": ("P3 jane: heard 429 without", (JANE,), [heard(429)], []),
    "an unknown without advice": ("P3 jane: a 202", (JANE,), [heard(202)], []),
    "two answers": (
        "P4 jane: told two appointments",
        (JANE,),
        [BOOKED, heard(200, "B", sent=5, ended=6, replayed=True)],
        [booking(gone=4), booking("B", made=4)],
    ),
    "a repeat that is not marked": (
        "P4 jane: a repeat was answered without",
        (JANE,),
        [BOOKED, heard(200, "A", sent=5, ended=6)],
        [booking()],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_promise_is_named(case: str) -> None:
    line, *history = BROKEN[case]

    assert any(one.startswith(line) for one in told(*history)), told(*history)  # type: ignore[arg-type] # the rest


def test_what_is_unsettled_and_what_took_too_long_is_named() -> None:
    found = told((JANE,), [BOOKED], [booking()], unsettled=("intent 7",), patience=timedelta(seconds=1))

    assert found == ["P2 unsettled at the end: intent 7", "P3 jane: waited 2.0 s for an answer"]


def test_a_double_that_was_repaired_may_have_existed_where_calcom_broke_its_own_rules() -> None:
    double = [booking(), booking("B", made=1.5, gone=9)]

    assert told((JANE,), [BOOKED], double, repairs=True) == []
    assert told((JANE,), [BOOKED], [booking(), booking("B")], repairs=True) != []


def test_whoever_books_past_calbridge_is_no_violation() -> None:
    assert told((), [], [booking()], strangers=frozenset({"jane@example.com"})) == []


def test_bookings_are_read_from_the_ledger() -> None:
    shown: Json = {
        "uid": "A",
        "host": "host",
        "eventType": {"id": 1},
        "start": "2026-03-25T10:00:00.000Z",
        "end": "2026-03-25T10:30:00.000Z",
        "attendees": [{"email": "jane@example.com"}],
        "status": "accepted",
        "createdAt": at(1).isoformat(),
        "updatedAt": at(5).isoformat(),
        "rescheduledFromUid": None,
        "rescheduledToUid": None,
    }
    gone = {**shown, "uid": "B", "status": "cancelled", "rescheduledToUid": "A"}

    found = read_bookings({"bookings": [shown, gone, {**shown, "host": "other"}]}, ["host"])

    assert found == (booking(), booking("B", gone=5, moved_to="A"))
