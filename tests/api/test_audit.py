"""The audit log: every change that is asked for over HTTP is in it, with whoever asked for it, and nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json
from tests.api.changes import CASES, NEW_KEY, SECRETS, Scene, grown
from tests.api.clinic import Clinic
from tests.api.office import AGENTS, KEYS, PREFIX, ask, done, neighbour
from tests.security.doors import guarded_routes

from calbridge.domain.access import Scope

PATH = f"{PREFIX}/audit"


@pytest.fixture
async def scene(small_clinic: Clinic) -> Scene:
    """The clinic, grown."""
    return await grown(small_clinic)


async def test_every_route_that_can_change_something_has_a_case(small_clinic: Clinic) -> None:
    changing = {route for route in guarded_routes(small_clinic.app) if route[0] not in {"GET", "HEAD"}}

    assert changing == {(case.method, case.route) for case in CASES.values()}


@pytest.mark.parametrize("name", CASES)
async def test_a_change_is_written_down_once_with_whoever_made_it(scene: Scene, name: str) -> None:
    before = await scene.entries()
    scene.clinic.clock.advance(timedelta(minutes=1))
    method, path, body = CASES[name].request(scene)

    await done(scene.clinic, method, path, body)

    old, new = (await scene.entries())[: len(before)], (await scene.entries())[len(before) :]
    assert old == before
    strangers = {entry["subject_id"] for entry in new} - {entry["subject_id"] for entry in old}
    for entry, (event, subject) in zip(new, CASES[name].entries, strict=True):
        known = {"at": "2026-03-20T08:01:00Z", "actor_kind": "token", "actor_name": "tests", "event": event}
        subject_id = getattr(scene, subject) if subject else strangers.pop()
        assert entry == {"id": entry["id"], **known, "subject_id": subject_id}
    assert not strangers


@pytest.mark.parametrize("name", ["connect", "make an agent", "make an API key", "delete an integration"])
async def test_what_a_key_changes_bears_the_keys_id(scene: Scene, name: str) -> None:
    key, secret = await scene.clinic.services.keys.create(scene.clinic.organization.id, "Administrator", {Scope.ADMIN})
    method, path, body = CASES[name].request(scene)

    await done(scene.clinic, method, path, body, key=secret)

    entry = (await scene.entries())[-1]
    assert (entry["actor_kind"], entry["actor_name"]) == ("key", str(key.id))


async def test_a_key_that_calcom_refuses_is_written_down_as_found_by_ourselves(small_clinic: Clinic) -> None:
    await calcom.refuse_key(small_clinic)
    await small_clinic.book()

    entry = (await done(small_clinic, "GET", PATH))[0]

    told = {"actor_kind": "calbridge", "actor_name": "", "event": "account.key_refused"}
    assert entry == {**told, "id": entry["id"], "at": entry["at"], "subject_id": str(small_clinic.account.id)}


async def test_whoever_may_not_change_anything_leaves_no_trace(scene: Scene) -> None:
    theirs = await neighbour(scene.clinic)
    _, poor = await scene.clinic.services.keys.create(scene.clinic.organization.id, "poor", {Scope.READ})
    before = await scene.entries(), await done(scene.clinic, "GET", PATH, token=theirs.token)

    for name, case in CASES.items():
        method, path, body = case.request(scene)
        with_nothing = await ask(scene.clinic, method, path, body, token="nonsense")
        with_little = await ask(scene.clinic, method, path, body, key=poor)
        assert (with_nothing.status_code, with_little.status_code) == (401, 403), name
        if not names_nothing(case.route):
            as_another = await ask(scene.clinic, method, path, body, token=theirs.token)
            assert as_another.status_code in {403, 404}, name

    assert (await scene.entries(), await done(scene.clinic, "GET", PATH, token=theirs.token)) == before


def names_nothing(route: str) -> bool:
    """Whether a request is good for any organization: it makes something in whichever the credential is of."""
    return route in {AGENTS, KEYS, SECRETS}


async def test_what_fails_or_changes_nothing_is_not_written_down(scene: Scene) -> None:
    clinic, agent = scene.clinic, f"{PREFIX}/agents/{scene.linked}"
    await done(clinic, "DELETE", f"{KEYS}/{scene.key}")
    idle: list[tuple[int, str, str, Json | None]] = [
        (200, "PATCH", f"{AGENTS}/{scene.linked}", {"agentName": "Dr. Rivera"}),
        (200, "PUT", f"{agent}/account", {"calcom_account_id": scene.account}),
        (200, "PUT", f"{PREFIX}/agents/{scene.free}/account", {"calcom_account_id": None}),
        (200, "POST", f"{PREFIX}/agents/{scene.free}/disconnect", None),
        (200, "DELETE", f"{KEYS}/{scene.key}", None),
        (200, "PUT", f"{PREFIX}/integration/{scene.account}", owner.integration(clinic, botId=scene.linked)),
        (400, "POST", f"{PREFIX}/connect", {"org_id": scene.organization, "api_key": "cal_unknown"}),
        (400, "POST", f"{PREFIX}/disconnect", {"org_id": scene.organization, "provider_id": scene.private}),
        (409, "POST", f"{agent}/connect", {"api_key": NEW_KEY}),
        (400, "POST", f"{PREFIX}/agents/{scene.keyed}/connect", {"api_key": "cal_unknown"}),
        (409, "PUT", f"{PREFIX}/agents/{scene.keyed}/account", {"calcom_account_id": scene.account}),
        (404, "PUT", f"{agent}/account", {"calcom_account_id": str(uuid4())}),
        (409, "POST", AGENTS, {"agentName": "Dr. New", "id": scene.free}),
        (400, "PATCH", f"{AGENTS}/{scene.free}", {"agentName": "Dr. New", "calendarTimezone": "London"}),
        (404, "DELETE", f"{AGENTS}/{uuid4()}", None),
        (400, "POST", KEYS, {"name": "New", "scopes": ["everything"]}),
        (404, "DELETE", f"{KEYS}/{uuid4()}", None),
        (400, "POST", f"{PREFIX}/integration", owner.integration(clinic, apiKey="cal_unknown")),
        (409, "PUT", f"{PREFIX}/integration/{scene.account}", owner.integration(clinic, title="X", botId=scene.keyed)),
        (409, "PUT", f"{PREFIX}/integration/{scene.account}", owner.integration(clinic, apiKey=NEW_KEY)),
        (404, "DELETE", f"{PREFIX}/integration/{scene.private}", None),
    ]
    before = await scene.entries()

    for status, method, path, body in idle:
        answer = await ask(clinic, method, path, body)
        assert (answer.status_code, await scene.entries()) == (status, before), (method, path, body)
