"""When a wanted time is not to be had: how that is noticed, and what is open instead."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from calbridge.domain.actions import SlotTaken
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
        offered: bool = True,
        because: UUID | None = None,
    ) -> SlotTaken:
        """Tell that a time is not to be had, with the open times nearest to it.

        ``kept``: the booking that was to be moved. ``offered``: whether Cal.com offers such a time at all. ``because``:
        of the intent that has taken it; all who lose to the same one ask Cal.com together.
        """
        self._slots.forget(visit.account_id, because)
        if event_type is None:
            return SlotTaken(start, None, kept, usual=offered)
        try:
            around = await self._slots.around(visit, event_type, start, kept.uid if kept else None)
        except NO_ANSWER:  # the refusal is certain, and worth telling without alternatives
            return SlotTaken(start, None, kept, usual=offered)
        usual = offered and _is_usual(start.astimezone(visit.zone), [each.astimezone(visit.zone) for each in around])
        return SlotTaken(start, nearest(around, start, OFFERED_TIMES), kept, usual)


def _is_usual(wanted: datetime, around: Sequence[datetime]) -> bool:
    """Whether appointments are made at such a time: on that day, and between the earliest and latest hour near it."""
    hours = [start.time() for start in around]
    return any(start.date() == wanted.date() for start in around) and min(hours) <= wanted.time() <= max(hours)
