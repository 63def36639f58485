"""Intents in the database: one of a name, one on a slot, one writer, and the clock that all share."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from tests.storage.factories import START, Store, record

from calbridge.domain.intents import ABSENT, Begun, Claimed, Draft, Errand, Intent, Known, Name, State, Wisher
from calbridge.storage.changes import Changes
from calbridge.storage.tables import intents

ADA = Wisher("Ada Lovelace", "ada@example.com", "+442079460000", "Brings tea")
LEASE = timedelta(seconds=18)
DAY = timedelta(days=1)


@pytest.fixture
async def draft(store: Store) -> Draft:
    """A wish of a caller of a new organization."""
    organization = await store.organization()
    account = await store.account(organization.id)
    return Draft(
        organization_id=organization.id,
        account_id=account.id,
        user=account.user,
        agent_id=(await store.agent(organization.id)).id,
        call_session_id="call-4711",
        errand=Errand.BOOK,
        name=Name("call-4711 7 10:00", DAY, caller="ada"),
        wisher=ADA,
        claim="slot 7 10:00",
        lease=LEASE,
        event_type_id=7,
        start=START,
    )


def of_another(draft: Draft, key: str = "call-4712 7 10:00") -> Draft:
    """Make the wish of another caller for the same slot."""
    return replace(draft, name=replace(draft.name, key=key, caller="bob"), wisher=Wisher("Bob", "bob@example.com"))


async def begun(store: Store, draft: Draft) -> Intent:
    """Begin an intent that nothing stands in the way of."""
    outcome = await store.intents.begin(draft)
    assert isinstance(outcome, Begun)
    return outcome.intent


async def ago(store: Store, intent: Intent, **columns: timedelta) -> None:
    """Have instants of an intent lie further back."""
    async with store.database.write() as connection:
        row = (await connection.execute(select(intents).where(intents.c.id == intent.id))).mappings().one()
        earlier = {name: row[name] - by for name, by in columns.items()}
        await connection.execute(update(intents).where(intents.c.id == intent.id).values(earlier))


async def present(store: Store, intent: Intent) -> Intent:
    """Read an intent."""
    read = await store.intents.get(intent.id)
    assert read is not None
    return read


async def test_what_is_begun_can_be_read(store: Store, draft: Draft) -> None:
    intent = await begun(store, draft)

    assert intent == replace(await present(store, intent), age=intent.age, since_attempt=intent.since_attempt)
    assert (intent.state, intent.fence, intent.wisher, intent.start) == (State.SENDING, 1, ADA, START)
    assert (intent.call_session_id, intent.errand, intent.overdue) == ("call-4711", Errand.BOOK, False)
    assert timedelta(0) <= intent.age < timedelta(minutes=1)
    assert intent.history.endswith("Z attempt 1\n")


async def test_what_has_the_same_name_is_told_instead_of_begun(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)

    again = await store.intents.begin(replace(draft, wisher=replace(ADA, name="Ada Lovelase")))

    assert isinstance(again, Known)
    assert [intent.id for intent in again.intents] == [first.id]


async def test_of_many_at_once_one_begins_and_all_others_hear_of_it(store: Store, rival: Store, draft: Draft) -> None:
    outcomes = await asyncio.gather(*(one.intents.begin(draft) for _ in range(10) for one in (store, rival)))

    winners = [outcome.intent.id for outcome in outcomes if isinstance(outcome, Begun)]
    told = {intent.id for outcome in outcomes if isinstance(outcome, Known) for intent in outcome.intents}
    assert len(winners) == 1
    assert told == set(winners)


async def test_of_many_callers_for_one_slot_one_begins(store: Store, rival: Store, draft: Draft) -> None:
    wishes = [of_another(draft, f"call {n}") for n in range(20)]
    outcomes = await asyncio.gather(*((store if n % 2 else rival).intents.begin(wish) for n, wish in enumerate(wishes)))

    winners = [outcome.intent.id for outcome in outcomes if isinstance(outcome, Begun)]
    assert len(winners) == 1
    assert {outcome.holder.id for outcome in outcomes if isinstance(outcome, Claimed)} == set(winners)
    assert sum(isinstance(outcome, Claimed) for outcome in outcomes) == 19


async def test_where_many_have_room_only_the_name_is_claimed(store: Store, draft: Draft) -> None:
    first = await begun(store, replace(draft, claim=None))
    await begun(store, replace(of_another(draft), claim=None))

    misheard = replace(draft, claim=None, name=replace(draft.name, caller="adda"))
    outcome = await store.intents.begin(misheard, apart_from=[first.id])

    assert isinstance(outcome, Claimed)
    assert outcome.holder.id == first.id


async def test_a_slot_of_another_account_is_another_slot(store: Store, draft: Draft) -> None:
    await begun(store, draft)
    other = await store.account(draft.organization_id, number=2)
    await begun(store, replace(of_another(draft), account_id=other.id))


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REJECTED, State.ABANDONED])
async def test_what_is_settled_gives_its_slot_back(store: Store, draft: Draft, state: State) -> None:
    first = await begun(store, draft)
    assert isinstance(await store.intents.begin(of_another(draft)), Claimed)

    assert await store.intents.settle(first, state, uid="uid-1", reason="because")

    assert isinstance(await store.intents.begin(of_another(draft)), Begun)
    read = await present(store, first)
    assert (read.state, read.uid, read.reason) == (state, "uid-1", "because")
    assert read.settled_at is not None


async def test_what_is_unknown_keeps_its_slot(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.doubt(first, "no answer", look_in=timedelta(seconds=5))

    outcome = await store.intents.begin(of_another(draft))

    assert isinstance(outcome, Claimed)
    assert outcome.holder.state is State.UNKNOWN


async def test_what_came_of_it_and_the_booking_are_written_together(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    booking = record(draft.organization_id, draft.account_id, draft.agent_id)

    await store.intents.settle(first, State.CONFIRMED, uid=booking.uid, records=[booking])

    assert await store.bookings.get(draft.organization_id, booking.uid) == booking


async def test_another_attempt_takes_the_pen_from_whoever_held_it(store: Store, rival: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.REJECTED, reason="slot_taken")
    again = await rival.intents.reopen(await present(store, first), draft)
    assert isinstance(again, Begun)
    assert again.intent.fence == first.fence + 1

    late = await store.intents.settle(first, State.REJECTED, reason="late")
    await store.intents.doubt(first, "late", look_in=timedelta(seconds=5))

    assert not late
    read = await present(store, first)
    assert (read.state, read.reason, read.wisher) == (State.SENDING, "", ADA)
    assert await rival.intents.settle(again.intent, State.CONFIRMED, uid="uid-2")


async def test_of_many_who_try_again_at_once_one_does(store: Store, rival: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.ABANDONED, reason="unreachable")
    read = await present(store, first)

    outcomes = await asyncio.gather(*(one.intents.reopen(read, draft) for _ in range(5) for one in (store, rival)))

    assert sum(isinstance(outcome, Begun) for outcome in outcomes) == 1
    assert sum(outcome is None for outcome in outcomes) == 9


async def test_another_attempt_waits_for_whoever_has_the_slot_by_now(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.REJECTED, reason="slot_taken")
    holder = await begun(store, of_another(draft))

    outcome = await store.intents.reopen(await present(store, first), draft)

    assert isinstance(outcome, Claimed)
    assert outcome.holder.id == holder.id


async def test_what_is_confirmed_is_not_tried_again(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.CONFIRMED, uid="uid-1")

    assert await store.intents.reopen(await present(store, first), draft) is None


async def test_what_is_settled_stays_so_unless_it_is_corrected(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.REJECTED, reason=ABSENT)

    assert not await store.intents.settle(first, State.CONFIRMED, uid="uid-1")
    assert await store.intents.settle(first, State.CONFIRMED, uid="uid-1", correcting=True)
    assert (await present(store, first)).state is State.CONFIRMED


async def test_a_name_lasts_for_its_time(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await store.intents.settle(first, State.CONFIRMED, uid="uid-1")
    await ago(store, first, created_at=timedelta(hours=23))
    assert isinstance(await store.intents.begin(draft), Known)

    await ago(store, first, created_at=timedelta(hours=2))

    assert isinstance(await store.intents.begin(draft), Begun)


async def test_what_is_open_keeps_its_name_however_old_it_is(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    await ago(store, first, created_at=timedelta(days=3))

    assert isinstance(await store.intents.begin(draft), Known)


async def test_a_settled_intent_can_be_made_to_give_its_name_away(store: Store, draft: Draft) -> None:
    first = await begun(store, draft)
    assert isinstance(await store.intents.begin(draft, retiring=first.id), Known)  # not while it is open
    await store.intents.settle(first, State.CONFIRMED, uid="uid-1")

    second = await store.intents.begin(draft, retiring=first.id)

    assert isinstance(second, Begun)
    assert second.intent.id != first.id


async def test_two_callers_may_bear_one_name(store: Store, draft: Draft) -> None:
    first = await begun(store, replace(draft, claim=None))
    other = replace(of_another(draft, draft.name.key), claim=None)

    assert isinstance(await store.intents.begin(other), Known)
    assert isinstance(await store.intents.begin(other, apart_from=[first.id]), Claimed)
    await store.intents.settle(first, State.CONFIRMED, uid="uid-1")
    assert isinstance(await store.intents.begin(other, apart_from=[first.id]), Begun)


async def test_accounts_take_turns(store: Store, rival: Store, draft: Draft) -> None:
    other = (await store.account(draft.organization_id, 2)).id
    accounts = [draft.account_id] * 3 + [other]
    names = [replace(draft.name, key=f"wish {number}") for number in range(4)]
    wishes = [
        replace(draft, account_id=account, name=name, claim=None) for account, name in zip(accounts, names, strict=True)
    ]
    opened = [await begun(store, wish) for wish in wishes]
    for minutes, intent in zip((4, 3, 2, 1), opened, strict=True):
        await ago(store, intent, due_at=LEASE + timedelta(minutes=minutes))

    first, second = await store.intents.due(2, lease=LEASE), await rival.intents.due(2, lease=LEASE)

    assert {intent.id for intent in first} == {opened[0].id, opened[3].id}
    assert {intent.id for intent in second} == {opened[1].id, opened[2].id}


async def test_only_what_is_overdue_is_handed_out_and_only_once(store: Store, rival: Store, draft: Draft) -> None:
    lapsed = await begun(store, draft)
    fresh = await begun(store, of_another(replace(draft, claim=None)))
    await ago(store, lapsed, due_at=LEASE, attempted_at=timedelta(minutes=5))

    handed = await asyncio.gather(*(one.intents.due(5, lease=LEASE) for one in (store, rival)))

    assert [intent.id for batch in handed for intent in batch] == [lapsed.id]
    read = await present(store, lapsed)
    assert read.state is State.UNKNOWN
    assert read.since_attempt < timedelta(minutes=1)  # until its lease ended, it may have been sent
    assert "whoever sent it is gone" in read.history
    assert (await present(store, fresh)).state is State.SENDING


@pytest.mark.parametrize("is_lapsed", [True, False])
async def test_whatever_nobody_is_sure_of_any_more_is_told_of_once(
    store: Store, rival: Store, draft: Draft, *, is_lapsed: bool
) -> None:
    """It may have changed the calendar; to look for it again changes nothing."""
    intent = await begun(store, draft)
    changes = Changes(rival.database)
    horizon = (await changes.since(None)).horizon
    before = {change.id for change in (await changes.since(horizon)).changes}

    if not is_lapsed:
        await store.intents.doubt(intent, "no answer", look_in=LEASE)
    await ago(store, intent, due_at=2 * LEASE)
    assert [one.id for one in await store.intents.due(5, lease=LEASE)] == [intent.id]
    await ago(store, intent, due_at=2 * LEASE)
    assert [one.id for one in await store.intents.due(5, lease=LEASE)] == [intent.id]

    news = [change for change in (await changes.since(horizon)).changes if change.id not in before]
    assert [change.subject_id for change in news] == [intent.account_id]


async def test_two_looks_at_one_moment_count_as_one(store: Store, draft: Draft) -> None:
    intent = await begun(store, draft)
    await store.intents.doubt(intent, "no answer", look_in=timedelta(seconds=5))

    apart = timedelta(seconds=10)
    looks = [await store.intents.looked(intent, apart=apart) for _ in range(2)]
    assert [looked and looked.looks for looked in looks] == [1, 1]
    await ago(store, intent, looked_at=apart)

    looked = await store.intents.looked(intent, apart=apart)

    assert looked is not None
    assert looked.looks == 2


async def test_a_key_that_the_client_chose_knows_its_payload(store: Store, draft: Draft) -> None:
    chosen = replace(draft, name=Name("key k-1", timedelta(days=7), payload='{"start": 10}'))
    await begun(store, chosen)

    same = await store.intents.begin(chosen)
    other = await store.intents.begin(replace(chosen, name=replace(chosen.name, payload='{"start": 11}')))

    assert isinstance(same, Known)
    assert isinstance(other, Known)
    assert [(one.has_payload, one.same_payload) for one in (*same.intents, *other.intents)] == [
        (True, True),
        (True, False),
    ]


async def test_open_intents_are_found_by_what_they_hold(store: Store, draft: Draft) -> None:
    intent = await begun(store, replace(draft, claim="chain uid-1", errand=Errand.CANCEL, start=None, uid="uid-1"))

    assert [one.id for one in await store.intents.open_on(draft.account_id, ["chain uid-1", "chain x"])] == [intent.id]
    await store.intents.settle(intent, State.CONFIRMED)
    assert await store.intents.open_on(draft.account_id, ["chain uid-1"]) == ()


async def test_intents_are_listed_the_newest_first(store: Store, draft: Draft) -> None:
    first = await begun(store, replace(draft, claim=None))
    second = await begun(store, replace(of_another(draft), claim=None))
    await store.intents.settle(first, State.NEEDS_HUMAN, reason="double")

    async def listed(organization_id: UUID | None, *states: State) -> list[UUID]:
        return [intent.id for intent in await store.intents.list(organization_id, states, 10)]

    assert await listed(None) == [second.id, first.id]
    assert await listed(draft.organization_id, State.NEEDS_HUMAN) == [first.id]
    assert await listed((await store.organization()).id) == []


@pytest.mark.parametrize("contact", [{"phone": ADA.phone}, {"email": ADA.email}])
async def test_a_caller_can_be_erased(store: Store, draft: Draft, contact: dict[str, str]) -> None:
    intent = await begun(store, draft)
    await store.intents.settle(intent, State.CONFIRMED, uid="uid-1")
    await begun(store, of_another(replace(draft, claim=None)))

    assert await store.intents.erase_caller(draft.organization_id, **contact) == (1, 0)

    read = await present(store, intent)
    assert (read.wisher, read.call_session_id) == (None, "")
    assert isinstance(await store.intents.begin(draft), Begun)
