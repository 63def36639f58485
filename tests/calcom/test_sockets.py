"""What was not sent and what may have arrived, shown on real sockets through the transport of the product."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import httpx
import httpx_aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.calcom.answers import KEY, booking, wish
from tests.calcom.servers import Answer, Conversation, port_without_server, serving

from calbridge.calcom.calendar import Calendar, Calendars
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import NoAnswerError, NotSentError, UnusableAnswerError
from calbridge.calcom.exchange import MAX_BODY
from calbridge.calcom.governor import Governor
from calbridge.domain.agents import Access
from calbridge.domain.appointments import BookingQuery
from calbridge.domain.errors import CalendarError, CalendarUnreachableError, OutcomeUnknownError
from calbridge.domain.permits import Pace

ME = json.dumps({"status": "success", "data": {"id": 1, "timeZone": "Europe/London"}}).encode()
BOOKED = json.dumps({"status": "success", "data": booking()}).encode()


def calendar_at(url: str, http: httpx.AsyncClient, seconds: float = 20) -> Calendar:
    calendars = Calendars(
        CalcomClient(http, timeout=20, governor=Governor(b"s", Pace.of(1000))),
        placeholder_domain="callers.example",
        allows=lambda _: True,
    )
    return calendars.open(Access(url, KEY), Deadline.after(seconds))


async def close(conversation: Conversation) -> None:
    await conversation.close()


async def reset(conversation: Conversation) -> None:
    await conversation.reset()


async def cut_head(conversation: Conversation) -> None:
    conversation.writer.write(b"HTTP/1.1 201 Cre")
    await conversation.writer.drain()
    await conversation.close()


async def cut_body(conversation: Conversation) -> None:
    await conversation.reply(BOOKED[:40], "201 Created", length=len(BOOKED))
    await conversation.close()


async def reset_in_body(conversation: Conversation) -> None:
    await conversation.reply(BOOKED[:40], "201 Created", length=len(BOOKED))
    await asyncio.sleep(0.05)  # let the head be read first
    await conversation.reset()


async def no_http(conversation: Conversation) -> None:
    conversation.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    await conversation.writer.drain()
    await conversation.close()


async def silence(conversation: Conversation) -> None:
    await conversation.writer.drain()
    await asyncio.sleep(60)


async def drip(conversation: Conversation) -> None:
    await conversation.reply(b"", "201 Created", length=len(BOOKED))
    for byte in BOOKED:
        conversation.writer.write(bytes([byte]))
        await conversation.writer.drain()
        await asyncio.sleep(1)


async def flood(conversation: Conversation) -> None:
    await conversation.reply(b" " * (2 * MAX_BODY), "201 Created")


async def redirect(conversation: Conversation) -> None:
    await conversation.reply(b"", "307 Temporary Redirect", "Location: /v2/elsewhere")


async def html(conversation: Conversation) -> None:
    await conversation.reply(b"<html>One moment, please</html>", "201 Created", "Content-Type: text/html")


async def test_nobody_listens(http: httpx.AsyncClient) -> None:
    calendar = calendar_at(f"http://127.0.0.1:{port_without_server()}", http)
    with pytest.raises(CalendarUnreachableError) as caught:
        await calendar.book(wish())
    assert isinstance(caught.value.__cause__, NotSentError)
    with pytest.raises(CalendarUnreachableError):
        await calendar.me()


async def test_a_server_without_tls(http: httpx.AsyncClient) -> None:
    heard: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(CalendarUnreachableError) as caught:
            await calendar_at(f"https://127.0.0.1:{port}", http).book(wish())
        assert isinstance(caught.value.__cause__, NotSentError)
        assert heard == [b"\x16", b"\x16"]  # the greeting of TLS, twice, and nothing of the request


async def test_no_cookie_is_carried_from_one_account_to_another(http: httpx.AsyncClient) -> None:
    async def give_a_cookie(conversation: Conversation) -> None:
        await conversation.reply(ME, "200 OK", "Set-Cookie: session=of-the-first; Path=/")

    async with serving(give_a_cookie) as server:
        for _ in range(2):
            await calendar_at(server.url, http).me()
        await http.get(f"{server.url}/v2/me")  # nor does httpx add any by itself
        assert len(server.requests) == 3
        assert not any(b"cookie" in request.lower() for request in server.requests)


class NoNames(AbstractResolver):
    """A name server that knows no name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Find nothing."""
        raise OSError(socket.EAI_NONAME, f"{host}:{port}/{family} not known")

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def nameless() -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP client in a network without a name server."""

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoNames()))

    transport = httpx_aiohttp.AiohttpTransport(client=session, trust_env=False)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        yield client


