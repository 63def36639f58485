"""Who may call, and how often."""

import pytest
from starlette.applications import Starlette
from tests.sandbox.callers import Caller, Clock, message, wish


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("cal_unknown", "CustomThrottlerGuard - Invalid API Key"),
        ("cal_sandbox_expired", "ApiAuthStrategy - api key - Your api key is expired"),
        ("a-token", "Invalid Access Token."),
    ],
)
async def test_a_bad_key_is_refused_everywhere(call: Caller, key: str, text: str) -> None:
    for method, path in (("GET", "/me"), ("POST", "/bookings")):
        answer = await call.as_(key)(method, path, wish() if method == "POST" else None)
        assert (answer.status_code, message(answer)) == (401, text)


async def test_without_a_key_some_things_work_and_two_guards_refuse_the_rest(call: Caller) -> None:
    nobody = call.as_(None)
    booked = await nobody.book()
    assert (await nobody("GET", f"/bookings/{booked['uid']}")).status_code == 200
    assert (await nobody("GET", "/me")).status_code == 401
    assert (await nobody("GET", "/bookings")).status_code == 403


async def test_the_answer_has_the_headers_of_cal_com(call: Caller) -> None:
    headers = (await call("GET", "/me")).headers
    assert headers["x-ratelimit-limit-default"] == "120"
    assert headers["x-ratelimit-remaining-default"] == "119"
    assert headers["x-ratelimit-reset-default"] == "60"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["etag"].startswith('W/"')
    assert len(headers["x-request-id"]) == 36


async def test_request_121_is_blocked_for_a_minute_and_asking_does_not_prolong_it(call: Caller, clock: Clock) -> None:
    for remaining in range(119, -1, -1):
        answer = await call("GET", "/me")
        assert (answer.status_code, answer.headers["x-ratelimit-remaining-default"]) == (200, str(remaining))
    clock.advance(seconds=30)
    blocked = await call("GET", "/me")
    assert blocked.status_code == 429
    assert blocked.headers["x-ratelimit-reset-default"] == "60"
    assert "retry-after" not in blocked.headers
    assert blocked.json()["error"]["code"] == "ThrottlerException"
    assert isinstance(blocked.json()["error"]["details"], str)
    clock.advance(seconds=57)
    again = await call("POST", "/bookings", wish())
    assert (again.status_code, again.headers["x-ratelimit-reset-default"]) == (429, "3")
    assert (await call.as_("cal_sandbox_limited")("GET", "/me")).status_code == 200
    clock.advance(seconds=3)
    assert (await call("GET", "/me")).headers["x-ratelimit-remaining-default"] == "119"


async def test_a_window_ends_after_a_minute(call: Caller, clock: Clock) -> None:
    await call("GET", "/me")
    clock.advance(seconds=59)
    assert (await call("GET", "/me")).headers["x-ratelimit-reset-default"] == "1"
    clock.advance(seconds=1)
    assert (await call("GET", "/me")).headers["x-ratelimit-remaining-default"] == "119"


async def test_the_limit_of_a_key_can_be_set(call: Caller, app: Starlette) -> None:
    await call.control("POST", "/settings", {"limits": {"cal_sandbox_demo": 1}})
    assert (await call("GET", "/me")).status_code == 200
    assert (await call("GET", "/me")).status_code == 429
    assert app.state.world.keys["cal_sandbox_demo"].limit == 1
