"""Whoever has no business with an organization gets nothing of it, at every way in there is."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from uuid import UUID, uuid4

import httpx
import pytest
from tests.security.doors import DOORS, Door, Json, Org, guarded_routes
from tests.security.town import NEIGHBOUR, Names, Row, Town, bearer

from calbridge.domain.access import Scope

WITH_NAMES = [(door, name) for door in DOORS for name in door.names]
RANDOM = {"x-request-id"}
SECRETS = ("Secret", "secret", "neighbour")


def seen(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells, but for the id of the request."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in RANDOM}


async def knock(town: Town, door: Door, names: Names, headers: dict[str, str], **more: object) -> httpx.Response:
    """Make the door's request."""
    method, path, options = door.request(names)
    return await town.send(method, path, headers=headers, **options | more)


def of_own(town: Town, rows: Mapping[str, list[Row]]) -> list[Row]:
    """The rows that name the clinic."""
    mine = UUID(town.own.organization).hex
    return [row for table in rows.values() for row in table if mine in row]


async def assert_nothing_gained(
    town: Town, door: Door, names: Names, headers: dict[str, str], expected: set[int], **more: object
) -> httpx.Response:
    """Be refused, in the dialect's shape; nothing changed, and the neighbours' calendar was not touched."""
    before, last = town.rows(), town.last()
    answer = await knock(town, door, names, headers, **more)
    assert answer.status_code in expected, answer.text
    body = answer.json()
    assert (body["statusCode"] == answer.status_code) if door.is_toolzz else (body["success"] is False)
    assert not any(secret in answer.text for secret in SECRETS)
    assert town.rows() == before
    for method, path, user in town.asked(last):
        assert user != NEIGHBOUR["username"]
        assert town.foreign.booking not in path.partition("?")[0]
        assert method == "GET", (method, path)
    return answer


def test_every_route_of_the_application_has_a_case(town: Town) -> None:
    assert guarded_routes(town.clinic.app) == {door.route for door in DOORS}


async def test_whoever_may_call_is_let_in(town: Town) -> None:
    """Without this, the refusals below could be for another reason."""
    for door in DOORS:
        answer = await knock(town, door, town.own, bearer(town.own.organization))
        assert answer.is_success, f"{door}: {answer.text}"


async def test_a_key_with_just_the_scope_is_let_in(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            answer = await knock(town, door, town.own, await town.key(town.own.organization, door.scope))

            assert answer.is_success, answer.text


async def test_without_a_credential_nothing_is_gained(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            if door.org in {Org.BODY, Org.ADDRESS}:
                await town.clinic.services.organizations.require_key(UUID(town.own.organization), required=True)
            answer = await assert_nothing_gained(town, door, town.own, {}, {401})

            assert answer.headers["www-authenticate"] == "Bearer"
            wrong = await knock(town, door, town.own, {"X-Api-Key": "ak_wrong"})
            assert seen(wrong) == seen(answer)


@pytest.mark.parametrize("kind", ["token", "key"])
async def test_a_credential_of_others_gains_nothing(town: Town, subtests: pytest.Subtests, kind: str) -> None:
    """The neighbours name what is the clinic's; whether it exists makes no difference."""
    for door in DOORS:
        with subtests.test(door=str(door)):
            neighbours = (
                bearer(town.foreign.organization) if kind == "token" else await town.key(town.foreign.organization)
            )
            # Where org_id is but a fallback, the credential wins, and there the names are unknown.
            expected = {404} if door.is_toolzz or door.org in {Org.FALLBACK, Org.OWN} else {403}
            before, last = town.rows(), town.last()
            theirs = await knock(town, door, town.own, neighbours)
            if door.org in {Org.FALLBACK, Org.OWN} and not door.names:  # what they get and change is their own
                assert theirs.is_success
                assert not any(mine in theirs.text for mine in asdict(town.own).values())
                assert of_own(town, town.rows()) == of_own(town, before)
                continue
            assert theirs.status_code in expected, theirs.text
            unknown = await knock(town, door, Names.unknown(), neighbours)

            assert seen(theirs) == seen(unknown)
            assert town.rows() == before
            assert not any(town.own.booking in path.partition("?")[0] for _, path, _ in town.asked(last))
            assert not any(user == "demo-clinic" for _, _, user in town.asked(last))


async def test_the_organization_of_others_is_as_good_as_unknown(town: Town, subtests: pytest.Subtests) -> None:
    for door in [door for door in DOORS if door.org is not Org.OWN]:
        with subtests.test(door=str(door)):
            mine = bearer(town.own.organization)
            if door.org is Org.FALLBACK:  # a claim wins, silently
                assert (
                    await knock(town, door, replace(town.own, organization=town.foreign.organization), mine)
                ).is_success
                continue
            named = replace(town.own, organization=town.foreign.organization)
            answer = await assert_nothing_gained(town, door, named, mine, {404 if door.is_toolzz else 403})
            unknown = await knock(town, door, replace(town.own, organization=str(uuid4())), mine)

            assert seen(unknown) == seen(answer)


async def test_what_is_others_is_as_good_as_unknown(town: Town, subtests: pytest.Subtests) -> None:
    for door, name in WITH_NAMES:
        with subtests.test(door=str(door), name=name):
            theirs: Json = {name: getattr(town.foreign, name)}
            nobodys: Json = {name: getattr(Names.unknown(), name)}
            for headers in [bearer(town.own.organization), *([{}] if door.org in {Org.BODY, Org.ADDRESS} else [])]:
                is_refused = not headers and door.action == "find" and name == "booking"  # without a look
                unknown = 401 if is_refused else door.unknown
                answer = await assert_nothing_gained(town, door, replace(town.own, **theirs), headers, {unknown})
                assert seen(await knock(town, door, replace(town.own, **nobodys), headers)) == seen(answer)


async def test_a_key_without_the_scope_gains_nothing(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            key = await town.key(town.own.organization, *(scope for scope in Scope if scope is not door.scope))

            await assert_nothing_gained(town, door, town.own, key, {403})


async def test_a_token_widens_no_key(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            key = await town.key(town.own.organization, *(scope for scope in Scope if scope is not door.scope))

            await assert_nothing_gained(town, door, town.own, key | bearer(town.own.organization), {403})


async def test_credentials_that_disagree_gain_nothing(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            mine, theirs = town.own.organization, town.foreign.organization
            pairs = [bearer(mine) | await town.key(theirs), bearer(theirs) | await town.key(mine)]
            answers = [await assert_nothing_gained(town, door, town.own, pair, {403}) for pair in pairs]

            assert seen(answers[0]) == seen(answers[1])


async def test_a_good_credential_does_not_help_a_bad_one(town: Town, subtests: pytest.Subtests) -> None:
    for door in DOORS:
        with subtests.test(door=str(door)):
            good, key = bearer(town.own.organization), await town.key(town.own.organization)
            pairs = [
                good | {"X-Api-Key": "ak_wrong"},
                key | {"Authorization": "Bearer x.y.z"},
                key | {"Authorization": "Basic eA=="},
            ]
            answers = [await assert_nothing_gained(town, door, town.own, pair, {401}) for pair in pairs]

            assert len({seen(answer)[:2] for answer in answers}) == 1


async def test_a_revoked_key_gains_nothing(town: Town) -> None:
    services = town.clinic.services
    key, secret = await services.keys.create(UUID(town.own.organization), "tests", list(Scope))
    await services.keys.revoke(None, key.id)

    for door in DOORS:
        await assert_nothing_gained(town, door, town.own, {"X-Api-Key": secret}, {401})
