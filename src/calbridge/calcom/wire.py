"""Cal.com's JSON (API v2): what it sends is read with tolerance, what we send is checked to the letter.

Versions of the schemas: bookings 2024-08-13 and 2026-02-25 (the same for our purposes), event types 2024-06-14, slots
2024-09-04. https://cal.com/docs/api-reference/v2
"""

from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from calbridge.calcom.lenient import (
    Flag,
    Instant,
    Items,
    MaybeInstant,
    MaybeNumber,
    MaybeText,
    Object,
    Objects,
    OrNone,
    Reading,
    Strings,
    Text,
    in_utc,
)

MAX_METADATA_KEYS = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 500

Data = TypeVar("Data")


def _sole(value: object) -> object:
    """Take a booking out of a list of one; recurring bookings come in lists, and older builds sent lists of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def read_slots(body: bytes) -> tuple[datetime, ...]:
    """Read ``GET /v2/slots``: open starts in UTC, ascending, each once. Raises ValueError for anything else.

    ``{"data": {"2026-11-25": [{"start": "2026-11-25T09:00:00.000Z"}]}}``; a day without any is absent. There may be
    hundreds, and a caller waits: a model of each would take three times as long.
    """
    try:
        days = from_json(body)["data"].values()
        read = [datetime.fromisoformat(slot["start"]) for slots in days for slot in slots]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("no days of slots, each with its start") from error
    ascending = sorted([start if start.tzinfo is UTC else in_utc(start) for start in read])
    return tuple(start for start, _ in groupby(ascending))  # to hash them takes longer


def as_text(instant: datetime) -> str:
    """Write an instant as Cal.com wants it: whole seconds, UTC, ``Z`` (no offset, whose ``+`` a query would lose)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_precise_text(instant: datetime) -> str:
    """Write an instant to the millisecond, which is all that Cal.com keeps; what is finer is cut off."""
    utc = instant.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


class Answer(Reading, Generic[Data]):
    """What Cal.com wraps every success in."""

    data: Data


class Me(Reading):
    """The user whose key it is (``GET /v2/me``)."""

    id: int
    username: Text = ""
    name: Text = ""
    email: Text = ""
    time_zone: str


class Host(Reading):
    """An organizer of a booking; all of it may read "unknown" once the user is gone."""

    id: MaybeNumber = None
    name: Text = ""
    email: Text = ""


class Attendee(Reading):
    """Somebody who is invited. The first is the booker; guests follow, with empty names."""

    name: Text = ""
    email: Text = ""
    phone_number: Text = ""
    time_zone: Text = ""
    seat_uid: Text = ""


class EventTypeReference(Reading):
    """Which event type a booking is of."""

    id: MaybeNumber = None


class Booking(Reading):
    """A booking of any kind. Without uid, times and status it is of no use to anybody."""

    id: int
    uid: str = Field(min_length=1)
    status: str = Field(min_length=1)
    start: Instant
    end: Instant
    title: Text = ""
    event_type_id: MaybeNumber = None
    event_type: Annotated[EventTypeReference | None, OrNone] = None
    hosts: Annotated[tuple[Host, ...], Objects] = ()
    attendees: Annotated[tuple[Attendee, ...], Objects] = ()
    location: Text = ""
    metadata: Object = Field(default_factory=dict)
    booking_fields_responses: Object = Field(default_factory=dict)
    rescheduled_from_uid: MaybeText = None
    rescheduled_to_uid: MaybeText = None
    recurring_booking_uid: MaybeText = None
    seat_uid: Text = ""
    created_at: MaybeInstant = None
    updated_at: MaybeInstant = None


class Pagination(Reading):
    """Where a page stands. A server that does not know the version that was asked for sends none."""

    has_next_page: bool


class BookingPage(Reading):
    """One page of ``GET /v2/bookings``."""

    data: list[Booking]
    pagination: Pagination


class SoleBooking(Reading):
    """The answer about one booking."""

    data: Annotated[Booking, BeforeValidator(_sole)]


class Location(Reading):
    """Where an event type takes place."""

    type: Text = ""


class BookingField(Reading):
    """A field of the booking form. ``booking_field`` holds one that this version of the API has no type for."""

    type: Text = ""
    slug: Text = ""
    label: Text = ""
    required: Flag = False
    hidden: Flag = False
    is_default: Flag = False
    options: Items = ()
    booking_field: object = None


class EventType(Reading):
    """A kind of appointment. Settings that are off come as null or as ``{"disabled": true}``."""

    id: int
    slug: str
    length_in_minutes: int
    length_in_minutes_options: Annotated[tuple[int, ...] | None, OrNone] = None
    title: Text = ""
    description: Text = ""
    hidden: Flag = False
    locations: Annotated[tuple[Location, ...], Objects] = ()
    booking_fields: Annotated[tuple[BookingField, ...], Objects] = ()
    recurrence: object = None
    confirmation_policy: Object = Field(default_factory=dict)
    seats: object = None
    disable_cancelling: object = None
    disable_rescheduling: object = None
    minimum_booking_notice: MaybeNumber = None
    price: Annotated[float, BeforeValidator(lambda value: value if isinstance(value, int | float) else 0)] = 0
    currency: Text = ""


class Webhook(Reading):
    """A subscription. The id is a UUID, though the official schema calls it a number."""

    id: Annotated[str, BeforeValidator(str)] = Field(min_length=1)
    subscriber_url: Text = ""
    triggers: Strings = ()
    active: Flag = False


class Sending(BaseModel):
    """A body of ours. Cal.com refuses properties that it does not know, so there are none but these."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    def to_json(self) -> bytes:
        """Return the body; what was not given is not sent."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


SentInstant = Annotated[AwareDatetime, PlainSerializer(as_text)]
MetadataKey = Annotated[str, Field(max_length=MAX_METADATA_KEY)]
MetadataValue = Annotated[str, Field(max_length=MAX_METADATA_VALUE)]
FieldAnswer = bool | int | float | str | list[str]


class NewAttendee(Sending):
    """Who the booking is for. Cal.com demands an address or a number."""

    name: str
    time_zone: str
    language: Literal["en"] = "en"
    email: str | None = None
    phone_number: str | None = None


class AttendeePhone(Sending):
    """The place of an appointment at which the host calls the attendee."""

    type: Literal["attendeePhone"] = "attendeePhone"
    phone: str


class CreateBooking(Sending):
    """The body of ``POST /v2/bookings``. The end follows from the event type and is never sent."""

    start: SentInstant
    event_type_id: int
    attendee: NewAttendee
    booking_fields_responses: dict[str, FieldAnswer] | None = None
    location: AttendeePhone | None = None
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=MAX_METADATA_KEYS)] | None = None


class RescheduleBooking(Sending):
    """The body of ``POST /v2/bookings/{uid}/reschedule``."""

    start: SentInstant
    rescheduling_reason: str | None = None


class CancelBooking(Sending):
    """The body of ``POST /v2/bookings/{uid}/cancel``. A key acts as the host, and a host must give a reason."""

    cancellation_reason: str = Field(min_length=1)
    seat_uid: str | None = None  # without it, a booking of many is cancelled for all


class CreateWebhook(Sending):
    """The body of ``POST /v2/webhooks``. No template: it would replace the body that we know how to read."""

    active: bool = True
    subscriber_url: str
    triggers: list[str]
    secret: str
