"""API keys: shown once, found by their secret, revoked for good."""

from uuid import uuid4

import pytest
from tests.storage.factories import Store

from calbridge.domain.access import Scope
from calbridge.domain.errors import NotFoundError


async def test_create_find_list(store: Store) -> None:
    organization, other = await store.organization(), await store.organization()
    first, plaintext = await store.api_keys.create(organization.id, "Front desk", {Scope.MANAGE, Scope.READ})
    second, another = await store.api_keys.create(other.id, "Other", frozenset(Scope))
    assert first.scopes == {Scope.MANAGE, Scope.READ}
    assert plaintext.startswith("ak_")
    assert len(plaintext) == len("ak_") + 43
    assert plaintext != another
    assert plaintext.startswith(first.hint)
    assert len(first.hint) < 12
    assert await store.api_keys.find(plaintext) == first
    assert await store.api_keys.list(organization.id) == (first,)
    assert await store.api_keys.list(None) == (first, second)


async def test_a_key_without_scopes_has_none(store: Store) -> None:
    _, plaintext = await store.api_keys.create((await store.organization()).id, "Useless", ())
    found = await store.api_keys.find(plaintext)
    assert found is not None
    assert found.scopes == frozenset()


@pytest.mark.parametrize("text", ["", "ak_", "ak_" + "A" * 43, "\ud800", "x" * 10_000])
async def test_any_other_text_is_no_key(store: Store, text: str) -> None:
    await store.api_keys.create((await store.organization()).id, "Front desk", {Scope.READ})
    assert await store.api_keys.find(text) is None


async def test_the_hint_or_another_case_does_not_open(store: Store) -> None:
    made, plaintext = await store.api_keys.create((await store.organization()).id, "Front desk", {Scope.READ})
    assert await store.api_keys.find(made.hint) is None
    assert await store.api_keys.find(plaintext.swapcase()) is None


async def test_a_revoked_key_is_not_found_and_stays_revoked(store: Store) -> None:
    organization = await store.organization()
    made, plaintext = await store.api_keys.create(organization.id, "Front desk", {Scope.READ})
    revoked = await store.api_keys.revoke(organization.id, made.id)
    assert revoked.revoked_at is not None
    assert await store.api_keys.find(plaintext) is None
    assert await store.api_keys.revoke(None, made.id) == revoked
    assert await store.api_keys.list(organization.id) == (revoked,)


async def test_a_key_of_another_organization_is_not_found(store: Store) -> None:
    made, plaintext = await store.api_keys.create((await store.organization()).id, "Front desk", {Scope.READ})
    for organization_id, key_id in (((await store.organization()).id, made.id), (None, uuid4())):
        with pytest.raises(NotFoundError, match="API key"):
            await store.api_keys.revoke(organization_id, key_id)
    assert await store.api_keys.find(plaintext) == made


async def test_a_key_needs_its_organization(store: Store) -> None:
    with pytest.raises(NotFoundError, match="Organization"):
        await store.api_keys.create(uuid4(), "Nobody's", {Scope.READ})
