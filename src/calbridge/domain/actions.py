"""What a caller can want of the front desk, and everything that can come of it: two closed unions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from calbridge.domain.appointments import Booking, Question
from calbridge.domain.voice import Vouched


class Detail(StrEnum):
    """What the caller should be asked for next (``action_required`` in the API)."""

    NAME = "provide_name"
    CONTACT = "provide_contact"
    EMAIL = "provide_email"
    DATETIME = "provide_datetime"
    APPOINTMENT_ID = "provide_appointment_id"
    DETAILS = "provide_details"
    CONFIRM_EMAIL = "confirm_email"  # it was not understood with certainty: read it back
    CLARIFY_DATETIME = "clarify_datetime"  # what was said has two readings


@dataclass(frozen=True, slots=True)
class Book:
    """Make an appointment. ``when`` without a zone is local time, still to be placed."""

    name: str = ""
    email: str = ""
    phone: str = ""  # E.164
    when: datetime | None = None
    notes: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    confirm: bool = False  # book again what was booked, and cancelled or moved a moment ago


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Move an appointment. ``when`` without a zone is local time, still to be placed."""

    appointment_id: str = ""
    when: datetime | None = None
    notes: str = ""
    phone: str = ""  # E.164; whose it is, where the id is not known
    email: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel an appointment."""

    appointment_id: str = ""
    notes: str = ""
    phone: str = ""  # E.164; whose it is, where the id is not known; whose seat, where several share it
    email: str = ""
    when: datetime | None = None  # which of the caller's it is: the one that starts then
    unplaced: bool = False  # they have said when, and which time that is cannot be told


@dataclass(frozen=True, slots=True)
class Find:
    """Tell a caller which appointments they have: by its id, else by phone or e-mail."""

    appointment_id: str = ""
    phone: str = ""  # E.164
    email: str = ""


@dataclass(frozen=True, slots=True)
class Suggest:
    """A few good times to offer, from now to the end of the local day ``days_ahead`` days on."""

    days_ahead: int


@dataclass(frozen=True, slots=True)
class Availability:
    """Every open time, from now to the end of the local day ``days_ahead`` days on."""

    days_ahead: int


Action = Book | Reschedule | Cancel | Find | Suggest | Availability


@dataclass(frozen=True, slots=True)
class Spoken:
    """When something is wanted, in words: a text, or a day and a time of day apart. Placed once the zone is known."""

    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a voice agent in the middle of a call."""

    organization_id: UUID
    agent_id: UUID
    action: Action
    timezone: ZoneInfo | None = None  # the caller's
    call_session_id: str = ""  # as sent; kept with the booking
    session: str = ""  # the same where it really tells one call from another, else ""
    deadline: timedelta | None = None  # how long the caller may wait; None for the setting
    idempotency_key: str = ""  # chosen by the client: what bears it is one wish
    tool_call: str = ""  # what a voice platform calls this one request, with all that it holds; its retries are alike
    vouched: Vouched | None = None  # what the platform has proved of itself and of the caller
    spoken: Spoken | None = None  # the time that ``action`` lacks, in words; where it has one, what must not differ
    beside: Spoken | None = None  # what was said beside ``spoken``, and must not differ
    doubtful_email: str = ""  # what the caller probably spelled; never used unasked
    number_zone: ZoneInfo | None = None  # of the caller's number: counts where neither caller nor agent has named one


@dataclass(frozen=True, slots=True)
class Booked:
    """The appointment stands, or is asked for: a pending booking waits for its host.

    ``uid_withheld``: whoever asks has not shown that they are the one who booked it, and with the uid one may cancel.
    ``guest``: whose seat it is, where that may be somebody else than who is asked for; else "".
    """

    booking: Booking
    uid_withheld: bool = False
    guest: str = ""


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The appointment stands at its new time, or waits there for its host."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The appointment is cancelled, now or before."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class Found:
    """The caller's upcoming appointments, the soonest first; or the one that was named, whatever became of it."""

    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """Which of the caller's upcoming appointments is meant, only the caller can tell; the soonest first."""

    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class NoneFound:
    """The caller has no upcoming appointment that could be changed: none that is known by that phone or e-mail."""


