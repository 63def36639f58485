"""The error shape of the Toolzz dialect."""

from http import HTTPStatus

from starlette.responses import JSONResponse

from calbridge.api.problems import headers_of, status_of
from calbridge.domain.errors import CalbridgeError, NotFoundError

PREFIX = "/api/v1/calcom/integration"
NAMES = {413: "Payload Too Large"}  # where the standard library has two, by its version
WORDS = {"Cal.com account": "Integration"}  # what is called otherwise here


def render(error: CalbridgeError) -> JSONResponse:
    """Shape an error."""
    if isinstance(error, NotFoundError) and error.what in WORDS:
        error = NotFoundError(WORDS[error.what])
    status = HTTPStatus(status_of(error))
    content = {"statusCode": status.value, "message": str(error), "error": NAMES.get(status, status.phrase)}
    return JSONResponse(content, status.value, headers_of(error))
