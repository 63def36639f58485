"""One key's budget in this process: who waits, who is in flight, and which permits are at hand."""

import asyncio
import math
import secrets
from collections import deque
from dataclasses import dataclass, replace
from random import SystemRandom

from calbridge.calcom.batches import Batch, Batches
from calbridge.calcom.errors import HeldBackError, NotSentError
from calbridge.calcom.lender import Copy, Lender, Loan
from calbridge.domain.permits import LONGEST_PAUSE, MINUTE, TRAVEL, VALIDITY, Application, Pace

PLACES = 20  # calls in flight: one tenant's Cal.com that hangs must not take the process
PATIENCE = 2.0  # seconds for which an ordinary call waits for a permit
FEWEST_SPARE = 2  # permits leased beyond those that are waited for: one call seldom comes alone
SHORTEST_RETRY = 0.02
LONGEST_RETRY = 1.0  # seconds between two attempts to lease: somebody may have given permits back
KEPT_SECONDS = MINUTE + TRAVEL + VALIDITY
# To give permits back costs a transaction: it is worth it from this part of a minute's on.
WORTH_RETURNING = 50

_chance = SystemRandom()


@dataclass(slots=True, eq=False)
class Waiter:
    """A call that waits for its turn: until ``patience``, which ends no later than its deadline.

    ``batch`` brings the one that its permit is from, or None: there will be none in time.
    """

    urgent: bool
    patience: float
    batch: asyncio.Future[Batch | None]


