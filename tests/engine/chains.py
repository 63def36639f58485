"""Which bookings at Cal.com came of which wish: by whom they are for, and by how one became another."""

from collections import defaultdict
from dataclasses import dataclass

from tests.engine.history import Book, Booking, Cancel, History, Move, Wish


@dataclass(frozen=True, slots=True)
class Chain:
    """A booking and what it became by moving, in order."""

    bookings: tuple[Booking, ...]

    @property
    def root(self) -> Booking:
        """The first."""
        return self.bookings[0]

    @property
    def head(self) -> Booking:
        """The last: the only one that may be alive."""
        return self.bookings[-1]


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of each wish for an appointment; ``ownerless`` are those that nobody wanted."""

    of: dict[str, tuple[Chain, ...]]
    ownerless: tuple[Chain, ...]
    _roots: dict[str, str]

    def of_wish(self, wish: Wish) -> tuple[Chain, ...]:
        """The chains that a wish is about."""
        match wish:
            case Book():
                return self.of[wish.name]
            case Move() | Cancel():
                return self.of[wish.of]

    def same(self, one: str, other: str) -> bool:
        """Whether two uids name the same appointment."""
        return one in self._roots and self._roots.get(one) == self._roots.get(other)


def chains(history: History) -> Chains:
    """Tell whose each booking is. Several wishes alike share theirs out by the uids that were told, then by age."""
    following = {booking.moved_from: booking for booking in history.bookings if booking.moved_from}
    made = [
        _chain(booking, following)
        for booking in sorted(history.bookings, key=lambda one: one.made)
        if not booking.moved_from
    ]
    told: dict[str, set[str]] = defaultdict(set)
    for exchange in history.exchanges:
        if exchange.succeeded:
            told[exchange.wish].add(exchange.uid)
    of: dict[str, list[Chain]] = {wish.name: [] for wish in history.wishes if isinstance(wish, Book)}
    ownerless = []
    for chain in made:
        fitting = [wish.name for wish in history.wishes if isinstance(wish, Book) and _fits(wish, chain.root)]
        uids = {booking.uid for booking in chain.bookings}
        knowing = [name for name in fitting if uids & told[name]]
        without = [name for name in fitting if not of[name] and not told[name] - {""}]
        owner = next(iter([*knowing, *without, *fitting]), None)
        if owner is not None:
            of[owner].append(chain)
        elif not chain.root.contacts & history.strangers:
            ownerless.append(chain)
    roots = {booking.uid: chain.root.uid for chain in made for booking in chain.bookings}
    return Chains({name: tuple(found) for name, found in of.items()}, tuple(ownerless), roots)


def _chain(root: Booking, following: dict[str, Booking]) -> Chain:
    found = [root]
    while found[-1].uid in following:
        found.append(following[found[-1].uid])
    return Chain(tuple(found))


def _fits(wish: Book, booking: Booking) -> bool:
    about = (booking.host, booking.event_type, booking.start) == (wish.host, wish.event_type, wish.start)
    return about and bool(booking.contacts & wish.contacts)
