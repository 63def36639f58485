"""What the documentation pages say, and the errors on them: made by the code that really answers."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse

from calbridge.api.problems import InternalError, PayloadTooLargeError, UnsupportedMediaTypeError
from calbridge.domain.errors import (
    CalbridgeError,
    CalendarError,
    ForbiddenError,
    RateLimitedError,
    UnauthorizedError,
    UnavailableError,
)

Responses = dict[int | str, dict[str, Any]]

GUARDED: tuple[CalbridgeError, ...] = (UnauthorizedError(), ForbiddenError())
WITH_BODY: tuple[CalbridgeError, ...] = (PayloadTooLargeError(64 * 1024), UnsupportedMediaTypeError())
ASKS_CALCOM: tuple[CalbridgeError, ...] = (RateLimitedError(30), CalendarError())
ANYWHERE: tuple[CalbridgeError, ...] = (InternalError(), UnavailableError(1))


def documented(
    render: Callable[[CalbridgeError], JSONResponse],
    model: Callable[[CalbridgeError], type[BaseModel]],
    *errors: CalbridgeError,
) -> Responses:
    """Describe errors for OpenAPI, each with the body that it really gets."""
    responses: Responses = {}
    for error in (*errors, *ANYWHERE):
        answer = render(error)
        response = responses.setdefault(
            answer.status_code, {"model": model(error), "content": {"application/json": {"examples": {}}}}
        )
        code = "" if response["content"]["application/json"]["examples"] else error.code.value
        examples = response["content"]["application/json"]["examples"]
        examples[code or f"{error.code.value} {len(examples) + 1}"] = {"value": json.loads(bytes(answer.body))}
        response["description"] = "; ".join(filter(None, [response.get("description"), str(error)]))
    return responses


DESCRIPTION = """\
calbridge stands between a voice agent that is on the phone with somebody and the calendar that it books into.
It speaks the Cal.com API of two voice platforms: **Ravan** (`success`, `message`, `data`) and **Toolzz**
(integrations).

* `message` in the answers of `manage` can be said to the caller as it is.
* Instants are ISO 8601 in UTC; a time without an offset is read in the caller's, the agent's or the calendar's zone.
* Every answer carries `X-Request-Id`; send your own to find a request in the logs.
* Paths work with and without a trailing slash and never redirect.
"""

TAGS = [
    {"name": "Ravan: appointments", "description": "What a voice agent calls in the middle of a conversation."},
    {"name": "Ravan: accounts", "description": "Cal.com accounts of an organization, and which agent uses which."},
    {"name": "Ravan: agents", "description": "Voice agents: who takes calls, and what they book."},
    {"name": "Ravan: administration", "description": "API keys, and who changed what."},
    {"name": "Voice platforms", "description": "Doors for platforms that call tools, and what to paste there."},
    {"name": "Toolzz: integrations", "description": "The same accounts, seen through other names."},
    {"name": "Cal.com: webhooks", "description": "What Cal.com tells this service; nobody else calls it."},
    {"name": "Process", "description": "The state of the process."},
]
