"""Intents for tests that are not about how they begin."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from tests.storage.factories import START, Store

from calbridge.domain.intents import Begun, Draft, Errand, Intent, Name, Wisher
from calbridge.storage.tables import intents

ADA = Wisher("Ada Lovelace", "ada@example.com", "+442079460000", "Brings her own tea")


async def draft(store: Store, **changes: Any) -> Draft:  # noqa: ANN401 - any field of the dataclass
    """A wish of Ada's, at a new organization."""
    organization = await store.organization()
    account = await store.account(organization.id)
    usual = Draft(
        organization_id=organization.id,
        account_id=account.id,
        user=account.user,
        agent_id=(await store.agent(organization.id)).id,
        call_session_id="call-4711",
        errand=Errand.BOOK,
        name=Name("call-4711 7 10:00", timedelta(days=1), caller="ada"),
        wisher=ADA,
        claim=None,
        lease=timedelta(seconds=18),
        event_type_id=7,
        start=START,
    )
    return replace(usual, **changes)


async def begun(store: Store, wish: Draft) -> Intent:
    """Begin an intent that nothing stands in the way of."""
    outcome = await store.intents.begin(wish)
    assert isinstance(outcome, Begun)
    return outcome.intent


async def row(store: Store, intent: Intent) -> dict[str, Any]:
    """Read what is in the table, by column."""
    async with store.database.read() as connection:
        found = (await connection.execute(select(intents).where(intents.c.id == intent.id))).mappings().one()
    return {str(name): value for name, value in found.items()}


async def earlier(store: Store, intent: Intent, **columns: timedelta) -> None:
    """Have instants of an intent lie further back."""
    now = await row(store, intent)
    values = {name: now[name] - by for name, by in columns.items()}
    async with store.database.write() as connection:
        await connection.execute(update(intents).where(intents.c.id == intent.id).values(values))
