"""A call gone through up to the point where the calendar would be asked: nothing is written, and nobody is asked."""

from dataclasses import dataclass
from datetime import datetime

from calbridge.domain.access import Credential
from calbridge.domain.actions import (
    Action,
    Asked,
    Book,
    Booked,
    Call,
    Detail,
    Outcome,
    Reply,
    Reschedule,
    Rescheduled,
    TwoTimes,
    WrongTime,
)
from calbridge.domain.appointments import Attendee, Booking
from calbridge.services.booking import missing
from calbridge.services.hearing import Hearing, Unclear
from calbridge.services.reception import Reception
from calbridge.services.visit import Visit


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Goes through calls. What only the calendar can tell is left out, or imagined to go well."""

    reception: Reception
    hearing: Hearing

    async def rehearse(self, call: Call, credential: Credential | None, client_address: str) -> Reply | None:
        """Return what would be told; None where that depends on the calendar. Raises what would stop the call."""
        visit = await self.hearing.recalled(await self.reception.admit(call, credential, client_address))
        outcome = _outcome(visit, self.hearing.definite(visit, call.action))
        if outcome is None:
            return None
        return Reply(call.action, outcome, visit.agent_name, visit.zone, visit.host_zone, visit.now)


def _outcome(visit: Visit, action: Action | Unclear) -> Outcome | None:
    match action:
        case Asked() | TwoTimes() | WrongTime():
            return action
        case Book():
            return missing(action) or _placed(visit, action)
        case Reschedule():
            return _placed(visit, action)
        case _:
            return None


def _placed(visit: Visit, wish: Book | Reschedule) -> Outcome:
    start = visit.instant(wish.when) if wish.when else Asked(Detail.DATETIME)
    if not isinstance(start, datetime):
        return start
    return Booked(_imagined(start)) if isinstance(wish, Book) else Rescheduled(_imagined(start))


def _imagined(start: datetime) -> Booking:
    return Booking(
        uid="",
        status="accepted",
        start=start,
        end=start,
        title="",
        event_type_id=None,
        host_ids=(),
        host_emails=(),
        host_name="",
        attendee=Attendee("", "", "", ""),
        location="",
        metadata={},
        rescheduled_from=None,
        rescheduled_to=None,
        series=None,
        seated=False,
        created_at=None,
    )
