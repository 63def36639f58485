"""Whose a booking is. Cal.com lets anybody who knows a uid read, move and cancel it; calbridge does not."""

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking
from calbridge.services.event_types import EventTypes


async def is_own(booking: Booking, connection: Connection, calendar: Calendar, event_types: EventTypes) -> bool:
    """Whether a booking of the key's own list is of the account's calendar.

    That list also holds bookings where the account's user is merely a guest: the user must be among the hosts, or the
    event type be one of the account's.
    """
    host = connection.account.host
    if host.id in booking.host_ids or (host.email and host.email.lower() in booking.host_emails):
        return True
    if booking.event_type_id is None:
        return False
    return booking.event_type_id in {event_type.id for event_type in await event_types.offered(connection, calendar)}
