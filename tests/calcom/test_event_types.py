"""What an event type demands of a caller, read off Cal.com's forms and settings."""

import json
from datetime import timedelta

import pytest
import respx
from tests.calcom.answers import EMAIL, Json, event_type, field, kind, success

from calbridge.calcom.calendar import Calendar
from calbridge.domain.appointments import EventType, Question

REASON = field("reason-for-visit", isDefault=False, required=True, label="Reason for visit")


@pytest.fixture
def read(calcom: respx.MockRouter, calendar: Calendar) -> "Read":
    return Read(calcom, calendar)


class Read:
    """Reads one event type through the whole client."""

    def __init__(self, calcom: respx.MockRouter, calendar: Calendar) -> None:
        self._calcom = calcom
        self._calendar = calendar

    async def __call__(self, **changes: object) -> EventType:
        """Read an ordinary one with changes."""
        self._calcom.get("/v2/event-types").mock(success([event_type(**changes)]))
        (only,) = await self._calendar.event_types()
        return only

    async def questions(self, *fields: Json) -> tuple[Question, ...]:
        """Read the questions of a form."""
        return (await self(bookingFields=list(fields))).questions


def unknown(record: object) -> Json:
    """A field for which this version of the API has no type."""
    return {"type": "unknown", "slug": "unknown", "bookingField": record}


async def test_an_ordinary_one(read: Read) -> None:
    assert await read() == kind()


async def test_cal_coms_order_is_kept(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/event-types").mock(success([event_type(id=3), event_type(id=1, hidden=True), event_type(id=2)]))
    found = await calendar.event_types()
    assert [(one.id, one.hidden) for one in found] == [(3, False), (1, True), (2, False)]


async def test_a_phone_only_one(read: Read) -> None:
    found = await read(
        bookingFields=[
            field("email", type="email"),
            field("attendeePhoneNumber", type="phone", required=True),
        ]
    )
    assert (found.email_required, found.phone_required, found.phone_visible) == (False, True, True)


@pytest.mark.parametrize(
    ("email", "required"),
    [(EMAIL, True), ({**EMAIL, "hidden": True}, False), ({**EMAIL, "required": False}, False), (field("x"), False)],
)
async def test_whether_an_address_is_demanded(read: Read, email: Json, *, required: bool) -> None:
    assert (await read(bookingFields=[email])).email_required is required


@pytest.mark.parametrize(
    ("changes", "required", "visible"),
    [
        ({"required": True}, True, True),
        ({}, False, True),
        ({"required": True, "hidden": True}, False, False),
    ],
)
async def test_whether_a_number_is_demanded(read: Read, changes: Json, *, required: bool, visible: bool) -> None:
    found = await read(bookingFields=[EMAIL, field("attendeePhoneNumber", type="phone", **changes)])
    assert (found.phone_required, found.phone_visible) == (required, visible)


async def test_questions_are_what_the_owner_added_and_shows(read: Read) -> None:
    floor = {
        "isDefault": False,
        "required": True,
        "type": "select",
        "label": " Which floor? ",
        "options": ["1st", "2nd"],
    }
    assert await read.questions(
        field("name", type="name", required=True, label="your_name"),
        EMAIL,
        field("title", required=True, hidden=True),
        field("guests", type="multiemail", required=True),
        field("location", type="radioInput", required=True),
        REASON,
        {**REASON, "slug": "optional", "required": False},
        {**REASON, "slug": "hidden", "hidden": True},
        field("floor", **floor),
    ) == (
        Question("reason-for-visit", "Reason for visit", "text"),
        Question("optional", "Reason for visit", "text", required=False),
        Question("floor", "Which floor?", "select", ("1st", "2nd")),
    )


async def test_only_the_compulsory_ones_are_demanded(read: Read) -> None:
    found = await read(bookingFields=[{**REASON, "slug": "optional", "required": False}, REASON])
    assert found.demanded == (Question("reason-for-visit", "Reason for visit", "text"),)


@pytest.mark.parametrize(
    "slug", ["name", "email", "attendeePhoneNumber", "guests", "smsReminderNumber", "rescheduleReason", "location", ""]
)
async def test_fields_of_every_form_are_no_questions_even_where_they_are_not_marked(read: Read, slug: str) -> None:
    assert await read.questions(field(slug, isDefault=False, required=True)) == ()


async def test_optional_notes_and_titles_are_no_questions(read: Read) -> None:
    assert await read.questions(field("title"), field("notes", type="textarea")) == ()


async def test_compulsory_notes_and_titles_are_questions_too(read: Read) -> None:
    assert await read.questions(
        field("title", required=True, label="what_is_this_meeting_about"),
        field("notes", type="textarea", required=True),
    ) == (Question("title", "title", "text"), Question("notes", "notes", "textarea"))


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("reason-for-visit", "reason for visit"),
        ("date_of_birth", "date of birth"),
        ("petName2", "pet name2"),
        ("x", "x"),
    ],
)
async def test_a_question_without_a_label_is_called_by_its_slug_in_words(read: Read, slug: str, words: str) -> None:
    (question,) = await read.questions(field(slug, isDefault=False, required=True, label=None))
    assert question.label == words


