"""Open times are asked for ahead of time for agents whose callers keep asking, so that the next one need not wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog
from cachetools import LRUCache

from calbridge.calcom.deadline import Deadline
from calbridge.domain.agents import AgentStatus
from calbridge.domain.errors import CalbridgeError
from calbridge.services.connections import Connections
from calbridge.services.directory import Directory
from calbridge.services.event_types import EventTypes
from calbridge.services.memory import Memories
from calbridge.services.slots import Slots
from calbridge.services.together import together
from calbridge.services.visit import Visit

EVERY_SECONDS = 1.0
APART_SECONDS = 10.0  # questions for one agent: somebody may be booking all the time
IDLE_SECONDS = 120.0  # then nobody is on the phone with it any more
MOST_AGENTS = 200
MOST_OF_ONE_ACCOUNT = 5  # of Cal.com's hundred calls a minute most are for callers
AT_ONCE = 4
ASKING_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Agent:
    """An agent in use: the last call in which times were asked for, and when; in seconds of the timer."""

    visit: Visit
    days: int
    used_at: float
    asked_at: float


class Prefetch:
    """Keeps open times warm. It takes ordinary permits only, and leaves off as soon as there is none."""

    def __init__(
        self,
        directory: Directory,
        connections: Connections,
        event_types: EventTypes,
        slots: Slots,
        memories: Memories,
        clock: Callable[[], datetime],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._connections = connections
        self._event_types = event_types
        self._slots = slots
        self._memories = memories
        self._clock = clock
        self._sleep = sleep
        self._timer = timer
        self._agents: LRUCache[UUID, _Agent] = LRUCache(MOST_AGENTS)

    def use(self, visit: Visit, days: int) -> None:
        """Note that somebody asks an agent for the times of so many days; in vain where nothing would keep them."""
        if self._slots.forgets_at_once:
            return
        now = self._timer()
        self._agents[visit.call.agent_id] = _Agent(visit, days, used_at=now, asked_at=now)

    async def run(self) -> None:
        """Keep warm what is in use, until cancelled."""
        while True:
            await self._sleep(EVERY_SECONDS)
            try:
                await self.work()
            except Exception as error:  # noqa: BLE001 - whatever it is this time, it is a help, no more
                log.warning("prefetch.failed", error=type(error).__name__)

    async def work(self) -> None:
        """See once to all agents that are in use."""
        if not self._memories.are_current:
            return
        self._leave_idle()
        now, of_account = self._timer(), dict[UUID, int]()
        due = []
        for agent in tuple(self._agents.values()):
            count = of_account[agent.visit.account_id] = of_account.get(agent.visit.account_id, 0) + 1
            if count <= MOST_OF_ONE_ACCOUNT and now - agent.asked_at >= APART_SECONDS:
                due.append(agent)
        for first in range(0, len(due), AT_ONCE):
            await together(*(self._try(agent) for agent in due[first : first + AT_ONCE]))

    def _leave_idle(self) -> None:
        oldest = self._timer() - IDLE_SECONDS
        for agent_id, agent in tuple(self._agents.items()):
            if agent.used_at < oldest:
                del self._agents[agent_id]

    async def _try(self, agent: _Agent) -> None:
        try:
            is_usable = await self._ask(agent)
        except CalbridgeError as error:
            is_usable = False
            log.info("prefetch.left_off", agent_id=str(agent.visit.call.agent_id), error=type(error).__name__)
        if not is_usable and self._agents.get(agent.visit.call.agent_id) is agent:
            del self._agents[agent.visit.call.agent_id]

    async def _ask(self, agent: _Agent) -> bool:
        """Ask as the agent would now; False if it may not any more."""
        call = agent.visit.call
        assignment = await self._directory.assignment(call.organization_id, call.agent_id)
        connection = None if assignment is None else assignment.connection
        if assignment is None or assignment.agent.status is not AgentStatus.ACTIVE or connection is None:
            return False
        if not connection.account.settings.can_check_availability:
            return False
        deadline = Deadline.after(ASKING_SECONDS)
        visit = replace(agent.visit, assignment=assignment, connection=connection, deadline=deadline, now=self._clock())
        async with self._connections.watching(connection):
            event_type = await self._event_types.chosen(assignment, connection, visit.calendar)
            if await self._slots.keep_warm(visit, event_type, agent.days):
                agent.asked_at = self._timer()
        return True
