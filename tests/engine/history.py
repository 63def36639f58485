"""What happened, as seen from outside: what callers wanted and heard, and what stands at Cal.com.

Nothing here knows how calbridge works. A booking belongs to a wish because of whom it is for and when, which the test
that made up the caller knows; the marks that calbridge leaves are not looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Book:
    """A caller wants one appointment, however many requests that takes.

    ``contacts``: addresses and numbers under which it may stand, since speech-to-text spells them anew each time.
    """

    name: str
    host: str
    event_type: int
    start: datetime
    contacts: frozenset[str]
    minutes: int = 30


@dataclass(frozen=True, slots=True)
class Move:
    """A caller wants the appointment of the wish called ``of`` to be at another time."""

    name: str
    of: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Cancel:
    """A caller wants the appointment of the wish called ``of`` to be no more."""

    name: str
    of: str


Wish = Book | Move | Cancel


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request for a wish, and what the caller heard; ``status`` is None where the caller heard nothing."""

    wish: str
    sent: datetime
    ended: datetime
    status: int | None
    body: Json
    replayed: bool = False
    retry_after: int | None = None  # seconds
    failure: str = ""  # how the connection ended where the caller heard nothing

    @property
    def succeeded(self) -> bool:
        """Whether the caller was told that it is done."""
        return self.status == 200 and self.body.get("success") is True

    @property
    def refused(self) -> bool:
        """Whether the caller was told that it is not done, and why."""
        return self.status in {400, 404, 409, 422}

    @property
    def nothing_sent(self) -> bool:
        """Whether the caller was told that nothing has come of this request, for reasons that are not theirs."""
        return self.status in {429, 502, 503}

    @property
    def data(self) -> Json:
        """The fields about the appointment."""
        return self.body.get("data") or {}

    @property
    def uid(self) -> str:
        """The appointment that the answer names."""
        return str(self.data.get("appointment_id") or "")

    @property
    def asks_to_rebook(self) -> bool:
        """Whether the caller was asked if what was cancelled shall be booked again."""
        return self.status == 409 and self.asks == "confirm_rebook"

    @property
    def code(self) -> str:
        """The machine's word for a refusal; "" where there is none."""
        return str(self.body.get("code") or "")

    @property
    def asks(self) -> str:
        """What the agent is to do next."""
        return str(self.data.get("action_required") or "")

    @property
    def offered(self) -> tuple[datetime, ...]:
        """The times that the caller was told to be open."""
        days = self.data.get("available_slots") or []
        return tuple(datetime.fromisoformat(start) for day in days for start in day["start_times"])


@dataclass(frozen=True, slots=True)
class Booking:
    """What stands, or stood, at Cal.com: alive from ``made`` until ``gone``."""

    uid: str
    host: str
    event_type: int
    start: datetime
    end: datetime
    contacts: frozenset[str]
    made: datetime
    gone: datetime = FOREVER
    moved_from: str = ""
    moved_to: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is alive at the end."""
        return self.gone == FOREVER

    def alive_at(self, moment: datetime, slack: timedelta) -> bool:
        """Whether it was beyond doubt alive at a moment."""
        return self.made + slack <= moment <= self.gone - slack

    def alive_within(self, first: datetime, last: datetime, slack: timedelta) -> bool:
        """Whether it may have been alive at some moment in a span."""
        return self.made - slack <= last and first <= (self.gone if self.stands else self.gone + slack)

    def alive_throughout(self, first: datetime, last: datetime, slack: timedelta) -> bool:
        """Whether it was beyond doubt alive during a whole span."""
        return self.alive_at(first, slack) and self.alive_at(last, slack)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened.

    ``strangers``: contacts of those who book past calbridge. ``unsettled``: what calbridge itself still does not know
    at the end. ``patience``: how long a caller may have to wait for an answer. ``repairs``: whether doubles may have
    existed for a while, because Cal.com was made to do what it must not.
    """

    wishes: tuple[Wish, ...]
    exchanges: tuple[Exchange, ...]
    bookings: tuple[Booking, ...]
    strangers: frozenset[str] = frozenset()
    unsettled: tuple[str, ...] = ()
    patience: timedelta | None = None
    repairs: bool = False


def read_bookings(ledger: Json, hosts: Iterable[str]) -> tuple[Booking, ...]:
    """Read the bookings of some hosts from the sandbox's ledger."""
    wanted = set(hosts)
    return tuple(_booking(shown) for shown in ledger["bookings"] if shown["host"] in wanted)


def _booking(shown: Json) -> Booking:
    contacts = [one.get(key) for one in shown["attendees"] for key in ("email", "phoneNumber")]
    alive = shown["status"] in {"accepted", "pending"}
    return Booking(
        uid=shown["uid"],
        host=shown["host"],
        event_type=shown["eventType"]["id"],
        start=datetime.fromisoformat(shown["start"]),
        end=datetime.fromisoformat(shown["end"]),
        contacts=frozenset(contact for contact in contacts if contact),
        made=datetime.fromisoformat(shown["createdAt"]),
        gone=FOREVER if alive else datetime.fromisoformat(shown["updatedAt"]),
        moved_from=shown["rescheduledFromUid"] or "",
        moved_to=shown["rescheduledToUid"] or "",
    )
