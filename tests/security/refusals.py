"""What every refusal looks like, whatever was wrong: one shape for each dialect, and on ``manage`` a sentence."""

import re
from typing import Any

import httpx

Json = dict[str, Any]
MANAGE = "/api/v1/calcom/appointments/manage"
TOOLZZ = "/api/v1/calcom/integration"
CODES = {
    400: {"INVALID_REQUEST", "NOT_CONNECTED"}, 404: {"NOT_FOUND",
    "CALCOM_API_ERROR"}, 405: {"METHOD_NOT_ALLOWED"}, 409: {"CONFLICT"},
    413: {"PAYLOAD_TOO_LARGE"}, 415: {"UNSUPPORTED_MEDIA_TYPE"}, 422: {"SLOT_UNAVAILABLE"},
}  # fmt: skip
NINE = {
    "success", "message", "summary", "action", "appointment_id", "date_time", "agent_name", "action_required",
    "available_slots",
}  # fmt: skip
UNSPOKEN = re.compile(r"[{}\[\]<>|\\_`#*\"\n\r\t]|https?:|null|None|pydantic|Traceback|input_value")


def fault(answer: httpx.Response) -> str:
    """Say what is wrong with a refusal; "" for nothing."""
    path = answer.request.extensions.get("path", answer.request.url.path).rstrip("/")
    try:
        _check(answer, path)
    except AssertionError as error:
        return f"{answer.status_code} {answer.text[:300]}: {str(error)[:200]}"
    return ""


def _check(answer: httpx.Response, path: str) -> None:
    assert 400 <= answer.status_code < 500, "no refusal"
    assert not [name for name in answer.headers if name.startswith("access-control")], "CORS"
    assert answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"
    body: Json = answer.json()
    if path == TOOLZZ or path.startswith(f"{TOOLZZ}/"):
        assert body.keys() == {"statusCode", "message", "error"}
        assert body["statusCode"] == answer.status_code
    elif path == MANAGE:
        _check_spoken(body, answer.status_code)
    else:
        assert body.keys() == {"success", "message", "code"}
        assert body["success"] is False
        assert body["code"] in CODES[answer.status_code]
    assert body["message"].strip() == body["message"] != ""
    assert not re.search(r"pydantic|Traceback|input_value|<class", body["message"])


def _check_spoken(body: Json, status: int) -> None:
    assert body.keys() == {"success", "message", "code", "error", "data"}
    assert body["success"] is False
    assert body["code"] == body["error"]["code"]
    assert body["code"] in CODES[status]
    assert {"action", "action_required"} <= body["error"]["details"].keys()
    assert body["data"].keys() >= NINE
    assert body["message"] == body["error"]["message"]
    assert body["message"][-1] in ".?!", "not a sentence"
    assert not UNSPOKEN.search(body["message"]), "cannot be spoken"
