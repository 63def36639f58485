"""What stops a request: a code and facts, never an HTTP status (the doors have that table)."""

from enum import StrEnum
from typing import ClassVar


class Code(StrEnum):
    """The machine-readable name of an error; part of the public API."""

    INVALID_REQUEST = "INVALID_REQUEST"
    NOT_CONNECTED = "NOT_CONNECTED"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    SLOT_UNAVAILABLE = "SLOT_UNAVAILABLE"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    RATE_LIMITED = "RATE_LIMITED"
    CALCOM_API_ERROR = "CALCOM_API_ERROR"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class CalbridgeError(Exception):
    """The root. ``str(error)`` is a message for a developer: it names no secret, no caller, no inside."""

    code: ClassVar[Code] = Code.INTERNAL_ERROR


class InvalidRequestError(CalbridgeError):
    """The request cannot be understood; the message names the field."""

    code = Code.INVALID_REQUEST

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class NoActionError(InvalidRequestError):
    """A tool was called, and which action it stands for cannot be told."""

    def __init__(self, actions: str) -> None:
        super().__init__("action", f"must be one of {actions}")


class NotConnectedError(CalbridgeError):
    """No usable Cal.com account stands behind the organization or the agent."""

    code = Code.NOT_CONNECTED

    def __init__(self) -> None:
        super().__init__("The integration doesn't seem to be connected. Please head to settings to set it up.")


class UnauthorizedError(CalbridgeError):
    """No credential, or one that does not hold. Which of the two, and why, is nobody's business."""

    code = Code.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("Authentication is required.")


class LookUpRefusedError(UnauthorizedError):
    """It takes a credential to look into somebody's appointments; for the rest, the caller is welcome."""


class ForbiddenError(CalbridgeError):
    """The credential is good, but not for this: another organization, a missing scope. Which, is nobody's business."""

    code = Code.FORBIDDEN

    def __init__(self, message: str = "This credential does not allow that.") -> None:
        super().__init__(message)


class SwitchedOffError(ForbiddenError):
    """The owner of the account has switched this action off (Toolzz: its two ``...Enabled`` flags)."""


class NotFoundError(CalbridgeError):
    """Unknown here, or somebody else's: the two look alike."""

    code = Code.NOT_FOUND

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")
        self.what = what


class ConflictError(CalbridgeError):
    """The present state forbids it."""

    code = Code.CONFLICT


class RepeatingEventTypeError(ConflictError):
    """The event type that was set makes a whole series of appointments at once, and no single one."""

    def __init__(self) -> None:
        super().__init__(
            "The event type set for this agent makes a series of appointments: it can't be booked by phone."
        )


class AgentLinkedError(ConflictError):
    """An agent has a private key or a link, never both: this one has a link."""

    def __init__(self) -> None:
        super().__init__("The agent is linked to an account of its organization; unlink it first.")


class AgentKeyedError(ConflictError):
    """An agent has a private key or a link, never both: this one has a key."""

    def __init__(self) -> None:
        super().__init__("The agent has a private Cal.com key; disconnect that first.")


class KeyErasedError(ConflictError):
    """A disconnected account has no key, and cannot be used until it is given one."""

    def __init__(self) -> None:
        super().__init__("The account is disconnected: its key is erased. Connect it with a key.")


class AnotherUserError(ConflictError):
    """A new key is another Cal.com user's, whose calendar is another account."""

    def __init__(self) -> None:
        super().__init__("apiKey belongs to another Cal.com user; connect that one as an account of its own")


class IdempotencyKeyReusedError(CalbridgeError):
    """A key that the client chose stands for another wish already."""

    code = Code.IDEMPOTENCY_KEY_REUSED

    def __init__(self) -> None:
        super().__init__("idempotency_key was used for another request within the last seven days.")


class RateLimitedError(CalbridgeError):
    """Too many requests, here or at Cal.com; ``retry_after`` in seconds."""

    code = Code.RATE_LIMITED

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many requests. Please try again later.")
        self.retry_after = retry_after


class UnavailableError(CalbridgeError):
    """The database is away or the service is draining; nothing was sent to Cal.com."""

    code = Code.UNAVAILABLE

    def __init__(self, retry_after: float = 1) -> None:
        super().__init__("The service is unavailable for a moment. Please try again.")
        self.retry_after = retry_after


class CalendarError(CalbridgeError):
    """Cal.com answered badly, refused our key, or could not be reached."""

    code = Code.CALCOM_API_ERROR

    def __init__(self, message: str = "Cal.com did not answer as expected.") -> None:
        super().__init__(message)


class CalendarUnreachableError(CalendarError):
    """Nothing happened at Cal.com: the request provably did not arrive, or it only read."""

    def __init__(self) -> None:
        super().__init__("Cal.com could not be reached.")


class OutcomeUnknownError(CalendarError):
    """A write may or may not have happened: it left us, and no answer that can be trusted came back."""

    def __init__(self) -> None:
        super().__init__("Cal.com did not confirm in time.")


class KeyRefusedError(CalendarError):
    """Cal.com refuses the account's API key: unknown, expired or revoked."""

    def __init__(self) -> None:
        super().__init__("Cal.com refused the API key of this account.")


class UnknownBookingError(CalendarError):
    """Cal.com knows no such booking under this key."""

    def __init__(self) -> None:
        super().__init__("Cal.com knows no such booking.")


class Refusal(StrEnum):
    """Why Cal.com definitely refused a write. Nothing was changed."""

    SLOT_TAKEN = "slot_taken"  # also: outside working hours, day off, buffers; Cal.com has one text for them all
    TOO_SOON_OR_FAR = "too_soon_or_far"  # minimum notice, booking window
    IN_THE_PAST = "in_the_past"
    TOO_LATE_TO_MOVE = "too_late_to_move"
    LIMIT_REACHED = "limit_reached"  # of the event type or of this booker
    SEATS_FULL = "seats_full"
    ALREADY_SIGNED_UP = "already_signed_up"
    MISSING_FIELD = "missing_field"  # fields names them
    BAD_FIELD = "bad_field"  # fields names them
    CONTACT_REQUIRED = "contact_required"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    ALREADY_CANCELLED = "already_cancelled"
    ALREADY_MOVED = "already_moved"
    OVER = "over"
    SWITCHED_OFF = "switched_off"  # the event type allows no cancelling or no moving
    EMAIL_UNVERIFIED = "email_unverified"
    BLOCKED = "blocked"
    OTHER = "other"


class BookingRefusedError(CalendarError):
    """Cal.com definitely refused to make, move or cancel a booking."""

    def __init__(self, refusal: Refusal, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"Cal.com refused the change: {refusal.value.replace('_', ' ')}.")
        self.refusal = refusal
        self.fields = fields