async def test_fields_without_a_type_are_read_from_cal_coms_own_record(read: Read) -> None:
    record = {
        "name": "insurer",
        "type": "radio",
        "label": "Your insurer",
        "required": True,
        "editable": "user",
        "sources": [{"id": "user", "type": "user"}],
        "options": [{"label": "Public", "value": "public"}, {"label": "Private", "value": "private"}],
    }
    built_in = {"name": "smsReminderNumber", "type": "phone", "required": True, "editable": "system"}
    found = await read.questions(unknown(json.dumps(record)), unknown(json.dumps(built_in)), unknown(record))
    assert found == (Question("insurer", "Your insurer", "radio", ("public", "private")),)


@pytest.mark.parametrize("record", [None, "", "{", "[]", "5", 5, {}])
async def test_a_record_that_is_none_asks_nothing(read: Read, record: object) -> None:
    assert await read.questions(unknown(record)) == ()


@pytest.mark.parametrize(
    ("policy", "needed"),
    [
        ({"type": "always", "blockUnconfirmedBookingsInBooker": True}, True),
        ({"type": "always", "disabled": True}, False),
        ({"type": "time", "noticeThreshold": {"unit": "hours", "count": 2}}, False),
        ({"disabled": True}, False),
        (None, False),
        (True, False),
    ],
)
async def test_whether_the_host_must_confirm(read: Read, policy: object, *, needed: bool) -> None:
    assert (await read(confirmationPolicy=policy)).needs_confirmation is needed


@pytest.mark.parametrize(
    ("switch", "off"),
    [
        ({"disabled": True}, True),
        ({"disabled": False}, False),
        ({}, False),
        (True, True),
        (False, False),
        (None, False),
    ],
)
async def test_whether_cancelling_and_moving_are_off(read: Read, switch: object, *, off: bool) -> None:
    assert (await read(disableCancelling=switch)).cancelling_disabled is off
    assert (await read(disableRescheduling=switch)).rescheduling_disabled is off


@pytest.mark.parametrize("nothing", [None, {"disabled": True}, {}, False])
async def test_what_neither_recurs_nor_has_seats(read: Read, nothing: object) -> None:
    found = await read(recurrence=nothing, seats=nothing)
    assert (found.recurring, found.has_seats) == (False, False)


async def test_what_recurs_and_has_seats(read: Read) -> None:
    found = await read(
        recurrence={"interval": 1, "occurrences": 4, "frequency": "weekly"},
        seats={"seatsPerTimeSlot": 4, "showAttendeeInfo": True, "showAvailabilityCount": True},
    )
    assert (found.recurring, found.has_seats) == (True, True)


@pytest.mark.parametrize(
    ("locations", "needed"),
    [
        ([{"type": "attendeePhone"}], True),
        ([{"type": "address", "address": "x"}, {"type": "attendeePhone"}], False),
        ([], False),
        (None, False),
    ],
)
async def test_whether_the_host_calls(read: Read, locations: object, *, needed: bool) -> None:
    assert (await read(locations=locations)).location_needs_phone is needed


async def test_several_lengths_notice_and_price(read: Read) -> None:
    found = await read(lengthInMinutesOptions=[15, 30, 60], minimumBookingNotice=45, price=2500, currency="eur")
    assert found.minutes_options == (15, 30, 60)
    assert found.minimum_notice == timedelta(minutes=45)
    assert (found.price, found.currency) == (2500, "eur")


async def test_one_with_nothing_but_the_necessary(calcom: respx.MockRouter, calendar: Calendar) -> None:
    calcom.get("/v2/event-types").mock(success([{"id": 9, "slug": "bare", "lengthInMinutes": 20}]))
    (found,) = await calendar.event_types()
    assert (found.slug, found.minutes, found.title, found.questions) == ("bare", 20, "", ())
    assert found.minimum_notice == timedelta()


async def test_one_with_nonsense_in_all_the_rest(read: Read) -> None:
    found = await read(
        title=None,
        description=5,
        bookingFields="none",
        locations={},
        lengthInMinutesOptions="15",
        minimumBookingNotice="soon",
        price=None,
        currency=None,
        hidden="yes",
        seats=[],
        recurrence="weekly",
        confirmationPolicy=[],
    )
    assert (found.title, found.description, found.questions, found.minutes_options) == ("", "", (), ())
    assert (found.price, found.currency, found.hidden, found.has_seats, found.recurring) == (0, "", False, False, False)
