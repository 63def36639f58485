"""Where permits come from: the book that all processes share, or while that is out of reach, a copy of one's own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from calbridge.domain.permits import Application, Book, Grant, Pace, settle

# The shared book: name of the budget, application and pace; back come the book, the grant and the time by its clock.
Settle = Callable[[bytes, Application, Pace], Awaitable[tuple[Book, Grant, float]]]

SETTLE_SECONDS = 1.0  # a call that waits for longer than that waits for a database in trouble
AWAY_SECONDS = 5.0  # until it is asked again
AT_ONCE = 10  # leases under way in this process: they share the connections of the database with everybody else

# When processes cannot see each other, each takes it that there are so many of them, all as busy as itself.
BLIND_WEIGHT = 4

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Copy:
    """A budget's book as it was seen last. ``lead``: how far its clock was ahead of the loop's, in seconds."""

    book: Book = field(default_factory=Book)
    lead: float = 0.0


@dataclass(frozen=True, slots=True)
class Loan:
    """A grant, and the book after it.

    ``began``: when it can have been granted at the earliest, on the loop's clock. ``shared``: whether all processes
    know now what the application told.
    """

    grant: Grant
    copy: Copy
    began: float
    shared: bool


class Lender:
    """Lends permits to the budgets of this process.

    Without ``settle_shared`` this process is alone, and its own copies are the books.

    A database that is away must not keep anybody from Cal.com: the processes would go on to fail what they have begun
    to look after, a booking whose answer was lost above all. So each goes on with what it saw last, and takes a small
    part of what was left: up to ``BLIND_WEIGHT`` processes together keep to the pace even then, and more of them find
    a fifth of Cal.com's own limit between the pace and a lock. What was spent meanwhile is told when it is back.
    """

    def __init__(self, pace: Pace, settle_shared: Settle | None = None) -> None:
        self._pace = pace
        self._settle_shared = settle_shared
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._away_until: float | None = None

    async def lend(self, budget: bytes, copy: Copy, application: Application) -> Loan:
        """Lend what there is. Never raises, and takes no longer than a second or so."""
        if self._settle_shared is None:
            return self._alone(copy, application)
        clock = asyncio.get_running_loop().time
        async with self._at_once:
            if self._away_until is not None and clock() < self._away_until:
                return self._blindly(copy, application)
            began = clock()
            try:
                # Not broken off when it takes too long: that could leave SQLite locked.
                settling = asyncio.ensure_future(self._settle_shared(budget, application, self._pace))
                async with asyncio.timeout(SETTLE_SECONDS):
                    book, grant, now = await asyncio.shield(settling)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must cost no booking
                self._lost(error)
                return self._blindly(copy, application)
        self._found()
        # By the time that the answer is here their clock has gone on: its leases end a little late here, never early.
        return Loan(grant, Copy(book, now - clock()), began, shared=True)

    def _alone(self, copy: Copy, application: Application) -> Loan:
        began = asyncio.get_running_loop().time()
        book, grant = settle(copy.book, application, self._pace, began + copy.lead)
        return Loan(grant, replace(copy, book=book), began, shared=True)

    def _blindly(self, copy: Copy, application: Application) -> Loan:
        """Lend no more than is waited for: in a copy that others do not see, what is left over is not corrected."""
        began = asyncio.get_running_loop().time()
        modest = replace(application, spare=0, spent=())
        book, grant = settle(copy.book, modest, self._pace, began + copy.lead, weight=BLIND_WEIGHT)
        return Loan(grant, replace(copy, book=book), began, shared=False)

    def _lost(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("rate_budgets_not_shared", error=type(error).__name__)
        self._away_until = asyncio.get_running_loop().time() + AWAY_SECONDS

    def _found(self) -> None:
        if self._away_until is not None:
            log.info("rate_budgets_shared_again")
            self._away_until = None
