"""Cal.com's API v2, endpoint by endpoint: https://cal.com/docs/api-reference/v2.

The version of the API is chosen per resource, by a header of that exact date; a date that a server does not know makes
it answer in the language of 2024-04-15 without a word, so the dates stand beside the endpoints and nowhere else.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ValidationError

from calbridge.calcom import wire
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import (
    BadKeyError,
    CalcomError,
    Evidence,
    NoAnswerError,
    NoSuchBookingError,
    NotSentError,
    UnusableAnswerError,
    classify,
)
from calbridge.calcom.exchange import exchange
from calbridge.calcom.governor import Governor
from calbridge.calcom.metering import Meter, ObserveCall, ignore_call
from calbridge.calcom.retry import pause_before_repeat
from calbridge.domain.agents import Access

EVENT_TYPES_VERSION = "2024-06-14"
SLOTS_VERSION = "2024-09-04"
ANY_VERSION = ""  # the resource has one shape only, and no header is sent

# Without any, httpx would add its own: five seconds between two bytes, which neither bounds a call nor fits a deadline.
NO_TIMEOUTS = httpx.Timeout(None).as_dict()

_UID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_KEY = re.compile(r"[!-~]+")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be asked of Cal.com. ``takes_slot``: it is to occupy a time, and may find it taken."""

    method: str
    path: str
    version: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    takes_slot: bool = False


