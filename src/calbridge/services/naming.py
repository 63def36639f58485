"""What makes two requests one wish: the key that a client chose, else the call, else the contact, and the target."""

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from calbridge.domain.actions import Book, Call, Cancel, Reschedule
from calbridge.domain.intents import Errand, Intent, Name, Wisher

EXPLICIT = timedelta(days=7)
SAME_CALL = timedelta(hours=24)
SAME_CONTACT = timedelta(minutes=10)
MISHEARD = 0.6  # how alike two spellings of one name are, at least


def name_of_booking(call: Call, wish: Book, event_type_id: int, start: datetime) -> Name:
    """Name the wish for an appointment. Within a call, speech-to-text may spell name and address anew each time."""
    target = f"{event_type_id} {start.isoformat(timespec='seconds')}"
    caller = f"{wish.phone}\n{wish.email}\n{wish.name.casefold()}"
    if call.idempotency_key:
        return explicit_name(call, wish)
    tool_call = name_of_tool_call(call)
    if call.session:
        key = _key(call, Errand.BOOK, f"call {call.session}", target)
        return Name(key, SAME_CALL, caller, tool_call=tool_call)
    key = _key(call, Errand.BOOK, f"contact {wish.phone or wish.email}", target)
    return Name(key, SAME_CONTACT, caller, tool_call=tool_call)


def name_of_change(call: Call, wish: Reschedule | Cancel, head: str, start: datetime | None = None) -> Name:
    """Name the wish to change an appointment.

    ``head`` is the uid at which it is alive: that tells chain and number of moves in one, so moving it there and back
    and there again makes three wishes, and an old uid and a new one name the same.
    """
    errand = Errand.RESCHEDULE if isinstance(wish, Reschedule) else Errand.CANCEL
    target = head if start is None else f"{head} {start.isoformat(timespec='seconds')}"
    if call.idempotency_key:
        return explicit_name(call, wish)
    tool_call = name_of_tool_call(call)
    if call.session:
        return Name(_key(call, errand, f"call {call.session}", target), SAME_CALL, tool_call=tool_call)
    return Name(_key(call, errand, "", target), SAME_CONTACT, tool_call=tool_call)


def name_of_tool_call(call: Call) -> str:
    """Name the one request of a voice platform; "" where it has no name, or its client chose a key of its own.

    It is no key of the wish: a model that says the same again does so in another tool call, and that is the same wish
    still. It only tells a retry, which must be told what came of the first whatever has happened in between.
    """
    if not call.tool_call or call.idempotency_key:
        return ""
    return "\n".join((str(call.organization_id), str(call.agent_id), f"call {call.session}", call.tool_call))


def wisher_of(wish: Book | Reschedule | Cancel) -> Wisher:
    """Take from a wish what tells of the caller."""
    if isinstance(wish, Book):
        return Wisher(wish.name, wish.email, wish.phone, wish.notes)
    return Wisher(notes=wish.notes)


def is_same_wish(intent: Intent, wish: Book | Reschedule | Cancel, *, seated: bool = False) -> bool:
    """Whether an intent of the same name is that of the same caller; where there are seats, for the same person.

    Some platforms send one session for all calls: then another caller must not be told of this one's appointment.
    """
    if intent.has_payload or not isinstance(wish, Book):
        return True
    if intent.wisher is None:
        return False
    return (is_same_guest if seated else is_same_person)(intent.wisher, wisher_of(wish))


def is_same_person(one: Wisher, other: Wisher) -> bool:
    """Whether two people may be one who was misheard; with two phone numbers they never are."""
    if one.phone and other.phone and one.phone != other.phone:
        return False
    if _sounds_like(one.name, other.name):
        return True
    if one.email and other.email:
        return one.email == other.email
    return bool(one.phone) and one.phone == other.phone


def is_same_guest(one: Wisher, other: Wisher) -> bool:
    """Whether two may be one person with one seat: whoever calls may take a seat for each of a family."""
    return _sounds_like(one.name, other.name) and is_same_person(one, other)


def shares_contact(one: Wisher, other: Wisher) -> bool:
    """Whether two people have a phone number or an address in common: across calls, a name alone tells nothing."""
    shares = (one.phone and one.phone == other.phone) or (one.email and one.email == other.email)
    return bool(shares) and is_same_person(one, other)


def _sounds_like(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= MISHEARD


def explicit_name(call: Call, wish: Book | Reschedule | Cancel) -> Name:
    """Name a wish by the key that the client chose."""
    sent = call.action  # as it was sent: what was looked up for it since may be another appointment each time
    told = replace(sent, confirm=False) if isinstance(sent, Book) else sent
    payload = json.dumps([type(wish).__name__, asdict(told), call.timezone], default=str, sort_keys=True)
    return Name(f"{call.organization_id}\n{call.agent_id}\nkey {call.idempotency_key}", EXPLICIT, payload=payload)


def _key(call: Call, errand: Errand, caller: str, target: str) -> str:
    return "\n".join((str(call.organization_id), str(call.agent_id), caller, errand.value, target))
