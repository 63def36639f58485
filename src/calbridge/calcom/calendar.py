"""The wall: whoever stands above it sees domain values and domain errors, and nothing of Cal.com's JSON or HTTP."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from calbridge.calcom import wire
from calbridge.calcom.bookings import body_for, booking_from
from calbridge.calcom.client import CalcomClient
from calbridge.calcom.deadline import Deadline
from calbridge.calcom.errors import RefusedError
from calbridge.calcom.event_types import event_type_from
from calbridge.calcom.placeholders import Placeholders
from calbridge.calcom.verdicts import reading, writing
from calbridge.domain.agents import Access, Host, Webhook
from calbridge.domain.appointments import Booking, BookingQuery, EventType, NewBooking
from calbridge.domain.errors import NotConnectedError
from calbridge.domain.times import Window

DEFAULT_CANCELLATION_REASON = "Cancelled by the caller by phone"
MAX_PAGE = 250

_NOT_FOUND = 404


class Calendar:
    """One account's calendar, for the time of one request: all calls share its deadline.

    What all methods raise: CalendarUnreachableError (nothing happened), KeyRefusedError, RateLimitedError. Those that
    only read: CalendarError for an answer that makes no sense. Those that change something: BookingRefusedError and
    UnknownBookingError for a definite no, OutcomeUnknownError when it may or may not have happened.
    """

    def __init__(self, client: CalcomClient, access: Access, deadline: Deadline, placeholders: Placeholders) -> None:
        self._client = client
        self._access = access
        self._deadline = deadline
        self._placeholders = placeholders

    async def me(self) -> Host:
        """Return the user whose key it is: the cheapest proof that a key is good."""
        with reading():
            me = await self._client.me(self._access, self._deadline)
        return Host(me.id, me.username, me.name, me.email, me.time_zone)

    async def event_types(self) -> tuple[EventType, ...]:
        """Return the user's personal event types, hidden ones too, in Cal.com's order."""
        with reading():
            sent = await self._client.event_types(self._access, self._deadline)
        return tuple(event_type_from(one) for one in sent)

    async def open_slots(
        self, event_type: EventType, window: Window, *, moving: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the open starts in the window: in UTC, ascending, each once.

        ``moving``: the uid of a booking that is about to move and so does not block its own time. Cal.com has been
        seen to list starts outside of what was asked, hence the filter. Raises BookingRefusedError
        (UNKNOWN_EVENT_TYPE) when the event type is gone.
        """
        if window.start >= window.end:
            return ()
        query = {
            "eventTypeId": str(event_type.id),
            "start": wire.as_text(window.start),
            "end": wire.as_text(_end_to_ask_for(event_type, window)),
        }
        if moving is not None:
            query["bookingUidToReschedule"] = moving
        with reading():
            starts = await self._client.slots(self._access, self._deadline, query)
        return window.cut(starts)

    async def book(self, new: NewBooking) -> Booking:
        """Make a booking. It is sent once, and again only if it provably did not arrive.

        Read the answer before telling anybody: it may be pending, and for an event type that needs confirmation it may
        be an older booking of the same caller. Raises BookingRefusedError (CONTACT_REQUIRED) before anything is sent
        if there is neither an address nor a number.
        """
        body = body_for(new, self._placeholders)
        with writing():
            return self._read(await self._client.create_booking(self._access, self._deadline, body))

    async def own_booking(self, uid: str) -> Booking | None:
        """Return the booking if the key's owner hosts or attends it, whatever its status; else None.

        The look-up goes through the list, because Cal.com shows, moves and cancels any booking whose uid one knows.
        """
        async for booking in self.bookings(BookingQuery(uid=uid)):
            if booking.uid == uid:
                return booking
        return None

    async def own_series(self, uid: str) -> Booking | None:
        """Return what is left of a series of the key's owner, by the uid that all of it share; else None.

        It is told as its next booking, under that uid. Cal.com has no filter for it.
        """
        async for booking in self.bookings(BookingQuery(statuses=("recurring",), page_size=MAX_PAGE)):
            if booking.series == uid:
                return replace(booking, uid=uid)
        return None

    async def bookings(self, query: BookingQuery) -> AsyncIterator[Booking]:
        """Go through the key's own bookings, asking for the next page only when it is wanted; each comes once.

        Ascending by start unless ``newest_first``. A booking that is made or moved in the meantime can be missed.
        """
        filters = _filters(query)
        take = min(query.page_size, MAX_PAGE)
        seen: set[str] = set()
        skip = 0
        more = True
        while more:
            with reading():
                page = await self._client.list_bookings(
                    self._access, self._deadline, {**filters, "take": str(take), "skip": str(skip)}
                )
            for sent in page.data:
                if sent.uid not in seen:
                    seen.add(sent.uid)
                    yield self._read(sent)
            # By what was asked for, not by what came: Cal.com counts bookings that it then fails to load.
            skip += take
            more = page.pagination.has_next_page

    async def changes(self, since: datetime, *, page_size: int = 100) -> AsyncIterator[Booking]:
        """Go through the key's own bookings that were changed at or after an instant of Cal.com's clock, oldest first.

        Each page begins at the instant where the one before ended: a booking that is changed meanwhile leaves its place
        and comes again at the end, and offsets would then leave out another one. Nor can the number of pages be
        believed, because it takes no notice of this filter. What nobody has ever changed since it was made may lack
        the instant, and then never comes.
        """
        seen: set[tuple[str, datetime | None]] = set()
        take, skip, start = min(page_size, MAX_PAGE), 0, _to_the_millisecond(since)
        while True:
            filters = _filters(BookingQuery(updated_from=start)) | {"take": str(take), "skip": str(skip)}
            with reading():
                page = await self._client.list_bookings(self._access, self._deadline, filters)
            fresh = [sent for sent in page.data if (sent.uid, sent.updated_at) not in seen]
            for sent in fresh:
                seen.add((sent.uid, sent.updated_at))
                yield self._read(sent)
            is_last = not fresh and len(page.data) < take
            if is_last or not page.pagination.has_next_page:
                return
            reached = max((_to_the_millisecond(sent.updated_at) for sent in fresh if sent.updated_at), default=start)
            # More changes at one instant than fit a page: only then by offset.
            start, skip = (reached, 0) if reached > start else (start, skip + take)

    async def reschedule(self, uid: str, start: datetime, reason: str) -> Booking:
        """Move a booking to ``start`` (aware). The answer is a new booking with a new uid; the old one is cancelled.

        Proves no ownership, and does not heed the event type's wish that nothing be moved: see to both before.
        """
        body = wire.RescheduleBooking(start=start, rescheduling_reason=reason or None)
        with writing():
            return self._read(await self._client.reschedule_booking(self._access, self._deadline, uid, body))

    async def cancel(self, uid: str, reason: str, *, seat_uid: str | None = None) -> Booking:
        """Cancel a booking, of all its seats or of one. Proves no ownership: see to that before."""
        body = wire.CancelBooking(cancellation_reason=reason.strip() or DEFAULT_CANCELLATION_REASON, seat_uid=seat_uid)
        with writing():
            return self._read(await self._client.cancel_booking(self._access, self._deadline, uid, body))

    async def create_webhook(self, url: str, triggers: Iterable[str], secret: str) -> str:
        """Subscribe ``url`` to events of the account's personal event types; the answer is the webhook's id."""
        body = wire.CreateWebhook(subscriber_url=url, triggers=list(dict.fromkeys(triggers)), secret=secret)
        with writing():
            return (await self._client.create_webhook(self._access, self._deadline, body)).id

    async def webhooks(self) -> tuple[Webhook, ...]:
        """Return all webhooks of the user, ours or not; without their secrets."""
        with reading():
            sent = await self._client.list_webhooks(self._access, self._deadline)
        return tuple(Webhook(one.id, one.subscriber_url, one.triggers, one.active) for one in sent)

    async def delete_webhook(self, webhook_id: str) -> None:
        """Remove a webhook; one that is gone already is no error."""
        with writing():
            try:
                await self._client.delete_webhook(self._access, self._deadline, webhook_id)
            except RefusedError as error:
                if error.evidence.status != _NOT_FOUND:
                    raise

    def _read(self, sent: wire.Booking) -> Booking:
        return booking_from(sent, self._placeholders)