async def test_no_such_host(nameless: httpx.AsyncClient) -> None:
    calendar = calendar_at("http://nowhere.invalid", nameless)
    with pytest.raises(CalendarUnreachableError) as caught:
        await calendar.book(wish())
    assert isinstance(caught.value.__cause__, NotSentError)


@pytest.mark.parametrize(
    "answer",
    [close, reset, cut_head, cut_body, reset_in_body, no_http, flood, redirect, html],
    ids=lambda one: one.__name__,
)
async def test_whatever_happens_after_the_request_it_may_have_arrived(http: httpx.AsyncClient, answer: Answer) -> None:
    async with serving(answer) as server:
        with pytest.raises(OutcomeUnknownError) as caught:
            await calendar_at(server.url, http).book(wish())
        assert isinstance(caught.value.__cause__, NoAnswerError | UnusableAnswerError)
        assert len(server.requests) == 1
        assert server.requests[0].startswith(b"POST /v2/bookings HTTP/1.1\r\n")


@pytest.mark.parametrize("answer", [close, reset], ids=lambda one: one.__name__)
async def test_httpx_calls_a_lost_answer_a_failure_to_connect(http: httpx.AsyncClient, answer: Answer) -> None:
    """The trap itself: whoever goes by httpx's class alone books twice."""
    async with serving(answer) as server:
        with pytest.raises(httpx.ConnectTimeout) as caught:
            await http.post(f"{server.url}/v2/bookings", json={})
        assert not isinstance(caught.value.__cause__, aiohttp.ClientConnectorError)
        assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [silence, drip], ids=lambda one: one.__name__)
async def test_the_deadline_ends_what_a_timeout_between_two_bytes_would_not(
    http: httpx.AsyncClient, answer: Answer
) -> None:
    async with serving(answer) as server:
        clock = asyncio.get_running_loop().time
        began = clock()
        with pytest.raises(OutcomeUnknownError):
            await calendar_at(server.url, http, seconds=0.3).book(wish())
        with pytest.raises(CalendarUnreachableError):
            await calendar_at(server.url, http, seconds=0.3).me()
        assert clock() - began < 10
        assert len(server.requests) == 2


async def test_a_read_survives_two_lost_answers(http: httpx.AsyncClient) -> None:
    async def third_time_lucky(conversation: Conversation) -> None:
        await (conversation.reply(ME) if conversation.request == 3 else conversation.close())

    async with serving(third_time_lucky) as server:
        assert (await calendar_at(server.url, http).me()).id == 1
        assert len(server.requests) == 3


@pytest.mark.parametrize("answer", [flood, redirect, html], ids=lambda one: one.__name__)
async def test_a_read_with_a_senseless_answer(http: httpx.AsyncClient, answer: Answer) -> None:
    async with serving(answer) as server:
        with pytest.raises(CalendarError):
            await calendar_at(server.url, http).me()
        assert len(server.requests) == 1


async def stale(conversation: Conversation) -> None:
    """Answer the first request of a connection and drop the connection at the second, if it is the server's first."""
    if conversation.connection == 1 and conversation.request > 1:
        await conversation.close()
    else:
        await conversation.reply(ME)


async def test_a_post_on_a_stale_connection_is_not_sent_again(http: httpx.AsyncClient) -> None:
    async with serving(stale) as server:
        calendar = calendar_at(server.url, http)
        await calendar.me()
        with pytest.raises(OutcomeUnknownError):
            await calendar.book(wish())
        assert (len(server.requests), server.connections) == (2, 1)


async def test_a_get_on_a_stale_connection_is_sent_again(http: httpx.AsyncClient) -> None:
    async with serving(stale) as server:
        calendar = calendar_at(server.url, http)
        await calendar.me()
        await calendar.me()
        assert (len(server.requests), server.connections) == (3, 2)


async def test_our_own_cancellation_passes_through_and_closes_the_connection(http: httpx.AsyncClient) -> None:
    async with serving(silence) as server:
        task = asyncio.ensure_future(calendar_at(server.url, http).book(wish()))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_what_goes_over_the_wire(http: httpx.AsyncClient) -> None:
    async def nothing(conversation: Conversation) -> None:
        await conversation.reply(b'{"status":"success","data":[],"pagination":{"hasNextPage":false}}')

    async with serving(nothing) as server:
        query = BookingQuery(uid="u1", attendee_email="jane+call@example.com")
        assert [one async for one in calendar_at(server.url, http).bookings(query)] == []
        head = server.requests[0].decode()
        assert "attendeeEmail=jane%2Bcall@example.com" in head.replace("%40", "@")
        lines = head.lower().splitlines()
        assert f"authorization: bearer {KEY}" in lines
        assert "cal-api-version: 2024-08-13" in lines
        assert "accept-encoding: gzip" in lines
