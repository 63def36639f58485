"""Intents: at most one of a name, at most one open on a slot or chain, and written by whoever holds the newest fence.

All that has to do with leases and with how long something is ago goes by the database's clock, which all share.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    Update,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from calbridge.domain.access import Actor
from calbridge.domain.appointments import BookingRecord
from calbridge.domain.intents import ABSENT, SUPERSEDED, Begun, Claimed, Draft, Errand, Intent, Known, Name, State
from calbridge.storage.audit import Event, enter
from calbridge.storage.bookings import Bookings
from calbridge.storage.callers import Callers
from calbridge.storage.changes import Change, note_change, parameters_of
from calbridge.storage.database import Database, noted_in
from calbridge.storage.intent_rows import IntentRows
from calbridge.storage.intent_statements import OPEN, Ending, IntentStatements
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import bookings, intents, new_id
from calbridge.storage.wishes import ERASED, Wishes

RETRIABLE = (State.REJECTED.value, State.ABANDONED.value)

Times = tuple[datetime, datetime]
OnSettled = Callable[[str, str, float | None], None]
_RULINGS = {State.CONFIRMED: Event.INTENT_CONFIRMED, State.REJECTED: Event.INTENT_REJECTED}


def ignore_settled(_action: str, _outcome: str, _seconds: float | None) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class _AtOnce:
    """What one statement did: when the intent was made and settled; None if it was not ours to settle any more."""

    done: Times | None


class Intents:
    """The intents. ``bookings``: what came of them is written in the same transaction.

    ``on_settled`` is told of each that is settled: what was wished, what became of it, and how many seconds that took,
    None where the time since the wish tells nothing.
    """

    def __init__(
        self, database: Database, keys: KeyRing, bookings: Bookings, on_settled: OnSettled = ignore_settled
    ) -> None:
        self._database = database
        self._on_settled = on_settled
        self._wishes = Wishes(keys)
        self._rows = IntentRows(database, self._wishes)
        self._callers = Callers(keys)
        self._bookings = bookings
        self._statements = IntentStatements(database, self._rows, bookings)

    async def begin(
        self, draft: Draft, *, apart_from: Collection[UUID] = (), retiring: UUID | None = None
    ) -> Begun | Known | Claimed:
        """Write an intent down as being sent, before anything is: once this has returned, it is committed.

        ``apart_from``: intents of the same name that are known to be another caller's. ``retiring``: a settled one that
        is to bear its name no more; one that was absent is superseded.
        """
        if not apart_from and retiring is None and (new := await self._begin_new(draft)):
            return Begun(new)
        async with self._database.write() as connection:
            named = await self._named(connection, draft.name)
            past = [one.id for one in named if _is_past(one, draft.name) or one.id == retiring]
            if past:
                settled = intents.c.state.not_in(OPEN)
                is_superseded = and_(intents.c.id == retiring, intents.c.reason == ABSENT)
                reason = case((is_superseded, SUPERSEDED), else_=intents.c.reason)
                retired = update(intents).where(intents.c.id.in_(past), settled)
                await connection.execute(retired.values(key=None, reason=reason))
            known = tuple(one for one in named if one.id not in {*past, *apart_from})
            if known:
                return Known(known)
            insert = self._database.insert(intents).values(self._first(new_id(), draft)).on_conflict_do_nothing()
            begun = await self._read(connection, insert.returning(*intents.c, self._database.now().label("now")))
            if begun:
                return Begun(begun[0])
            rivals = tuple(one for one in await self._named(connection, draft.name) if one.id not in apart_from)
            holder = None if rivals else await self._holder(connection, draft)
            return Known(rivals) if holder is None else Claimed(holder)

    async def reopen(self, intent: Intent, draft: Draft) -> Begun | Claimed | None:
        """Begin another attempt at what was rejected or abandoned; None if somebody else has changed it meanwhile."""
        attempt = self._first(intent.id, draft)
        for kept in ("id", "created_at", "history"):
            del attempt[kept]
        attempt |= {"fence": intent.fence + 1, "history": self._rows.noted(f"attempt {intent.fence + 1}")}
        statement = self._still(intent).where(intents.c.state.in_(RETRIABLE)).values(attempt)
        try:
            async with self._database.write() as connection:
                begun = await self._read(connection, statement.returning(*intents.c, self._database.now().label("now")))
                return Begun(begun[0]) if begun else None
        except IntegrityError:  # of the claim: the name is its own already
            async with self._database.read() as connection:
                holder = await self._holder(connection, draft)
            return None if holder is None else Claimed(holder)

    async def of_tool_call(self, tool_call: str, within: timedelta) -> Intent | None:
        """Return the intent that this very tool call began, unless that is longer ago than ``within``."""
        counts = or_(intents.c.state.in_(OPEN), intents.c.created_at >= self._database.now(-within))
        theirs = self._all().where(intents.c.tool_call.in_(self._wishes.tool_calls_of(tool_call)), counts)
        newest_first = theirs.order_by(intents.c.created_at.desc(), intents.c.id.desc()).limit(1)
        async with self._database.read() as connection:
            return next(iter(await self._read(connection, newest_first)), None)

    async def get(self, intent_id: UUID) -> Intent | None:
        """Read an intent."""
        async with self._database.read() as connection:
            return next(iter(await self._read(connection, self._all().where(intents.c.id == intent_id))), None)

    async def cancelled_on_request(self, account_id: UUID, uid: str) -> bool:
        """Whether a caller of ours had a booking cancelled."""
        wanted = (
            intents.c.account_id == account_id,
            intents.c.action == Errand.CANCEL.value,
            intents.c.state == State.CONFIRMED.value,
            intents.c.uid == uid,
        )
        async with self._database.read() as connection:
            return await connection.scalar(select(intents.c.id).where(*wanted).limit(1)) is not None

    async def clashes(self, name: Name) -> bool:
        """Whether a key that the client chose stands for another wish already."""
        async with self._database.read() as connection:
            named = await self._named(connection, name)
        return any(not one.same_payload and not _is_past(one, name) for one in named)

    async def open_on(self, account_id: UUID, claims: Collection[str]) -> tuple[Intent, ...]:
        """Return the open intents that hold one of these claims."""
        wanted = self._all().where(intents.c.account_id == account_id, intents.c.claim.in_(claims))
        async with self._database.read() as connection:
            return await self._read(connection, wanted)

    async def doubt(self, intent: Intent, note: str, *, look_in: timedelta) -> None:
        """Note that nobody knows what became of an attempt; the next look-up is due in ``look_in``.

        It may have changed the calendar, so nobody goes on with what they remember of it.
        """
        unknown = {
            "state": State.UNKNOWN.value,
            "attempted_at": self._database.now(),  # until now it may have been sent
            "due_at": self._database.now(look_in),
            "history": self._rows.noted(f"unknown: {note}"),
        }
        statement = self._still(intent).where(intents.c.state == State.SENDING.value).values(unknown)
        async with self._database.write() as connection:
            await connection.execute(statement)
            await note_change(connection, intent.account_id)

    async def looked(self, intent: Intent, *, apart: timedelta) -> Intent | None:
        """Count a complete look-up that found nothing, unless the last one was less than ``apart`` ago; read anew."""
        counts = or_(intents.c.looked_at.is_(None), intents.c.looked_at <= self._database.now(-apart))
        statement = self._still(intent).where(intents.c.state == State.UNKNOWN.value, counts)
        await self._write(
            statement.values(
                looks=intents.c.looks + 1,
                looked_at=self._database.now(),
                history=self._rows.noted("looked: nothing there"),
            )
        )
        return await self.get(intent.id)

    async def settle(  # noqa: PLR0913 - all that there is to tell of an outcome, most of it seldom
        self,
        intent: Intent,
        state: State,
        *,
        uid: str | None = None,
        reason: str = "",
        note: str = "",
        records: Sequence[BookingRecord] = (),
        correcting: bool = False,
        swift: bool = False,
        by: Actor | None = None,
    ) -> bool:
        """Write down what became of an intent, together with the bookings that it made or changed.

        False if it is not ours to write any more: somebody settled it, or another attempt has begun. ``correcting``:
        also what was settled is written anew. ``swift``: the same is found out again by looking, so that the commit
        need not wait for the disk. ``by``: somebody has decided it, which goes into the audit log. The booking records
        are written in any case: they are what is so.
        """
        told = " ".join(filter(None, (state.value, uid and f"booking {uid}", reason, note and f"({note})")))
        seat_uid = next((record.seat_uid for record in records if record.seat_uid), None)
        values = self._statements.to_settle(intent, state, reason, told, uid, seat_uid)
        ending = Ending(correcting, swift)
        in_calendar = bool(records) or state is State.CONFIRMED  # of what others have booked there is no record perhaps
        in_several = by is not None or (in_calendar and not records)
        at_once = None if in_several else await self._settle_at_once(intent.account_id, ending, values, records)
        if at_once is None:
            async with self._database.write() as connection:
                settled = await connection.execute(self._statements.settle(ending), values)
                done = _times(settled.one_or_none())
                await self._bookings.put(connection, records)
                if in_calendar:
                    await note_change(connection, intent.account_id)
                if done and by is not None:
                    await enter(connection, intent.organization_id, _RULINGS[state], [intent.id], by, done[1])
        else:
            done = at_once.done
        if done:
            created_at, settled_at = done
            seconds = (settled_at - created_at).total_seconds()
            self._on_settled(intent.errand.value, state.value, seconds if _is_first_word(intent, state) else None)
        return done is not None

    async def postpone(self, intent: Intent, *, look_in: timedelta) -> None:
        """Put off the next look-up."""
        await self._write(
            self._still(intent).where(intents.c.state.in_(OPEN)).values(due_at=self._database.now(look_in))
        )

    async def release(self, intent_ids: Collection[UUID]) -> None:
        """End the leases of intents that this process has stopped carrying out, so that the next to look sees to them.

        Nothing of them may be sent here any more.
        """
        theirs = intents.c.id.in_(intent_ids), intents.c.state == State.SENDING.value
        note = self._rows.noted("given up: the process ends")
        await self._write(update(intents).where(*theirs).values(due_at=self._database.now(), history=note))

    async def due(self, limit: int, *, lease: timedelta) -> tuple[Intent, ...]:
        """Take intents that somebody has to see to; nobody else is given them for as long as ``lease``.

        Accounts take turns, so that a calendar that hangs does not keep the others waiting. An intent whose sender's
        lease has ended is unknown from now on: it may have been sent.
        """
        async with self._database.write() as connection:
            overdue = (await connection.execute(self._statements.overdue, {"limit": limit})).all()
            if not overdue:
                return ()
            ids = [row.id for row in overdue]
            for account_id in {row.account_id for row in overdue if row.state == State.SENDING.value}:
                await note_change(connection, account_id)  # as in ``doubt``
            lapsed = intents.c.state == State.SENDING.value
            noted = self._rows.noted("unknown: whoever sent it is gone")
            taken = update(intents).where(intents.c.id.in_(ids), intents.c.due_at.is_not(None))
            await connection.execute(
                taken.values(
                    state=State.UNKNOWN.value,
                    attempted_at=case((lapsed, self._database.now()), else_=intents.c.attempted_at),
                    due_at=self._database.now(lease),
                    history=case((lapsed, noted), else_=intents.c.history),
                )
            )
            return await self._read(connection, self._all().where(intents.c.id.in_(ids)))

    async def list(self, organization_id: UUID | None, states: Collection[State], limit: int) -> tuple[Intent, ...]:
        """List intents, the newest first; those of all organizations for None, of all states for none."""
        wanted = self._all().order_by(intents.c.created_at.desc(), intents.c.id.desc()).limit(limit)
        if organization_id is not None:
            wanted = wanted.where(intents.c.organization_id == organization_id)
        if states:
            wanted = wanted.where(intents.c.state.in_([state.value for state in states]))
        async with self._database.read() as connection:
            return await self._read(connection, wanted)

    async def erase_caller(self, organization_id: UUID | None, *, phone: str = "", email: str = "") -> tuple[int, int]:
        """Erase a caller's wishes; the intents stay, without a name. In one organization, or with None in all.

        Wishes to change an appointment name nobody: they are the caller's whose record the appointment's is, so they
        are to be erased before it. Returns how many were erased, and how many were left: those for an appointment of
        which nobody knows yet whether it came about. Once that is known, it is written down with the caller's contact.
        """
        recorded = select(bookings.c.organization_id, bookings.c.uid).where(
            self._callers.matching(phone=phone, email=email)
        )
        matching = or_(
            intents.c.phone_hash.in_(self._callers.phone_hashes(phone)),
            intents.c.email_hash.in_(self._callers.email_hashes(email)),
            tuple_(intents.c.organization_id, intents.c.uid).in_(recorded),
        )
        held = matching, intents.c.sealed_wish.is_not(None)
        of = held if organization_id is None else (*held, intents.c.organization_id == organization_id)
        is_left = and_(intents.c.state.in_(OPEN), intents.c.action == Errand.BOOK.value)
        erased = await self._erase(*of, ~is_left)
        async with self._database.read() as connection:
            left = await connection.scalar(select(func.count()).select_from(intents).where(*of))
        return erased, left or 0

    async def erase_older_than(self, age: timedelta) -> int:
        """Erase the wishes of intents that were settled longer ago than ``age``; return how many."""
        return await self._erase(intents.c.settled_at < self._database.now(-age), intents.c.sealed_wish.is_not(None))

    async def _erase(self, *conditions: ColumnElement[bool]) -> int:
        async with self._database.write() as connection:
            erased = (await connection.execute(update(intents).where(*conditions).values(ERASED))).rowcount
        if erased:
            await self._database.scrub()
        return erased

    async def _begin_new(self, draft: Draft) -> Intent | None:
        """Write an intent down in one statement, if nothing bears its name or holds its claim; else None."""
        values = self._statements.to_begin(new_id(), draft, self._wishes.keys_of(draft.name))
        async with self._database.write_at_once() as connection:
            return next(iter(await self._read(connection, self._statements.begin, values=values)), None)

    async def _settle_at_once(
        self, account_id: UUID, ending: Ending, values: dict[str, object], records: Sequence[BookingRecord]
    ) -> "_AtOnce | None":
        """Settle an intent in one statement; None where it takes several, and then nothing was written.

        That is where the account has a record of the booking already, and on SQLite, which has no such statements.
        """
        if not records:
            async with self._database.write_at_once() as connection:
                settled = await connection.execute(self._statements.settle(ending), values)
                return _AtOnce(_times(settled.one_or_none()))
        if len(records) > 1 or self._database.is_sqlite:
            return None
        change = Change(new_id(), account_id)
        values = values | self._bookings.parameters(records[0]) | parameters_of(change)
        async with self._database.write_at_once() as connection:
            settled = await connection.execute(self._statements.settle_with_record(ending), values)
            outcome = settled.one_or_none()
            if outcome is None:
                return None
            noted_in(connection).append((change.id, change.subject_id))
        return _AtOnce(None if outcome.settled_at is None else (outcome.created_at, outcome.settled_at))

    async def _write(self, statement: Update) -> bool:
        async with self._database.write() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def _named(self, connection: AsyncConnection, name: Name) -> tuple[Intent, ...]:
        wanted = self._all().where(intents.c.key.in_(self._wishes.keys_of(name)))
        return await self._read(connection, wanted.order_by(intents.c.created_at.desc(), intents.c.id.desc()), name)

    async def _holder(self, connection: AsyncConnection, draft: Draft) -> Intent | None:
        wanted = self._all().where(intents.c.account_id == draft.account_id, intents.c.claim == self._rows.claim(draft))
        return next(iter(await self._read(connection, wanted)), None)

    def _first(self, row_id: UUID, draft: Draft) -> dict[str, object]:
        return self._rows.fresh(row_id, draft) | self._rows.moments(draft.lease)

    def _all(self) -> Select[tuple[Any, ...]]:
        return select(*intents.c, self._database.now().label("now"))

    async def _read(
        self,
        connection: AsyncConnection,
        statement: Executable,
        name: Name | None = None,
        values: dict[str, object] | None = None,
    ) -> tuple[Intent, ...]:
        rows = (await connection.execute(statement, values)).mappings().all()
        return tuple(self._rows.intent_from(row, row["now"], name) for row in rows)

    def _still(self, intent: Intent) -> Update:
        """Write to an intent only while nobody has begun another attempt."""
        return update(intents).where(intents.c.id == intent.id, intents.c.fence == intent.fence)


def _times(row: Row[Times] | None) -> Times | None:
    return None if row is None else (row.created_at, row.settled_at)


def _is_first_word(intent: Intent, state: State) -> bool:
    """Whether this is the first that anybody knows of the first attempt: only then its age is what that took."""
    nobody_knew = intent.state.is_open or intent.state is State.NEEDS_HUMAN
    return nobody_knew and intent.fence == 1 and state is not State.NEEDS_HUMAN


def _is_past(intent: Intent, name: Name) -> bool:
    return not intent.state.is_open and intent.age > name.lifetime
