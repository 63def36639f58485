"""What is known of one call once it has been let in: who asks, whose calendar, which zone, how long there is."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.deadline import Deadline
from calbridge.domain.actions import Call, TimeFault, WrongTime
from calbridge.domain.agents import Assignment, Connection
from calbridge.domain.errors import NotConnectedError
from calbridge.domain.intents import Intent
from calbridge.domain.said import Said
from calbridge.domain.times import SkippedTimeError, place, zone_named

KEPT_BACK_SECONDS = 3.0  # of the time for a write, for finding out what became of it


@dataclass(frozen=True, slots=True)
class Visit:
    """One call at the front desk."""

    call: Call
    assignment: Assignment
    connection: Connection
    calendars: Calendars
    deadline: Deadline
    now: datetime
    anonymous: bool  # whoever calls has shown no credential
    said: Said = field(default_factory=Said)  # earlier in the same phone call
    before: Intent | None = None  # what this very tool call has begun already: it is a retry
    zone: ZoneInfo = field(init=False)
    host_zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        """Work out in which zone times are read and spoken.

        The one that the caller names now, the one that they have named in this call, the agent's, that of the caller's
        number if there is but one, the account's, the host's.
        """
        account = self.connection.account
        host_zone = zone_named(account.host.timezone)
        of_agent, of_account = zone_named(self.assignment.agent.timezone), zone_named(account.settings.timezone)
        named = self.call.timezone or self.said.zone
        zone = named or of_agent or self.call.number_zone or of_account or host_zone
        if zone is None:  # to guess would be to book hours off
            raise NotConnectedError
        object.__setattr__(self, "host_zone", host_zone or zone)
        object.__setattr__(self, "zone", zone)

    @property
    def calendar(self) -> Calendar:
        """The host's calendar, with all the time that is left."""
        return self.calendars.open(self.connection.access, self.deadline)

    @property
    def lookup(self) -> Calendar:
        """The host's calendar for finding out what became of a write: nobody waits more anxiously for a read."""
        return self.calendars.open(self.connection.access, self.deadline, urgent=True)

    @property
    def writer(self) -> Calendar:
        """The host's calendar for a write: the last seconds, at most half of what is left, are kept back."""
        left = self.deadline.remaining
        return self.calendars.open(self.connection.access, Deadline.after(max(left / 2, left - KEPT_BACK_SECONDS)))

    @property
    def begun_for(self) -> datetime | None:
        """The time for which this very tool call has asked before; None if it comes for the first time.

        By now, the same words may mean another: "tomorrow" was said before midnight.
        """
        return self.before.start if self.before else None

    @property
    def account_id(self) -> UUID:
        """The account whose calendar is asked."""
        return self.connection.account.id

    @property
    def agent_name(self) -> str:
        """The agent's name, else the calendar owner's."""
        return self.assignment.agent.name or self.connection.account.host.name

    def instant(self, when: datetime) -> datetime | WrongTime:
        """Place a wanted time: local times are read in the zone of the visit; it must exist and lie ahead."""
        try:
            start = place(when, self.zone)
        except SkippedTimeError as error:
            return WrongTime(TimeFault.SKIPPED, error.local)
        return start if start > self.now else WrongTime(TimeFault.PAST, start)