@dataclass(frozen=True, slots=True)
class Openings:
    """Open times in the caller's order of interest: ascending. ``widened``: none were in the window that was asked."""

    starts: tuple[datetime, ...]
    widened: bool = False

    def __hash__(self) -> int:
        """Tell most of those that differ apart, without a look at every time: it is asked for with each answer."""
        return hash((len(self.starts), self.starts[:1], self.starts[-1:], self.widened))


@dataclass(frozen=True, slots=True)
class NothingOpen:
    """Not one open time, however far one looked; ``days`` says how far."""

    days: int


class WhyNot(StrEnum):
    """Why a time cannot be had, as far as that is certain."""

    TAKEN = "taken"
    TOO_SOON = "too_soon"  # for the notice that the host wants
    NOT_OFFERED = "not_offered"  # for whatever reason


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """The wanted time cannot be had. ``nearest``: open times, the closest first; None: nobody could look."""

    wanted: datetime
    nearest: tuple[datetime, ...] | None
    kept: Booking | None = None  # the appointment that could not be moved and stands as it was
    why: WhyNot = WhyNot.TAKEN


@dataclass(frozen=True, slots=True)
class Asked:
    """Something is missing or was not accepted, and only the caller can tell."""

    detail: Detail
    refused: bool = False  # it was given, and Cal.com did not take it
    questions: tuple[Question, ...] = ()  # what the event type demands besides the usual, and has not been answered
    phone_only: bool = False  # of the ways to reach the caller, only a number will do
    day: date | None = None  # the day is known: only the time of day is missing
    email: str = ""  # the address to be read back


@dataclass(frozen=True, slots=True)
class TwoTimes:
    """What was said has two readings, both ahead, the sooner first; only the caller can tell which is meant."""

    first: datetime
    second: datetime


class TimeFault(StrEnum):
    """Why a time cannot be meant."""

    PAST = "past"
    SKIPPED = "skipped"  # the clocks go forward over it


@dataclass(frozen=True, slots=True)
class WrongTime:
    """The wanted time cannot be. ``wanted`` is naive local time in the zone of the reply when SKIPPED, else aware."""

    fault: TimeFault
    wanted: datetime


class Obstacle(StrEnum):
    """Why an appointment cannot be made, moved or cancelled as things stand."""

    OVER = "over"
    RECURRING = "recurring"
    CANCELLED = "cancelled"
    CANCELLING_OFF = "cancelling_off"
    RESCHEDULING_OFF = "rescheduling_off"
    TOO_LATE_TO_MOVE = "too_late_to_move"
    LIMIT_REACHED = "limit_reached"
    ALREADY_SIGNED_UP = "already_signed_up"
    SEATED = "seated"
    BLOCKED = "blocked"
    EMAIL_UNVERIFIED = "email_unverified"
    DETAILS_DEMANDED = "details_demanded"  # Cal.com takes none with a move
    CANCELLED_LATELY = "cancelled_lately"  # the appointment that is asked for once more
    MOVED_LATELY = "moved_lately"  # likewise; ``booking`` is where it stands now
    AT_ANOTHER_TIME = "at_another_time"  # the same wish was granted, but not for the wished time
    CHANGED_MEANWHILE = "changed_meanwhile"  # by somebody else, while this change waited its turn


@dataclass(frozen=True, slots=True)
class Prevented:
    """The state of things forbids it; ``booking`` is the appointment concerned, if there is one.

    ``uid_withheld``: as in ``Booked``.
    """

    obstacle: Obstacle
    booking: Booking | None = None
    uid_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """It was asked for, and nobody knows yet whether it happened: the same request again will tell."""

    wanted: datetime | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of the same wish before; nothing was done this time. Unpacked before a reply is made of it."""

    outcome: "Outcome"


Standing = Booked | Rescheduled | Cancelled
LookedUp = Found | Choose | NoneFound
Outcome = (
    Standing | LookedUp | Openings | NothingOpen | SlotTaken | Asked | TwoTimes | WrongTime | Prevented | Unconfirmed
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An outcome and what one must know to tell it: names, zones and the present."""

    action: Action
    outcome: Outcome
    agent_name: str  # the agent's, else the calendar owner's
    timezone: ZoneInfo  # how times are spoken
    host_timezone: ZoneInfo
    now: datetime
    replayed: bool = False  # nothing was done this time: it is what came of the same wish before
