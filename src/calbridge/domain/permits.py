"""How many calls may be made in a minute, kept as a book of leases: pure arithmetic, on whichever clock is passed in.

Whoever wants to call leases a few permits, each good for one call that starts within two seconds. A lease counts as if
all of its calls had been started, and as late as that is possible, until its holder tells better. So wherever a window
of a minute or of a second is put, no more calls start in it than are allowed, whoever shares the book and whether or
not they still live: the last lease with a start in the window was granted while all others with one still counted.

But for credit: a process that has no permit may call before it leases, and tells afterwards. Against the book as it saw
it last, each such call counts several times until it is told. Those that were not told, and those that are told to a
book which was filled meanwhile, come on top of what is allowed: of each process a fourth of the pace at most, if a call
on credit counts four times.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

MINUTE = 60.0
SECOND = 1.0
# Cal.com counts when a call arrives, not when it starts: one that was long on its way may meet later ones there.
TRAVEL = 2.0
VALIDITY = 2.0  # seconds for which a permit may be used
LONGEST_PAUSE = 60.0

ORDINARY_PERCENT = 80  # of everything that ordinary calls may use up: the rest is there when an urgent one comes
SPARE_DIVISOR = 3  # of what would be left, this part at most is leased in reserve: others are waiting perhaps


@dataclass(frozen=True, slots=True)
class Pace:
    """How many calls may start in any minute, and how many of them in any second."""

    per_minute: int
    per_second: int

    @classmethod
    def of(cls, per_minute: int) -> "Pace":
        """Allow a tenth of a minute's calls in one second: of Cal.com's hundred, bursts of ten."""
        return cls(per_minute, max(1, per_minute // 10))

    def at_most(self, told: int | None) -> "Pace":
        """Slow down to a limit for a minute that was told, if it is lower."""
        if told is None or told >= self.per_minute:
            return self
        return Pace(max(1, told), max(1, min(self.per_second, told)))


@dataclass(frozen=True, slots=True)
class Lease:
    """So many starts, the last of them at ``last`` at the latest; in seconds of the book's clock."""

    id: str
    starts: int
    last: float


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of one key's calls: which leases still count, the limit that was told, a pause."""

    leases: tuple[Lease, ...] = ()
    told: int | None = None
    paused_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of a lease that is used up or has lapsed: so many starts, the last of them ``age`` seconds ago."""

    id: str
    starts: int
    age: float


@dataclass(frozen=True, slots=True)
class Application:
    """One process asks for permits, and tells what it knows.

    ``urgent`` and ``ordinary`` calls are waiting; ``spare`` permits would be welcome besides. ``told`` is the limit for
    a minute that Cal.com stated last, ``pause`` for how many seconds more it wants to be left alone.
    """

    id: str
    urgent: int = 0
    ordinary: int = 0
    spare: int = 0
    spent: tuple[Spent, ...] = ()
    told: int | None = None
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer: permits that any call may use, and those for urgent ones alone. They lapse after ``VALIDITY``.

    ``urgent_wait`` and ``ordinary_wait``: seconds until there can be one more permit, if nobody takes it before.
    ``pause``: seconds for which nobody may call at all.
    """

    anyone: int
    urgent_only: int
    urgent_wait: float
    ordinary_wait: float
    pause: float


def settle(book: Book, application: Application, pace: Pace, now: float, *, weight: int = 1) -> tuple[Book, Grant]:
    """Enter what is told into the book, and grant what the pace allows.

    ``weight``: count each permit that the book does not know as so many, for processes that do not see one another.
    """
    told = book.told if application.told is None else application.told
    paused_until = max(min(book.paused_until, now + LONGEST_PAUSE), now + min(application.pause, LONGEST_PAUSE))
    leases = _entered(book.leases, application.spent, now, weight)
    pace = pace.at_most(told)
    urgent_room = _Room(leases, pace, now, weight, percent=100)
    ordinary_room = _Room(leases, pace, now, weight, percent=ORDINARY_PERCENT)
    anyone = urgent_only = 0
    if now >= paused_until:
        asked = application.urgent + application.ordinary
        anyone = min(asked, ordinary_room.free)
        urgent_only = min(max(0, application.urgent - anyone), urgent_room.free - anyone)
        if anyone == asked:
            anyone += min(application.spare, (ordinary_room.free - asked) // SPARE_DIVISOR)
    if anyone + urgent_only:
        leases = (*leases, Lease(application.id, (anyone + urgent_only) * weight, now + VALIDITY))
    pause = max(0.0, paused_until - now)
    grant = Grant(anyone, urgent_only, max(pause, urgent_room.wait), max(pause, ordinary_room.wait), pause)
    return Book(leases, told, paused_until if pause else 0.0), grant


def _entered(leases: Iterable[Lease], spent: Iterable[Spent], now: float, weight: int) -> tuple[Lease, ...]:
    """Put what is known of leases in the place of what had to be feared, and drop those that count no more.

    None can end later than one that begins now: the book's clock may have been put back.
    """
    known = {lease.id: replace(lease, last=min(lease.last, now + VALIDITY)) for lease in leases}
    for report in spent:
        starts = report.starts if report.id in known else report.starts * weight
        known[report.id] = Lease(report.id, starts, now - report.age)
    return tuple(lease for lease in known.values() if lease.starts and lease.last + MINUTE + TRAVEL > now)


class _Room:
    """How many permits there are for a class of calls, and if none, in how many seconds there will be one."""

    def __init__(self, leases: tuple[Lease, ...], pace: Pace, now: float, weight: int, *, percent: int) -> None:
        self.free = pace.per_minute
        self.wait = 0.0
        for window, most in ((MINUTE + TRAVEL, pace.per_minute), (SECOND, pace.per_second)):
            ceiling = max(weight, most * percent // 100)
            counted = sorted((lease.last, lease.starts) for lease in leases if lease.last + window > now)
            used = sum(starts for _, starts in counted)
            self.free = min(self.free, max(0, ceiling - used) // weight)
            for last, starts in counted:
                if used + weight <= ceiling:
                    break
                used -= starts
                self.wait = max(self.wait, last + window - now)
