"""Organizations: made once, or springing into being."""

import asyncio
from uuid import uuid4

import pytest
from tests.storage.factories import Store

from calbridge.domain.errors import ConflictError, NotFoundError


async def test_create_get_list(store: Store) -> None:
    first = await store.organizations.create("First")
    second = await store.organizations.create("Second", uuid4())
    assert first.id.version == 7
    assert not first.require_key
    assert await store.organizations.get(second.id) == second
    assert await store.organizations.get(uuid4()) is None
    assert await store.organizations.list() == (first, second)


async def test_an_id_can_be_used_once(store: Store) -> None:
    made = await store.organizations.create("First")
    with pytest.raises(ConflictError):
        await store.organizations.create("Again", made.id)
    assert await store.organizations.get(made.id) == made


async def test_ensure_makes_it_once_and_keeps_what_is_there(store: Store) -> None:
    named = await store.organizations.create("Smile Dental")
    assert await store.organizations.ensure(named.id) == named
    unknown = uuid4()
    made = await store.organizations.ensure(unknown)
    assert (made.id, made.name) == (unknown, str(unknown))
    assert await store.organizations.ensure(unknown) == made


async def test_many_requests_that_ensure_one_organization_at_once_all_get_it(store: Store) -> None:
    unknown = uuid4()
    answers = await asyncio.gather(*(store.organizations.ensure(unknown) for _ in range(20)))
    assert len(set(answers)) == 1
    assert await store.organizations.list() == (answers[0],)


async def test_require_key(store: Store) -> None:
    made = await store.organization()
    assert (await store.organizations.require_key(made.id, required=True)).require_key
    assert not (await store.organizations.require_key(made.id, required=False)).require_key
    with pytest.raises(NotFoundError, match="Organization"):
        await store.organizations.require_key(uuid4(), required=True)
