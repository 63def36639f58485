"""Finding a caller's appointment by what is known on the phone: a number or an address, and nobody's booking id.

Cal.com cannot be searched by phone, so our own records say where to look; by e-mail it is asked as well, for what we
have never heard of. Only what Cal.com shows at this moment counts: nothing is told or changed on the word of a record.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from calbridge.domain.actions import Asked, Cancel, Choose, Detail, Find, Found, NoneFound, Reschedule
from calbridge.domain.appointments import Booking, BookingQuery
from calbridge.domain.errors import NotFoundError
from calbridge.domain.times import SkippedTimeError, place
from calbridge.services.chains import Chains
from calbridge.services.event_types import EventTypes
from calbridge.services.evidence import has_gone
from calbridge.services.ownership import is_own
from calbridge.services.together import together
from calbridge.services.visit import Visit
from calbridge.storage.bookings import Bookings

MOST_APPOINTMENTS = 10  # of one caller: what they call about is among these
ASKED_AT_ONCE = 5  # of Cal.com, while they are verified
PAGE_SIZE = 50

Change = Reschedule | Cancel


class Lookup:
    """Looks up appointments of the account that the agent uses, and of no other of the organization.

    Whoever asks has been let in for it: see ``Reception``. What cannot be verified because Cal.com does not answer is
    not passed over in silence: CalendarError and RateLimitedError surface.
    """

    def __init__(self, bookings: Bookings, event_types: EventTypes, chains: Chains) -> None:
        self._bookings = bookings
        self._event_types = event_types
        self._chains = chains

    async def find(self, visit: Visit, wish: Find) -> Found | Asked:
        """Find what is asked for. Raises NotFoundError for an id that is unknown, and for somebody else's alike."""
        if wish.appointment_id:
            return Found((await self._chains.head(visit.connection, visit.calendar, wish.appointment_id),))
        return Found(await self._upcoming(visit, wish)) if wish.phone or wish.email else Asked(Detail.CONTACT)

    async def name(self, visit: Visit, wish: Change) -> Change | Asked | Choose | NoneFound:
        """Return the wish with the id of the appointment that it is about, or what has to be told or asked instead.

        An id that was given is left as it is. A cancellation of what is cancelled already finds that: a voice platform
        repeats what it had no answer to, and must neither hear "none" then, nor have the caller's next one cancelled.
        """
        if wish.appointment_id:
            return wish
        if not (wish.phone or wish.email):
            return Asked(Detail.CONTACT)
        upcoming = await self._upcoming(visit, wish)
        meant = _meant(visit, wish, upcoming)
        if not meant and isinstance(wish, Cancel) and not wish.unplaced:
            meant = _meant(visit, wish, await self._cancelled(visit, wish))[:1]
        if len(meant) == 1:
            return replace(wish, appointment_id=meant[0].uid)
        return Choose(meant or upcoming) if upcoming else NoneFound()

    async def _upcoming(self, visit: Visit, wish: Find | Change) -> tuple[Booking, ...]:
        """What stands, the soonest first."""
        stands, _ = await self._known(visit, wish, BookingQuery(statuses=("upcoming",)), gone_too=False)
        return tuple(sorted(stands, key=lambda each: each.start))[:MOST_APPOINTMENTS]

    async def _cancelled(self, visit: Visit, wish: Cancel) -> list[Booking]:
        """What would lie ahead if it had not been cancelled; what was written down last comes first."""
        query = BookingQuery(statuses=("cancelled",), starts_from=visit.now)
        _, gone = await self._known(visit, wish, query, gone_too=True)
        return [each for each in gone if each.is_live or each.rescheduled_to is None]

    async def _known(
        self, visit: Visit, wish: Find | Change, query: BookingQuery, *, gone_too: bool
    ) -> tuple[list[Booking], list[Booking]]:
        """Return the caller's appointments that are not over, each once; recorded ones come first.

        First those that stand, then those that do not: of a booking that several share, the caller's place is meant.
        """
        listed = await self._listed(visit, wish.email, query) if wish.email else {}
        recorded = await self._bookings.uids_of_caller(
            visit.account_id,
            phone=wish.phone,
            email=wish.email,
            ending_after=visit.now,
            gone_too=gone_too,
            limit=MOST_APPOINTMENTS,
        )
        at_once = asyncio.Semaphore(ASKED_AT_ONCE)

        stands = {uid for uid, booking in listed.items() if booking.is_live}

        async def verified(uid: str) -> Booking | None:
            if uid in listed:
                return listed[uid]
            with suppress(NotFoundError):  # gone from Cal.com, or another's by now
                async with at_once:
                    head = await self._chains.head(visit.connection, visit.calendar, uid)
                if head.is_live and (not head.seated or await self._has_seat(visit, wish, uid, head)):
                    stands.add(head.uid)
                return head
            return None

        heads = await together(*(verified(uid) for uid in recorded))
        known = {each.uid: each for each in (*heads, *listed.values()) if each is not None and each.end > visit.now}
        return (
            [each for uid, each in known.items() if uid in stands],
            [each for uid, each in known.items() if uid not in stands],
        )

    async def _has_seat(self, visit: Visit, wish: Find | Change, uid: str, head: Booking) -> bool:
        """Whether a seat that the caller took in a booking, or in the one that it was, is still there."""
        taken = await self._bookings.seats_of_caller(visit.account_id, uid, phone=wish.phone, email=wish.email)
        return any(not seat or not has_gone(head, seat) for seat in taken)

    async def _listed(self, visit: Visit, email: str, query: BookingQuery) -> dict[str, Booking]:
        """Ask Cal.com for appointments under an address, by uid. One where it is only a guest's is not the caller's."""
        listed: dict[str, Booking] = {}
        calendar = visit.calendar
        async for booking in calendar.bookings(replace(query, attendee_email=email, page_size=PAGE_SIZE)):
            if booking.attendee.email.lower() != email:
                continue
            if await is_own(booking, visit.connection, calendar, self._event_types):
                listed[booking.uid] = booking
            if len(listed) == MOST_APPOINTMENTS:
                break
        return listed


def _meant(visit: Visit, wish: Change, among: tuple[Booking, ...] | list[Booking]) -> tuple[Booking, ...]:
    """Those that the caller can mean: all, unless a cancellation says when. For a move, the time is the new one.

    None where it was said and not understood: to take the only one for it would be a guess.
    """
    if isinstance(wish, Cancel) and wish.unplaced:
        return ()
    if not isinstance(wish, Cancel) or wish.when is None:
        return tuple(among)
    try:
        start = place(wish.when, visit.zone)
    except SkippedTimeError:  # then none starts there
        return ()
    return tuple(each for each in among if each.start == start)
