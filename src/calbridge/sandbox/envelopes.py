"""The shapes of Cal.com's errors: its envelope, in four variants, and the bare body of its web framework."""

from typing import Any

from calbridge.sandbox.world import Json

NAMES = {
    400: ("BadRequestException", "Bad Request"),
    401: ("UnauthorizedException", "Unauthorized"),
    403: ("ForbiddenException", "Forbidden"),
    404: ("NotFoundException", "Not Found"),
    409: ("ConflictException", "Conflict"),
    422: ("UnprocessableEntityException", "Unprocessable Entity"),
}
TOO_MANY = "CustomThrottlerGuard - Too many requests. Please try again later."


class ApiError(Exception):
    """An answer that is an error; `error` is the inside of the envelope, `bare` a body that has none."""

    def __init__(self, status: int, *, error: Json | None = None, bare: Json | None = None) -> None:
        super().__init__((error or bare or {}).get("message"))
        self.status, self.error, self.bare = status, error, bare

    def body(self, path: str, timestamp: str) -> Json:
        """Give the whole body; `path` is the path asked for, with its query."""
        if self.error is None:
            return self.bare or {}
        return {"status": "error", "timestamp": timestamp, "path": path, "error": self.error}


def refused(status: int, message: str) -> ApiError:
    """Make the usual error, named after the exception that upstream throws."""
    code, title = NAMES[status]
    details = {"message": message, "error": title, "statusCode": status}
    return ApiError(status, error={"code": code, "message": message, "details": details})


def coded(status: int, code: str, message: str) -> ApiError:
    """Make an error of the booking form or of the web application behind the API: no details."""
    return ApiError(status, error={"code": code, "message": message})


def invalid(errors: list[Json]) -> ApiError:
    """Make the error of the global validation: queries, webhooks, and bodies of old versions."""
    error = {"code": "BadRequestException", "message": "Bad Request Exception", "details": {"errors": errors}}
    return ApiError(400, error=error)


def invalid_property(target: Json, name: str, constraint: str, text: str) -> Json:
    """Describe one property for `invalid`."""
    value: Any = {"value": target[name]} if name in target else {}
    return {"target": target, **value, "property": name, "children": [], "constraints": {constraint: text}}


def throttled() -> ApiError:
    """Make the 429."""
    return ApiError(429, error={"code": "ThrottlerException", "message": TOO_MANY, "details": TOO_MANY})


def bare(status: int, message: str) -> ApiError:
    """Make an error thrown inside the booking core, without an envelope."""
    return ApiError(status, bare={"statusCode": status, "message": message})
