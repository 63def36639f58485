"""Tokens that name no organization: where they may fall back on ``org_id`` is the deployment's choice."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from tests.security.doors import DOORS, Door, Org
from tests.security.town import Names, Town, bearer

FALLING_BACK = {Org.FALLBACK, Org.QUERY}


async def status(town: Town, door: Door, names: Names, headers: dict[str, str], app: FastAPI) -> int:
    """Knock at a deployment; being refused changes nothing and asks nothing of Cal.com."""
    method, path, options = door.request(names)
    before, last = town.rows(), town.last()
    answer = await town.send(method, path, app, headers=headers, **options)
    if answer.status_code in {401, 403, 404}:
        assert town.rows() == before
        assert town.asked(last) == []
    return 200 if answer.is_success else answer.status_code


async def test_any(town: Town, subtests: pytest.Subtests) -> None:
    async with town.deployed(jwt_org_fallback="any") as app:
        for door in DOORS:
            with subtests.test(door=str(door)):
                expected = 200 if door.org in FALLING_BACK else 404 if door.is_toolzz else 403
                assert await status(town, door, town.own, bearer(None), app) == expected
                assert await status(town, door, town.foreign, bearer(None), app) == expected


async def test_listed(town: Town, subtests: pytest.Subtests) -> None:
    own = town.own.organization
    listed = bearer(None, orgs=["no UUID", None, own])
    wrongly_listed: list[object] = [..., [], None, own, {own: True}, [[own]], "*"]
    async with town.deployed(jwt_org_fallback="listed") as app:
        for door in DOORS:
            with subtests.test(door=str(door)):
                refused = 404 if door.is_toolzz else 403
                assert await status(town, door, town.foreign, listed, app) == refused
                assert await status(town, door, Names.unknown(), listed, app) == refused
                for orgs in wrongly_listed:
                    assert await status(town, door, town.own, bearer(None, orgs=orgs), app) == refused
                allowed = 200 if door.org in FALLING_BACK else refused
                assert await status(town, door, town.own, listed, app) == allowed


async def test_off(town: Town, subtests: pytest.Subtests) -> None:
    async with town.deployed(jwt_org_fallback="off") as app:
        for door in DOORS:
            with subtests.test(door=str(door)):
                for headers in (bearer(None), bearer(None, orgs=[town.own.organization])):
                    assert await status(town, door, town.own, headers, app) == (404 if door.is_toolzz else 403)
                method, path, options = door.request(town.own)
                options.pop("params", None)
                answer = await town.send(method, path, app, headers=bearer(None), **options)
                if door.org in FALLING_BACK:
                    assert answer.status_code == 400
                    assert "org_id" in answer.json()["message"]


async def test_a_claim_is_not_widened_by_the_list(town: Town, subtests: pytest.Subtests) -> None:
    """A token of the neighbours that lists the clinic stays one of the neighbours."""
    headers = bearer(town.foreign.organization, orgs=[town.own.organization])
    names = replace(town.foreign, organization=town.own.organization)
    async with town.deployed(jwt_org_fallback="listed") as app:
        for door in DOORS:
            with subtests.test(door=str(door)):
                expected = 200 if door.org in {Org.FALLBACK, Org.OWN} else 404 if door.is_toolzz else 403
                assert await status(town, door, names, headers, app) == expected
