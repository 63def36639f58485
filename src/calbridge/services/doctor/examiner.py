"""Asks Cal.com about accounts: four questions each at most, one after the other, few accounts at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.sightings import Sightings
from calbridge.domain.agents import Agent, Connection
from calbridge.domain.errors import (
    CalendarError,
    CalendarUnreachableError,
    KeyRefusedError,
    NotConnectedError,
    RateLimitedError,
)
from calbridge.domain.times import Window
from calbridge.services.doctor.choices import most_used
from calbridge.services.doctor.facts import Examination, Trouble

ACCOUNTS_AT_ONCE = 5
SEARCHED_DAYS = 14

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Patient:
    """An account that is to be examined, and the active agents that use it."""

    connection: Connection
    agents: tuple[Agent, ...]


class Examiner:
    """Examines accounts. ``patience``: seconds that all of them together may take."""

    def __init__(self, calendars: Calendars, clock: Callable[[], datetime], *, patience: float) -> None:
        self._calendars = calendars
        self._clock = clock
        self._patience = patience

    async def examine(self, patients: Sequence[Patient]) -> tuple[Examination, ...]:
        """Examine all, in this order. Never raises for what Cal.com does.

        An address that does not answer for one account is not asked for the others that still wait.
        """
        deadline = Deadline.after(self._patience)
        turn = asyncio.Semaphore(ACCOUNTS_AT_ONCE)
        silent: set[str] = set()

        async def in_turn(patient: Patient) -> Examination:
            address = patient.connection.access.base_url
            async with turn:
                if address in silent:
                    return Examination(Trouble.UNREACHABLE)
                examination = await self._examine(patient, deadline)
            if examination.trouble is Trouble.UNREACHABLE:
                silent.add(address)
            return examination

        return tuple(await asyncio.gather(*(in_turn(patient) for patient in patients)))

    async def _examine(self, patient: Patient, deadline: Deadline) -> Examination:
        sightings = Sightings(self._clock)
        try:
            calendar = self._calendars.open(patient.connection.access, deadline, watch=sightings.note)
        except NotConnectedError:
            return Examination(Trouble.NOT_ALLOWED)
        questions = _Questions(calendar, patient, self._clock())
        trouble, busy_for = None, None
        try:
            await questions.ask_all()
        except KeyRefusedError:
            trouble = Trouble.KEY_REFUSED
        except CalendarUnreachableError:
            trouble = Trouble.OUT_OF_TIME if deadline.passed else Trouble.UNREACHABLE
        except RateLimitedError as error:
            trouble, busy_for = Trouble.BUSY, timedelta(seconds=error.retry_after)
        return replace(
            questions.told,
            trouble=trouble,
            busy_for=busy_for,
            clock_skew=sightings.clock_skew,
            budget_left=sightings.budget_left,
        )


class _Questions:
    """The questions about one account. ``told`` holds the answers so far, also once a question has failed."""

    def __init__(self, calendar: Calendar, patient: Patient, now: datetime) -> None:
        self._calendar = calendar
        self._patient = patient
        self._window = Window(now, now + timedelta(days=SEARCHED_DAYS))
        self.told = Examination()

    async def ask_all(self) -> None:
        """Ask everything that can be asked; after an answer without sense, what does not depend on it.

        Raises what ends the conversation: KeyRefusedError, CalendarUnreachableError, RateLimitedError.
        """
        host = await self._sense(self._calendar.me(), "the user")
        if host is None:
            return
        self.told = replace(self.told, host=host)
        offered = await self._sense(self._calendar.event_types(), "event types")
        if offered is not None:
            searched = most_used(self._patient.connection.account, self._patient.agents, offered)
            self.told = replace(self.told, event_types=offered, searched=searched)
            if searched is not None:
                starts = await self._sense(self._calendar.open_slots(searched, self._window), "open times")
                self.told = replace(self.told, has_open_times=None if starts is None else bool(starts))
        webhooks = await self._sense(self._calendar.webhooks(), "webhooks")
        self.told = replace(self.told, webhooks=webhooks)

    async def _sense(self, answer: Awaitable[Told], topic: str) -> Told | None:
        try:
            return await answer
        except (KeyRefusedError, CalendarUnreachableError):
            raise
        except CalendarError:
            self.told = replace(self.told, odd=(*self.told.odd, topic))
            return None
