"""Where permits come from: the book that all processes share, or while that is out of reach, a copy of one's own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

import structlog

from calbridge.domain.permits import Application, Book, Grant, Pace, settle

# The shared book: name of the budget, application and pace; back come the book, the grant and the time by its clock.
Settle = Callable[[bytes, Application, Pace], Awaitable[tuple[Book, Grant, float]]]

SETTLE_SECONDS = 1.0  # a call that waits for longer than that waits for a database in trouble
AWAY_SECONDS = 5.0  # until it is asked again
AT_ONCE = 10  # leases under way in this process: they share the connections of the database with everybody else

# Until processes see what the others do, each takes it that there are so many of them, all as busy as itself.
CREDIT_WEIGHT = 4

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

    The book is a database's, and nobody on the phone shall wait for that, nor be told that Cal.com has no time while it
    is away: the processes would go on to fail what they have begun to look after, a booking whose answer was lost above
    all. So where no permit is at hand there is credit: a fourth of what the book had left for a minute and for a second
    when it was seen last. Of Cal.com's usual hundred a minute and ten a second, that is 20 and two, for urgent calls 25
    and two. What was made on credit counts four times until the others are told, which takes two seconds, or as long
    as the database is away. Up to ``CREDIT_WEIGHT`` processes together keep to the pace even if none sees the others;
    beyond that, each may add its credit to it once, and there is a fifth of Cal.com's own limit before a lock.
    """

    def __init__(self, pace: Pace, settle_shared: Settle | None = None) -> None:
        self._pace = pace
        self._settle_shared = settle_shared
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._away_until: float | None = None

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for one's turn to lease."""
        return self._at_once

    async def lend(self, budget: bytes, copy: Copy, application: Application) -> Loan:
        """Lend what there is, to whoever has its turn. Never raises, and takes no longer than a second or so."""
        if self._settle_shared is None:
            return self._alone(copy, application)
        clock = asyncio.get_running_loop().time
        began = clock()
        if self._away_until is not None and began < self._away_until:
            return self._nothing(copy, application)
        try:
            # Not broken off when it takes too long: that could leave SQLite locked.
            settling = asyncio.ensure_future(self._settle_shared(budget, application, self._pace))
            async with asyncio.timeout(SETTLE_SECONDS):
                book, grant, now = await asyncio.shield(settling)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must cost no booking
            self._lost(error)
            return self._nothing(copy, application)
        self._found()
        # By the time that the answer is here their clock has gone on: its leases end a little late here, never early.
        return Loan(grant, Copy(book, now - clock()), began, shared=True)

    def gives_credit(self, copy: Copy, application: Application) -> bool:
        """Whether the call that is asked for may be made before the others know of it."""
        if self._settle_shared is None:
            return False
        grant = self._on_credit(copy, application)
        return bool(grant.anyone + grant.urgent_only)

    def _alone(self, copy: Copy, application: Application) -> Loan:
        began = asyncio.get_running_loop().time()
        book, grant = settle(copy.book, application, self._pace, began + copy.lead)
        return Loan(grant, replace(copy, book=book), began, shared=True)

    def _nothing(self, copy: Copy, application: Application) -> Loan:
        """Lend nothing: there is credit, and it tells how long one has to wait for more of it."""
        grant = self._on_credit(copy, replace(application, urgent=0, ordinary=0, spare=0))
        return Loan(grant, copy, asyncio.get_running_loop().time(), shared=False)

    def _on_credit(self, copy: Copy, application: Application) -> Grant:
        now = asyncio.get_running_loop().time() + copy.lead
        return settle(copy.book, application, self._pace, now, weight=CREDIT_WEIGHT)[1]

    def _lost(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("rate_budgets_not_shared", error=type(error).__name__)
        self._away_until = asyncio.get_running_loop().time() + AWAY_SECONDS

    def _found(self) -> None:
        if self._away_until is not None:
            log.info("rate_budgets_shared_again")
            self._away_until = None
