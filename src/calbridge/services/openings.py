"""When somebody could come: times to offer a caller, and those ahead that the next caller will ask for."""

from calbridge.domain.actions import Availability, NothingOpen, Openings, Suggest
from calbridge.domain.times import WIDEST_SEARCH_DAYS, suggest
from calbridge.services.event_types import EventTypes
from calbridge.services.prefetch import Prefetch
from calbridge.services.slots import Slots
from calbridge.services.visit import Visit


class OpenTimes:
    """Tells callers of open times."""

    def __init__(self, event_types: EventTypes, slots: Slots, prefetch: Prefetch) -> None:
        self._event_types = event_types
        self._slots = slots
        self._prefetch = prefetch

    async def tell(self, visit: Visit, wish: Suggest | Availability) -> Openings | NothingOpen:
        """Return what is open, all of it or a few good times."""
        self._prefetch.use(visit, wish.days_ahead)
        event_type = await self._event_types.chosen(visit.assignment, visit.connection, visit.calendar)
        starts, widened = await self._slots.ahead(visit, event_type, wish.days_ahead)
        if not starts:
            return NothingOpen(WIDEST_SEARCH_DAYS)
        return Openings(suggest(starts, visit.zone) if isinstance(wish, Suggest) else starts, widened)
