"""What a caller was offered: remembered by call, in whichever process, for hours, and never at the answer's expense."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs
from tests.storage.factories import Store

from calbridge.domain.actions import Call, NoneFound, Openings, Reply, Suggest
from calbridge.domain.said import Said
from calbridge.services.offers import Offers
from calbridge.storage.database import Database
from calbridge.storage.offers import REMEMBERED, OffersOfCalls
from calbridge.storage.secrets import KeyRing
from calbridge.storage.tables import new_id, offers

KEYS = KeyRing.parse("11" * 32)
NINE, TEN, ELEVEN = (datetime(2026, 3, 25, hour, tzinfo=UTC) for hour in (9, 10, 11))
CALL = Call(new_id(), new_id(), Suggest(7), call_session_id="session-1", session="session-1")


def told(reply: Reply) -> Said:
    if isinstance(reply.outcome, NoneFound):
        return Said(own=())
    return Said(offered=(reply.outcome.starts if isinstance(reply.outcome, Openings) else ()) or None)


def reply(*starts: datetime) -> Reply:
    london = ZoneInfo("Europe/London")
    return Reply(Suggest(7), Openings(starts), "Dr. Rivera", london, london, NINE)


def remembering(store: Store) -> Offers:
    return Offers(OffersOfCalls(store.database, KEYS), told)


@pytest.fixture
async def remembered(store: Store) -> AsyncIterator[Offers]:
    opened = remembering(store)
    yield opened
    await opened.close()


async def offered(offers: Offers) -> tuple[datetime, ...]:
    return (await offers.of(CALL)).offered or ()


async def rows(database: Database) -> int:
    async with database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(offers)) or 0


async def test_what_was_offered_is_known_at_once_in_its_order(remembered: Offers) -> None:
    remembered.remember(CALL, reply(TEN, NINE))
    assert await offered(remembered) == (TEN, NINE)


async def test_another_process_knows_it_too(remembered: Offers, rival: Store) -> None:
    remembered.remember(CALL, reply(NINE))
    await remembered.close()
    assert await offered(remembering(rival)) == (NINE,)


async def test_only_the_last_offer_counts_however_fast_they_come(remembered: Offers, store: Store) -> None:
    for starts in ((NINE,), (TEN,), (ELEVEN, TEN)):
        remembered.remember(CALL, reply(*starts))
    await remembered.close()
    assert await offered(remembered) == (ELEVEN, TEN)
    assert await rows(store.database) == 1


async def test_an_answer_that_offers_nothing_leaves_it_alone(remembered: Offers) -> None:
    remembered.remember(CALL, reply(NINE))
    remembered.remember(CALL, reply())
    assert await offered(remembered) == (NINE,)


async def test_an_answer_about_appointments_leaves_what_is_on_offer_alone(remembered: Offers) -> None:
    remembered.remember(CALL, reply(NINE))
    remembered.remember(CALL, replace(reply(), outcome=NoneFound()))
    assert await remembered.of(CALL) == Said(offered=(NINE,), own=())


async def test_the_zone_that_was_named_last_is_known_beside_it(remembered: Offers, rival: Store) -> None:
    for name in ("Europe/Paris", "America/New_York"):
        remembered.remember_zone(replace(CALL, timezone=ZoneInfo(name)))
    remembered.remember(CALL, reply(NINE))
    remembered.remember_zone(CALL)
    await remembered.close()
    new_york = Said(offered=(NINE,), own=(), zone=ZoneInfo("America/New_York"))
    assert await remembering(rival).of(CALL) == new_york


@pytest.mark.parametrize("other", [{"organization_id": new_id()}, {"agent_id": new_id()}, {"session": "session-2"}])
async def test_it_is_this_calls_alone(remembered: Offers, other: dict[str, object]) -> None:
    remembered.remember(CALL, reply(NINE))
    assert await remembered.of(replace(CALL, **other)) == Said()  # type: ignore[arg-type] # names and values belong together


async def test_without_a_session_nothing_is_remembered(remembered: Offers, store: Store) -> None:
    nobodys = replace(CALL, session="")
    remembered.remember(nobodys, reply(NINE))
    assert await remembered.of(nobodys) == Said()
    assert await rows(store.database) == 0


async def test_after_hours_it_is_forgotten_and_then_cleared_away(remembered: Offers, store: Store) -> None:
    remembered.remember(CALL, reply(NINE))
    await remembered.close()
    long_ago = store.database.now(-REMEMBERED - timedelta(minutes=1))
    async with store.database.write() as connection:
        await connection.execute(update(offers).values(told_at=long_ago))
    assert await offered(remembered) == ()
    remembered.remember(replace(CALL, session="session-2"), reply(TEN))
    await remembered.close()
    await store.offers.forget_old()
    assert await rows(store.database) == 1


async def test_after_a_rotation_it_is_still_found(remembered: Offers, store: Store) -> None:
    remembered.remember(CALL, reply(NINE))
    await remembered.close()
    rotated = Offers(OffersOfCalls(store.database, KeyRing.parse(f"{'22' * 32},{'11' * 32}")), told)
    assert await offered(rotated) == (NINE,)


async def test_no_row_tells_whose_call_it_was(remembered: Offers, store: Store) -> None:
    remembered.remember(CALL, reply(NINE))
    await remembered.close()
    async with store.database.read() as connection:
        row = (await connection.execute(select(offers))).one()
    assert "session-1" not in str(row)
    assert str(CALL.organization_id) not in str(row)


class Broken(OffersOfCalls):
    """A database that is away."""

    async def remember(self, *_args: object) -> None:
        """Fail."""
        raise OSError


async def test_what_could_not_be_written_stops_nothing(store: Store) -> None:
    broken = Offers(Broken(store.database, KEYS), told)
    with capture_logs() as logs:
        broken.remember(CALL, reply(NINE))
        assert await offered(broken) == ()
        await broken.close()
    assert [entry["event"] for entry in logs] == ["offers.not_remembered"]
