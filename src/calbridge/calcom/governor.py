"""Keeps every key within Cal.com's rate limit: Cal.com locks the accounts of those who overrun it."""

import asyncio
import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import structlog

from calbridge.calcom.budget import Budget
from calbridge.calcom.errors import CalcomError
from calbridge.calcom.lender import Lender, Settle
from calbridge.calcom.rate_limit import limit_told, seconds_until_reset
from calbridge.calcom.sightings import budget_left
from calbridge.domain.agents import Access
from calbridge.domain.permits import Pace

FORGOTTEN_AT_ONCE = 3

log = structlog.get_logger()


def ignore_wait(_seconds: float, _urgent: bool) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Who is told of each wait that ended in a turn, and of each that did not: seconds, and whether it was urgent."""

    wait: Callable[[float, bool], None]
    refusal: Callable[[float, bool], None]


class Turn:
    """One call under way, as long as the block; what its answer says of the rate limit holds for all that follow."""

    def __init__(self, budget: Budget, name: str, until: float, observed: Observed, *, urgent: bool) -> None:
        self._budget = budget
        self._name = name
        self._until = until
        self._observed = observed
        self._urgent = urgent

    async def __aenter__(self) -> Self:
        """Wait for the turn. Raises HeldBackError, or NotSentError when too many calls are in flight."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await self._budget.enter(urgent=self._urgent, until=self._until)
        except CalcomError:
            self._observed.refusal(clock() - began, self._urgent)
            raise
        self._observed.wait(clock() - began, self._urgent)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the turn."""
        self._budget.leave()

    def heed(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn the limit, and stop when it is used up, be it by others who have the same key."""
        limit = limit_told(headers)
        if limit is not None:
            self._budget.heed_limit(limit)
        if status == HTTPStatus.TOO_MANY_REQUESTS or budget_left(headers) == 0:
            seconds = seconds_until_reset(headers, time.time())
            self._budget.pause(seconds)
            log.warning("calcom_rate_limit_used_up", budget=self._name, status=status, seconds=seconds)


class Governor:
    """Gives each call its turn: a place among those in flight with its key, and a permit under the key's rate limit.

    Two classes: urgent calls (writes, and what must be read to tell what became of one) go before ordinary ones and
    wait as long as their deadline lets them; ordinary ones wait two seconds for a permit. Within a class the first to
    come is the first to go.

    ``secret`` keys the hash that names a budget, so that nobody learns from the name which key it is. ``settle`` keeps
    the books that all processes share, but for some credit (``Lender``); without it this process is alone.
    ``observe_wait`` is told how many seconds each call has waited, and whether it is urgent; ``observe_refusal`` the
    same of each that had no turn in time.

    Needs a running loop, and belongs to it.
    """

    def __init__(
        self,
        secret: bytes,
        pace: Pace,
        *,
        settle: Settle | None = None,
        observe_wait: Callable[[float, bool], None] = ignore_wait,
        observe_refusal: Callable[[float, bool], None] = ignore_wait,
    ) -> None:
        self._secret = secret
        self._pace = pace
        self._lender = Lender(pace, settle)
        self._observed = Observed(observe_wait, observe_refusal)
        self._budgets: OrderedDict[bytes, Budget] = OrderedDict()  # least recently used first

    def turn(self, access: Access, *, urgent: bool, until: float) -> Turn:
        """Return a turn to be waited for until an instant on the loop's clock."""
        name = self._name(access)
        return Turn(self._budget(name), name.hex()[:8], until, self._observed, urgent=urgent)

    async def close(self) -> None:
        """Give back what is left of the permits, so that other processes need not wait until they lapse."""
        await asyncio.gather(*(budget.close() for budget in self._budgets.values()))

    @property
    def budgets(self) -> int:
        """How many budgets are kept in memory: those of the last minute or so."""
        return len(self._budgets)

    def _budget(self, name: bytes) -> Budget:
        """Return a budget."""
        self._forget_some()
        budget = self._budgets.get(name)
        if budget is None:
            budget = self._budgets[name] = Budget(name, self._pace, self._lender)
        self._budgets.move_to_end(name)
        return budget

    def _forget_some(self) -> None:
        """Drop budgets that were last used so long ago that nothing of it counts any more.

        A few at a time: more than can be added meanwhile. One that is still in use goes to the end of the line.
        """
        for _ in range(min(FORGOTTEN_AT_ONCE, len(self._budgets))):
            name, budget = next(iter(self._budgets.items()))
            if budget.was_used_lately:
                return
            if budget.is_in_use:
                self._budgets.move_to_end(name)
            else:
                del self._budgets[name]

    def _name(self, access: Access) -> bytes:
        named = f"{access.base_url.rstrip('/')}\n{access.api_key}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, named, hashlib.sha256)
