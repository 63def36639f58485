"""Two bookings of one wish: where Cal.com commits minutes late, what had been given up stands beside its successor."""

from collections.abc import Callable

import structlog

from calbridge.calcom.calendar import Calendar
from calbridge.domain.agents import Connection
from calbridge.domain.appointments import Booking
from calbridge.domain.errors import CalbridgeError, NotFoundError
from calbridge.domain.intents import DOUBLE, Intent, State
from calbridge.services.chains import Chains
from calbridge.storage.intents import Intents

CANCELLED_AS_DOUBLE = "Booked twice by mistake: the other appointment stands"

log = structlog.get_logger()


class Doubles:
    """Undoes doubles. ``on_repair`` is told of every booking that is cancelled because there is another one."""

    def __init__(self, intents: Intents, chains: Chains, on_repair: Callable[[], None] = lambda: None) -> None:
        self._intents = intents
        self._chains = chains
        self._on_repair = on_repair

    async def repair(self, intent: Intent, connection: Connection, calendar: Calendar, surplus: Booking) -> None:
        """Cancel a booking that an intent made besides the one that its caller was told of, if that one stands.

        Until it is done, it needs a person: nothing that goes wrong in the midst of it may be forgotten.
        """
        if surplus.seated:
            return
        log.warning("booking.double", intent_id=str(intent.id), uid=surplus.uid, kept=intent.uid)
        note = f"{surplus.uid} stands, too"
        if not await self._intents.settle(intent, State.NEEDS_HUMAN, reason=DOUBLE, note=note, correcting=True):
            return
        try:
            if not await self._is_safe_to_lose(intent, connection, calendar):
                return
            await calendar.cancel(surplus.uid, CANCELLED_AS_DOUBLE)
        except CalbridgeError as error:
            log.warning("booking.double_stands", intent_id=str(intent.id), uid=surplus.uid, error=type(error).__name__)
            return
        await self._intents.settle(
            intent, State.CONFIRMED, uid=intent.uid, note=f"cancelled {surplus.uid}", correcting=True
        )
        self._on_repair()

    async def _is_safe_to_lose(self, intent: Intent, connection: Connection, calendar: Calendar) -> bool:
        """Whether a caller loses nothing with a surplus booking: the one they know stands, or they gave it up."""
        if intent.uid is None:
            return False
        try:
            head = await self._chains.head(connection, calendar, intent.uid)
        except NotFoundError:
            return False
        return head.is_live or await self._intents.cancelled_on_request(intent.account_id, head.uid)
