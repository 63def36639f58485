"""Where permits come from: the book that all processes share, or while that is out of reach, a copy of one's own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

import structlog

from calbridge.domain.permits import Application, Book, Grant, Pace, settle

# The shared books. Of each name of a budget, its application; of each that was not overtaken by another process, back
# come the book, the grant and the time by their clock.
Settle = Callable[[Mapping[bytes, Application], Pace], Awaitable[Mapping[bytes, tuple[Book, Grant, float]]]]

SETTLE_SECONDS = 1.0  # a call that waits for longer than that waits for a database in trouble
AWAY_SECONDS = 5.0  # until it is asked again
GATHER_SECONDS = 0.1  # so long at most an application that no call waits for waits for others
TOGETHER = 32  # applications that are settled together, at most: meanwhile nobody else in this process gets on
AT_ONCE = 4  # groups of them under way in this process: they share the connections of the database with everybody else

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
    """What was applied for, the grant, and the book after it.

    ``began``: when it can have been granted at the earliest, on the loop's clock. ``shared``: whether all processes
    know now what the application told. ``lost``: perhaps they do, and more was granted than anybody has heard of.
    """

    application: Application
    grant: Grant
    copy: Copy
    began: float
    shared: bool
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """A budget that waits for its loan."""

    copy: Copy
    apply: Callable[[], Application]
    loan: asyncio.Future[Loan]

    def answer(self, loan: Loan) -> None:
        """Give it the loan, if it still waits."""
        if not self.loan.done():
            self.loan.set_result(loan)


class Lender:
    """Lends permits to the budgets of this process.

    Without ``settle_shared`` this process is alone, and its own copies are the books.

    Of what a lease costs most is the way to the database, so budgets go there together: those that only have something
    to tell wait for others a while, and all of them go along with the first that cannot wait.

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
        self._gathered: dict[bytes, Applicant] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False  # whether what is gathered waits for nothing but that others are settled
        self._under_way: set[asyncio.Task[None]] = set()
        self._away_until: float | None = None

    async def lend(self, budget: bytes, copy: Copy, apply: Callable[[], Application], *, at_once: bool) -> Loan:
        """Lend what there is; soon, or ``at_once``, unless too many others are before. Never raises.

        ``apply`` makes the application when its turn has come. From then on it takes no longer than a second or so.
        """
        if self._settle_shared is None:
            return self._alone(copy, apply())
        while (other := self._gathered.get(budget)) is not None:
            await asyncio.wait({other.loan})
        loop = asyncio.get_running_loop()
        applicant = self._gathered[budget] = Applicant(copy, apply, loop.create_future())
        if at_once or len(self._gathered) >= TOGETHER:
            self._end_gathering()
        elif self._timer is None and not self._is_due:
            self._timer = loop.call_later(GATHER_SECONDS, self._end_gathering)
        return await applicant.loan

    def hurry(self, budget: bytes) -> None:
        """Have a budget that has applied wait for no others."""
        if budget in self._gathered:
            self._end_gathering()

    def gives_credit(self, copy: Copy, application: Application) -> bool:
        """Whether the call that is asked for may be made before the others know of it."""
        if self._settle_shared is None:
            return False
        grant = self._on_credit(copy, application)
        return bool(grant.anyone + grant.urgent_only)

    def _end_gathering(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)  # whoever applies at the same moment goes along

    def _go_on(self) -> None:
        """Settle what is due, as far as there is room for it now."""
        while self._is_due and len(self._under_way) < AT_ONCE:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            applicants = {name: self._gathered.pop(name) for name in tuple(islice(self._gathered, TOGETHER))}
            self._is_due = bool(self._gathered)
            settling = asyncio.create_task(self._settle(applicants))
            self._under_way.add(settling)
            settling.add_done_callback(self._ended)

    def _ended(self, settling: asyncio.Task[None]) -> None:
        self._under_way.discard(settling)
        self._go_on()

    async def _settle(self, applicants: Mapping[bytes, Applicant]) -> None:
        """Answer all: with what was settled, or with nothing. Those that were overtaken are settled again."""
        applications = {name: applicant.apply() for name, applicant in applicants.items()}
        is_asked = False
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while applications and (settle_shared := self._within_reach) is not None:
                    is_asked = True
                    for name, loan in (await self._loans(settle_shared, applications)).items():
                        del applications[name]
                        applicants[name].answer(loan)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must cost no booking
            self._lost(error)
        finally:
            for name, application in applications.items():
                applicants[name].answer(self._nothing(applicants[name].copy, application, lost=is_asked))

    async def _loans(self, settle_shared: Settle, applications: Mapping[bytes, Application]) -> Mapping[bytes, Loan]:
        clock = asyncio.get_running_loop().time
        began = clock()
        # Not broken off when it takes too long: that could leave SQLite locked.
        settled = await asyncio.shield(asyncio.ensure_future(settle_shared(applications, self._pace)))
        self._found()
        # By the time that the answer is here their clock has gone on: its leases end a little late here, never early.
        ended = clock()
        return {
            name: Loan(applications[name], grant, Copy(book, now - ended), began, shared=True)
            for name, (book, grant, now) in settled.items()
        }

    @property
    def _within_reach(self) -> Settle | None:
        is_away = self._away_until is not None and asyncio.get_running_loop().time() < self._away_until
        return None if is_away else self._settle_shared

    def _alone(self, copy: Copy, application: Application) -> Loan:
        began = asyncio.get_running_loop().time()
        book, grant = settle(copy.book, application, self._pace, began + copy.lead)
        return Loan(application, grant, replace(copy, book=book), began, shared=True)

    def _nothing(self, copy: Copy, application: Application, *, lost: bool) -> Loan:
        """Lend nothing: there is credit, and it tells how long one has to wait for more of it."""
        grant = self._on_credit(copy, replace(application, urgent=0, ordinary=0, spare=0))
        return Loan(application, grant, copy, asyncio.get_running_loop().time(), shared=False, lost=lost)

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
