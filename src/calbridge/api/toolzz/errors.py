"""The error shape of the Toolzz dialect."""

from http import HTTPStatus

from starlette.responses import JSONResponse

from calbridge.api.problems import headers_of, status_of
from calbridge.domain.errors import CalbridgeError, ForbiddenError, NotFoundError

PREFIX = "/api/v1/calcom/integration"


def render(error: CalbridgeError) -> JSONResponse:
    """Shape an error. A credential of another unit hears "not found", like anybody who names an unknown integration."""
    if isinstance(error, ForbiddenError):
        error = NotFoundError("Integration")
    status = HTTPStatus(status_of(error))
    content = {"statusCode": status.value, "message": str(error), "error": status.phrase}
    return JSONResponse(content, status.value, headers_of(error))
