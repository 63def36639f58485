"""The errors of this dialect on the documentation page, and one answer of every kind."""

from pydantic import BaseModel

from calbridge.api.docs import ASKS_CALCOM, GUARDED, WITH_BODY, Responses, documented
from calbridge.api.ravan.errors import PREFIX, render
from calbridge.api.ravan.schemas import Problem, Refusal
from calbridge.domain.errors import (
    AgentKeyedError,
    AgentLinkedError,
    CalbridgeError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotConnectedError,
    NotFoundError,
    UnauthorizedError,
    UnknownBookingError,
)


def problems(*errors: CalbridgeError, path: str = PREFIX) -> Responses:
    """Describe the errors of an endpoint: those that are named, and those that every guarded one can give."""

    def model(error: CalbridgeError) -> type[BaseModel]:
        keeps_code = path != PREFIX and isinstance(error, UnauthorizedError)
        return Refusal if isinstance(error, UnauthorizedError | ForbiddenError) and not keeps_code else Problem

    return documented(lambda error: render(error, path, None), model, *GUARDED, *errors)


LINK = problems(
    InvalidRequestError("calcom_account_id", "is required"),
    NotFoundError("Agent"),
    NotFoundError("Cal.com account"),
    AgentKeyedError(),
    *WITH_BODY,
)
CONNECT = problems(InvalidRequestError("api_key", "was refused by Cal.com"), *WITH_BODY, *ASKS_CALCOM)
LIST = problems(InvalidRequestError("org_id", "is required"), NotConnectedError(), *ASKS_CALCOM)
GET = problems(
    InvalidRequestError("org_id", "is required: the token names no organization"),
    NotConnectedError(),
    UnknownBookingError(),
    *ASKS_CALCOM,
    path=f"{PREFIX}/appointments/uid",
)

_NO_UUID = InvalidRequestError("agent_id", "must be a UUID")
_AGENT = NotFoundError("Agent")
DISCONNECT = problems(InvalidRequestError("provider_id", "is not an account of this organization"), *WITH_BODY)
STATUS = problems(InvalidRequestError("org_id", "is required"))
PRIVATE_CONNECT = problems(
    InvalidRequestError("api_key", "was refused by Cal.com"),
    _AGENT,
    AgentLinkedError(),
    *WITH_BODY,
    *ASKS_CALCOM,
)
EVENT_TYPES = problems(InvalidRequestError("org_id", "is required"), NotConnectedError(), *ASKS_CALCOM)
EVENT_TYPE = problems(
    InvalidRequestError("org_id", "is required"), NotConnectedError(), NotFoundError("Event type"), *ASKS_CALCOM
)
AGENT_READ = problems(_NO_UUID, _AGENT)
AGENT_DELETE = problems(_NO_UUID, _AGENT, *WITH_BODY)
AGENT_WRITE = problems(InvalidRequestError("calendarTimezone", "must be an IANA time zone"), _AGENT, *WITH_BODY)
AGENT_LIST = problems(InvalidRequestError("limit", "must be less than or equal to 200"))
AGENT_CREATE = problems(
    InvalidRequestError("agentName", "is required"),
    ConflictError("An agent with this id exists already."),
    *WITH_BODY,
)
KEY_CREATE = problems(
    InvalidRequestError("scopes", "must be manage, read or admin"), NotFoundError("Organization"), *WITH_BODY
)
KEY_LIST = problems()
KEY_REVOKE = problems(InvalidRequestError("key_id", "must be a UUID"), NotFoundError("API key"), *WITH_BODY)
AUDIT = problems(InvalidRequestError("limit", "must be less than or equal to 200"))
