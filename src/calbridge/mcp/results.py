"""What a tool call is answered with: the sentence for the caller, and the fields for machines.

https://modelcontextprotocol.io/specification/2026-07-28/server/tools (read 2026-11-20): ``isError`` is for a tool that
failed. A time that is taken or an address that is missing is no failure: some clients show the model nothing of one,
and the caller would not hear why. It is kept for what neither model nor caller can mend. What is structured should be
there as text, too, for clients that hand on nothing else: it stands behind the sentence, marked as not for ears.
"""

import json

from mcp import types

from calbridge.domain.actions import Action, Reply
from calbridge.domain.errors import (
    BookingRefusedError,
    CalbridgeError,
    ConflictError,
    InvalidRequestError,
    LookUpRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    SwitchedOffError,
    UnknownBookingError,
)
from calbridge.tools import fields

NO_FAILURE = (
    BookingRefusedError,
    ConflictError,
    InvalidRequestError,
    LookUpRefusedError,
    OutcomeUnknownError,
    SwitchedOffError,
    UnknownBookingError,
)


def of_reply(reply: Reply) -> types.CallToolResult:
    """Tell an outcome."""
    return _result(fields.of_reply(reply), failed=False)


def of_error(error: CalbridgeError, action: Action | None) -> types.CallToolResult:
    """Tell what stopped a tool call. ``action`` is what was wanted, as far as it could be read."""
    return _result(fields.of_error(error, action), failed=not _can_be_mended(error))


def _can_be_mended(error: CalbridgeError) -> bool:
    if isinstance(error, NotFoundError):
        return error.what == "Appointment"
    return isinstance(error, NO_FAILURE)


def _result(told: fields.Fields, *, failed: bool) -> types.CallToolResult:
    as_text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    not_for_ears = types.Annotations(audience=["assistant"])
    return types.CallToolResult(
        content=[
            types.TextContent(type="text", text=str(told["message"])),
            types.TextContent(type="text", text=as_text, annotations=not_for_ears),
        ],
        structured_content=told,
        is_error=failed,
    )
