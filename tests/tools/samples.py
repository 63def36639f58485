"""Appointments and replies to try speech on; March 20, 2026, a Friday, is today."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from calbridge.domain.actions import Action, Book, Outcome, Reply, Suggest
from calbridge.domain.appointments import Attendee, Booking, Question

NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
TORONTO = ZoneInfo("America/Toronto")


def at(day: int, hour: int, minute: int = 0, *, month: int = 3, year: int = 2026) -> datetime:
    """Return an instant by the clocks of New York."""
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


NOW = at(20, 11)
WEDNESDAY = at(25, 10)


def booking(start: datetime = WEDNESDAY, status: str = "accepted") -> Booking:
    """Return an appointment of half an hour."""
    return Booking(
        uid="bk_9Xq2",
        status=status,
        start=start,
        end=start + timedelta(minutes=30),
        title="30 min between Rivera and Ann",
        event_type_id=7,
        host_ids=(1,),
        host_emails=("rivera@example.com",),
        host_name="Rosa Rivera",
        attendee=Attendee("Ann", "ann@example.com", "+12125550123", "America/New_York"),
        location="https://example.com/meet",
        metadata={},
        rescheduled_from=None,
        rescheduled_to=None,
        series=None,
        seated=False,
        created_at=None,
    )


def question(label: str, *options: str) -> Question:
    """Return a question of an event type."""
    return Question("slug", label, "select" if options else "text", options)


def reply(
    outcome: Outcome,
    action: Action | None = None,
    timezone: ZoneInfo = NEW_YORK,
    agent_name: str = "Dr. Rivera",
) -> Reply:
    """Return what is to be told, to a caller in New York unless another zone is given."""
    return Reply(action or Book(), outcome, agent_name, timezone, NEW_YORK, NOW)


PENDING = booking(status="pending")
OPEN = tuple(at(day, hour, minute) for day in (25, 26, 27) for hour, minute in ((9, 0), (11, 30), (12, 0), (14, 30)))
LATER = tuple(at(day, hour, month=4) for day in (14, 15) for hour in (9, 12, 15))
WEEK = Suggest(7)
