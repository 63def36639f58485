"""What calbridge promises, checked against a history: at most once, nothing lost, nobody lied to, one answer a wish.

Every check gives one line for each violation, which begins with the promise that is broken. Where the test's clock and
the sandbox's cannot tell what came first, calbridge has the benefit of the doubt.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from tests.engine.chains import Chain, Chains, chains
from tests.engine.history import Book, Booking, Cancel, Exchange, History, Move, Wish

TICK = timedelta(milliseconds=5)
# Between Cal.com's look for a free time and its note of the booking, that time is shown as open.
RACE = timedelta(milliseconds=300)


def violations(history: History) -> list[str]:
    """List everything that was promised and not kept."""
    found = chains(history)
    wishes = {wish.name: wish for wish in history.wishes}
    by_wish: dict[str, list[Exchange]] = {name: [] for name in wishes}
    for exchange in sorted(history.exchanges, key=lambda one: one.ended):
        by_wish[exchange.wish].append(exchange)
    return [
        *_at_most_once(history, found),
        *_nothing_lost(history, found, by_wish),
        *(line for wish in history.wishes for line in _one_answer(wish, by_wish[wish.name], found)),
        *(
            line
            for exchange in history.exchanges
            for line in _truth(history, wishes[exchange.wish], exchange, found, wishes)
        ),
    ]


def _at_most_once(history: History, found: Chains) -> Iterator[str]:
    moves = Counter((wish.of, wish.start) for wish in history.wishes if isinstance(wish, Move))
    for name, own in found.of.items():
        standing = [chain for chain in own if chain.head.stands]
        if len(standing) > 1:
            yield f"P1 {name}: {len(standing)} live bookings of one wish: {_uids(standing)}"
        elif len(own) > 1 and not history.repairs:
            together = any(_together(one, other) for one, other in combinations(own, 2))
            yield f"P1 {name}: booked {len(own)} times{' at the same time' if together else ''}: {_uids(own)}"
        for chain in own:
            starts = Counter(booking.start for booking in chain.bookings[1:])
            for start, count in starts.items():
                if count > moves[name, start]:
                    yield f"P1 {name}: moved {count} times to {start:%d %H:%M}, wanted {moves[name, start]} times"


def _together(one: Chain, other: Chain) -> bool:
    return one.root.made < other.head.gone and other.root.made < one.head.gone


def _nothing_lost(history: History, found: Chains, by_wish: dict[str, list[Exchange]]) -> Iterator[str]:
    for chain in found.ownerless:
        root = chain.root
        yield f"P2 nobody wanted the booking {root.uid} at {root.start:%d %H:%M} for {', '.join(sorted(root.contacts))}"
    for what in history.unsettled:
        yield f"P2 unsettled at the end: {what}"
    for wish in history.wishes:
        yield from _lost(history, wish, found.of_wish(wish), by_wish)


def _lost(history: History, wish: Wish, own: tuple[Chain, ...], by_wish: dict[str, list[Exchange]]) -> Iterator[str]:
    heard = by_wish[wish.name]
    done, stands = any(one.succeeded for one in heard), any(chain.head.stands for chain in own)
    match wish:
        case Book() if done and own and not stands:
            cancels = [one for one in history.wishes if isinstance(one, Cancel) and one.of == wish.name]
            if all(one.refused for cancel in cancels for one in by_wish[cancel.name]):
                yield f"P2 {wish.name}: booked, then gone, and nobody was told that it is cancelled"
        case Book() if not done and stands and heard and _said_no(heard):
            yield f"P2 {wish.name}: stands at Cal.com, but the last that its caller heard was {heard[-1].status}"
        case Move() if done and all(booking.start != wish.start for chain in own for booking in chain.bookings):
            yield f"P2 {wish.name}: told as moved to {wish.start:%d %H:%M}, but no booking was ever there"
        case Cancel() if done and stands:
            yield f"P2 {wish.name}: told as cancelled, but {own[0].head.uid} stands"
        case _:
            pass


def _said_no(heard: list[Exchange]) -> bool:
    """Whether the last word was a refusal, or every word that nothing was done."""
    return heard[-1].refused or all(one.nothing_sent for one in heard)


def _one_answer(wish: Wish, heard: list[Exchange], found: Chains) -> Iterator[str]:
    told = [one for one in heard if one.succeeded]
    for one, other in combinations(told, 2):
        if one.uid and other.uid and not found.same(one.uid, other.uid):
            yield f"P4 {wish.name}: told two appointments of one wish: {one.uid} and {other.uid}"
    for one in told:
        is_repeat = any(other.ended < one.sent for other in told)
        if is_repeat and not one.replayed:
            yield f"P4 {wish.name}: a repeat was answered without Idempotent-Replayed"


def _truth(history: History, wish: Wish, heard: Exchange, found: Chains, wishes: dict[str, Wish]) -> Iterator[str]:
    waited = heard.ended - heard.sent
    if history.patience is not None and waited > history.patience:
        yield f"P3 {wish.name}: waited {waited.total_seconds():.1f} s for an answer"
    if heard.status is not None and heard.status not in {200, 202, 400, 401, 404, 409, 422, 429, 502, 503}:
        yield f"P3 {wish.name}: heard {heard.status}, which tells nothing"
    if heard.status == 202 and heard.asks != "verify":
        yield f"P3 {wish.name}: a 202 that does not say that it must be verified"
    if heard.status in {429, 503} and heard.retry_after is None:
        yield f"P3 {wish.name}: heard {heard.status} without Retry-After"
    own = found.of_wish(wish)
    if heard.succeeded:
        yield from _true_success(wish, heard, own)
    elif heard.refused:
        yield from _true_refusal(wish, heard, own)
    if heard.offered:
        book = wish if isinstance(wish, Book) else wishes[wish.of]
        yield from _open_offers(history, book, heard, own if isinstance(wish, Move) else ())


def _true_success(wish: Wish, heard: Exchange, own: tuple[Chain, ...]) -> Iterator[str]:
    named = [booking for chain in own for booking in chain.bookings if booking.uid == heard.uid]
    match wish:
        case Book() | Move():
            if not heard.uid and heard.replayed:  # to somebody who showed no credential a repeat does not name it
                named = [booking for chain in own for booking in chain.bookings]
            if not named:
                yield f"P3 {wish.name}: told of {heard.uid or 'no uid'}, which is no booking of this wish"
            elif not any(one.alive_within(heard.sent, heard.ended, TICK) for one in named):
                yield f"P3 {wish.name}: told of {heard.uid}, which was not alive then"
            elif isinstance(wish, Move) and all(one.start != wish.start for one in named):
                yield f"P3 {wish.name}: told as moved, but {heard.uid} is at {named[0].start:%d %H:%M}"
        case Cancel():
            if alive := _alive_throughout(own, heard):
                yield f"P3 {wish.name}: told as cancelled, but {alive[0].uid} was alive all the time"


def _true_refusal(wish: Wish, heard: Exchange, own: tuple[Chain, ...]) -> Iterator[str]:
    alive = [booking for chain in own for booking in chain.bookings if booking.alive_at(heard.ended, TICK)]
    match wish:
        case Book() if any(one.start == wish.start for one in alive):  # of one that was moved, a 409 may tell
            yield f"P3 {wish.name}: refused with {heard.status}, but its own booking {alive[0].uid} was alive"
        case Book() if heard.asks_to_rebook and not own:
            yield f"P3 {wish.name}: asked whether to book again what was never booked"
        case Move() if any(one.start == wish.start for one in _alive_throughout(own, heard)):
            yield f"P3 {wish.name}: refused with {heard.status}, but the booking was there already"
        case Cancel() if own and not any(
            booking.alive_within(heard.sent, heard.ended, TICK) for chain in own for booking in chain.bookings
        ):
            yield f"P3 {wish.name}: refused with {heard.status}, but the booking was cancelled already"
        case _:
            pass


def _alive_throughout(own: tuple[Chain, ...], heard: Exchange) -> list[Booking]:
    every = [booking for chain in own for booking in chain.bookings]
    return [booking for booking in every if booking.alive_throughout(heard.sent, heard.ended, TICK)]


def _open_offers(history: History, wish: Wish, heard: Exchange, moving: tuple[Chain, ...]) -> Iterator[str]:
    if not isinstance(wish, Book):
        return
    length, giving_up = timedelta(minutes=wish.minutes), {one for chain in moving for one in chain.bookings}
    taken = [
        booking
        for booking in history.bookings
        if booking.host == wish.host
        and booking not in giving_up
        and booking.alive_throughout(heard.sent, heard.ended, RACE)
    ]
    for start in heard.offered:
        if any(booking.start < start + length and start < booking.end for booking in taken):
            yield f"P3 {wish.name}: offered {start:%d %H:%M}, which was taken"


def _uids(own: list[Chain] | tuple[Chain, ...]) -> str:
    return ", ".join(chain.head.uid for chain in own)
