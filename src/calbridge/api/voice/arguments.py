"""What a model gives to a tool -> what the caller wants.

Lenient in form, through the request models of ``manage``: numbers as text, "null" and "undefined", the names of other
systems, an object inside as text, a template that nobody filled in. What the platform knows goes before what the model
says, because a model can be talked into somebody else's number.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from calbridge.api.problems import of_validation
from calbridge.api.ravan.manage_request import (
    AvailabilityRequest,
    BookRequest,
    CancelRequest,
    FindRequest,
    ManageBody,
    ManageRequest,
    RescheduleRequest,
    SuggestRequest,
    in_words,
)
from calbridge.api.voice.intentions import action_of
from calbridge.api.voice.line import CALL_ID, CALLER, Line, Source, phone_of
from calbridge.api.voice.platform import ToolCall
from calbridge.api.voice.reading import members, speakable
from calbridge.domain.actions import Action, Book, Call, Cancel, Find, Reschedule
from calbridge.domain.errors import LookUpRefusedError, NoActionError
from calbridge.domain.voice import Vouched
from calbridge.tools import understand
from calbridge.tools.arguments import noted, own_name
from calbridge.tools.catalog import ACTIONS
from calbridge.tools.zones import zone_of

DECIDED_HERE = frozenset({"org_id", "agent_id", "call_session_id", "idempotency_key", "deadline_ms"})
MODELS = (BookRequest, RescheduleRequest, CancelRequest, SuggestRequest, AvailabilityRequest, FindRequest)
FIELDS = frozenset(name for model in MODELS for name in model.model_fields) - DECIDED_HERE
STATIC = frozenset({*CALLER, *CALL_ID})
NESTING = 3
_MANAGE: TypeAdapter[ManageRequest] = TypeAdapter(ManageBody)


@dataclass(frozen=True, slots=True)
class Understood:
    """A tool call as it was understood: what is wanted, and how that was found out."""

    call: Call
    phone_from: Source
    ignored: tuple[str, ...]  # names that mean nothing here


def understood(tool_call: ToolCall, line: Line) -> Understood:
    """Understand a tool call.

    Raises InvalidRequestError, NoActionError among them, and LookUpRefusedError where it goes by somebody else's number
    or nobody can tell whose is the caller's.
    """
    told = _told(tool_call.arguments)
    fields = {name: value for name, value in told.items() if name in FIELDS}
    named = (line.action, tool_call.name, fields.get("action"))
    fields["action"] = _action(*(name for name in named if isinstance(name, str) and name))
    number, source, contested = _caller(line, told)
    if number and not _is_phone(fields.get("phone")):
        fields.pop("phone", None)
    request = _request(fields | {"org_id": str(line.organization_id), "agent_id": str(line.agent_id)})
    call = request.to_call()
    if contested and isinstance(call.action, Reschedule | Cancel | Find) and not call.action.appointment_id:
        raise LookUpRefusedError
    action = _by_number(call.action, number, line, contested=contested)
    session = _session(line, told)
    phone = getattr(action, "phone", "")
    known = replace(
        call,
        action=action,
        call_session_id=session,
        session=session if understand.is_session(session) else "",
        deadline=line.deadline,
        idempotency_key="",
        tool_call=_name_of(tool_call, line, number) if number or understand.is_session(session) else "",
        vouched=Vouched(line.platform, number if source is Source.ENVELOPE else "") if line.signed else None,
        number_zone=zone_of(number) if number else None,
    )
    if not number and phone:
        source = Source.MODEL
    return Understood(known, source, tuple(sorted(map(speakable, told.keys() - FIELDS - STATIC - DECIDED_HERE))))


def _told(arguments: Mapping[str, object]) -> dict[str, object]:
    """Lay the arguments out under our names.

    What is nested is the model's own, and so is a name in another spelling than ours: neither says anything of the
    platform.
    """
    told: dict[str, object] = {}
    for name, value, is_set in _walked(arguments, 0):
        if understand.absent(value) or (isinstance(value, str) and not understand.is_filled_in(value)):
            continue
        if is_set or name not in STATIC:
            told.setdefault(name, value)
    return told


def _walked(arguments: Mapping[str, object], depth: int) -> Iterator[tuple[str, object, bool]]:
    nested = []
    for given, value in arguments.items():
        name = own_name(given)
        inner = members(value) if name != "details" and depth < NESTING else {}
        if inner:
            nested.append(inner)
        else:
            yield name, value, depth == 0 and name == given
    for inner in nested:
        yield from _walked(inner, depth + 1)


def _action(*names: str) -> str:
    """Return the action that the first of these stands for. Raises NoActionError where none stands for any."""
    for action in filter(None, map(action_of, names)):
        return action
    raise NoActionError(", ".join(ACTIONS.values()))


def _request(fields: Mapping[str, object]) -> ManageRequest:
    try:
        return _MANAGE.validate_python(in_words(fields))
    except ValidationError as error:
        faults: list[Any] = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise of_validation(RequestValidationError(faults)) from error


def _caller(line: Line, told: Mapping[str, object]) -> tuple[str, Source, bool]:
    """Find out the number of whoever is on the other end: the envelope's word, else that of a static parameter.

    The last is whether static parameters contradict each other: then one may be of the model's making.
    """
    given = (*(line.static.get(name) for name in CALLER), *(told.get(name) for name in CALLER))
    numbers = list(filter(None, map(phone_of, given)))
    contested = len(set(numbers)) > 1
    if number := phone_of(line.envelope.caller):
        return number, Source.ENVELOPE, contested
    return (numbers[0], Source.STATIC, contested) if numbers else ("", Source.NOBODY, False)


def _is_phone(value: object) -> bool:
    """Whether what the model says is a number at all; a garbled one is no loss where the platform knows better."""
    return bool(phone_of(value if isinstance(value, str) else str(value)))


def _by_number(action: Action, number: str, line: Line, *, contested: bool) -> Action:
    """Put the caller's number where the action goes by it. Raises LookUpRefusedError.

    A booking is made under it, so that it is found again when they call again; another number that they give is kept in
    the notes. Appointments are looked up by it alone, if by anything: that takes somebody who vouches for the request.
    """
    if not number:
        return action
    match action:
        case Book():
            other = action.phone if action.phone not in {"", number} else ""
            return replace(action, phone=number, notes=noted(action.notes, other))
        case Reschedule(appointment_id="") | Cancel(appointment_id="") | Find():
            if action.phone not in {"", number}:
                raise LookUpRefusedError
            if not line.is_trusted:
                return action
            # A signature vouches for the number, and for nothing else that names somebody.
            uid = action.appointment_id if line.credential is not None else ""
            return replace(action, appointment_id=uid, phone="" if uid else number, email="")
        case Cancel():  # one of several who share the appointment may be meant, and that is whoever calls
            return replace(action, phone="" if contested else number, email="")
        case _:
            return action


def _session(line: Line, told: Mapping[str, object]) -> str:
    """Find the call's id: the envelope's, else a static parameter's. One that cannot be kept is none."""
    given = (line.envelope.call_id, *(line.static.get(name) for name in CALL_ID), *(told.get(name) for name in CALL_ID))
    for value in given:
        if isinstance(value, str) and not understand.absent(value):
            try:
                return understand.session(value.strip())
            except ValueError:
                continue
    return ""


def _name_of(tool_call: ToolCall, line: Line, number: str) -> str:
    """Name this one request with all that it holds and who asks, so that its retries are known, and nobody else's are.

    Some platforms count their tool calls anew in every call or turn: an id that may come again tells nothing, and with
    other arguments it is another request.
    """
    if not understand.is_session(tool_call.id):
        return ""
    told = json.dumps(
        [line.action, tool_call.name, tool_call.arguments, number, line.is_trusted], sort_keys=True, default=str
    )
    return f"{tool_call.id}\n{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()}"
