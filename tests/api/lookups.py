"""Looking a caller up: requests with a credential, and what they are answered."""

import httpx
from tests.api import calcom
from tests.api.bodies import (
    Json,
    data,
    not_done,
    told,
)
from tests.api.clinic import MANAGE, Clinic

PHONE, EMAIL = "+442079460958", "jane@example.com"
TEN, TEN_THIRTY = "2026-03-25T10:00:00Z", "2026-03-25T10:30:00Z"
FRIDAY, FRIDAY_END = "2026-03-27T14:00:00Z", "2026-03-27T14:30:00Z"
ELEVEN = "2026-03-26T11:00:00Z"
HAVE = "You have an appointment with Dr. Rivera on Wednesday, March 25 at 10 AM."
GONE = "Your appointment with Dr. Rivera on Wednesday, March 25 at 10 AM is cancelled."
NONE = "I don't see any upcoming appointments under that phone number."
ELSEWHERE = f"{NONE} What other phone number or email address could it be under?"
BOTH = "You have two appointments with Dr. Rivera: Wednesday, March 25 at 10 AM; and Friday, March 27 at 2 PM."
NOT_HERE = "I'm not able to do that on this line."
AWAY = "I can't reach the calendar right now. Nothing was changed; please try again in a moment."
STRANGER = {"phone": "+442079460959", "email": "x@example.com"}
LOOKUPS: list[tuple[str, Json]] = [
    ("find", {"phone": PHONE}),
    ("find", {"email": EMAIL}),
    ("cancel", {"phone": PHONE}),
    ("reschedule", {"email": EMAIL, "appointment_datetime": ELEVEN}),
]


async def ask(clinic: Clinic, action: str, /, **fields: object) -> httpx.Response:
    """Call ``manage`` with the organization's token."""
    body = {"action": action, "agent_id": str(clinic.agent.id), "org_id": str(clinic.organization.id), **fields}
    async with clinic.authorized() as client:
        return await client.post(MANAGE, json=body)


async def book(clinic: Clinic, when: str = TEN, **fields: object) -> str:
    """Book by phone; return the uid."""
    return calcom.uid_of(await clinic.book(when, **{"email": "", "phone": PHONE, **fields}))


def row(uid: str, start: str, end: str, label: str, status: str = "accepted") -> Json:
    """A line of ``data.appointments``."""
    return {"appointment_id": uid, "date_time": start, "end_time": end, "label": label, "status": status}


def wednesday(uid: str, status: str = "accepted") -> Json:
    """The line of the appointment on Wednesday."""
    return row(uid, TEN, TEN_THIRTY, "Wednesday, March 25 at 10 AM", status)


def found(sentence: str, *rows: Json) -> Json:
    """What is told of appointments that there are; of a single one, beside the list, too."""
    one = rows[0] if len(rows) == 1 else {}
    single = {name: one[name] for name in ("appointment_id", "date_time", "status") if one}
    title = "Appointments found" if rows else "No appointments found"
    return told("find", sentence, title, title, appointments=list(rows), **single)


def to_choose(action: str, sentence: str, *rows: Json) -> Json:
    """The question which appointment is meant."""
    title = "Appointments found"
    known = {"message": title, "summary": title, "action_required": "choose_appointment", "appointments": list(rows)}
    return {"success": False, "message": sentence, "data": data(action, **known)}


def none_to(action: str) -> Json:
    """What is told whoever has nothing to change."""
    return not_done(action, "NOT_FOUND", ELSEWHERE, "No appointments found", action_required="provide_contact")
