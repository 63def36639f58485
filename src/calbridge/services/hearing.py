"""What was only said, made definite before anything is done: a time in words, an address that may be misheard."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from calbridge.domain.actions import Action, Asked, Book, Cancel, Detail, Reply, Reschedule, TwoTimes, WrongTime
from calbridge.domain.loose import Meaning, Present, Understand
from calbridge.domain.times import zone_named
from calbridge.services.offers import Offers
from calbridge.services.visit import Visit

Unclear = Asked | TwoTimes | WrongTime


@dataclass(frozen=True, slots=True)
class Hearing:
    """Understands calls. ``understand`` is pure: it is given all that it takes to tell what was meant."""

    offers: Offers
    understand: Understand

    async def recalled(self, visit: Visit) -> Visit:
        """Return the visit with what was said earlier in the call: its zone may be the one that was named then."""
        said = await self.offers.of(visit.call)
        return visit if said == visit.said else replace(visit, said=said)

    def heeded(self, visit: Visit) -> None:
        """Note the zone that is named now: whatever comes of the request, those after it mean the same."""
        if visit.call.timezone != visit.said.zone:
            self.offers.remember_zone(visit.call)

    def definite(self, visit: Visit, action: Action) -> Action | Unclear:
        """Return the action with what was said put in its place, or what the caller has to be asked."""
        match action:
            case Book() | Reschedule():
                start = self._wanted(visit, action)
                if not isinstance(start, datetime | None):
                    return start
                action = replace(action, when=start)
            case Cancel(appointment_id=""):
                start = self._wanted(visit, action)
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

    def _wanted(self, visit: Visit, action: Book | Reschedule | Cancel) -> Meaning | None:
        """Tell when it is wanted, if anything says so; where the fields say different things, that is asked for."""
        start: Meaning | None = action.when
        beside = visit.call.spoken
        present = _present(visit, action)
        if visit.call.spoken is not None and _is_to_be_placed(visit, action.when):
            start, beside = visit.begun_for or self.understand(visit.call.spoken, present), visit.call.beside
        instant = visit.instant(start) if isinstance(start, datetime) else None
        if beside is None or visit.begun_for is not None or not isinstance(instant, datetime):
            return start
        same = self.understand(beside, replace(present, wanted=instant))
        return start if same == instant else Asked(Detail.DATETIME)


def _is_to_be_placed(visit: Visit, when: datetime | None) -> bool:
    """Whether words tell the time, or may tell what is meant by one that is over: models do not know the year."""
    return when is None or not isinstance(visit.instant(when), datetime)


def _present(visit: Visit, action: Book | Reschedule | Cancel) -> Present:
    """Return what the caller can mean: to cancel, one of their appointments, and else a time that is on offer.

    Nobody moves an appointment to where it is. A booking may be asked for again, and so may a time to move to.
    """
    offered, own = visit.said.offered or (), visit.said.own or ()
    present = Present(
        visit.now,
        visit.zone,
        caller_zone=visit.call.timezone or visit.said.zone or visit.call.number_zone,
        host_zone=zone_named(visit.connection.account.host.timezone),
    )
    match action:
        case Book():
            return replace(present, offered=offered)
        case Reschedule():
            return replace(present, offered=offered, own=own)
        case Cancel():
            return replace(present, offered=own)
        case _:
            assert_never(action)
