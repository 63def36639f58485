"""At most once: a wish is written down before it is sent, and whoever repeats it hears what became of the first."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from calbridge.domain.actions import Call, Outcome, Replayed, Unconfirmed
from calbridge.domain.errors import IdempotencyKeyReusedError, UnavailableError
from calbridge.domain.intents import ABSENT, Begun, Claimed, Draft, Intent, Known, State
from calbridge.services import naming
from calbridge.services.in_flight import InFlight
from calbridge.services.resolver import Resolver, Settled
from calbridge.services.visit import Visit
from calbridge.storage.intents import Intents

Written = TypeVar("Written", bound=Begun | Known | Claimed | None)

LEASE = timedelta(seconds=10)  # past the deadline of whoever carries it out
LEAST_SECONDS = 0.2  # for carrying anything out
AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It was sent, and no answer came that can be trusted."""

    intent: Intent


class Plan(ABC):
    """How one wish is carried out, and told again."""

    draft: Draft
    wanted: datetime  # the start that is wished for, or that of the appointment to be cancelled

    @abstractmethod
    def is_same(self, intent: Intent) -> bool:
        """Whether an intent of the same name is that of the same caller."""

    @abstractmethod
    async def carry_out(self, intent: Intent) -> Outcome | Doubtful:
        """Send it, once, and write down what came of it, or that nobody knows."""

    @abstractmethod
    async def find_out(self, settled: Settled) -> Outcome:
        """Tell what came of it, found by looking."""

    @abstractmethod
    async def retell(self, settled: Settled) -> Outcome | None:
        """Tell what came of it before, as things stand now; None if that is past and it may be carried out afresh."""

    @abstractmethod
    async def refuse_again(self, intent: Intent) -> Outcome:
        """Tell why it was refused before."""

    @abstractmethod
    async def give_way(self, settled: Settled) -> Outcome | None:
        """Tell that somebody else was faster; None if they did not get it, either, and it is worth a try."""


class Once:
    """Sees to it that a wish is carried out at most once, however often and wherever it is asked for."""

    def __init__(self, intents: Intents, resolver: Resolver, in_flight: InFlight) -> None:
        self._intents = intents
        self._resolver = resolver
        self._in_flight = in_flight

    async def before(self, call: Call) -> Intent | None:
        """Return what this very request of a voice platform has begun, if it came before."""
        tool_call = naming.name_of_tool_call(call)
        return await self._intents.of_tool_call(tool_call, naming.SAME_CALL) if tool_call else None

    async def do(self, visit: Visit, plan: Plan) -> Outcome | Replayed:
        """Carry a plan out, or tell what came of it before.

        When the caller cannot wait any longer, the answer is Unconfirmed, and the work goes on. Raises
        UnavailableError if nothing could be written down: then nothing was sent.
        """
        if visit.deadline.remaining < LEAST_SECONDS:  # what is sent now would only be a riddle
            raise UnavailableError
        try:
            async with asyncio.timeout(visit.deadline.remaining):
                # A retry: what it began counts, whatever the wish would be called by now.
                before = visit.before
                begun = Known((before,)) if before else await self._written(self._intents.begin(plan.draft))
        except TimeoutError as error:
            raise UnavailableError from error
        try:
            async with asyncio.timeout(visit.deadline.remaining):
                return await self._go_on(visit, plan, begun)
        except TimeoutError:
            return Unconfirmed(plan.wanted)

    async def _go_on(self, visit: Visit, plan: Plan, begun: Begun | Known | Claimed) -> Outcome | Replayed:
        others: set[UUID] = set()
        while True:
            retiring: UUID | None = None
            if isinstance(begun, Known):
                alike = [one for one in begun.intents if plan.is_same(one)]
                known = next((one for one in alike if one.same_caller), next(iter(alike), None))
                if known is None:
                    others.update(one.id for one in begun.intents)
                else:
                    before = await self._before(visit, plan, known)
                    if isinstance(before, _Past):
                        retiring = known.id if before.may_go else None
                    elif isinstance(before, Begun | Claimed):
                        begun = before
                    else:
                        return before
            if isinstance(begun, Begun):
                return await self._carry_out(plan, begun.intent)
            if isinstance(begun, Claimed):
                settled = await self._resolver.settled(begun.holder)
                outcome = Unconfirmed(plan.wanted) if settled is None else await plan.give_way(settled)
                if outcome is not None:
                    return outcome
            elif not begun.intents:  # what stood in the way is gone, or on its way
                await asyncio.sleep(AGAIN_SECONDS)
            beginning = self._intents.begin(plan.draft, apart_from=others, retiring=retiring)
            begun = await self._written(beginning)

    async def _written(self, writing: Coroutine[None, None, Written]) -> Written:
        """Write an attempt down. If its caller stops waiting in the midst of it, it is given up, and blocks nobody."""
        beginning = asyncio.create_task(writing)
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            self._in_flight.keep(self._give_up(beginning))
            raise

    async def _give_up(self, beginning: "asyncio.Task[Written]") -> None:
        begun = await beginning
        if isinstance(begun, Begun):
            await self._intents.settle(begun.intent, State.ABANDONED, reason="nobody_waited")

    async def _carry_out(self, plan: Plan, intent: Intent) -> Outcome:
        outcome = await self._in_flight.see_through(intent.id, plan.carry_out(intent))
        if not isinstance(outcome, Doubtful):
            return outcome
        settled = await self._resolver.settled(outcome.intent)
        return Unconfirmed(plan.wanted) if settled is None else await plan.find_out(settled)

    async def _before(self, visit: Visit, plan: Plan, intent: Intent) -> "Outcome | Replayed | Begun | Claimed | _Past":
        """See what became of the same wish before; where nothing did, begin another attempt at it."""
        if intent.has_payload and not intent.same_payload:
            raise IdempotencyKeyReusedError
        was_open = intent.state.is_open
        settled = await self._resolver.settled(intent) if was_open else Settled(intent)
        if settled is None:
            return Unconfirmed(plan.wanted)
        intent = settled.intent
        if intent.is_told:
            told = await plan.retell(settled)
            return _Past(may_go=True) if told is None else Replayed(told)
        if intent.state is State.NEEDS_HUMAN:
            return Unconfirmed(plan.wanted)
        is_retry = intent.has_payload or (visit.before is not None and visit.before.id == intent.id)
        if intent.reason != ABSENT and (was_open or (is_retry and intent.state is State.REJECTED)):
            return Replayed(await plan.refuse_again(intent))
        if intent.user != plan.draft.user:  # what is found of the next attempt must be looked for elsewhere
            return _Past(may_go=True)
        return await self._written(self._intents.reopen(intent, plan.draft)) or _Past(may_go=False)


@dataclass(frozen=True, slots=True)
class _Past:
    """What was known is not so any more. ``may_go``: the intent may lose its name to a new one."""

    may_go: bool
