"""Tokens that name no organization: where they may fall back on ``org_id``, and for whom, is the deployment's choice."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from tests.security.doors import DOORS, Door, Org
from tests.security.town import Names, Town, bearer

FALLING_BACK = {Org.FALLBACK, Org.QUERY}
EACH = pytest.mark.parametrize("door", DOORS, ids=str)


async def status(town: Town, door: Door, names: Names, headers: dict[str, str], app: FastAPI) -> int:
    """Knock at a deployment; being refused changes nothing and asks nothing of Cal.com."""
    method, path, options = door.request(names)
    before, last = town.rows(), town.last()
    answer = await town.send(method, path, app, headers=headers, **options)
    if answer.status_code in {401, 403, 404}:
        assert town.rows() == before
        assert town.asked(last) == []
    return answer.status_code


@EACH
async def test_any(town: Town, door: Door) -> None:
    refused = 404 if door.is_toolzz else 403
    async with town.deployed(jwt_org_fallback="any") as app:
        mine = await status(town, door, town.own, bearer(None), app)
        theirs = await status(town, door, town.foreign, bearer(None), app)

    assert (mine, theirs) == ((200, 200) if door.org in FALLING_BACK else (refused, refused))


@EACH
async def test_listed(town: Town, door: Door) -> None:
    refused = 404 if door.is_toolzz else 403
    allowed = 200 if door.org in FALLING_BACK else refused
    async with town.deployed(jwt_org_fallback="listed") as app:
        listed = bearer(None, orgs=["no UUID", None, town.own.organization])
        assert await status(town, door, town.own, listed, app) == allowed
        assert await status(town, door, town.foreign, listed, app) == refused
        assert await status(town, door, Names.unknown(), listed, app) == refused
        for orgs in (
            ...,
            [],
            None,
            town.own.organization,
            {town.own.organization: True},
            [[town.own.organization]],
            "*",
        ):
            assert await status(town, door, town.own, bearer(None, orgs=orgs), app) == refused


@EACH
async def test_off(town: Town, door: Door) -> None:
    refused = 404 if door.is_toolzz else 403
    async with town.deployed(jwt_org_fallback="off") as app:
        for headers in (bearer(None), bearer(None, orgs=[town.own.organization])):
            assert await status(town, door, town.own, headers, app) == refused
        answer = await town.send(
            *door.request(town.own)[:2], app, headers=bearer(None), **_without_query(door, town.own)
        )

    if door.org in FALLING_BACK:
        assert answer.status_code == 400
        assert "org_id" in answer.json()["message"]


@EACH
async def test_a_claim_is_not_widened_by_the_list(town: Town, door: Door) -> None:
    """A token of the neighbours that lists the clinic stays one of the neighbours."""
    headers = bearer(town.foreign.organization, orgs=[town.own.organization])
    names = replace(town.foreign, organization=town.own.organization)
    async with town.deployed(jwt_org_fallback="listed") as app:
        answer = await status(town, door, names, headers, app)

    assert answer == (200 if door.org is Org.FALLBACK else 404 if door.is_toolzz else 403)


def _without_query(door: Door, names: Names) -> dict[str, object]:
    return {name: value for name, value in door.request(names)[2].items() if name != "params"}
