"""What can go wrong between us and Cal.com, and the one place that tells which of it an answer means.

Cal.com has three shapes of error bodies and, for most refusals, prose only. So an answer is judged by its status, its
machine code and, last, a table of phrases; a text that is in no row is an error of no particular meaning. No message of
an exception here quotes what Cal.com wrote: that may quote the caller.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import from_json

from calbridge.calcom.rate_limit import seconds_until_reset
from calbridge.domain.errors import Refusal

MAX_TEXT = 500
_MAX_READ = 4000  # a list of allowed options can be long, and the table looks into all of it


class CalcomError(Exception):
    """The root of this room's errors; none of them crosses the wall."""


class NotSentError(CalcomError):
    """The request provably did not arrive: no connection came about, or it was never tried."""


class HeldBackError(CalcomError):
    """It was not sent, because the rate limit has no room for it. ``retry_after`` is in seconds, 1 to 60."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("the rate limit of Cal.com has no room for this call")
        self.retry_after = retry_after


class NoAnswerError(CalcomError):
    """The request may have arrived, and no whole answer came back."""


class UnusableAnswerError(CalcomError):
    """An answer came that says nothing: a redirect, too much, no JSON, or not the JSON that was to be expected."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an error answer said, bounded. ``text`` may be personal and is for no log."""

    status: int
    code: str = ""
    text: str = ""
    request_id: str = ""


class StatusError(CalcomError):
    """Cal.com answered with an error."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(
            f"Cal.com answered {evidence.status} {evidence.code} (request {evidence.request_id or 'without id'})"
        )
        self.evidence = evidence


class ServerFaultError(StatusError):
    """Cal.com failed; what it had done by then is anybody's guess."""


class ThrottledError(StatusError):
    """Too many requests: this one was not executed. ``retry_after`` is in seconds, 1 to 60."""

    def __init__(self, evidence: Evidence, retry_after: float) -> None:
        super().__init__(evidence)
        self.retry_after = retry_after


class BadKeyError(StatusError):
    """The key is unknown or expired, or nothing that could be a key."""


class WrongAddressError(StatusError):
    """There is no such endpoint under that version: a wrong base URL or version header, never a missing booking."""


class NoSuchBookingError(StatusError):
    """Cal.com has no booking of that uid."""


