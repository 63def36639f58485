"""What is sent to Cal.com, how often, and what becomes of answers that nobody would expect."""

import asyncio
import gzip

import aiohttp
import httpx
import pytest
import respx
from tests.calcom.answers import BASE_URL, KEY, START, booking, event_type, page, raw, success, throttled

from calbridge.calcom import wire
from calbridge.calcom.client import CalcomClient, Call
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import (
    BadKeyError,
    CalcomError,
    NoAnswerError,
    NoSuchBookingError,
    NotSentError,
    RefusedError,
    ServerFaultError,
    ThrottledError,
    UnusableAnswerError,
)
from calbridge.calcom.exchange import MAX_BODY
from calbridge.calcom.governor import Governor
from calbridge.domain.agents import Access

NEW = wire.CreateBooking(
    start=START,
    event_type_id=1,
    attendee=wire.NewAttendee(name="Jane Doe", time_zone="Europe/London", email="j@x.example"),
)
ME = {"id": 1, "email": "owner@clinic.example", "name": "Demo Clinic", "username": "demo", "timeZone": "Europe/London"}
WEBHOOK = {"id": "773fa7ed-d1ed-4510-99f2-985120d0a7f9", "subscriberUrl": "https://x.example", "triggers": []}


@pytest.fixture
def client(http: httpx.AsyncClient, governor: Governor, _at_once: None) -> CalcomClient:
    return CalcomClient(http, timeout=20, governor=governor)


async def test_each_resource_is_asked_in_its_own_version(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    calcom.get("/v2/me").respond(json={"data": ME})
    calcom.get("/v2/event-types").mock(success([event_type()]))
    calcom.get("/v2/slots").mock(success({}))
    calcom.get("/v2/bookings").mock(page())
    calcom.route(path__regex=r"/v2/bookings(/.*)?$").mock(success(booking()))
    calcom.get("/v2/webhooks").mock(success([WEBHOOK]))
    calcom.post("/v2/webhooks").mock(success(WEBHOOK, 201))
    calcom.delete("/v2/webhooks/w1").mock(httpx.Response(204))

    await client.me(access, deadline)
    await client.event_types(access, deadline)
    await client.slots(access, deadline, {"eventTypeId": "1"})
    await client.create_booking(access, deadline, NEW)
    await client.get_booking(access, deadline, "u1")
    await client.list_bookings(access, deadline, {"take": "5"})
    await client.reschedule_booking(access, deadline, "u1", wire.RescheduleBooking(start=START))
    await client.cancel_booking(access, deadline, "u1", wire.CancelBooking(cancellation_reason="x"))
    await client.create_webhook(access, deadline, wire.CreateWebhook(subscriber_url="u", triggers=[], secret="s"))
    await client.list_webhooks(access, deadline)
    await client.delete_webhook(access, deadline, "w1")

    sent = [
        (call.request.method, call.request.url.raw_path.decode(), call.request.headers.get("cal-api-version"))
        for call in calcom.calls
    ]
    assert sent == [
        ("GET", "/v2/me", None),
        ("GET", "/v2/event-types", "2024-06-14"),
        ("GET", "/v2/slots?eventTypeId=1", "2024-09-04"),
        ("POST", "/v2/bookings", "2024-08-13"),
        ("GET", "/v2/bookings/u1", "2024-08-13"),
        ("GET", "/v2/bookings?take=5", "2024-08-13"),
        ("POST", "/v2/bookings/u1/reschedule", "2024-08-13"),
        ("POST", "/v2/bookings/u1/cancel", "2024-08-13"),
        ("POST", "/v2/webhooks", None),
        ("GET", "/v2/webhooks", None),
        ("DELETE", "/v2/webhooks/w1", None),
    ]
    assert {call.request.headers["Authorization"] for call in calcom.calls} == {f"Bearer {KEY}"}


async def test_the_version_for_bookings_is_the_connections(
    calcom: respx.MockRouter, client: CalcomClient, deadline: Deadline
) -> None:
    route = calcom.post("/v2/bookings").mock(success(booking(), 201))
    await client.create_booking(Access(BASE_URL + "/", KEY, "2026-02-25"), deadline, NEW)
    assert route.calls.last.request.headers["cal-api-version"] == "2026-02-25"


@pytest.mark.parametrize("key", ["", "cal live", "cal_live\r\nX-Evil: 1", "cal_ümlaut"])
async def test_what_cannot_be_a_key_is_never_sent(client: CalcomClient, deadline: Deadline, key: str) -> None:
    with pytest.raises(BadKeyError):
        await client.create_booking(Access(BASE_URL, key), deadline, NEW)


@pytest.mark.parametrize("base_url", ["", "api.cal.example", "ftp://api.cal.example", "https://", "https://x:y:z"])
async def test_what_cannot_be_an_address_is_never_sent(client: CalcomClient, deadline: Deadline, base_url: str) -> None:
    with pytest.raises(NotSentError):
        await client.me(Access(base_url, KEY), deadline)


@pytest.mark.parametrize("uid", ["", "..", "../me", "a/b", "a?b", "a b", "ü", "x" * 256])
async def test_a_uid_cannot_lead_to_another_path(
    client: CalcomClient, access: Access, deadline: Deadline, uid: str
) -> None:
    with pytest.raises(NoSuchBookingError):
        await client.cancel_booking(access, deadline, uid, wire.CancelBooking(cancellation_reason="x"))


async def test_nor_can_the_id_of_a_webhook(client: CalcomClient, access: Access, deadline: Deadline) -> None:
    with pytest.raises(NotSentError):
        await client.delete_webhook(access, deadline, "../me")


async def test_nothing_is_sent_after_the_deadline(client: CalcomClient, access: Access) -> None:
    with pytest.raises(NotSentError):
        await client.create_booking(access, Deadline.after(0), NEW)


@pytest.mark.parametrize(
    "fault",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.ReadTimeout("x"), httpx.ReadError("x"), raw(503, "x")],
    ids=str,
)
async def test_a_read_is_repeated_twice(
    calcom: respx.MockRouter,
    client: CalcomClient,
    access: Access,
    deadline: Deadline,
    fault: Exception | httpx.Response,
) -> None:
    route = calcom.get("/v2/me").mock(side_effect=[fault, fault, success(ME)])
    assert (await client.me(access, deadline)).id == 1
    assert route.call_count == 3


