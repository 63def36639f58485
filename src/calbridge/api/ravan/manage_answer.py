"""What ``manage`` answers: a sentence for the caller, the nine documented fields, and ours beside them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from cachetools import LRUCache, cached
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from calbridge.api.problems import headers_of, status_of
from calbridge.domain.actions import (
    Action,
    Asked,
    Booked,
    Cancelled,
    Choose,
    Detail,
    Found,
    NoneFound,
    NothingOpen,
    Openings,
    Outcome,
    Prevented,
    Reply,
    Rescheduled,
    SlotTaken,
    TwoTimes,
    Unconfirmed,
    WrongTime,
)
from calbridge.domain.appointments import Booking, Question
from calbridge.domain.errors import CalbridgeError, Code, InvalidRequestError
from calbridge.domain.times import by_day, start_of_day
from calbridge.tools import speech
from calbridge.tools.apologies import say_error
from calbridge.tools.clock import clock, day_label, iso, moment
from calbridge.tools.fields import action_required, booking_of, date_time_of
from calbridge.tools.headlines import headline, summary

JSON = "application/json"
REPLAYED = "Idempotent-Replayed"
WRITTEN_BYTES = 4 * 1024 * 1024
FIELD_TO_ASK = {
    "name": Detail.NAME,
    "email": Detail.EMAIL,
    "phone": Detail.CONTACT,
    "appointment_datetime": Detail.DATETIME,
    "appointment_id": Detail.APPOINTMENT_ID,
    "details": Detail.DETAILS,
}


class DaySlots(BaseModel):
    """The open times of one local day."""

    date: str
    date_label: str
    slots: list[str]
    start_times: list[str] = Field(description="The same times in UTC, in the same order.")


class ManageData(BaseModel):
    """What came of it: always all fields."""

    success: bool
    message: str
    summary: str
    action: str
    appointment_id: str = ""
    date_time: str = ""
    agent_name: str = ""
    action_required: str = Field(default="", description="What the agent should ask or do next; empty for nothing.")
    available_slots: list[DaySlots] = []
    status: str = Field(default="", description="Cal.com's word for the booking: accepted, pending, cancelled.")
    timezone: str = Field(default="", description="The zone in which times are spoken and days are counted.")


class FoundAppointment(BaseModel):
    """An appointment of the caller's, as Cal.com shows it at this moment."""

    appointment_id: str
    date_time: str
    end_time: str
    label: str = Field(description="When it is, in words: Wednesday, March 25 at 10 AM.")
    status: str = Field(description="Cal.com's word: accepted or pending; another only if it was named by its id.")


class ManageFoundData(ManageData):
    """What was found, or what there is to choose from."""

    appointments: list[FoundAppointment] = Field(description="The soonest first; at most ten.")


class ManageAnswer(BaseModel):
    """What can be told as it is.

    ``success`` is false with 202, when nobody knows yet: ask again; and when the caller has to choose an appointment.
    """

    success: bool
    message: str = Field(description="One plain sentence or two to say to the caller.")
    data: ManageFoundData | ManageData


class OpenQuestion(BaseModel):
    """A question of the event type that is still to be answered, under ``details`` by its slug or its label."""

    slug: str
    label: str
    type: str = Field(description="Cal.com's type of the field: text, number, select, boolean; empty if not known.")
    options: list[str] = Field(description="What there is to choose from; empty for anything.")


class ManageErrorDetails(BaseModel):
    """What the agent needs to go on."""

    action: str
    action_required: str
    summary: str = ""
    agent_name: str = ""
    available_slots: list[DaySlots] = []
    questions: list[OpenQuestion] = Field(default=[], description="What to ask the caller for ``provide_details``.")


class ManageErrorBody(BaseModel):
    """The error, for machines."""

    code: str
    message: str
    details: ManageErrorDetails


class ManageError(BaseModel):
    """What could not be done, and why; the message can be read out as it is."""

    success: Literal[False] = False
    message: str
    code: str
    error: ManageErrorBody
    data: ManageData


def answer(reply: Reply) -> Response:
    """Tell an outcome."""
    status, _ = _status_and_code(reply.outcome)
    body = _written_before(_as_of_today(reply)) if isinstance(reply.outcome, Openings) else _written(reply)
    headers = {REPLAYED: "true"} if reply.replayed else None
    return Response(body, status, headers, JSON)