class RefusedError(StatusError):
    """A definite no, without any effect. ``fields`` names the booking fields at fault, where Cal.com does."""

    def __init__(self, evidence: Evidence, refusal: Refusal, fields: tuple[str, ...] = ()) -> None:
        super().__init__(evidence)
        self.refusal = refusal
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of the table: a piece of text (lower case) that means something under certain statuses."""

    text: str
    statuses: frozenset[int]
    refusal: Refusal
    field: str = ""  # a pattern whose group is the slug of the field, or the slug itself


_400 = frozenset({400})
_403 = frozenset({403})
_409 = frozenset({409})
_LIMIT = frozenset({400, 401, 403})  # thrown as 403, wrapped into a 401 on its way out
_NAMED = r"for booking field '([^']+)'"

PHRASES = (
    # These first: they contain, or stand beside, what follows.
    Phrase("cancelled and rescheduled already to booking with uid=", _400, Refusal.ALREADY_MOVED),
    Phrase("missing required booking field response:", _400, Refusal.MISSING_FIELD, r"response: (\S+)"),
    Phrase("error_required_field", _400, Refusal.MISSING_FIELD, r"\{([^{}]+)\}error_required_field"),
    Phrase("missing attendee phone number", _400, Refusal.MISSING_FIELD, "attendeePhoneNumber"),
    Phrase("cancellation reason is required", _400, Refusal.MISSING_FIELD, "cancellationReason"),
    Phrase("invalid option", _400, Refusal.BAD_FIELD, _NAMED),  # also "One or more invalid options"
    Phrase("invalid type for booking field", _400, Refusal.BAD_FIELD, _NAMED),
    Phrase("invalid_number", _400, Refusal.BAD_FIELD, r"\{([^{}]+)\}invalid_number"),
    Phrase("email_validation_error", _400, Refusal.BAD_FIELD, r"\{([^{}]+)\}email_validation_error"),
    Phrase("at least one contact method", _400, Refusal.CONTACT_REQUIRED),
    Phrase("both phone and email are missing", _400, Refusal.CONTACT_REQUIRED),
    Phrase("already has booking at this time or is not available", _400, Refusal.SLOT_TAKEN),
    Phrase("booking_conflict_error", _409, Refusal.SLOT_TAKEN),
    Phrase("unavailable_for_booking", _400 | _409, Refusal.SLOT_TAKEN),  # team hosts, where they are not a bare 500
    Phrase("no more seats left", frozenset({409, 422}), Refusal.SEATS_FULL),
    Phrase("booking_seats_full_error", frozenset({409, 422}), Refusal.SEATS_FULL),
    Phrase("already_signed_up_for_this_booking_error", _409, Refusal.ALREADY_SIGNED_UP),
    Phrase('can\'t be booked at the "start" time provided', _400, Refusal.TOO_SOON_OR_FAR),
    Phrase("attempting to book a meeting in the past", _400, Refusal.IN_THE_PAST),
    Phrase("not allowed within the minimum notice period", _403, Refusal.TOO_LATE_TO_MOVE),
    Phrase("booking_limit_reached", _LIMIT, Refusal.LIMIT_REACHED),
    Phrase("duration_limit_reached", _LIMIT, Refusal.LIMIT_REACHED),
    Phrase("maximum number of active bookings has been reached", _400, Refusal.LIMIT_REACHED),
    Phrase("event type with", frozenset({404}), Refusal.UNKNOWN_EVENT_TYPE),
    Phrase("event type not found", frozenset({404}), Refusal.UNKNOWN_EVENT_TYPE),
    Phrase("user with username", frozenset({404}), Refusal.UNKNOWN_EVENT_TYPE),
    Phrase("team with slug", frozenset({404}), Refusal.UNKNOWN_EVENT_TYPE),
    Phrase("has been cancelled", _400, Refusal.ALREADY_CANCELLED),  # "already" follows on a cancel, not on a move
    Phrase("already been cancelled", _400, Refusal.ALREADY_CANCELLED),
    Phrase("already ended", _400, Refusal.OVER),
    Phrase("does not allow cancellations", _400, Refusal.SWITCHED_OFF),
    Phrase("email_verification_required", _400, Refusal.EMAIL_UNVERIFIED),
    Phrase("invalid_verification_code", _400, Refusal.EMAIL_UNVERIFIED),
    Phrase("booker_email_blocked", _403, Refusal.BLOCKED),
)

_BAD_KEY = re.compile(r"invalid api key|api key is (not valid|expired)|invalid access token", re.IGNORECASE)
_NO_ENDPOINT = re.compile(r"cannot (get|post|put|patch|delete) /", re.IGNORECASE)
_DATABASE = "error occurred while querying the database"
_UNAUTHORIZED, _NOT_FOUND, _REQUEST_TIMEOUT, _TOO_MANY, _SERVER = 401, 404, 408, 429, 500


def classify(status: int, headers: Mapping[str, str], body: bytes, *, takes_slot: bool, now: float) -> StatusError:
    """Tell what an answer of 400 and above means.

    ``takes_slot``: the request was to occupy a time (create, reschedule). ``now`` is Unix time in seconds. The order
    matters: a limit that is reached comes as a 401 and is no bad key.
    """
    code, text = _read(body)
    evidence = Evidence(status, code[:MAX_TEXT], text[:MAX_TEXT], headers.get("x-request-id", "")[:MAX_TEXT])
    lowered = text.lower()
    error: StatusError
    if status >= _SERVER or status == _REQUEST_TIMEOUT or (_DATABASE in lowered and not takes_slot):
        error = ServerFaultError(evidence)
    elif status == _TOO_MANY or code == "ThrottlerException":
        error = ThrottledError(evidence, seconds_until_reset(headers, now))
    elif status == _UNAUTHORIZED and _BAD_KEY.search(text):
        error = BadKeyError(evidence)
    elif status == _NOT_FOUND and _NO_ENDPOINT.match(text):
        error = WrongAddressError(evidence)
    elif status == _NOT_FOUND and "booking with uid=" in lowered:
        error = NoSuchBookingError(evidence)
    elif _DATABASE in lowered:
        # A cancelled booking can leave its unique key behind, and the next one for that time trips over it.
        error = RefusedError(evidence, Refusal.SLOT_TAKEN)
    else:
        error = _refused(evidence, text)
    return error


def _refused(evidence: Evidence, text: str) -> RefusedError:
    lowered = text.lower()
    for phrase in PHRASES:
        if evidence.status in phrase.statuses and phrase.text in lowered:
            return RefusedError(evidence, phrase.refusal, _fields(phrase, text))
    return RefusedError(evidence, Refusal.OTHER)


def _fields(phrase: Phrase, text: str) -> tuple[str, ...]:
    if not phrase.field or "(" not in phrase.field:
        return (phrase.field,) if phrase.field else ()
    return tuple(dict.fromkeys(slug[:MAX_TEXT] for slug in re.findall(phrase.field, text, re.IGNORECASE)))


def _read(body: bytes) -> tuple[str, str]:
    """Return machine code and message of any of the three shapes; of anything else, the text as it is."""
    try:
        parsed = from_json(body)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        error = parsed.get("error")
        inner = error if isinstance(error, dict) else {}
        code = inner.get("code", error)
        for said in (inner.get("message"), parsed.get("message"), parsed.get("error_description")):
            text = ", ".join(map(str, said)) if isinstance(said, list) else said
            if isinstance(text, str) and text:
                return (code if isinstance(code, str) else ""), text[:_MAX_READ]
    return "", body[:_MAX_READ].decode(errors="replace")
