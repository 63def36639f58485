"""What exists in the sandbox: users and their keys, event types, bookings, held slots, webhooks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(slots=True)
class User:
    """The owner of a calendar. `hours` are local times by weekday: `{"Monday": [["09:00", "17:00"]]}`."""

    id: int
    name: str
    username: str
    email: str
    time_zone: str = "Europe/London"
    hours: dict[str, list[list[str]]] = field(
        default_factory=lambda: {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}
    )


@dataclass(slots=True)
class Key:
    """An API key with its own counter: `limit` requests in 60 seconds."""

    user_id: int
    limit: int = 120
    expired: bool = False


@dataclass(slots=True)
class EventType:
    """What can be booked with its owner. All lengths are minutes; `recurring` and `seats` are numbers, or None.

    `email` and `phone` say what the booking form asks for: "required", "optional" or "hidden".
    `questions` have slug, label, type, required and options; `locations` look as Cal.com shows them.
    """

    id: int
    owner_id: int
    slug: str
    minutes: int
    title: str = ""
    options: list[int] = field(default_factory=list)
    locations: list[Json] = field(default_factory=list)
    questions: list[Json] = field(default_factory=list)
    email: str = "required"
    phone: str = "hidden"
    notice: int = 120
    interval: int | None = None
    before_buffer: int = 0
    after_buffer: int = 0
    window_days: int | None = None
    confirmation: bool = False
    pending_blocks: bool = True
    hidden: bool = False
    recurring: int | None = None
    seats: int | None = None
    disable_cancelling: bool = False
    disable_rescheduling: bool = False

    def __post_init__(self) -> None:
        self.title = self.title or self.slug.replace("-", " ").capitalize()


@dataclass(slots=True)
class Attendee:
    """Somebody who comes; guests are attendees without a name."""

    name: str
    email: str
    time_zone: str
    language: str = "en"
    phone: str | None = None
    absent: bool = False
    seat_uid: str | None = None


@dataclass(slots=True)
class Booking:
    """A booking. Moving it makes a new one that keeps `ics_uid` and points back with `rescheduled_from`."""

    id: int
    uid: str
    event_type_id: int
    host_id: int
    start: datetime
    end: datetime
    status: str
    title: str
    location: str
    attendees: list[Attendee]
    created_at: datetime
    updated_at: datetime
    ics_uid: str
    guests: list[str] = field(default_factory=list)
    responses: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    cancellation_reason: str = ""
    rejection_reason: str = ""
    rescheduling_reason: str | None = None
    rescheduled_by: str | None = None
    rescheduled_from: str | None = None
    rescheduled_to: str | None = None
    recurring_uid: str | None = None
    absent_host: bool = False
    sequence: int = 0
    created_by_request: int = 0

    @property
    def alive(self) -> bool:
        """Whether somebody still expects to meet."""
        return self.status in ("accepted", "pending")


@dataclass(slots=True)
class Hold:
    """A reservation: it hides a time of one event type from the slots until it runs out, and no more."""

    uid: str
    event_type_id: int
    start: datetime
    end: datetime
    until: datetime


@dataclass(slots=True)
class Webhook:
    """A subscription of a user to the changes of their bookings."""

    id: str
    user_id: int
    url: str
    triggers: list[str]
    secret: str | None = None
    active: bool = True


@dataclass(slots=True)
class Settings:
    """How the played Cal.com behaves: the bookings versions it knows beyond 2024-08-13, and how long it looks away.

    Between looking for a free time and writing the booking down it waits `race_window_ms`. Of several simultaneous
    requests for one time, one gets the booking; overlapping ones that are not identical may both, as upstream.
    """

    extra_versions: list[str] = field(default_factory=list)
    race_window_ms: int = 5


class World:
    """Everything there is, in memory; `clock` must give aware times."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.settings = Settings()
        self.users: dict[int, User] = {}
        self.keys: dict[str, Key] = {}
        self.event_types: dict[int, EventType] = {}
        self.bookings: dict[str, Booking] = {}
        self.calendars: dict[int, list[Booking]] = {}
        self.holds: dict[str, Hold] = {}
        self.webhooks: dict[str, Webhook] = {}

    def now(self) -> datetime:
        """Ask the clock, to the millisecond, which is all that Cal.com shows."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def user_named(self, username: str | None) -> User | None:
        """Look a user up as in the address of a booking page."""
        return next((user for user in self.users.values() if user.username == username), None)

    def event_types_of(self, user: User) -> list[EventType]:
        """All of a user, also the hidden ones, in the order they were made."""
        return [each for each in self.event_types.values() if each.owner_id == user.id]

    def calendar(self, user_id: int) -> list[Booking]:
        """All bookings with this host, also cancelled ones, in the order they were made."""
        return self.calendars.setdefault(user_id, [])

    def with_uid(self, uid: str) -> list[Booking]:
        """Find a booking, or all of a series by the uid of the series."""
        if uid in self.bookings:
            return [self.bookings[uid]]
        return [booking for booking in self.bookings.values() if booking.recurring_uid == uid]

    def seen_by(self, user: User) -> Iterator[Booking]:
        """Bookings that a user hosts or attends."""
        for booking in self.bookings.values():
            if booking.host_id == user.id or any(user.email == one.email for one in booking.attendees):
                yield booking

    def add(self, booking: Booking) -> None:
        """Write a booking down."""
        self.bookings[booking.uid] = booking
        self.calendar(booking.host_id).append(booking)
