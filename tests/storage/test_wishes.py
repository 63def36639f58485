"""What intents hold of callers: erased when it is time, renewed with the keys, and found by nobody afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.storage.factories import Store, open_store, record
from tests.storage.raw import holds
from tests.storage.wishes import ADA, begun, draft, earlier, row

from calbridge.domain.intents import Errand, Known, Name, State, Wisher
from calbridge.storage.sealed import Sealed
from calbridge.storage.secrets import ID_BYTES, KeyRing

OLD, NEW = "11" * 32, "22" * 32  # the store of these tests has the old one
HELD = ("sealed_wish", "phone_hash", "email_hash", "key", "caller", "payload")
CHOSEN = Name("key k-1", timedelta(days=7), payload='{"start": 10}')


async def secrets(store: Store, *wishes: object) -> list[bytes]:
    """What is held of callers at the moment, as it is stored."""
    rows = [await row(store, wish) for wish in wishes]  # type: ignore[arg-type] # intents
    return [each[name] for each in rows for name in HELD if each[name]]


@pytest.mark.parametrize("contact", [{"phone": ADA.phone}, {"email": " ADA@example.com"}])
async def test_an_erased_wish_is_nowhere_in_the_database(
    database_url: str, store: Store, contact: dict[str, str]
) -> None:
    wish = await draft(store, name=CHOSEN)
    intent = await begun(store, replace(wish, name=replace(CHOSEN, caller="ada")))
    other = await begun(store, replace(wish, name=Name("other", CHOSEN.lifetime), wisher=Wisher("Bob", "b@b.example")))
    for each in (intent, other):
        await store.intents.settle(each, State.CONFIRMED, uid=f"uid-{each.id}")
    hidden, kept = await secrets(store, intent), await secrets(store, other)
    assert len(hidden) == len(HELD)
    assert all([await holds(store, database_url, each) for each in (*hidden, *kept)])

    assert await store.intents.erase_caller(None, **contact) == (1, 0)

    assert not any([await holds(store, database_url, each) for each in hidden])
    assert all([await holds(store, database_url, each) for each in kept])
    assert await store.intents.erase_caller(None, **contact) == (0, 0)


async def test_a_wish_to_change_an_appointment_is_its_callers(store: Store) -> None:
    wish = await draft(store, errand=Errand.CANCEL, start=None, uid="uid-1", wisher=Wisher(notes="I have a cold"))
    await store.bookings.record(record(wish.organization_id, wish.account_id, wish.agent_id, "uid-1"))
    mine = await begun(store, wish)
    other = await begun(store, replace(wish, uid="uid-2", name=Name("other", timedelta(days=1))))

    assert await store.intents.erase_caller(wish.organization_id, email=ADA.email) == (1, 0)

    assert (await row(store, mine))["sealed_wish"] is None
    assert (await row(store, other))["sealed_wish"] is not None


async def test_what_nobody_knows_yet_is_left_and_told(store: Store) -> None:
    intent = await begun(store, await draft(store))

    assert await store.intents.erase_caller(None, phone=ADA.phone) == (0, 1)
    await store.intents.settle(intent, State.REJECTED, reason="slot_taken")
    assert await store.intents.erase_caller(None, phone=ADA.phone) == (1, 0)


async def test_only_the_organization_that_was_asked_for(store: Store) -> None:
    first, second = await draft(store), await draft(store, name=Name("second", timedelta(days=1)))
    for wish in (first, second):
        await store.intents.settle(await begun(store, wish), State.ABANDONED)

    assert await store.intents.erase_caller(first.organization_id, phone=ADA.phone) == (1, 0)
    assert await store.intents.erase_caller(None, phone=ADA.phone) == (1, 0)


async def test_old_wishes_are_erased_but_what_is_open_is_not(database_url: str, store: Store) -> None:
    wish = await draft(store)
    old, fresh, still_open = [
        await begun(store, replace(wish, name=Name(key, timedelta(days=1)))) for key in ("old", "fresh", "open")
    ]
    for each in (old, fresh):
        await store.intents.settle(each, State.CONFIRMED, uid="uid-1")
    for each in (old, still_open):
        await earlier(store, each, created_at=timedelta(days=31), attempted_at=timedelta(days=31))
    await earlier(store, old, settled_at=timedelta(days=31))
    kept = await secrets(store, fresh, still_open)
    hidden = set(await secrets(store, old)) - set(kept)  # all three are Ada's
    assert len(hidden) == 2

    assert await store.intents.erase_older_than(timedelta(days=30)) == 1
    assert await store.intents.erase_older_than(timedelta(days=30)) == 0

    assert not any([await holds(store, database_url, each) for each in hidden])
    assert all([await holds(store, database_url, each) for each in kept])


@pytest.mark.parametrize("name", [CHOSEN, Name("call-4711 7 10:00", timedelta(days=1), caller="ada")])
async def test_an_intent_is_recognised_when_the_key_it_was_begun_under_is_gone(
    database_url: str, store: Store, name: Name
) -> None:
    wish = await draft(store, name=name)
    intent = await begun(store, wish)
    await store.intents.settle(intent, State.CONFIRMED, uid="uid-1")
    before = await secrets(store, intent)

    both = open_store(database_url, KeyRing.parse(f"{NEW},{OLD}"))
    assert isinstance(await both.intents.begin(wish), Known)
    stretch = await both.sealed.renew("intents", after=None, batch=10)
    again = await both.sealed.renew("intents", after=None, batch=10)
    await both.sealed.renew("intents", after=intent.id, batch=10)  # past the end: SQLite's log is emptied
    newest = open_store(database_url, KeyRing.parse(NEW))
    known = await newest.intents.begin(wish)

    assert (stretch.seen, stretch.renewed, again.renewed) == (1, 1, 0)
    assert not any([await holds(store, database_url, each) for each in before])
    assert isinstance(known, Known)
    assert [(one.id, one.wisher, one.same_payload) for one in known.intents] == [(intent.id, ADA, name.is_explicit)]
    if name.is_explicit:
        other = await newest.intents.begin(replace(wish, name=replace(name, payload="another wish")))
        assert isinstance(other, Known)
        assert not other.intents[0].same_payload
    assert await newest.intents.erase_caller(None, phone=ADA.phone) == (1, 0)
    for opened in (both, newest):
        await opened.database.close()


async def test_a_name_that_was_given_away_stays_away(store: Store) -> None:
    wish = await draft(store)
    first = await begun(store, wish)
    await store.intents.settle(first, State.CONFIRMED, uid="uid-1")
    await store.intents.begin(wish, retiring=first.id)

    sealed = Sealed(store.database, KeyRing.parse(f"{NEW},{OLD}"))
    stretch = await sealed.renew("intents", after=None, batch=10)

    renewed = await row(store, first)
    assert (stretch.renewed, renewed["key"]) == (2, None)
    assert renewed["sealed_wish"][:ID_BYTES] == KeyRing.parse(NEW).newest_id
