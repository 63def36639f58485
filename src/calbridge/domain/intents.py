"""What a caller wants to happen once, and how far it has got."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from calbridge.domain.agents import User


class Errand(StrEnum):
    """What is to be changed at Cal.com."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"


class State(StrEnum):
    """How far an intent has got."""

    SENDING = "sending"  # somebody is at it, until the lease ends
    UNKNOWN = "unknown"  # sent, and nobody knows what became of it
    CONFIRMED = "confirmed"
    REJECTED = "rejected"  # refused by Cal.com, or conclusively not there
    ABANDONED = "abandoned"  # provably never carried out
    NEEDS_HUMAN = "needs_human"

    @property
    def is_open(self) -> bool:
        """Whether it may still turn out either way."""
        return self in {State.SENDING, State.UNKNOWN}


NOBODY_LOOKED = "nobody_could_look"  # the reason of one that needs a person, because Cal.com could not be asked
ABSENT = "absent"  # the reason of an intent that was rejected because nothing was found, however long one looked
# Likewise, and it was wished again in another account: if it comes late after all, there may be two.
SUPERSEDED = "superseded"
# Of ones that need a person, because Cal.com has answered with something else than what was wished for.
BOOKED_OTHERWISE, MOVED_OTHERWISE = "booked_otherwise", "moved_otherwise"
DOUBLE = "double"  # of one that needs a person, because there is another booking besides the one that was told


@dataclass(frozen=True, slots=True)
class Wisher:
    """The person whose wish it is, as they gave themselves; "" where they did not."""

    name: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """What tells one intent from another; texts, which storage keeps as keyed hashes.

    ``key``: organization, agent, call, action and target, or the key that a client chose. ``caller``: who it is for,
    letter for letter, where the key leaves it open: requests at the same instant clash only if they are alike in it.
    ``payload``: the whole wish, where the client chose the key. ``lifetime``: for how long a repeated wish is the same.
    ``tool_call``: the one request of a voice platform that the wish came with, "" where that has no name of its own.
    """

    key: str
    lifetime: timedelta
    caller: str = ""
    payload: str | None = None
    tool_call: str = ""

    @property
    def is_explicit(self) -> bool:
        """Whether the client chose the key: then refusals are repeated, too."""
        return self.payload is not None


@dataclass(frozen=True, slots=True)
class Draft:
    """An intent that is about to be carried out.

    ``claim`` names the slot or chain that nobody else may touch meanwhile; None where many may at a time. ``lease``:
    for how long whoever carries it out is trusted to be alive.
    """

    organization_id: UUID
    account_id: UUID
    user: User  # in whose calendar: the account may become another one's
    agent_id: UUID
    call_session_id: str
    errand: Errand
    name: Name
    wisher: Wisher
    claim: str | None
    lease: timedelta
    event_type_id: int | None = None
    start: datetime | None = None  # the wanted time; None for a cancellation
    uid: str | None = None  # of the booking that is to be changed
    seat_uid: str | None = None  # of the one seat in it that is to be cancelled


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent as it was when it was read. Ages are by the database's clock, as of that moment."""

    id: UUID
    organization_id: UUID
    account_id: UUID
    user: User
    agent_id: UUID
    call_session_id: str
    errand: Errand
    state: State
    fence: int  # the number of the attempt: who holds an older one may not write any more
    event_type_id: int | None
    start: datetime | None
    uid: str | None  # of the booking that is to be changed, then of the one that came of it
    seat_uid: str | None  # the one seat in it that is to be cancelled, or that was taken
    reason: str  # why nothing came of it
    wisher: Wisher | None  # None: erased, or nobody here can read it
    has_payload: bool  # the client chose its key
    same_payload: bool  # it is the very wish that was looked up by that key
    same_caller: bool  # it is for whom it was looked up for, letter for letter
    looks: int  # complete look-ups that found nothing since the last attempt
    age: timedelta
    since_attempt: timedelta
    since_look: timedelta | None
    overdue: bool  # the lease has ended, or the next look-up is due
    created_at: datetime
    settled_at: datetime | None
    history: str  # a line for each attempt and answer

    @property
    def is_told(self) -> bool:
        """Whether its caller has a booking to be told of, though there may be a second one that is to be undone."""
        return self.state is State.CONFIRMED or (self.state is State.NEEDS_HUMAN and self.reason == DOUBLE)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many intents are not settled: by state, and those of them that should be by now."""

    sending: int = 0
    unknown: int = 0
    needs_human: int = 0
    long_open: int = 0  # sending or unknown for more than an hour
    overdue: int = 0  # nobody has come to see to them when it was time


@dataclass(frozen=True, slots=True)
class Begun:
    """The intent is ours to carry out."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Known:
    """There are intents of that name already, the newest first."""

    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Another intent that is still open holds the slot or the chain."""

    holder: Intent
