"""The one table from what went wrong to an HTTP status, and the faults that only HTTP knows."""

from collections.abc import Collection
from typing import ClassVar

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from calbridge.domain.errors import (
    CalbridgeError,
    CalendarError,
    Code,
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    NotConnectedError,
    NotFoundError,
    RateLimitedError,
    SwitchedOffError,
    UnauthorizedError,
    UnavailableError,
    UnknownBookingError,
)


class MethodNotAllowedError(CalbridgeError):
    """The path exists, the method does not."""

    code = Code.METHOD_NOT_ALLOWED

    def __init__(self, allowed: str = "") -> None:
        super().__init__("This method is not allowed here.")
        self.allowed = allowed


class PayloadTooLargeError(CalbridgeError):
    """The body is larger than any that makes sense."""

    code = Code.PAYLOAD_TOO_LARGE

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit // 1024} KiB.")


class UnsupportedMediaTypeError(CalbridgeError):
    """The body is not declared as JSON."""

    code = Code.UNSUPPORTED_MEDIA_TYPE

    def __init__(self) -> None:
        super().__init__("The body must be JSON: send Content-Type: application/json.")


class InternalError(CalbridgeError):
    """A fault of ours; the message tells nothing of the inside."""

    code: ClassVar[Code] = Code.INTERNAL_ERROR

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side. Please try again.")


STATUS: dict[type[CalbridgeError], int] = {
    InvalidRequestError: 400,
    NotConnectedError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    UnknownBookingError: 404,
    MethodNotAllowedError: 405,
    ConflictError: 409,
    PayloadTooLargeError: 413,
    UnsupportedMediaTypeError: 415,
    IdempotencyKeyReusedError: 422,
    RateLimitedError: 429,
    CalbridgeError: 500,
    CalendarError: 502,
    UnavailableError: 503,
}


def status_of(error: CalbridgeError) -> int:
    """Return the HTTP status of an error: that of the nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def headers_of(error: CalbridgeError) -> dict[str, str]:
    """Return the headers that RFC 9110 wants beside some statuses."""
    match error:
        case SwitchedOffError():
            return {}
        case UnauthorizedError() | ForbiddenError():
            return {"WWW-Authenticate": "Bearer"}
        case RateLimitedError() | UnavailableError():
            return {"Retry-After": str(max(1, round(error.retry_after)))}
        case MethodNotAllowedError() if error.allowed:
            return {"Allow": error.allowed}
        case _:
            return {}


def of_http(error: HTTPException, allowed: Collection[str]) -> CalbridgeError:
    """Translate what the framework raises where no route answers.

    ``allowed``: the methods that the path takes, as far as we know; the framework names those of one route alone.
    """
    match error.status_code:
        case 404:
            return NotFoundError("Path")
        case 405:
            return MethodNotAllowedError(", ".join(sorted(allowed)) or (error.headers or {}).get("Allow", ""))
        case 400:
            return InvalidRequestError("body", "is not valid JSON")
        case _:
            return InternalError()


def of_validation(error: RequestValidationError) -> InvalidRequestError:
    """Translate the first thing that is wrong with a request; the message names the field."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"][1:] if not isinstance(part, int)]
    if first["type"] == "json_invalid":
        return InvalidRequestError("body", "is not valid JSON")
    if first["type"].startswith("union_tag"):
        where = ["action"]
    context = first.get("ctx", {})
    problem = {
        "missing": "is required",
        "union_tag_not_found": "is required",
        "union_tag_invalid": f"must be one of {context.get('expected_tags', '')}".replace("'", ""),
        "model_attributes_type": "must be a JSON object",
        "dict_type": "must be a JSON object",
        "int_parsing": "must be a whole number",
        "int_parsing_size": "has too many digits",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "greater_than_equal": f"must be greater than or equal to {context.get('ge')}",
        "less_than_equal": f"must be less than or equal to {context.get('le')}",
        "less_than": f"must be less than {context.get('lt')}",
        "bool_type": "must be true or false",
        "list_type": "must be a list",
        "too_short": "must not be empty",
        "too_long": f"must have at most {context.get('max_length')} items",
        "string_type": "must be a string",
        "string_too_short": "must not be empty",
        "string_too_long": f"must be at most {context.get('max_length')} characters long",
    }.get(first["type"])
    if problem is None:
        text = str(context["error"]) if "error" in context else str(first["msg"])
        problem = text if first["type"] == "value_error" else text[:1].lower() + text[1:]
        problem = problem.replace("input should", "must")
    return InvalidRequestError(where[-1] if where else "body", problem)
