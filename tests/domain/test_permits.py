"""No window of a minute or a second holds more starts than are allowed, whatever the holders of permits do."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calbridge.domain.permits import (
    MINUTE,
    SECOND,
    TRAVEL,
    VALIDITY,
    Application,
    Book,
    Grant,
    Lease,
    Pace,
    Spent,
    settle,
)

PACE = Pace(20, 5)
CREDIT = Pace(5, 1)  # a fourth of it
NOW = 1_000.0


def used(starts: int, ago: float = 0.0) -> Book:
    """A book with a lease, whose last call started some seconds ago."""
    return Book((Lease("old", starts, NOW - ago),))


def granted(
    book: Book, pace: Pace = PACE, *, urgent: int = 0, ordinary: int = 0, spare: int = 0, weight: int = 1
) -> tuple[int, int]:
    """What an application is granted: permits for anyone, and for urgent calls alone."""
    _, grant = settle(book, Application("new", urgent, ordinary, spare), pace, NOW, weight=weight)
    return grant.anyone, grant.urgent_only


def test_ordinary_calls_leave_a_fifth_to_urgent_ones() -> None:
    assert granted(used(10, ago=5), ordinary=50) == (4, 0)  # of five a second, four
    assert granted(used(14, ago=5), ordinary=50) == (2, 0)  # of twenty a minute, sixteen
    assert granted(used(16, ago=5), ordinary=50) == (0, 0)
    assert granted(used(16, ago=5), ordinary=50, urgent=2) == (0, 2)
    assert granted(used(14, ago=5), ordinary=50, urgent=9) == (2, 3)
    assert granted(used(20, ago=5), urgent=9) == (0, 0)


def test_even_the_smallest_pace_lets_ordinary_calls_through() -> None:
    assert granted(Book(), Pace.of(1), ordinary=1, spare=5) == (1, 0)
    assert granted(used(1, ago=5), Pace.of(1), ordinary=1, urgent=1) == (0, 0)


def test_spare_permits_come_out_of_abundance() -> None:
    assert granted(Book(), ordinary=1, spare=5) == (2, 0)
    assert granted(used(2), ordinary=1, spare=5) == (1, 0)
    assert granted(used(2), ordinary=3, spare=5) == (2, 0)


def test_a_lease_counts_from_its_latest_possible_start() -> None:
    book, _ = settle(Book(), Application("a", ordinary=3), PACE, NOW)
    assert book.leases == (Lease("a", 3, NOW + VALIDITY),)
    for later, left in ((0.0, 1), (VALIDITY + SECOND, 4)):
        _, grant = settle(book, Application("b", ordinary=50), PACE, NOW + later)
        assert grant.anyone == left
    ended, _ = settle(book, Application("b"), PACE, NOW + VALIDITY + MINUTE + TRAVEL)
    assert ended.leases == ()


def test_unless_its_holder_tells_better() -> None:
    book, _ = settle(Book(), Application("a", ordinary=3), PACE, NOW)
    told, _ = settle(book, Application("b", spent=(Spent("a", 2, 0.5),)), PACE, NOW + 1)
    assert told.leases == (Lease("a", 2, NOW + 0.5),)
    unused, _ = settle(book, Application("b", spent=(Spent("a", 0, 900),)), PACE, NOW + 1)
    assert unused.leases == ()


def test_what_was_spent_without_a_lease_is_entered() -> None:
    book, _ = settle(Book(), Application("b", spent=(Spent("unheard-of", 2, 5),)), PACE, NOW)
    assert book.leases == (Lease("unheard-of", 2, NOW - 5),)


def test_a_clock_that_was_put_back_does_not_make_leases_last_for_hours() -> None:
    book, _ = settle(Book((Lease("a", 20, NOW + 3600),), paused_until=NOW + 3600), Application("b"), PACE, NOW)
    assert book == Book((Lease("a", 20, NOW + VALIDITY),), paused_until=NOW + 60)


def test_a_lower_limit_that_was_told_is_kept_to() -> None:
    book, grant = settle(Book(), Application("a", ordinary=9, told=3), PACE, NOW)
    assert grant.anyone == 2
    assert granted(book, urgent=9) == (0, 1)
    raised, _ = settle(book, Application("b", told=50), PACE, NOW)
    assert raised.told == 50
    assert granted(raised, urgent=9) == (2, 1)  # no more than our own pace


def test_nobody_calls_in_a_pause() -> None:
    book, grant = settle(Book(), Application("a", urgent=1, pause=30), PACE, NOW)
    assert grant == Grant(0, 0, urgent_wait=30, ordinary_wait=30, pause=30)
    _, later = settle(book, Application("b", urgent=1, pause=5), PACE, NOW + 10)  # a shorter one does not end it
    assert (later.urgent_only + later.anyone, later.pause) == (0, 20)
    over, grant = settle(book, Application("b", urgent=1), PACE, NOW + 30)
    assert (grant.anyone, over.paused_until) == (1, 0)


@pytest.mark.parametrize(
    ("leases", "urgent", "ordinary"),
    [
        ((), 0, 0),
        (((4, 0.5),), 0, 0.5),  # the second, for ordinary calls alone
        (((5, 0.5),), 0.5, 0.5),
        (((20, 30),), 32, 32),
        (((10, 40), (6, 30)), 0, 22),
        (((10, 40), (10, 30)), 22, 22),
        (((1, 40), (10, 30), (9, 20)), 22, 32),  # the oldest is one, but the reserve is four
    ],
)
def test_how_long_until_there_is_room(leases: tuple[tuple[int, float], ...], urgent: float, ordinary: float) -> None:
    book = Book(tuple(Lease(str(number), starts, NOW - ago) for number, (starts, ago) in enumerate(leases)))
    _, grant = settle(book, Application("new"), PACE, NOW)
    assert (grant.urgent_wait, grant.ordinary_wait) == (urgent, ordinary)


def test_whoever_is_blind_takes_it_that_others_do_as_much() -> None:
    assert granted(Book(), Pace(100, 10), weight=4, ordinary=50, spare=5) == (2, 0)
    assert granted(used(92, ago=5), Pace(100, 10), weight=4, urgent=50) == (0, 2)
    assert granted(used(98, ago=5), Pace(100, 10), weight=4, urgent=50) == (0, 0)
    assert granted(Book(), Pace.of(1), weight=4, urgent=1) == (1, 0)


def test_what_the_book_knows_counts_once_and_what_was_made_on_credit_more_often() -> None:
    known = Book((Lease("leased", 10, NOW - 5),))
    for report, left in ((Spent("leased", 8, 5), 18), (Spent("on credit", 8, 5), 9)):
        _, grant = settle(known, Application("", ordinary=99, spent=(report,)), Pace(100, 100), NOW, weight=4)
        assert grant.anyone == left  # (80 - 8) / 4, and (80 - 10 - 4 * 8) / 4


@pytest.mark.parametrize(("apart", "urgent", "most"), [(0, False, 2), (0, True, 2), (0.7, False, 20), (0.7, True, 25)])
def test_how_much_credit_there_is_of_cal_coms_usual_pace(apart: float, urgent: bool, most: int) -> None:
    owed: list[float] = []
    for number in range(60):
        now = NOW + number * apart
        spent = tuple(Spent(str(index), 1, now - at) for index, at in enumerate(owed))
        wanted = Application("", int(urgent), int(not urgent), spent=spent)
        _, grant = settle(Book(), wanted, Pace.of(100), now, weight=4)
        owed += [now] * (grant.anyone + grant.urgent_only)
    assert len(owed) == most


@dataclass
class Holder:
    """A process: leases, uses permits within their validity or lets them lapse, tells of it sooner, later or never.

    It makes calls on credit, too, and tells of them with its next lease.
    """

    name: str
    held: list[list[float]] = field(default_factory=list)  # id, permits left, end, starts, last start
    leases: int = 0
    copy: Book = field(default_factory=Book)
    owed: list[float] = field(default_factory=list)

    def owes(self, now: float) -> tuple[Spent, ...]:
        """What it has to tell of credit."""
        return tuple(Spent(f"{self.name} at {at} {index}", 1, now - at) for index, at in enumerate(self.owed))

    def owe(self, now: float, many: int, *, urgent: bool) -> int:
        """Make as many of these calls on credit as it may."""
        before = len(self.owed)
        for _ in range(many):
            wanted = Application("", int(urgent), int(not urgent), spent=self.owes(now))
            _, grant = settle(self.copy, wanted, PACE, now, weight=4)
            self.owed += [now] * (grant.anyone + grant.urgent_only)
        return len(self.owed) - before

    def die(self) -> int:
        """Be replaced by another process; returns 1 if there is credit of which nobody will hear."""
        unheard_of = int(bool(self.owed))
        self.held, self.owed, self.copy = [], [], Book()
        return unheard_of


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.01, 0.3, 0.99, 1.0, 2.0, 7.0, 25.0]),  # seconds that pass before
        st.integers(0, 2),  # which process
        st.sampled_from(["lease", "lease", "use", "use", "use", "credit", "credit", "tell", "die"]),
        st.integers(0, 12),
        st.integers(0, 4),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_no_window_holds_more_than_the_limit_and_the_credit_of_each_process(
    steps: list[tuple[float, int, str, int, int]],
) -> None:
    book, now, starts = Book(), NOW, []
    holders = [Holder(str(number)) for number in range(3)]
    processes = len(holders)
    for passed, number, step, many, spare in steps:
        now += passed
        holder = holders[number]
        if step == "use":
            for held in holder.held:
                if now < held[2]:
                    use = min(many, int(held[1]))
                    starts += [now] * use
                    held[1] -= use
                    held[3] += use
                    held[4] = now if use else held[4]
        elif step == "credit":
            starts += [now] * holder.owe(now, many, urgent=spare > 2)
        elif step == "die":
            processes += holder.die()
        else:
            told = [held for held in holder.held if not held[1] or now >= held[2]] if step == "tell" else []
            spent = tuple(Spent(f"{holder.name}-{held[0]:.0f}", int(held[3]), now - held[4]) for held in told)
            holder.held = [held for held in holder.held if held not in told]
            holder.leases += 1
            wanted = Application(f"{holder.name}-{holder.leases}", many // 3, many, spare, spent + holder.owes(now))
            book, grant = settle(book, wanted, PACE, now)
            holder.copy = book
            holder.owed.clear()
            holder.held.append([holder.leases, grant.anyone + grant.urgent_only, now + VALIDITY, 0, 0.0])
    in_a_minute = PACE.per_minute + processes * CREDIT.per_minute
    in_a_second = PACE.per_second + processes * CREDIT.per_second
    for start in starts:
        assert sum(start <= other < start + MINUTE for other in starts) <= in_a_minute
        assert sum(start <= other < start + SECOND for other in starts) <= in_a_second
    assert sum(lease.starts for lease in book.leases) <= in_a_minute
