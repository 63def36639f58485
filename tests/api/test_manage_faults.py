"""``manage`` while Cal.com fails: nothing is done twice, nothing is lost, and nobody is told what is not so."""

import asyncio

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey
from tests.api import calcom
from tests.api.bodies import Json, booked, cancelled, moved, stopped, taken, unconfirmed
from tests.api.clinic import SETTLE_SECONDS, Clinic

from calbridge.domain.errors import UnavailableError
from calbridge.storage.agents import Agents
from calbridge.storage.intents import Intents

TEN, ELEVEN = "2026-03-25T10:00:00Z", "2026-03-26T11:00:00Z"
SENTENCE = "You're booked with Dr. Rivera for Wednesday, March 25 at 10 AM."
CREATE, LIST = ("POST", "/v2/bookings"), ("GET", "/v2/bookings")
BROKEN = "The calendar isn't working as it should right now. Please try again in a moment."
UNREACHABLE = "I can't reach the calendar right now. Nothing was changed; please try again in a moment."
# Kinds of answers that tell nothing, once the effect has taken place.
MUTE = [
    ("drop", {}),
    ("cut", {}),
    ("malformed", {}),
    ("empty", {}),
    ("html", {}),
    ("redirect", {}),
    ("status", {"status": 500}),
    ("status", {"status": 502}),
    ("status", {"status": 503}),
    ("status", {"status": 504}),
    ("status", {"status": 200, "body": None}),
    ("status", {"status": 201, "body": []}),
    ("status", {"status": 201, "body": {"status": "success", "data": {}}}),
]
IDS = [f"{kind}-{n}" for n, (kind, _) in enumerate(MUTE)]


@pytest.mark.parametrize(("kind", "how"), MUTE, ids=IDS)
async def test_a_booking_whose_answer_was_lost_is_found_and_told(small_clinic: Clinic, kind: str, how: Json) -> None:
    await calcom.fault(small_clinic, kind, *CREATE, **{"when": "after", **how})

    answer = await small_clinic.book()

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    assert len(await calcom.bookings(small_clinic)) == 1
    assert len(await calcom.sent(small_clinic, *CREATE)) == 1


@pytest.mark.parametrize(("kind", "how"), MUTE, ids=IDS)
async def test_a_booking_that_cannot_be_found_is_not_known_and_the_same_request_again_makes_it(
    small_clinic: Clinic, kind: str, how: Json
) -> None:
    await calcom.fault(small_clinic, kind, *CREATE, **{**how, "when": "before"})

    unknown = await small_clinic.book()
    await asyncio.sleep(SETTLE_SECONDS)
    again = await small_clinic.book()

    assert unknown.status_code == 202
    assert unknown.json() == unconfirmed("book", TEN)
    assert again.json() == booked(calcom.uid_of(again), SENTENCE, TEN)
    assert len(await calcom.bookings(small_clinic)) == 1


async def test_a_booking_that_cannot_be_looked_for_is_not_known_and_the_same_request_again_finds_it(
    clinic: Clinic,
) -> None:
    await calcom.fault(clinic, "drop", *CREATE, when="after")
    await calcom.fault(clinic, "status", *LIST, times=9)

    unknown = await clinic.book()
    await clinic.at_calcom("DELETE", "/sandbox/faults")
    again = await clinic.book()

    assert unknown.status_code == 202
    assert unknown.json() == unconfirmed("book", TEN)
    assert again.json() == booked("", SENTENCE, TEN)
    assert len(await calcom.bookings(clinic)) == 1


async def test_a_booking_that_may_be_the_callers_own_is_not_called_taken(small_clinic: Clinic) -> None:
    first = await small_clinic.book()
    await calcom.fault(small_clinic, "status", *LIST, times=9)

    unknown = await small_clinic.book()
    await small_clinic.at_calcom("DELETE", "/sandbox/faults")
    again = await small_clinic.book()

    assert unknown.status_code == 202
    assert unknown.json() == unconfirmed("book", TEN)
    assert again.json() == booked("", SENTENCE, TEN)
    assert first.json() == booked(calcom.uid_of(first), SENTENCE, TEN)


@pytest.mark.parametrize("action", ["book", "reschedule"])
async def test_what_cannot_be_looked_for_because_of_too_many_requests_is_not_known(
    small_clinic: Clinic, action: str
) -> None:
    uid = calcom.uid_of(await small_clinic.book("2026-03-24T10:00:00Z"))
    path = "/v2/bookings" if action == "book" else f"/v2/bookings/{uid}/reschedule"
    if action == "reschedule":  # the first look, for what is to be moved, passes
        await calcom.fault(small_clinic, "delay", *LIST)
    await calcom.fault(small_clinic, "drop", "POST", path, when="after")
    await calcom.fault(small_clinic, "throttle", *LIST)

    answer = await (small_clinic.book() if action == "book" else _move(small_clinic, uid))

    assert answer.status_code == 202
    assert answer.json() == unconfirmed(action, TEN if action == "book" else ELEVEN)


async def test_a_refusal_is_certain_even_if_alternatives_are_throttled(small_clinic: Clinic) -> None:
    await calcom.book(small_clinic, TEN)
    await calcom.fault(small_clinic, "throttle", "GET", "/v2/slots")

    answer = await small_clinic.book()

    sentence = "That time isn't available. What other time would suit you?"
    assert answer.json() == taken("book", sentence, TEN)