class CalcomClient:
    """Speaks to any Cal.com, with any account's access; holds nothing but the connections.

    ``timeout`` in seconds bounds a whole call: connecting, sending, reading the last byte, and all repeats of it. A
    nearer deadline bounds it further. ``observe_call`` is told of each request that is sent. Every method raises
    ``calbridge.calcom.errors.CalcomError`` and nothing else.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        timeout: float,
        governor: Governor,
        watch: Callable[[Mapping[str, str]], None] | None = None,
        urgent: bool = False,
        observe_call: ObserveCall = ignore_call,
    ) -> None:
        self._http = http
        self._timeout = timeout
        self._governor = governor
        self._watch = watch
        self._urgent = urgent
        self._observe_call = observe_call

    def set_up(self, *, watch: Callable[[Mapping[str, str]], None] | None, urgent: bool) -> "CalcomClient":
        """Return a client over the same connections.

        It shows ``watch`` the headers of every answer, of errors too. ``urgent``: its reads, like all writes, go before
        others where the rate limit makes calls wait.
        """
        return CalcomClient(
            self._http,
            timeout=self._timeout,
            governor=self._governor,
            watch=watch,
            urgent=urgent,
            observe_call=self._observe_call,
        )

    async def me(self, access: Access, deadline: Deadline) -> wire.Me:
        """``GET /v2/me``: whose key it is."""
        body = await self.request(Call("GET", "/v2/me", ANY_VERSION), access, deadline)
        return _parse(wire.Answer[wire.Me], body).data

    async def event_types(self, access: Access, deadline: Deadline) -> list[wire.EventType]:
        """``GET /v2/event-types``: the personal ones of the key's owner, hidden ones too."""
        body = await self.request(Call("GET", "/v2/event-types", EVENT_TYPES_VERSION), access, deadline)
        return _parse(wire.Answer[list[wire.EventType]], body).data

    async def slots(self, access: Access, deadline: Deadline, query: Mapping[str, str]) -> tuple[datetime, ...]:
        """``GET /v2/slots``: open starts, as instants of UTC, ascending."""
        body = await self.request(Call("GET", "/v2/slots", SLOTS_VERSION, query), access, deadline)
        try:
            return wire.read_slots(body)
        except ValueError as error:
            raise UnusableAnswerError("Cal.com's answer tells of no slots") from error

    async def create_booking(self, access: Access, deadline: Deadline, new: wire.CreateBooking) -> wire.Booking:
        """``POST /v2/bookings``: never sent again once a byte of it may have left."""
        call = Call("POST", "/v2/bookings", access.bookings_version, body=new.to_json(), takes_slot=True)
        return _parse(wire.SoleBooking, await self.request(call, access, deadline)).data

    async def get_booking(self, access: Access, deadline: Deadline, uid: str) -> wire.Booking:
        """``GET /v2/bookings/{uid}``: anybody's booking under anybody's key, so no proof of ownership."""
        call = Call("GET", _booking_path(uid), access.bookings_version)
        return _parse(wire.SoleBooking, await self.request(call, access, deadline)).data

    async def list_bookings(self, access: Access, deadline: Deadline, query: Mapping[str, str]) -> wire.BookingPage:
        """``GET /v2/bookings``: those that the key's owner hosts or attends."""
        call = Call("GET", "/v2/bookings", access.bookings_version, query)
        return _parse(wire.BookingPage, await self.request(call, access, deadline))

    async def reschedule_booking(
        self, access: Access, deadline: Deadline, uid: str, move: wire.RescheduleBooking
    ) -> wire.Booking:
        """``POST /v2/bookings/{uid}/reschedule``: anybody's booking; the answer is a new one, of another uid."""
        path = f"{_booking_path(uid)}/reschedule"
        call = Call("POST", path, access.bookings_version, body=move.to_json(), takes_slot=True)
        return _parse(wire.SoleBooking, await self.request(call, access, deadline)).data

    async def cancel_booking(
        self, access: Access, deadline: Deadline, uid: str, cancel: wire.CancelBooking
    ) -> wire.Booking:
        """``POST /v2/bookings/{uid}/cancel``: anybody's booking."""
        call = Call("POST", f"{_booking_path(uid)}/cancel", access.bookings_version, body=cancel.to_json())
        return _parse(wire.SoleBooking, await self.request(call, access, deadline)).data

    async def create_webhook(self, access: Access, deadline: Deadline, new: wire.CreateWebhook) -> wire.Webhook:
        """``POST /v2/webhooks``: for all personal event types; Cal.com takes the same one twice."""
        body = await self.request(Call("POST", "/v2/webhooks", ANY_VERSION, body=new.to_json()), access, deadline)
        return _parse(wire.Answer[wire.Webhook], body).data

    async def list_webhooks(self, access: Access, deadline: Deadline) -> list[wire.Webhook]:
        """``GET /v2/webhooks``: all of the key's owner."""
        body = await self.request(Call("GET", "/v2/webhooks", ANY_VERSION), access, deadline)
        return _parse(wire.Answer[list[wire.Webhook]], body).data

    async def delete_webhook(self, access: Access, deadline: Deadline, webhook_id: str) -> None:
        """``DELETE /v2/webhooks/{id}``; what the answer says besides its status does not matter."""
        if not _UID.fullmatch(webhook_id):
            raise NotSentError("no id of a webhook looks like that")
        await self.request(Call("DELETE", f"/v2/webhooks/{webhook_id}", ANY_VERSION), access, deadline)

    async def request(self, call: Call, access: Access, deadline: Deadline) -> bytes:
        """Ask Cal.com and return the body of a 2xx answer; everything that is sent goes through here.

        Sends again what may be sent again, while there is time.
        """
        clock = asyncio.get_running_loop().time
        limit = min(deadline.at, clock() + self._timeout)
        repeats = 0
        while True:
            try:
                return await self._attempt(call, access, limit)
            except CalcomError as error:
                pause = pause_before_repeat(error, reads=call.method == "GET", repeats=repeats)
                if pause is None or clock() + pause >= limit:
                    raise
            await asyncio.sleep(pause)
            repeats += 1

    async def _attempt(self, call: Call, access: Access, limit: float) -> bytes:
        request = _build(call, access)
        if asyncio.get_running_loop().time() >= limit:
            raise NotSentError("no time was left to ask Cal.com")
        try:
            async with self._governor.turn(access, urgent=self._urgent or call.method != "GET", until=limit) as turn:
                with Meter(self._observe_call, call.method, call.path) as meter:
                    async with asyncio.timeout_at(limit):
                        answer = await exchange(self._http, request)
                    meter.heard(answer.status)
                turn.heed(answer.status, answer.headers)
        except TimeoutError as error:
            raise NoAnswerError("no whole answer came from Cal.com in time") from error
        if self._watch is not None:
            self._watch(answer.headers)
        if httpx.codes.is_error(answer.status):
            raise classify(answer.status, answer.headers, answer.body, takes_slot=call.takes_slot, now=time.time())
        if not httpx.codes.is_success(answer.status):
            raise UnusableAnswerError(f"Cal.com answered {answer.status}, which is neither yes nor no")
        return answer.body


def _build(call: Call, access: Access) -> httpx.Request:
    if not _KEY.fullmatch(access.api_key):
        # Without a key Cal.com would book all the same, as a stranger; with a line break in it, it is no header.
        raise BadKeyError(Evidence(httpx.codes.UNAUTHORIZED))
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Authorization": f"Bearer {access.api_key}",
        "User-Agent": "calbridge",
    }
    if call.version:
        headers["cal-api-version"] = call.version
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    try:
        url = httpx.URL(access.base_url.rstrip("/") + call.path + (f"?{urlencode(call.query)}" if call.query else ""))
    except (httpx.InvalidURL, ValueError) as error:
        raise NotSentError("the base URL is none") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise NotSentError("the base URL is none of HTTP")
    return httpx.Request(call.method, url, headers=headers, content=call.body, extensions={"timeout": NO_TIMEOUTS})


def _booking_path(uid: str) -> str:
    """Return the path of a booking. Uids come from callers: what is none must not become another path."""
    if not _UID.fullmatch(uid):
        raise NoSuchBookingError(Evidence(httpx.codes.NOT_FOUND))
    return f"/v2/bookings/{uid}"


def _parse(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise UnusableAnswerError(f"Cal.com's answer is no {model.__name__}") from error