class Calendars:
    """Opens calendars over one client.

    ``placeholder_domain``: where addresses for callers without one are put. ``allows``: whether an address may be
    called; what was allowed when it was stored need not be so now.
    """

    def __init__(self, client: CalcomClient, *, placeholder_domain: str, allows: Callable[[str], bool]) -> None:
        self._client = client
        self._allows = allows
        self._placeholders = Placeholders(placeholder_domain)

    def open(
        self,
        access: Access,
        deadline: Deadline,
        *,
        watch: Callable[[Mapping[str, str]], None] | None = None,
        urgent: bool = False,
    ) -> Calendar:
        """Return the calendar of an account; all its calls share the deadline. Nothing is sent yet.

        ``watch`` is shown the headers of every answer that comes, of errors too. ``urgent``: what is read goes before
        other reads, as what is written always does, where the rate limit makes calls wait. Raises NotConnectedError for
        an address that may not be called.
        """
        if not self._allows(access.base_url):
            raise NotConnectedError
        return Calendar(self._client.set_up(watch=watch, urgent=urgent), access, deadline, self._placeholders)


def _end_to_ask_for(event_type: EventType, window: Window) -> datetime:
    """Return an end that has Cal.com list every start in the window.

    It lists only what is over by the end, so the length of an appointment is added; and an end of exactly midnight UTC
    it reads as the end of that day, so one second is taken off.
    """
    end = window.end.replace(microsecond=0) + timedelta(minutes=event_type.minutes, seconds=window.end.microsecond > 0)
    return end - timedelta(seconds=1) if wire.as_text(end).endswith("T00:00:00Z") else end


def _to_the_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _filters(query: BookingQuery) -> dict[str, str]:
    wanted = {
        "status": ",".join(query.statuses) or None,
        "bookingUid": query.uid,
        "eventTypeId": None if query.event_type_id is None else str(query.event_type_id),
        "attendeeEmail": query.attendee_email,
        "afterStart": None if query.starts_from is None else wire.as_text(query.starts_from),
        "beforeEnd": None if query.ends_by is None else wire.as_text(query.ends_by),
        "afterUpdatedAt": None if query.updated_from is None else wire.as_precise_text(query.updated_from),
        "sortUpdatedAt": None if query.updated_from is None else "asc",
        "sortStart": "desc" if query.newest_first else None,
    }
    return {name: value for name, value in wanted.items() if value is not None}