async def test_but_no_more_than_twice(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.get("/v2/me").mock(raw(500, "Internal server error"))
    with pytest.raises(ServerFaultError):
        await client.me(access, deadline)
    assert route.call_count == 3


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("x"),  # without a cause that says so, nothing proves that it did not arrive
        httpx.ConnectTimeout("x"),
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        raw(500, "x"),
        raw(503, "x"),
        success(None, 201),
        httpx.Response(302, headers={"Location": BASE_URL + "/v2/bookings"}),
    ],
    ids=str,
)
async def test_a_post_is_sent_once(
    calcom: respx.MockRouter,
    client: CalcomClient,
    access: Access,
    deadline: Deadline,
    fault: Exception | httpx.Response,
) -> None:
    route = calcom.post("/v2/bookings").mock(side_effect=[fault])
    with pytest.raises(CalcomError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 1


def refused() -> aiohttp.ClientConnectorError:
    """The only proof that nothing was sent; bare, since respx puts a cause of its own behind what it raises."""
    return aiohttp.ClientConnectorError(None, ConnectionRefusedError(111, "refused"))  # type: ignore[arg-type]


async def test_a_post_that_provably_did_not_arrive_is_sent_once_more(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.post("/v2/bookings").mock(side_effect=[refused(), success(booking(), 201)])
    assert (await client.create_booking(access, deadline, NEW)).id == 1
    assert route.call_count == 2


async def test_and_no_more_than_once(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.post("/v2/bookings").mock(side_effect=[refused(), refused(), success(booking(), 201)])
    with pytest.raises(NotSentError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 2


async def test_nor_once_more_when_the_second_may_have_arrived(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.post("/v2/bookings").mock(side_effect=[refused(), httpx.ReadError("x"), success(booking(), 201)])
    with pytest.raises(NoAnswerError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 2


async def test_no_timeout_of_httpx_undercuts_the_deadline(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.get("/v2/me").mock(success(ME))
    await client.me(access, deadline)
    assert set(route.calls.last.request.extensions["timeout"].values()) == {None}


async def test_a_delete_is_sent_once(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.delete("/v2/webhooks/w1").mock(side_effect=httpx.ReadTimeout("x"))
    with pytest.raises(NoAnswerError):
        await client.delete_webhook(access, deadline, "w1")
    assert route.call_count == 1


async def test_a_throttled_read_waits_for_the_block_to_be_lifted(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    calcom.get("/v2/me").mock(side_effect=[throttled(**{"X-RateLimit-Reset-Default": "1"}), success(ME)])
    clock = asyncio.get_running_loop().time
    began = clock()
    await client.me(access, deadline)
    assert clock() - began > 0.9


async def test_a_throttled_write_too_since_it_was_not_executed(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    blocked = throttled(**{"X-RateLimit-Reset-Default": "1"})
    route = calcom.post("/v2/bookings").mock(side_effect=[blocked, success(booking(), 201)])
    clock = asyncio.get_running_loop().time
    began = clock()
    assert (await client.create_booking(access, deadline, NEW)).id == 1
    assert clock() - began > 0.9
    assert route.call_count == 2


async def test_and_a_throttled_write_only_once_more(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    route = calcom.post("/v2/bookings").mock(throttled(**{"X-RateLimit-Reset-Default": "1"}))
    with pytest.raises(ThrottledError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 2


async def test_nor_when_the_second_may_have_been_executed(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    blocked = throttled(**{"X-RateLimit-Reset-Default": "1"})
    route = calcom.post("/v2/bookings").mock(side_effect=[blocked, raw(500, "x"), success(booking(), 201)])
    with pytest.raises(ServerFaultError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 2


async def test_a_read_does_not_wait_beyond_the_deadline(
    calcom: respx.MockRouter, client: CalcomClient, access: Access
) -> None:
    route = calcom.get("/v2/me").mock(throttled(**{"X-RateLimit-Reset-Default": "57"}))
    with pytest.raises(ThrottledError) as caught:
        await client.me(access, Deadline.after(20))
    assert caught.value.retry_after == 57
    assert route.call_count == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_refused_read_is_not_repeated(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline, status: int
) -> None:
    route = calcom.get("/v2/me").mock(raw(status, "no"))
    with pytest.raises(RefusedError):
        await client.me(access, deadline)
    assert route.call_count == 1


async def test_one_time_limit_covers_all_repeats(
    calcom: respx.MockRouter, http: httpx.AsyncClient, governor: Governor, access: Access, deadline: Deadline
) -> None:
    async def hang(request: httpx.Request) -> httpx.Response:  # noqa: ARG001 - respx gives it
        await asyncio.sleep(30)
        return success(ME)

    calcom.get("/v2/me").mock(side_effect=hang)
    clock = asyncio.get_running_loop().time
    began = clock()
    with pytest.raises(NoAnswerError):
        await CalcomClient(http, timeout=0.1, governor=governor).me(access, deadline)
    with pytest.raises(NoAnswerError):
        await CalcomClient(http, timeout=20, governor=governor).me(access, Deadline.after(0.1))
    assert clock() - began < 10


UNUSABLE = [
    httpx.Response(200),
    httpx.Response(200, text="<html>maintenance</html>"),
    httpx.Response(200, text='{"status": "success", "data": {"id": 1'),
    httpx.Response(200, text="null"),
    httpx.Response(200, text="[]"),
    httpx.Response(200, text='"ok"'),
    httpx.Response(200, content=b"\xff\xfe\x00"),
    httpx.Response(200, text="[" * 100_000),
    httpx.Response(200, json={"status": "success"}),
    success(None),
    success([]),
    success({}),
    success([booking(), booking(uid="u2")]),
    success(booking(uid="")),
    success(booking(uid=None)),
    success(booking(start="soon")),
    success(booking(start="0001-01-01T00:00:00+14:00")),
    success({"bookingId": 39, "bookingUid": "1wfeDnbvhumenPFkVjxCiB", "onlyRemovedAttendee": False}),
    httpx.Response(200, text=" " * MAX_BODY + "{}"),
    httpx.Response(301, headers={"Location": "/elsewhere"}),
    httpx.Response(304),
]


@pytest.mark.parametrize(
    "answer", UNUSABLE, ids=lambda answer: answer.text[:40] if answer.status_code == 200 else "3xx"
)
async def test_an_answer_without_a_booking_says_nothing(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline, answer: httpx.Response
) -> None:
    route = calcom.post("/v2/bookings").mock(answer)
    with pytest.raises(UnusableAnswerError):
        await client.create_booking(access, deadline, NEW)
    assert route.call_count == 1


@pytest.mark.parametrize("packed", [b"not packed at all", gzip.compress(b" " * (MAX_BODY + 1))], ids=["bad", "bomb"])
async def test_an_answer_that_cannot_be_unpacked_or_unpacks_into_too_much(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline, packed: bytes
) -> None:
    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(packed))
    route = calcom.get("/v2/me").mock(answer)
    with pytest.raises(UnusableAnswerError):
        await client.me(access, deadline)
    assert route.call_count == 1


async def test_no_error_quotes_what_was_read(
    calcom: respx.MockRouter, client: CalcomClient, access: Access, deadline: Deadline
) -> None:
    calcom.post("/v2/bookings").mock(success(booking(uid=None, start="jane@example.com")))
    with pytest.raises(UnusableAnswerError) as caught:
        await client.create_booking(access, deadline, NEW)
    assert "jane" not in f"{caught.value} {caught.value.__cause__}"


def test_a_call_shows_neither_body_nor_key() -> None:
    assert "Jane" not in repr(Call("POST", "/v2/bookings", "", body=NEW.to_json()))
    assert KEY not in repr(Access(BASE_URL, KEY))
