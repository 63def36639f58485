"""What a voice agent sends to ``manage``: one model an action, and lenient, because a language model fills it in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from calbridge.api.deps import Uuid, patience
from calbridge.domain.actions import Action, Availability, Book, Call, Cancel, Find, Reschedule, Spoken, Suggest
from calbridge.domain.times import DEFAULT_DAYS_AHEAD, clamp_days_ahead
from calbridge.tools import dates, emails, understand
from calbridge.tools.arguments import MAX_ANSWERS, MAX_ID, MAX_NOTES, MAX_WORDS
from calbridge.tools.emails import Doubtful


def text_read_by(read: Callable[[str], Any]) -> BeforeValidator:
    """Take text, or a number where a model left the quotes out, and have it read."""

    def validate(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise ValueError("must be a string")  # noqa: TRY004 - pydantic wants a ValueError
        return read(value)

    return BeforeValidator(validate)


def json_type(**schema: str) -> WithJsonSchema:
    """What a field looks like in JSON."""
    return WithJsonSchema({"type": "string", **schema})


Name = Annotated[str, text_read_by(understand.person_name), json_type()]
Email = Annotated[str, text_read_by(emails.certain), json_type()]
SpelledEmail = Annotated[str | Doubtful, text_read_by(emails.read), json_type()]
Phone = Annotated[str, text_read_by(understand.phone), json_type()]
Zone = Annotated[ZoneInfo, text_read_by(understand.zone), json_type()]
When = Annotated[datetime | Spoken, text_read_by(dates.when), json_type()]
Words = Annotated[str, text_read_by(lambda text: understand.plain(text, MAX_WORDS)), json_type()]
Notes = Annotated[str, text_read_by(lambda text: understand.plain(text, MAX_NOTES)), json_type()]
Uid = Annotated[str, text_read_by(lambda text: understand.plain(text, MAX_ID)), json_type()]
Session = Annotated[str, text_read_by(understand.session), json_type()]
IdempotencyKey = Annotated[str, text_read_by(understand.idempotency_key), json_type()]
WholeNumber = Annotated[int, BeforeValidator(understand.whole_number), WithJsonSchema({"type": "integer"})]

_CONTACTS: Mapping[str, TypeAdapter[str]] = {"phone": TypeAdapter(Phone), "email": TypeAdapter(Email)}
_ANSWERS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str], config=ConfigDict(coerce_numbers_to_str=True))


def read_answers(value: object) -> dict[str, str]:
    """Read answers by question, also from the JSON text that some models make of an object."""
    try:
        read = _ANSWERS.validate_json(value) if isinstance(value, str) else _ANSWERS.validate_python(value)
    except ValidationError as error:
        raise ValueError("must be an object of answers by question") from error
    if len(read) > MAX_ANSWERS:
        raise ValueError(f"must have at most {MAX_ANSWERS} answers")
    return {
        understand.plain(slug, MAX_ID): understand.plain(answer, MAX_NOTES)
        for slug, answer in read.items()
        if not understand.absent(answer)
    }


Answers = Annotated[
    dict[str, str],
    BeforeValidator(read_answers),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]


class ManageRequest(BaseModel, ABC):
    """What every action takes. Fields of other actions are ignored; "", null, "null" and "undefined" mean absent."""

    model_config = ConfigDict(extra="ignore")

    agent_id: Uuid = Field(description="The agent that handles the call.")
    org_id: Uuid = Field(description="The organization of the agent.")
    timezone: Zone | None = Field(
        default=None,
        description="The caller's IANA time zone: how times are read and spoken, from then on in the same "
        "`call_session_id`.",
        examples=["Europe/London"],
    )
    call_session_id: Session = Field(default="", description="The call, kept with the booking; at most 255 characters.")
    deadline_ms: WholeNumber | None = Field(
        default=None, description="How long the caller may wait, in milliseconds: 500 to 30000."
    )

    idempotency_key: IdempotencyKey = Field(
        default="",
        description="What bears it is one wish, for seven days; also as the header `Idempotency-Key`. Without one, the "
        "call or the caller's contact tells what is a repetition.",
    )

    @abstractmethod
    def to_action(self) -> Action:
        """Return what the caller wants."""

    def to_call(self, header: str = "", waits: timedelta | None = None) -> Call:
        """Return the call that this request is.

        ``header``: an idempotency key that came that way goes first. ``waits``: how long somebody waits for the answer
        at most; of two such wishes the smaller counts.
        """
        deadlines = [each for each in (patience(self.deadline_ms), waits) if each is not None]
        return Call(
            organization_id=self.org_id,
            agent_id=self.agent_id,
            action=self.to_action(),
            timezone=self.timezone,
            call_session_id=self.call_session_id,
            session=self.call_session_id if understand.is_session(self.call_session_id) else "",
            deadline=min(deadlines, default=None),
            idempotency_key=header or self.idempotency_key,
            spoken=self.spoken,
            beside=self.beside,
            doubtful_email=self.doubtful_email,
        )

    @property
    def spoken(self) -> Spoken | None:
        """When it is wanted, as far as that is in words."""
        return None

    @property
    def beside(self) -> Spoken | None:
        """What says once more when it is wanted."""
        return None

    @property
    def doubtful_email(self) -> str:
        """An address that was probably meant."""
        return ""


class _TimedRequest(ManageRequest):
    """What is about a time: in ISO 8601 or in words, in one text or as a day and a time of day."""

    appointment_datetime: When | None = None
    date: Words = Field(
        default="",
        description="Where there is no `appointment_datetime`: the day, in ISO 8601 or in words; beside one, it "
        "must not differ.",
        examples=["next Tuesday"],
    )
    time: Words = Field(default="", description="The time of day for `date`.", examples=["half past two"])

    @model_validator(mode="before")
    @classmethod
    def day_and_time(cls, body: dict[str, object]) -> dict[str, object]:
        """Take an `appointment_datetime` that is but a day, beside a `time`, for that day at that time."""
        said = body.get("appointment_datetime")
        if not isinstance(said, str) or "time" not in body or body.get("date", said) != said or not dates.is_day(said):
            return body
        return {name: value for name, value in body.items() if name != "appointment_datetime"} | {"date": said}

    @property
    def when(self) -> datetime | None:
        """When it is wanted, if that needs no placing but in a zone."""
        return self.appointment_datetime if isinstance(self.appointment_datetime, datetime) else None

    @property
    def spoken(self) -> Spoken | None:
        """When it is wanted, as far as that is in words."""
        if isinstance(self.appointment_datetime, Spoken):
            return self.appointment_datetime
        return self._apart

    @property
    def beside(self) -> Spoken | None:
        """What says once more when it is wanted."""
        return self._apart if isinstance(self.appointment_datetime, Spoken) else None

    @property
    def _apart(self) -> Spoken | None:
        return Spoken(self.date, self.time) if self.date or self.time else None


class BookRequest(_TimedRequest):
    """Book an appointment."""

    action: Literal["book"]
    name: Name = Field(default="", description="The caller's full name; at most 200 characters.", examples=["Jane Doe"])
    email: SpelledEmail = Field(default="", description="Required if there is no phone.", examples=["jane@example.com"])
    phone: Phone = Field(default="", description="E.164. Required if there is no email.", examples=["+442079460958"])
    appointment_datetime: When | None = Field(
        default=None,
        description="ISO 8601. Without an offset it is local time: in `timezone`, else in the one named earlier in the "
        "call, else the agent's zone, else the account's, else the calendar owner's. What is said in English, such as "
        "`next Tuesday at 3 PM`, is taken, too.",
        examples=["2026-03-25T14:00:00Z"],
    )
    notes: Notes = Field(default="", description="Kept with the booking; at most 2,000 characters.")
    details: Answers = Field(
        default_factory=dict,
        description="Answers to questions of the event type, by the question's slug or label; others are ignored.",
    )

    confirm: bool = Field(
        default=False, description="After `confirm_rebook`: yes, book again what was cancelled or moved a moment ago."
    )

    def to_action(self) -> Book:
        """Return what the caller wants."""
        email = self.email if isinstance(self.email, str) else ""
        return Book(self.name, email, self.phone, self.when, self.notes, self.details, self.confirm)

    @property
    def doubtful_email(self) -> str:
        """An address that was probably meant."""
        return self.email.address if isinstance(self.email, Doubtful) else ""


class _AppointmentRequest(ManageRequest):
    """What concerns an appointment that exists: it is named by its id, or by whose it is.

    Beside an id, the rest of what could name it decides nothing, nor need it make sense: models send every field.
    """

    NAMING: ClassVar[frozenset[str]] = frozenset({"phone", "email"})

    appointment_id: Uid = Field(
        default="", description="The booking's uid; an old one is followed to the live booking."
    )
    phone: Phone = Field(
        default="",
        description="E.164. With a credential, and without `appointment_id`: the caller's upcoming appointments are "
        "looked up by it.",
        examples=["+442079460958"],
    )
    email: Email = Field(default="", description="The same by email address.", examples=["jane@example.com"])

    @model_validator(mode="before")
    @classmethod
    def by_id_alone(cls, body: dict[str, object]) -> dict[str, object]:
        """Let an id decide."""
        if "appointment_id" not in body:
            return body
        return {name: value for name, value in body.items() if name not in cls.NAMING}


class RescheduleRequest(_AppointmentRequest, _TimedRequest):
    """Move an appointment."""

    action: Literal["reschedule"]
    appointment_datetime: When | None = Field(
        default=None, description="The new time; ISO 8601, read as for `book`.", examples=["2026-03-26T10:30:00"]
    )
    notes: Notes = Field(default="", description="The reason; at most 2,000 characters.")

    def to_action(self) -> Reschedule:
        """Return what the caller wants."""
        return Reschedule(self.appointment_id, self.when, self.notes, self.phone, self.email)


class CancelRequest(_AppointmentRequest, _TimedRequest):
    """Cancel an appointment."""

    NAMING: ClassVar[frozenset[str]] = frozenset({"phone", "email", "appointment_datetime", "date", "time"})

    action: Literal["cancel"]
    phone: Phone = Field(
        default="",
        description="E.164. With a credential: without `appointment_id`, the caller's upcoming appointments are looked "
        "up by it; beside one, it tells whose place is given up, where several share the appointment.",
        examples=["+442079460958"],
    )
    appointment_datetime: When | None = Field(
        default=None,
        description="Without `appointment_id`: which of the caller's appointments it is, by its start; ISO 8601, read "
        "as for `book`.",
        examples=["2026-03-25T14:00:00Z"],
    )
    notes: Notes = Field(default="", description="The reason; at most 2,000 characters.")

    @model_validator(mode="before")
    @classmethod
    def by_id_alone(cls, body: dict[str, object]) -> dict[str, object]:
        """Let an id decide. A contact beside it tells whose seat is meant, where several share the appointment."""
        if "appointment_id" not in body:
            return body
        return {
            name: value
            for name, value in body.items()
            if name not in cls.NAMING or (name in _CONTACTS and _is_readable(name, value))
        }

    def to_action(self) -> Cancel:
        """Return what the caller wants."""
        return Cancel(self.appointment_id, self.notes, self.phone, self.email, self.when)


def _is_readable(name: str, value: object) -> bool:
    try:
        _CONTACTS[name].validate_python(value)
    except ValidationError:
        return False
    return True


class FindRequest(_AppointmentRequest):
    """Tell which upcoming appointments a caller has; takes a credential."""

    action: Literal["find"]

    def to_action(self) -> Find:
        """Return what the caller wants."""
        return Find(self.appointment_id, self.phone, self.email)


class _SearchRequest(ManageRequest):
    days_ahead: WholeNumber = Field(
        default=DEFAULT_DAYS_AHEAD, description="How many days ahead to look: 7 if it is not above 0, 30 at most."
    )


class SuggestRequest(_SearchRequest):
    """A few good times to offer."""

    action: Literal["suggest"]

    def to_action(self) -> Suggest:
        """Return what the caller wants."""
        return Suggest(clamp_days_ahead(self.days_ahead))


class AvailabilityRequest(_SearchRequest):
    """Every open time."""

    action: Literal["availability"]

    def to_action(self) -> Availability:
        """Return what the caller wants."""
        return Availability(clamp_days_ahead(self.days_ahead))


def without_absent(body: object) -> object:
    """Leave out what is only nominally there, and take the action's name in any case."""
    if not isinstance(body, dict):
        return body
    present = {name: value for name, value in body.items() if not understand.absent(value)}
    if isinstance(present.get("action"), str):
        present["action"] = present["action"].strip().lower()
    return present


# Not Field(discriminator=...), which FastAPI would put on the outside, around the validator.
ManageBody = Annotated[
    BookRequest | RescheduleRequest | CancelRequest | SuggestRequest | AvailabilityRequest | FindRequest,
    Discriminator("action"),
    BeforeValidator(without_absent),
]


def in_words(fields: Mapping[str, object]) -> dict[str, object]:
    """Have what says when taken as words, whichever they are: a tool is not asked for ISO 8601, nor for English."""
    said = fields.get("appointment_datetime")
    if not isinstance(said, str) or "date" in fields or "time" in fields:
        return dict(fields)
    try:
        dates.when(said)
    except ValueError:
        fields = {name: value for name, value in fields.items() if name != "appointment_datetime"}
    return {**fields, "date": said}
