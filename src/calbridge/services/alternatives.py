"""When a wanted time is not to be had: how that is noticed, and what is open instead."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from calbridge.domain.actions import SlotTaken, WhyNot
from calbridge.domain.appointments import Booking, EventType
from calbridge.domain.times import nearest
from calbridge.services.refusals import NO_ANSWER
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit

OFFERED_TIMES = 9


class Alternatives:
    """Looks for other times."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    async def are_needed(
        self, visit: Visit, event_type: EventType, start: datetime, moving: Booking | None = None
    ) -> bool:
        """Whether a time is not offered: only what a recent answer lacks is asked for again, and that decides."""
        if not self._slots.doubtful(visit, event_type, start):
            return False
        return start not in await self._slots.of_day(visit, event_type, start, moving.uid if moving else None)

    async def to(
        self,
        visit: Visit,
        event_type: EventType | None,
        start: datetime,
        *,
        kept: Booking | None = None,
        why: WhyNot | None = None,
        because: UUID | None = None,
    ) -> SlotTaken:
        """Tell that a time is not to be had, with the open times nearest to it.

        ``kept``: the booking that was to be moved. ``why``: if that is certain; Cal.com has one refusal for what is
        taken and for what is never open. ``because``: of the intent that was before this one; all who lose to the same
        ask Cal.com together.
        """
        self._slots.forget(visit.account_id, because)
        if event_type is None:
            return SlotTaken(start, None, kept, why or WhyNot.NOT_OFFERED)
        if why is not WhyNot.TAKEN and start < visit.now + event_type.minimum_notice:
            why = WhyNot.TOO_SOON
        try:
            around = await self._slots.around(visit, event_type, start, kept.uid if kept else None)
        except NO_ANSWER:  # the refusal is certain, and worth telling without alternatives
            return SlotTaken(start, None, kept, why or WhyNot.NOT_OFFERED)
        if why is None and _is_usual(start.astimezone(visit.host_zone), around):
            why = WhyNot.TAKEN
        return SlotTaken(start, nearest(around, start, OFFERED_TIMES), kept, why or WhyNot.NOT_OFFERED)


def _is_usual(wanted: datetime, around: Sequence[datetime]) -> bool:
    """Whether a time would be open if nobody had it: between others of that day, and open on a day near it.

    What is not, may be after hours, in a break, or no time at which an appointment begins: nobody need have taken it.
    """
    local = [start.astimezone(wanted.tzinfo) for start in around]
    that_day = [start for start in local if start.date() == wanted.date()]
    is_amid = any(start < wanted for start in that_day) and any(start > wanted for start in that_day)
    return is_amid and any(start.time() == wanted.time() for start in local)
