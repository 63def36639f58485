"""What is booked, what can be booked, and what an event type demands of a caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

GONE = frozenset({"cancelled", "rejected"})  # Cal.com's words for a booking that no longer holds its time


@dataclass(frozen=True, slots=True)
class Attendee:
    """The person an appointment is for, as Cal.com shows them; "" where nothing is known or nothing may be shown."""

    name: str
    email: str  # never a placeholder address
    phone: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place in a booking that several share."""

    uid: str
    attendee: Attendee


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as it exists at Cal.com. Instants are aware, in UTC."""

    uid: str
    status: str  # Cal.com's word: accepted, pending, cancelled, rejected, ...
    start: datetime
    end: datetime
    title: str
    event_type_id: int | None
    host_ids: tuple[int, ...]
    host_emails: tuple[str, ...]  # lower case
    host_name: str
    attendee: Attendee
    location: str
    metadata: Mapping[str, str]
    rescheduled_from: str | None
    rescheduled_to: str | None
    series: str | None  # the uid of the series that it is one of
    seated: bool  # several people share it, each with a seat of their own
    created_at: datetime | None
    updated_at: datetime | None = None  # when Cal.com last changed anything about it, by its own clock
    seats: tuple[Seat, ...] = ()
    seat_uid: str = ""  # of the seat that was just taken

    @property
    def duration(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    @property
    def recurring(self) -> bool:
        """Whether it is one of a series."""
        return self.series is not None

    @property
    def is_series(self) -> bool:
        """Whether a whole series is meant, under the uid that all of it share."""
        return self.uid == self.series

    @property
    def is_live(self) -> bool:
        """Whether the booking still holds its time (a pending one does)."""
        return self.status not in GONE

    @property
    def is_pending(self) -> bool:
        """Whether the host must still confirm: nobody may call it booked."""
        return self.status in {"pending", "awaiting_host"}


@dataclass(frozen=True, slots=True)
class Question:
    """A field that the owner of the event type added to the booking form, or a title or notes made compulsory."""

    slug: str
    label: str
    kind: str  # Cal.com's field type: text, textarea, number, select, radio, boolean, ...
    options: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of appointment and what it demands."""

    id: int
    slug: str
    title: str
    description: str
    minutes: int
    minutes_options: tuple[int, ...]  # several lengths to choose from; () for one fixed length
    hidden: bool
    recurring: bool
    needs_confirmation: bool
    email_required: bool
    phone_required: bool
    phone_visible: bool  # Cal.com checks the number only then
    location_needs_phone: bool  # the host calls the attendee
    questions: tuple[Question, ...]  # the optional ones, too: no other field of the form is filled in for a caller
    cancelling_disabled: bool
    rescheduling_disabled: bool
    has_seats: bool
    minimum_notice: timedelta
    price: float
    currency: str

    @property
    def demanded(self) -> tuple[Question, ...]:
        """The questions without whose answers nothing can be booked."""
        return tuple(question for question in self.questions if question.required)


@dataclass(frozen=True, slots=True)
class NewBooking:
    """All that is sent to Cal.com to make a booking."""

    event_type: EventType
    start: datetime  # aware
    name: str
    email: str  # "" for a caller who gave none
    phone: str  # E.164, or ""
    timezone: str
    notes: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)  # by the slug or the label of a question
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """In whose calendar a booking is, as far as we remember, and which agent made it."""

    account_id: UUID
    agent_id: UUID | None  # None: it did not go through us


@dataclass(frozen=True, slots=True)
class BookingRecord:
    """Our own memory of a booking, or of one seat in it."""

    id: UUID
    organization_id: UUID
    account_id: UUID
    agent_id: UUID | None  # None: it did not go through us
    uid: str
    root_uid: str  # the first booking of its chain of reschedules
    event_type_id: int | None
    start: datetime
    end: datetime
    status: str
    call_session_id: str
    name: str
    email: str
    phone: str
    notes: str
    created_at: datetime
    updated_at: datetime
    intent_id: UUID | None = None  # of ours, if one led to it
    seat_uid: str = ""  # of one person's place in a booking of many
    calcom_updated_at: datetime | None = None  # how new Cal.com's word was that this was last brought up to date with


@dataclass(frozen=True, slots=True)
class BookingQuery:
    """Which of the account's own bookings to list. Cal.com has no filter for phone numbers."""

    statuses: tuple[str, ...] = ()  # Cal.com's filters: upcoming, recurring, past, cancelled, unconfirmed; () for all
    uid: str | None = None
    event_type_id: int | None = None
    attendee_email: str | None = None
    starts_from: datetime | None = None
    ends_by: datetime | None = None
    updated_from: datetime | None = None  # then in the order of their last change
    newest_first: bool = False
    page_size: int = 100  # at most 250
