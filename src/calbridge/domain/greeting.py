"""What an agent should know before the caller has said a word."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calbridge.domain.appointments import Booking


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is on file under a caller's number; "" and None for what is not."""

    name: str = ""
    has_email: bool = False


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The caller's next appointment as Cal.com has it now; None where there is none."""

    booking: Booking | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is known when a call begins. What nobody may know, or nobody found out in time, is None."""

    agent_name: str
    now: datetime  # aware
    timezone: ZoneInfo | None  # in which times are read and spoken; None for a calendar that is not connected
    acquaintance: Acquaintance | None = None
    upcoming: Upcoming | None = None
