"""No exception of httpx or aiohttp passes the wall, whatever is asked and however it fails."""

from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import httpx
import pytest
import respx
from tests.calcom.answers import START, kind, wish

from calbridge.calcom.calendar import Calendar
from calbridge.calcom.errors import CalcomError
from calbridge.domain.appointments import BookingQuery
from calbridge.domain.errors import CalendarError, CalendarUnreachableError, OutcomeUnknownError
from calbridge.domain.times import Window

pytestmark = pytest.mark.usefixtures("_at_once")


async def _every_booking(calendar: Calendar) -> None:
    async for _ in calendar.bookings(BookingQuery()):
        pass


async def _first_change(calendar: Calendar) -> None:
    async for _ in calendar.changes(START):
        return


READS: dict[str, Callable[[Calendar], Awaitable[object]]] = {
    "me": lambda calendar: calendar.me(),
    "event_types": lambda calendar: calendar.event_types(),
    "open_slots": lambda calendar: calendar.open_slots(kind(), Window(START, START.replace(hour=10))),
    "changes": _first_change,
    "own_booking": lambda calendar: calendar.own_booking("u1"),
    "own_series": lambda calendar: calendar.own_series("u1"),
    "bookings": _every_booking,
    "webhooks": lambda calendar: calendar.webhooks(),
}
WRITES: dict[str, Callable[[Calendar], Awaitable[object]]] = {
    "book": lambda calendar: calendar.book(wish()),
    "reschedule": lambda calendar: calendar.reschedule("u1", START, "x"),
    "cancel": lambda calendar: calendar.cancel("u1", "x"),
    "create_webhook": lambda calendar: calendar.create_webhook("https://x.example", [], "s"),
    "delete_webhook": lambda calendar: calendar.delete_webhook("w1"),
}


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for child in kind.__subclasses__():
        yield from below(child)


HTTPX = [
    one("told by httpx") for one in below(httpx.TransportError) if one.__module__ == httpx.TransportError.__module__
]
STRANGE = [
    httpx.TooManyRedirects("x"),
    httpx.DecodingError("x"),
    httpx.InvalidURL("x"),
    httpx.StreamError("x"),
    httpx.StreamConsumed(),
    httpx.StreamClosed(),
    httpx.ResponseNotRead(),
    aiohttp.ClientError("x"),
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientPayloadError("x"),
    aiohttp.ClientResponseError(None, (), status=400),  # type: ignore[arg-type] # as of no real request
    ConnectionResetError("x"),
    TimeoutError("x"),
]


def name_of(error: Exception) -> str:
    return type(error).__name__


def test_no_method_of_the_calendar_is_forgotten() -> None:
    public = {name for name in vars(Calendar) if not name.startswith("_")}
    assert public == READS.keys() | WRITES.keys()


@pytest.mark.parametrize("error", HTTPX, ids=name_of)
async def test_every_transport_error_of_httpx(calcom: respx.MockRouter, calendar: Calendar, error: Exception) -> None:
    calcom.route().mock(side_effect=error)
    for read in READS.values():
        with pytest.raises(CalendarUnreachableError) as unread:
            await read(calendar)
        assert isinstance(unread.value.__cause__, CalcomError)
        assert unread.value.__cause__.__cause__ is error
    for write in WRITES.values():
        with pytest.raises(OutcomeUnknownError) as unwritten:
            await write(calendar)
        assert isinstance(unwritten.value.__cause__, CalcomError)
        assert unwritten.value.__cause__.__cause__ is error


@pytest.mark.parametrize("error", STRANGE, ids=name_of)
async def test_and_what_else_can_come(calcom: respx.MockRouter, calendar: Calendar, error: Exception) -> None:
    calcom.route().mock(side_effect=error)
    for read in READS.values():
        with pytest.raises(CalendarError):
            await read(calendar)
    for write in WRITES.values():
        with pytest.raises(OutcomeUnknownError):
            await write(calendar)
