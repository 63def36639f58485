"""The error shape of the Ravan dialect."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from calbridge.api.middleware import SENT_BODY
from calbridge.api.problems import headers_of, status_of
from calbridge.api.ravan import manage_answer
from calbridge.api.ravan.schemas import Problem, Refusal
from calbridge.domain.errors import CalbridgeError, ForbiddenError, UnauthorizedError

PREFIX = "/api/v1/calcom"
MANAGE = f"{PREFIX}/appointments/manage"


def render(error: CalbridgeError, path: str, request: Request | None) -> JSONResponse:
    """Shape an error; refusals by authentication have no code, but for reading one appointment."""
    if path == MANAGE:
        call = getattr(request.state, "call", None) if request else None
        return manage_answer.refusal(error, call.action if call else None, _action_name(request))
    has_code = {UnauthorizedError: path.startswith(f"{PREFIX}/appointments/"), ForbiddenError: False}
    problem = Problem if has_code.get(type(error), True) else Refusal
    content = problem.model_validate({"message": str(error), "code": error.code})
    return JSONResponse(content.model_dump(), status_of(error), headers_of(error))


def _action_name(request: Request | None) -> str:
    """The action as it was sent, if that can be printed; read from the body, so that every refusal tells the same."""
    body = request.scope.get(SENT_BODY) if request else None
    sent = body.get("action") if isinstance(body, dict) else ""
    return sent.strip().lower()[:32] if isinstance(sent, str) and sent.isprintable() else ""
