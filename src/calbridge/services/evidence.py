"""What at Cal.com came of an intent: known by the signature that a booking carries, or by whose seat it is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from calbridge.calcom.calendar import Calendar
from calbridge.domain.appointments import Booking, BookingQuery
from calbridge.domain.intents import Errand, Intent, Wisher
from calbridge.services.naming import shares_contact
from calbridge.services.records import Records, seat_of
from calbridge.services.signatures import Signatures

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Evidence:
    """Looks for bookings among the account's own. All methods raise what ``Calendar.bookings`` raises."""

    def __init__(self, signatures: Signatures, records: Records) -> None:
        self._signatures = signatures
        self._records = records

    def intent_of(self, booking: Booking) -> UUID | None:
        """Return the intent that made this very booking, as its signature tells."""
        return self._signatures.intent_of(booking)

    def is_found_again(self, intent: Intent, booking: Booking) -> bool:
        """Whether whoever looks finds this very booking as what came of an intent.

        A move and a cancellation show in the chain. Of what was to be booked, a seat bears no signature, and what
        stood there already bears another intent's.
        """
        return intent.errand is not Errand.BOOK or self.intent_of(booking) == intent.id

    async def standing_for(self, calendar: Calendar, intent: Intent) -> Booking | None:
        """Look whether an appointment stands where a caller was refused one: by this wish, or an earlier one of theirs.

        Raises what ``Calendar.bookings`` raises: then nobody knows. None is only as good as one look.
        """
        found = await self.made_by(calendar, intent, or_for=intent.wisher)
        return next((booking for booking in found if booking.is_live and booking.start == intent.start), None)

    async def made_by(self, calendar: Calendar, intent: Intent, or_for: Wisher | None = None) -> Sequence[Booking]:
        """Return all bookings that carry an intent's signature, the first made first. Reads every page.

        A seat in a booking of many carries none: there the contact tells.
        ``or_for``: also live ones that other intents of ours have made for this person.
        """
        if intent.start is None:
            return ()
        query = BookingQuery(
            event_type_id=intent.event_type_id, starts_from=intent.start - MINUTE, ends_by=intent.start + DAY + MINUTE
        )
        found = []
        async for booking in calendar.bookings(query):
            made_by = self.intent_of(booking)
            stands = booking.is_live and booking.start == intent.start
            if booking.seated:
                is_meant = stands and await self._has_seat(booking, intent)
            else:
                is_meant = bool(made_by) and (
                    made_by == intent.id or (stands and or_for is not None and _is_for(booking, or_for))
                )
            if is_meant:
                found.append(booking)
        return sorted(found, key=lambda booking: booking.created_at or datetime.min.replace(tzinfo=UTC))

    async def _has_seat(self, booking: Booking, intent: Intent) -> bool:
        """Whether a seat was taken by an intent: one under its caller's name and contact that no other has made."""
        seat = intent.wisher and seat_of(booking, intent.wisher)
        if not seat:
            return False
        known = await self._records.seats(intent.account_id, booking)
        return all(one.intent_id in {intent.id, None} for one in known if one.seat_uid == seat)


def has_gone(booking: Booking, seat_uid: str | None) -> bool:
    """Whether a seat is not among those of a booking of many."""
    return seat_uid is not None and seat_uid not in {seat.uid for seat in booking.seats}


def _is_for(booking: Booking, person: Wisher) -> bool:
    """Whether a booking is under the contact of a person."""
    attendee = Wisher(booking.attendee.name, booking.attendee.email.lower(), booking.attendee.phone)
    return shares_contact(attendee, person)