class Budget:
    """Lets calls through, urgent ones first and otherwise in order of arrival, each with a place and a permit.

    Nothing here is awaited but one's own turn: permits are leased by a task of the budget's, one lease at a time. Where
    none is at hand, a call goes on credit if the lender gives some, and the lease that tells of it follows, together
    with those of other budgets; only those wait for a lease that come closer together.
    """

    def __init__(self, name: bytes, pace: Pace, lender: Lender) -> None:
        self._name = name
        self._pace = pace
        self._lender = lender
        self._clock = asyncio.get_running_loop().time
        self._waiting: dict[bool, dict[Waiter, None]] = {True: {}, False: {}}  # by urgency; in order of arrival
        self._in_flight = 0
        self._batches = Batches()
        self._starts: deque[float] = deque(maxlen=PLACES)
        self._copy = Copy()
        self._told: int | None = None
        self._paused_until = 0.0
        self._tell_pause_at = math.inf  # when the others are to be told of it; they know if it is never
        self._no_permit_before = {True: 0.0, False: 0.0}  # by urgency, as the last grant estimated it
        self._ask_again_at = {True: 0.0, False: 0.0}
        self._leasing: asyncio.Task[None] | None = None
        self._applied_at = -math.inf  # when the last lease was applied for
        self._heard_at = -math.inf  # when the last one that was answered was
        self._timer: asyncio.TimerHandle | None = None
        self._used_at = self._clock()

    async def enter(self, *, urgent: bool, until: float) -> Batch:
        """Wait for a place and a permit; ``leave`` gives the place back.

        ``until`` is on the loop's clock. Raises HeldBackError when there is no permit in time, and NotSentError when
        there is no place: then it is Cal.com that does not answer.
        """
        arrived = now = self._used_at = self._clock()
        patience = until if urgent else min(until, now + PATIENCE)
        waiter = Waiter(urgent, patience, asyncio.get_running_loop().create_future())
        self._waiting[urgent][waiter] = None
        self._wake()
        try:
            while not waiter.batch.done() and now < waiter.patience:
                await asyncio.wait((waiter.batch,), timeout=waiter.patience - now)
                now = self._clock()
                # For a place one waits as long as one can; so one does while others of the process lease first.
                if now >= waiter.patience and (self._is_full or self._heard_at < arrived):
                    waiter.patience = min(until, now + PATIENCE)
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise
        if not waiter.batch.done():
            self._withdraw(waiter)
        elif (batch := waiter.batch.result()) is not None:
            return batch
        raise self._refusal(urgent=urgent)

    def leave(self) -> None:
        """Give a place back: the call is over, however it ended."""
        self._in_flight -= 1
        self._used_at = self._clock()
        self._wake()

    def heed_limit(self, limit: int) -> None:
        """Learn the limit of a minute that Cal.com has just stated."""
        self._told = min(limit, self._pace.per_minute)  # more than that is of no use, and may be no number of sense

    def pause(self, seconds: float) -> None:
        """Make no calls for a while, in no process: Cal.com has refused one."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        self._tell_pause_at = self._clock()
        self._wake()

    @property
    def is_in_use(self) -> bool:
        """Whether a call is in flight or waits."""
        return bool(self._in_flight or any(self._waiting.values()))

    @property
    def was_used_lately(self) -> bool:
        """Whether something of what was done with it still counts."""
        return self._clock() - self._used_at < KEPT_SECONDS

    async def close(self) -> None:
        """Stop, and give back what is left. Whoever still waits or is in flight is not to be expected here."""
        while self._leasing is not None:  # to break it off could leave a connection behind
            self._lender.hurry(self._name)
            await asyncio.wait({self._leasing})
        if self._timer is not None:
            self._timer.cancel()
        self._batches.lapse(self._clock())
        is_news = self._batches.tell_at is not None or self._tell_pause_at < math.inf
        if is_news or self._batches.unused(self._clock()):
            await self._lender.lend(self._name, self._copy, lambda: replace(self._application(), spare=0), at_once=True)

    @property
    def _is_full(self) -> bool:
        return self._in_flight >= PLACES

    @property
    def _cannot_wait(self) -> bool:
        """Whether a lease is not to wait for others: a call waits for it, or nobody may call any more."""
        return self._clock() >= self._tell_pause_at or any(self._waiting.values())

    def _refusal(self, *, urgent: bool) -> HeldBackError | NotSentError:
        now = self._clock()
        if self._is_full and now >= self._paused_until:
            return NotSentError("Cal.com has not answered the calls before")
        wait = max(self._paused_until, self._no_permit_before[urgent]) - now
        return HeldBackError(min(LONGEST_PAUSE, max(1.0, wait)))

    def _withdraw(self, waiter: Waiter) -> None:
        """Have a call leave the queue. A place that was given to it just now goes to the next, with the permit."""
        self._waiting[waiter.urgent].pop(waiter, None)
        if not waiter.batch.done():
            waiter.batch.cancel()
        elif (batch := waiter.batch.result()) is not None:
            batch.put_back(urgent=waiter.urgent)
            self.leave()

    def _wake(self) -> None:
        """Let through whoever can be, lease if that is what it takes, and see to it that one is woken again."""
        now = self._clock()
        if now < self._paused_until:
            self._turn_away()
        else:
            self._admit(now)
        if self._leasing is None and self._wants_lease(now):
            self._leasing = asyncio.create_task(self._lease())
        elif self._cannot_wait:
            self._lender.hurry(self._name)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (at := self._next_wake(now)) is not None:
            self._timer = asyncio.get_running_loop().call_at(at, self._wake)

    def _admit(self, now: float) -> None:
        while not self._is_full:
            waiter = next(iter(self._waiting[True]), None) or next(iter(self._waiting[False]), None)
            if waiter is None:
                return
            batch = self._batches.take(now, urgent=waiter.urgent) or self._on_credit(now, urgent=waiter.urgent)
            if batch is None:
                return
            del self._waiting[waiter.urgent][waiter]
            self._in_flight += 1
            self._starts.append(now)
            waiter.batch.set_result(batch)

    def _on_credit(self, now: float, *, urgent: bool) -> Batch | None:
        wanted = Application("", int(urgent), int(not urgent), spent=self._batches.untold(now), told=self._told)
        return self._batches.owe(now) if self._lender.gives_credit(self._copy, wanted) else None

    def _turn_away(self) -> None:
        """Tell those at once who cannot wait for the end of the pause."""
        for queue in self._waiting.values():
            for waiter in [waiter for waiter in queue if waiter.patience <= self._paused_until]:
                del queue[waiter]
                waiter.batch.set_result(None)

    def _wants_lease(self, now: float) -> bool:
        if now >= self._tell_pause_at or (self._batches.tell_at is not None and now >= self._batches.tell_at):
            return True
        if now < self._paused_until:
            return False
        if not self._is_full and any(
            queue and now >= self._ask_again_at[urgent] for urgent, queue in self._waiting.items()
        ):
            return True
        return self._batches.unused(now) * WORTH_RETURNING >= self._pace.per_minute

    def _next_wake(self, now: float) -> float | None:
        """When something may be done that cannot be done now; a lease that is under way wakes by itself."""
        if self._leasing is not None:
            return None
        times = [*self._batches.lapsing(now), self._tell_pause_at]
        if self._batches.tell_at is not None:
            times.append(self._batches.tell_at)
        if any(self._waiting.values()):
            times.append(self._paused_until)
            times += [self._ask_again_at[urgent] for urgent, queue in self._waiting.items() if queue]
        return min((time for time in times if now < time < math.inf), default=None)

    async def _lease(self) -> None:
        self._ask_again_at = dict.fromkeys(self._waiting, self._clock() + LONGEST_RETRY)  # should anything go wrong
        try:
            loan = await self._lender.lend(self._name, self._copy, self._application, at_once=self._cannot_wait)
        finally:
            self._leasing = None
        self._heard_at = self._applied_at
        self._take_in(loan)
        self._wake()

    def _application(self) -> Application:
        """Ask for what is waited for and a little more, and tell of what is used up or has lapsed."""
        now = self._applied_at = self._clock()
        spent = self._batches.untold(now)
        room = PLACES - self._in_flight
        urgent = min(len(self._waiting[True]), room)
        ordinary = min(len(self._waiting[False]), room - urgent)
        lately = sum(1 for start in self._starts if start > now - VALIDITY)
        if urgent + ordinary:
            spare = max(FEWEST_SPARE, lately)
        else:  # a single call was made on credit, or it is to be told that there are none
            spare = lately if lately >= FEWEST_SPARE and self._batches.tell_at is not None else 0
        pause = max(0.0, self._paused_until - now) if self._tell_pause_at < math.inf else 0.0
        self._tell_pause_at = math.inf
        return Application(
            id=secrets.token_hex(8),
            urgent=urgent,
            ordinary=ordinary,
            spare=min(PLACES, spare),
            spent=spent,
            told=self._told,
            pause=pause,
        )

    def _take_in(self, loan: Loan) -> None:
        now, application, grant = self._clock(), loan.application, loan.grant
        self._copy = loan.copy
        if loan.shared:
            self._batches.told(application.spent, now)
        else:
            self._batches.tell_later(LONGEST_RETRY, now)
            if application.pause:
                self._tell_pause_at = min(self._tell_pause_at, now + LONGEST_RETRY)
        if loan.lost:
            self._batches.never_came(application.id, now)
        granted = grant.anyone + grant.urgent_only
        if granted:
            self._batches.add(Batch(application.id, grant.anyone, grant.urgent_only, loan.began + VALIDITY))
        if grant.pause:
            self._paused_until = max(self._paused_until, now + grant.pause)
        short = {
            True: granted < application.urgent,
            False: granted < application.urgent + application.ordinary,
        }
        waits = {True: grant.urgent_wait, False: grant.ordinary_wait}
        for urgent, is_short in short.items():
            # Somewhat unevenly, or processes that were refused together would come again together, always in one order.
            retry = min(LONGEST_RETRY, max(SHORTEST_RETRY, waits[urgent])) * _chance.uniform(1, 1.1)
            self._no_permit_before[urgent] = now + waits[urgent] if is_short else 0.0
            self._ask_again_at[urgent] = now + retry if is_short else 0.0
