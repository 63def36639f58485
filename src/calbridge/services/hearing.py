"""What was only said, made definite before anything is done: a time in words, an address that may be misheard."""

from dataclasses import dataclass, replace
from datetime import datetime

from calbridge.domain.actions import Action, Asked, Book, Cancel, Detail, Reply, Reschedule, TwoTimes, WrongTime
from calbridge.domain.loose import Meaning, Present, Understand
from calbridge.services.offers import Offers
from calbridge.services.visit import Visit

Unclear = Asked | TwoTimes | WrongTime


@dataclass(frozen=True, slots=True)
class Hearing:
    """Understands calls. ``understand`` is pure: it is given all that it takes to tell what was meant."""

    offers: Offers
    understand: Understand

    async def definite(self, visit: Visit, action: Action) -> Action | Unclear:
        """Return the action with what was said put in its place, or what the caller has to be asked."""
        match action:
            case Book() | Reschedule():
                start = await self._wanted(visit, action.when)
                if not isinstance(start, datetime | None):
                    return start
                action = replace(action, when=start)
            case Cancel(appointment_id=""):
                start = await self._wanted(visit, action.when)
                if isinstance(start, datetime | None):
                    return replace(action, when=start)
                return replace(action, when=None, unplaced=True)  # they hear of all there are, and choose
            case _:
                pass
        if isinstance(action, Book) and not (action.email or action.phone) and visit.call.doubtful_email:
            return Asked(Detail.CONFIRM_EMAIL, email=visit.call.doubtful_email)
        return action

    def heard(self, visit: Visit, reply: Reply) -> None:
        """Note what the caller hears now: what is said next may be about that."""
        self.offers.remember(visit.call, reply)

    async def _wanted(self, visit: Visit, when: datetime | None) -> Meaning | None:
        """Tell when it is wanted, if anything says so; where the fields say different things, that is asked for."""
        start: Meaning | None = when
        beside = visit.call.spoken
        if self._is_to_be_placed(visit, when):
            start, beside = await self._start(visit), visit.call.beside
        instant = visit.instant(start) if isinstance(start, datetime) else None
        if beside is None or visit.begun_for is not None or not isinstance(instant, datetime):
            return start
        offered = await self.offers.of(visit.call)  # "the second one" means the same, in whichever field it stands
        same = self.understand(beside, Present(visit.now, visit.zone, offered or (instant,)))
        return start if same == instant else Asked(Detail.DATETIME)

    def _is_to_be_placed(self, visit: Visit, when: datetime | None) -> bool:
        """Whether words tell the time, or may tell what is meant by one that is over: models do not know the year."""
        if visit.call.spoken is None:
            return False
        return when is None or not isinstance(visit.instant(when), datetime)

    async def _start(self, visit: Visit) -> Meaning:
        if visit.begun_for is not None:
            return visit.begun_for
        if visit.call.spoken is None:
            return Asked(Detail.DATETIME)
        offered = await self.offers.of(visit.call)
        return self.understand(visit.call.spoken, Present(visit.now, visit.zone, offered))