async def test_a_move_whose_answer_was_lost_is_found_and_told(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/reschedule", when="after")

    answer = await _move(small_clinic, uid)

    sentence = "I've moved your appointment with Dr. Rivera to Thursday, March 26 at 11 AM."
    assert answer.json() == moved(calcom.uid_of(answer), sentence, ELEVEN)
    assert len(await calcom.bookings(small_clinic)) == 2


async def test_a_move_that_cannot_be_seen_is_not_known_and_the_same_request_again_makes_it(
    small_clinic: Clinic,
) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/reschedule")

    unknown = await _move(small_clinic, uid)
    await asyncio.sleep(SETTLE_SECONDS)
    again = await _move(small_clinic, uid)

    assert unknown.status_code == 202
    assert unknown.json() == unconfirmed("reschedule", ELEVEN)
    assert again.status_code == 200
    assert len(await calcom.bookings(small_clinic)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_cancellation_is_repeated_until_it_is_certain(small_clinic: Clinic, when: str) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/cancel", when=when)

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    sentence = "Your appointment with Dr. Rivera on Wednesday, March 25 at 10 AM is cancelled."
    assert answer.json() == cancelled(uid, sentence, TEN)


async def test_a_cancellation_that_stays_uncertain_is_not_known(small_clinic: Clinic) -> None:
    uid = calcom.uid_of(await small_clinic.book())
    await calcom.fault(small_clinic, "drop", "POST", f"/v2/bookings/{uid}/cancel", times=3)

    answer = await small_clinic.manage("cancel", appointment_id=uid)

    assert answer.status_code == 202
    assert answer.json() == unconfirmed("cancel", TEN)


@pytest.mark.parametrize("action", ["suggest", "availability"])
@pytest.mark.parametrize(
    ("kind", "how", "sentence"),
    [
        ("drop", {}, UNREACHABLE),
        ("status", {"status": 500}, BROKEN),
        ("status", {"status": 502}, BROKEN),
        ("malformed", {}, BROKEN),
        ("html", {"status": 200}, BROKEN),
        ("redirect", {}, BROKEN),
    ],
)
async def test_a_question_that_calcom_does_not_answer_well_is_502(
    small_clinic: Clinic, action: str, kind: str, how: Json, sentence: str
) -> None:
    await calcom.fault(small_clinic, kind, "GET", "/v2/slots", times=3, **how)

    answer = await small_clinic.manage(action)

    assert answer.status_code == 502
    assert answer.json() == stopped(action, "CALCOM_API_ERROR", sentence)


async def test_a_question_is_asked_again_before_that(small_clinic: Clinic) -> None:
    await calcom.fault(small_clinic, "status", "GET", "/v2/slots", status=503)

    assert (await small_clinic.manage("suggest")).status_code == 200


async def test_a_calcom_that_cannot_be_reached_at_all_has_changed_nothing(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_clinic.manage("suggest")
    passing = httpx.ASGITransport.handle_async_request

    async def cut(transport: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
        if request.url.host == "calbridge.test":
            return await passing(transport, request)
        key = ConnectionKey("sandbox.test", 5555, False, True, None, None, None)  # noqa: FBT003 - aiohttp's order
        refused = aiohttp.ClientConnectorError(key, ConnectionRefusedError(111, "Connection refused"))
        raise httpx.ConnectError("refused", request=request) from refused

    monkeypatch.setattr(httpx.ASGITransport, "handle_async_request", cut)
    answer = await small_clinic.book()

    assert answer.status_code == 502
    assert answer.json() == stopped("book", "CALCOM_API_ERROR", UNREACHABLE)


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [("POST", "/v2/bookings", "book"), ("GET", "/v2/slots", "suggest"), ("GET", "/v2/bookings", "cancel")],
)
async def test_too_many_requests_at_calcom_are_told_with_the_time_to_wait(
    small_clinic: Clinic, method: str, path: str, action: str
) -> None:
    await calcom.fault(small_clinic, "throttle", method, path, headers={"X-RateLimit-Reset-Default": "42"})

    answer = await (small_clinic.book() if action == "book" else small_clinic.manage(action, appointment_id="some-uid"))

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "42"
    sentence = "I'm getting too many requests right now. Please try again in a minute."
    assert answer.json() == stopped(action, "RATE_LIMITED", sentence)
    assert await calcom.bookings(small_clinic) == []


async def test_a_calcom_that_is_slower_than_the_caller_may_wait_is_looked_up_in_time(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")
    await calcom.fault(small_clinic, "delay", *CREATE, when="after", seconds=30)

    started = asyncio.get_running_loop().time()
    answer = await small_clinic.book(deadline_ms=500)

    assert asyncio.get_running_loop().time() - started < 5
    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)


async def test_a_calcom_that_stays_silent_leaves_it_unknown_in_time(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")
    await calcom.fault(small_clinic, "delay", "*", "/v2/bookings", seconds=30, times=9)

    started = asyncio.get_running_loop().time()
    answer = await small_clinic.book(deadline_ms=1)  # 500 is the least

    assert asyncio.get_running_loop().time() - started < 5
    assert answer.status_code == 202
    assert answer.json() == unconfirmed("book", TEN)


async def test_what_was_booked_is_told_even_if_it_cannot_be_written_down(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise UnavailableError

    monkeypatch.setattr(Intents, "settle", away)
    answer = await small_clinic.book()
    gone = await small_clinic.manage("cancel", appointment_id=calcom.uid_of(answer))

    assert answer.json() == booked(calcom.uid_of(answer), SENTENCE, TEN)
    assert gone.status_code == 200


async def test_without_a_database_nothing_is_sent_to_calcom(
    small_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise UnavailableError(7)

    before = await calcom.requests(small_clinic)
    monkeypatch.setattr(Agents, "assignment", away)
    answer = await small_clinic.book()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == stopped("book", "UNAVAILABLE", "I can't do that just now. Please try again in a moment.")
    assert await calcom.requests(small_clinic) == before


async def _move(clinic: Clinic, uid: str) -> httpx.Response:
    return await clinic.manage("reschedule", appointment_id=uid, appointment_datetime=ELEVEN)
