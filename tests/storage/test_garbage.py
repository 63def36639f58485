"""What processes do all the time leaves nothing behind for the garbage collector, which seldom comes.

Many a SQL statement is made of cycles: made anew each time, it would be such garbage, and 50,000 objects would gather.
"""

import gc
from datetime import timedelta

import pytest
from tests.storage.factories import Store

from calbridge.storage.changes import Changes
from calbridge.storage.polls import Polls

TIMES = 5
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("what", ["sweeper", "poller", "watch", "directory"])
async def test_what_is_done_all_the_time_leaves_no_garbage(store: Store, what: str) -> None:
    organization = await store.organization()
    account = await store.account(organization.id)
    agent = await store.agent(organization.id)
    polls, changes = Polls(store.database), Changes(store.database)
    horizon = (await changes.since(None)).horizon

    async def do() -> None:
        match what:
            case "sweeper":
                await store.intents.due(10, lease=HOUR)
            case "poller":
                await polls.claim(due_by=await polls.enrol() - HOUR, lease=HOUR)
            case "watch":
                await changes.since(horizon)
            case _:
                assert await store.agents.get(organization.id, agent.id) == agent
                assert await store.agents.assignment(organization.id, agent.id) is not None
                assert len(await store.accounts.connections(organization.id)) == 1
                assert await store.accounts.connection(organization.id, account.id) is not None

    await do()  # SQLAlchemy compiles what is said for the first time
    gc.collect()
    for _ in range(TIMES):
        await do()
    assert gc.collect() < TIMES
