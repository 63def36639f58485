"""The permits of one key that this process has at hand, and what it has to tell the others of those it used."""

import secrets
from dataclasses import dataclass

from calbridge.calcom.lender import GATHER_SECONDS
from calbridge.domain.permits import MINUTE, TRAVEL, VALIDITY, Spent

# The others hear of credit as late as they hear of a lease what became of it; on the way it may wait for company.
TELL_SECONDS = VALIDITY - GATHER_SECONDS


@dataclass(slots=True, eq=False)
class Batch:
    """The permits of one lease, or one call that was made on credit."""

    id: str
    anyone: int
    urgent_only: int
    lapses_at: float
    used: int = 0
    last_used_at: float = 0.0

    def take(self, now: float, *, urgent: bool) -> bool:
        """Use one up, if there is one for such a call."""
        if now >= self.lapses_at:
            return False
        if urgent and self.urgent_only:
            self.urgent_only -= 1
        elif self.anyone:
            self.anyone -= 1
        else:
            return False
        self.used += 1
        self.last_used_at = now
        return True

    def put_back(self, *, urgent: bool) -> None:
        """Take one back with which no call was made. It stays with the class that had it."""
        self.used -= 1
        if urgent:
            self.urgent_only += 1
        else:
            self.anyone += 1

    @property
    def left(self) -> int:
        """How many are unused."""
        return self.anyone + self.urgent_only

    def is_spent(self, now: float) -> bool:
        """Whether no call can be made with it any more."""
        return not self.left or now >= self.lapses_at


class Batches:
    """What was leased and is left, and what was used, leased or on credit, until it is told.

    ``tell_at``: when credit is to be told of, if nothing else is asked before; None without any. A book that was never
    seen is to be seen at once: others may have been told of a pause.
    """

    def __init__(self) -> None:
        self._usable: list[Batch] = []
        self._spent: list[Batch] = []  # used up or lapsed, and not told of yet
        self._owed: list[Batch] = []  # calls on credit, not told of yet
        self.tell_at: float | None = 0.0

    def add(self, batch: Batch) -> None:
        """Put in what was leased."""
        self._usable.append(batch)

    def take(self, now: float, *, urgent: bool) -> Batch | None:
        """Use up one permit of the oldest batch that has one for such a call."""
        return next((batch for batch in self._usable if batch.take(now, urgent=urgent)), None)

    def owe(self, now: float) -> Batch:
        """Note a call that is made on credit. It is told of before long, and at once when it is not the only one."""
        batch = Batch(secrets.token_hex(8), 0, 0, lapses_at=now, used=1, last_used_at=now)
        self._owed.append(batch)
        self.tell_at = now + TELL_SECONDS if self.tell_at is None else now
        return batch

    def untold(self, now: float) -> tuple[Spent, ...]:
        """Return what became of those that no call can be made with any more."""
        self._spent += [batch for batch in self._usable if batch.is_spent(now)]
        self._usable = [batch for batch in self._usable if not batch.is_spent(now)]
        counting_from = now - MINUTE - TRAVEL  # while the database is away, nobody is told: what is older has no effect
        self._spent = [batch for batch in self._spent if batch.lapses_at > counting_from]
        self._owed = [batch for batch in self._owed if batch.lapses_at > counting_from]
        over = (*self._spent, *self._owed)
        return tuple(Spent(batch.id, batch.used, now - batch.last_used_at) for batch in over)

    def told(self, spent: tuple[Spent, ...], now: float) -> None:
        """Drop what all processes know by now. What was owed meanwhile is still to be told."""
        known = {report.id for report in spent}
        self._spent = [batch for batch in self._spent if batch.id not in known]
        self._owed = [batch for batch in self._owed if batch.id not in known]
        self.tell_at = now + TELL_SECONDS if self._owed else None

    def tell_later(self, seconds: float, now: float) -> None:
        """Put off what is to be told, because nobody listens; what is too old by then is not told any more."""
        if self.tell_at is not None:
            self.tell_at = now + seconds if self._owed else None

    def never_came(self, lease: str, now: float) -> None:
        """Tell that no call was made with a lease whose grant was not heard of: perhaps it was entered all the same."""
        self._spent.append(Batch(lease, 0, 0, lapses_at=now, last_used_at=now))

    def unused(self, now: float) -> int:
        """How many permits have lapsed."""
        return sum(batch.left for batch in self._usable if now >= batch.lapses_at)

    def lapse(self, now: float) -> None:
        """Have all lapse, because no call will be made any more."""
        for batch in self._usable:
            batch.lapses_at = min(batch.lapses_at, now)

    def lapsing(self, now: float) -> list[float]:
        """When those that are left will lapse."""
        return [batch.lapses_at for batch in self._usable if batch.left and batch.lapses_at > now]
