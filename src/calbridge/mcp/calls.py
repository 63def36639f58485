"""A tool call -> what the caller wants.

What the line knows of the caller goes before what the model says, because a model can be talked into somebody else's
number: a booking is made under the line's, another one is kept in the notes, and nobody is looked up by another.
"""

from collections.abc import Callable, Mapping

from calbridge.domain.actions import Action, Availability, Book, Call, Cancel, Find, Reschedule, Suggest
from calbridge.domain.errors import InvalidRequestError, LookUpRefusedError
from calbridge.mcp.arguments import Arguments
from calbridge.mcp.line import Line
from calbridge.tools import emails, understand
from calbridge.tools.arguments import MAX_ID, MAX_NOTES, noted
from calbridge.tools.emails import Doubtful
from calbridge.tools.zones import zone_of


def call_of(action: str, arguments: Arguments, line: Line) -> Call:
    """Return the call that a tool call is. Raises InvalidRequestError, and LookUpRefusedError for another's number.

    It bears no key of its own: the ids of JSON-RPC begin anew with every session, and some clients open one for each
    call of a tool. That a wish is repeated is told by the phone call, else by the caller's contact.
    """
    wish = READERS[action](arguments, line)
    session = line.call_id or arguments.read("call_session_id", understand.session, "")
    return Call(
        organization_id=line.organization_id,
        agent_id=line.agent_id,
        action=wish,
        timezone=arguments.read("timezone", understand.zone, None),
        call_session_id=session,
        session=session if understand.is_session(session) else "",
        spoken=arguments.when()[1] if _is_timed(wish) else None,
        beside=arguments.when()[2] if _is_timed(wish) else None,
        doubtful_email=_doubtful_email(wish, arguments),
        number_zone=zone_of(line.caller) if line.caller else None,
    )


def _book(arguments: Arguments, line: Line) -> Action:
    email = arguments.read("email", emails.read, "")
    phone, other = _phones(arguments, line)
    return Book(
        name=arguments.read("name", understand.person_name, ""),
        email=email if isinstance(email, str) else "",
        phone=phone,
        when=arguments.when()[0],
        notes=noted(arguments.text("notes", MAX_NOTES), other),
        answers=arguments.answers("details"),
        confirm=arguments.flag("confirm"),
    )


def _reschedule(arguments: Arguments, line: Line) -> Action:
    uid, phone, email = _named(arguments, line)
    return Reschedule(uid, arguments.when()[0], arguments.text("notes", MAX_NOTES), phone, email)


def _cancel(arguments: Arguments, line: Line) -> Action:
    uid, phone, email = _named(arguments, line)
    phone = line.caller if uid else phone  # beside an id: whose seat it is, where several share the appointment
    return Cancel(uid, arguments.text("notes", MAX_NOTES), phone, email, None if uid else arguments.when()[0])


def _find(arguments: Arguments, line: Line) -> Action:
    return Find(*_named(arguments, line))


def _suggest(arguments: Arguments, _line: Line) -> Action:
    return Suggest(arguments.days_ahead())


def _availability(arguments: Arguments, _line: Line) -> Action:
    return Availability(arguments.days_ahead())


READERS: Mapping[str, Callable[[Arguments, Line], Action]] = {
    "book": _book,
    "reschedule": _reschedule,
    "cancel": _cancel,
    "find": _find,
    "suggest": _suggest,
    "availability": _availability,
}


def _named(arguments: Arguments, line: Line) -> tuple[str, str, str]:
    """Read the id of an appointment, else whose it is; beside an id, the rest is not so much as read.

    Nor is an address, where the line knows the number: it could be anybody's.
    """
    uid = arguments.text("appointment_id", MAX_ID)
    if uid:
        return uid, "", ""
    phone, other = _phones(arguments, line)
    if other:
        raise LookUpRefusedError
    if line.caller:
        return "", phone, ""
    return "", phone, arguments.read("email", emails.certain, "")


def _phones(arguments: Arguments, line: Line) -> tuple[str, str]:
    """Read the caller's number, and another one that they give beside the one that they call from."""
    try:
        given = arguments.read("phone", understand.phone, "")
    except InvalidRequestError:
        if not line.caller:
            raise
        given = ""  # a garbled one is no loss
    if not line.caller:
        return given, ""
    return line.caller, "" if given == line.caller else given


def _is_timed(wish: Action) -> bool:
    match wish:
        case Book() | Reschedule():
            return True
        case Cancel():
            return not wish.appointment_id
        case _:
            return False


def _doubtful_email(wish: Action, arguments: Arguments) -> str:
    if not isinstance(wish, Book):
        return ""
    email = arguments.read("email", emails.read, "")
    return email.address if isinstance(email, Doubtful) else ""