def refusal(error: CalbridgeError, action: Action | None, action_name: str) -> JSONResponse:
    """Tell what stopped the request."""
    message = say_error(error, action)
    asked = FIELD_TO_ASK.get(error.field) if isinstance(error, InvalidRequestError) else None
    data = ManageData(
        success=False,
        message=message,
        summary="Not possible",
        action=action_name,
        action_required=asked.value if asked else "",
    )
    return JSONResponse(_error(error.code, message, data).model_dump(mode="json"), status_of(error), headers_of(error))


def _written(reply: Reply) -> bytes:
    status, code = _status_and_code(reply.outcome)
    message = speech.say(reply)
    booking = booking_of(reply.outcome)
    data = ManageData(
        success=status == 200 and not isinstance(reply.outcome, Choose),  # noqa: PLR2004 - HTTP's OK
        message=headline(reply),
        summary=summary(reply),
        action=name_of(reply.action),
        appointment_id=_appointment_id(reply.outcome, booking),
        date_time=date_time_of(reply.outcome, booking),
        agent_name=reply.agent_name,
        action_required=action_required(reply.outcome),
        available_slots=_slots(reply),
        status=booking.status if booking else "",
        timezone=reply.timezone.key,
    )
    if isinstance(reply.outcome, Found | Choose):
        data = ManageFoundData(**dict(data), appointments=_appointments(reply.outcome.bookings, reply))
    if code is None:
        body: BaseModel = ManageAnswer(success=data.success, message=message, data=data)
    else:
        asked = reply.outcome.questions if isinstance(reply.outcome, Asked) else ()
        body = _error(code, message, data, asked)
    return body.model_dump_json().encode()


# A hundred open times take longer to write than to find, and the next caller is told the same. What is equal here reads
# equal, whoever asks: there is nothing in an answer that is not in the reply.
_written_before = cached(LRUCache(WRITTEN_BYTES, getsizeof=len))(_written)


def _as_of_today(reply: Reply) -> Reply:
    """Make equal what reads the same all day: open times are told by the day, and those that are over are not told."""
    return replace(reply, now=start_of_day(reply.now.astimezone(reply.timezone).date(), reply.timezone))


def name_of(action: Action) -> str:
    """Return the name of an action in the API."""
    return type(action).__name__.lower()


def _error(code: Code, message: str, data: ManageData, questions: Sequence[Question] = ()) -> ManageError:
    details = ManageErrorDetails.model_validate(data, from_attributes=True)
    details.questions = [
        OpenQuestion(slug=one.slug, label=one.label, type=one.kind, options=list(one.options)) for one in questions
    ]
    return ManageError(
        message=message, code=code, error=ManageErrorBody(code=code, message=message, details=details), data=data
    )


def _status_and_code(outcome: Outcome) -> tuple[int, Code | None]:
    match outcome:
        case Booked() | Rescheduled() | Cancelled() | Found() | Choose() | Openings() | NothingOpen():
            return 200, None
        case Unconfirmed():
            return 202, None
        case Asked() | TwoTimes() | WrongTime():
            return 400, Code.INVALID_REQUEST
        case NoneFound():
            return 404, Code.NOT_FOUND
        case Prevented():
            return 409, Code.CONFLICT
        case SlotTaken():
            return 422, Code.SLOT_UNAVAILABLE
        case _:
            assert_never(outcome)


def _appointment_id(outcome: Outcome, booking: Booking | None) -> str:
    if isinstance(outcome, Booked | Prevented) and outcome.uid_withheld:
        return ""
    return booking.uid if booking else ""


def _appointments(bookings: Sequence[Booking], reply: Reply) -> list[FoundAppointment]:
    return [
        FoundAppointment(
            appointment_id=booking.uid,
            date_time=iso(booking.start),
            end_time=iso(booking.end),
            label=moment(booking.start, reply),
            status=booking.status,
        )
        for booking in bookings
    ]


def _slots(reply: Reply) -> list[DaySlots]:
    match reply.outcome:
        case Openings(starts=starts) | SlotTaken(nearest=starts):
            return day_slots(starts or (), reply.timezone, reply.now)
        case _:
            return []


def day_slots(starts: tuple[datetime, ...], zone: ZoneInfo, now: datetime) -> list[DaySlots]:
    """Group open times by local day."""
    today = now.astimezone(zone).date()
    return [
        DaySlots(
            date=day.date.isoformat(),
            date_label=day_label(day.date, today),
            slots=[clock(start) for start in day.starts],
            start_times=[iso(start) for start in day.starts],
        )
        for day in by_day(starts, zone)
    ]
