"""A booking and its successors: each move makes a new booking with a new uid, and only the last one is alive."""

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking
from calbridge.domain.errors import NotFoundError
from calbridge.services.event_types import EventTypes
from calbridge.services.ownership import is_own

MOST_MOVES = 20


class Chains:
    """Follows chains, and proves of each link that it is the account's own.

    Every step goes through the key's own list, because Cal.com's reads by uid ask nobody whose the booking is.
    """

    def __init__(self, event_types: EventTypes) -> None:
        self._event_types = event_types

    async def head(self, connection: Connection, calendar: Calendar, uid: str) -> Booking:
        """Return the end of the chain that ``uid`` belongs to: the live one, or how it ended.

        Raises NotFoundError for an unknown booking and for somebody else's alike.
        """
        for _ in range(MOST_MOVES + 1):
            booking = await self.own(connection, calendar, uid)
            if booking is None:
                raise NotFoundError("Appointment")
            if booking.is_live or booking.rescheduled_to is None:
                return booking
            uid = booking.rescheduled_to
        raise NotFoundError("Appointment")

    async def own(self, connection: Connection, calendar: Calendar, uid: str) -> Booking | None:
        """Return a booking, or a series by the uid of all of it, if it is the account's own; else None."""
        booking = await calendar.own_booking(uid) or await calendar.own_series(uid)
        if booking is None or not await is_own(booking, connection, calendar, self._event_types):
            return None
        return booking
