"""The door for Cal.com: whoever cannot sign hears one and the same no. And the webhook that leads there, made by us."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.clinic import Clinic, open_clinic
from tests.api.office import ask, done
from tests.engine.post import DEMO, OTHER, PATH, PUBLIC_URL, SIGNATURE, Town, open_town, signed, telling_of
from tests.security.logbook import logbook

from calbridge.calcom.webhook import TRIGGERS

UID = "e4Ejy7hz2mXMRoEtuUUVy8"


@pytest.fixture
async def town(sqlite_url: str) -> AsyncIterator[Town]:
    async with open_town(sqlite_url) as opened:
        yield opened


async def post(town: Town, path: str, body: bytes, **headers: str | bytes) -> httpx.Response:
    sent = {"Content-Type": "application/json", **headers}.items()
    encoded = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in sent]
    async with town.clinic.client() as client:
        return await client.post(path, content=body, headers=encoded)


def secret_of(town: Town) -> str:
    (hook,) = town.hooks
    assert hook.secret
    return hook.secret


async def test_whoever_cannot_sign_hears_one_and_the_same_no(town: Town) -> None:
    (hook,) = town.hooks
    body = telling_of(UID)
    good = signed(body, secret_of(town))[SIGNATURE]
    unknown = f"{PATH}{'A' * 22}"
    before = town.asked()
    answers = [
        await post(town, hook.url, body),
        await post(town, hook.url, body, **{SIGNATURE: "no-secret-provided"}),
        await post(town, hook.url, body, **signed(body, "a guess")),
        await post(town, hook.url, body + b" ", **{SIGNATURE: good}),
        await post(town, hook.url, b"", **{SIGNATURE: good}),
        await post(town, hook.url, b"\xff not JSON", **{SIGNATURE: good}),
        await post(town, hook.url, body, **{SIGNATURE: f"{good[:-1]}é".encode()}),
        await post(town, hook.url, b"no JSON", **{"Content-Type": "text/plain", SIGNATURE: good}),
        await post(town, unknown, body, **{SIGNATURE: good}),
        await post(town, unknown, body),
        await post(town, f"{PATH}%00", body, **{SIGNATURE: good}),
        await post(town, f"{hook.url}x", body, **{SIGNATURE: good}),
    ]
    told = {(each.status_code, each.content, tuple(_without_id(each))) for each in answers}
    assert told == {(401, b'{"success":false,"message":"Authentication is required."}', _without_id(answers[0]))}
    async with town.clinic.client() as client:
        twice = [("Content-Type", "application/json"), (SIGNATURE, good), (SIGNATURE, good)]
        assert (await client.post(hook.url, content=body, headers=twice)).status_code == 401
    await town.clinic.services.inbox.work_off()
    assert town.asked() == before


def _without_id(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in answer.headers.items() if name != "x-request-id")


async def test_what_is_signed_is_taken_in_at_once(town: Town) -> None:
    (hook,) = town.hooks
    body = telling_of(UID)
    answer = await post(town, hook.url, body, **signed(body, secret_of(town)))
    assert (answer.status_code, answer.json()) == (200, {"success": True})


async def test_a_body_that_is_too_large_is_refused_before_it_is_hashed(town: Town) -> None:
    (hook,) = town.hooks
    body = b"x" * 70_000
    assert (await post(town, hook.url, body, **signed(body, secret_of(town)))).status_code == 413


async def test_neither_token_nor_secret_nor_payload_is_in_any_log(sqlite_url: str) -> None:
    with logbook() as book:
        async with open_town(sqlite_url) as town:
            await town.book("2026-03-25T10:00:00Z")
            (hook,) = town.hooks
            await calcom.fault(town.clinic, "malformed", "GET", "/v2/bookings")
            await town.deliver()
            await town.poll()
            await post(town, hook.url, telling_of(UID), **signed(b"", "no"))
            await calcom.fault(town.clinic, "status", "DELETE", "/v2/webhooks/*", status=500, times=9)
            await done(town.clinic, "POST", "/api/v1/calcom/disconnect", {"org_id": str(town.clinic.organization.id)})
            told = book.getvalue()
    token = hook.url.rpartition("/")[2]
    assert "/api/v1/calcom/webhooks/{token}" in told
    assert "webhook.registered" in told
    for secret in (token, hook.secret or "", "web@example.com", "Web Walker"):
        assert secret not in told


async def test_without_a_public_address_nothing_is_registered(small_clinic: Clinic) -> None:
    assert ("POST", "/v2/webhooks") not in await small_clinic.requests_at_calcom()
    await done(small_clinic, "POST", "/api/v1/calcom/disconnect", {"org_id": str(small_clinic.organization.id)})
    asked = {path for _, path in await small_clinic.requests_at_calcom()}
    assert asked == {"/v2/me", "/v2/event-types"}


async def test_at_connect_cal_com_is_told_where_to_report(town: Town) -> None:
    (hook,) = town.hooks
    token = hook.url.removeprefix(f"{PUBLIC_URL}{PATH}")
    assert len(token) == 22
    assert (hook.triggers, hook.active) == (list(TRIGGERS), True)
    assert len(secret_of(town)) == 64


async def connect(town: Town, key: str = DEMO) -> None:
    body = {"org_id": str(town.clinic.organization.id), "api_key": key}
    await done(town.clinic, "POST", "/api/v1/calcom/connect", body)


async def test_connected_again_there_is_one_and_it_is_new(town: Town) -> None:
    (old,) = town.hooks
    await connect(town)
    await owner.update(town.clinic, apiKey=DEMO)
    (new,) = town.hooks
    assert old.url != new.url
    assert old.secret != new.secret
    body = telling_of(UID)
    assert (await post(town, old.url, body, **signed(body, old.secret or ""))).status_code == 401
    assert (await post(town, new.url, body, **signed(body, new.secret or ""))).status_code == 200


async def test_connected_twice_at_once_there_is_one_that_works(town: Town) -> None:
    await asyncio.gather(connect(town), connect(town), connect(town))
    await connect(town)
    (hook,) = town.hooks
    body = telling_of(UID)
    assert (await post(town, hook.url, body, **signed(body, secret_of(town)))).status_code == 200


async def test_of_what_others_have_nothing_is_touched_and_of_what_we_have_lost_nothing_stays(town: Town) -> None:
    for url in ("https://crm.example/hook", f"{PUBLIC_URL}/elsewhere/{'A' * 22}", f"{PUBLIC_URL}{PATH}{'B' * 22}"):
        body = {"subscriberUrl": url, "active": True, "triggers": ["BOOKING_CREATED"]}
        await town.clinic.at_calcom("POST", "/v2/webhooks", json=body)
    await connect(town)
    urls = [hook.url for hook in town.hooks]
    assert len(urls) == 3
    assert "https://crm.example/hook" in urls
    assert not any("BBBB" in url for url in urls)


async def test_two_accounts_with_one_cal_com_user_have_one_each(town: Town) -> None:
    services = town.clinic.services
    other = await services.organizations.create("Another")
    await services.connections.connect(other.id, api_key=DEMO, name="Theirs")
    agent = await services.agents.create(town.clinic.organization.id, "Dr. Private")
    await services.assignments.connect_private(town.clinic.organization.id, agent.id, api_key=DEMO, name=None)
    assert len(town.hooks) == 3
    await connect(town)
    assert len(town.hooks) == 3
    uid = await town.book("2026-03-25T10:00:00Z")
    await town.deliver()
    assert await services.bookings.get(other.id, uid) is not None
    await services.connections.disconnect(other.id, None)
    assert len(town.hooks) == 2
    await services.register.delete(town.clinic.organization.id, agent.id)
    assert len(town.hooks) == 1


async def test_a_private_account_that_becomes_another_user_s_moves_its_webhook(town: Town) -> None:
    services = town.clinic.services
    agent = await services.agents.create(town.clinic.organization.id, "Dr. Private")
    for key in (OTHER, DEMO, OTHER):
        await services.assignments.connect_private(town.clinic.organization.id, agent.id, api_key=key, name=None)
    assert sorted(hook.user_id for hook in town.hooks) == [1, 2]
    await services.assignments.disconnect_private(town.clinic.organization.id, agent.id)
    assert [hook.user_id for hook in town.hooks] == [1]


async def test_disconnected_there_is_none_and_its_token_is_unknown(town: Town) -> None:
    (hook,) = town.hooks
    await done(town.clinic, "POST", "/api/v1/calcom/disconnect", {"org_id": str(town.clinic.organization.id)})
    assert town.hooks == []
    body = telling_of(UID)
    assert (await post(town, hook.url, body, **signed(body, hook.secret or ""))).status_code == 401


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 403}),
        ("throttle", {}),
        ("malformed", {}),
        ("drop", {}),
        ("drop", {"when": "after"}),
    ],
)
async def test_a_connect_does_not_fail_with_its_webhook(town: Town, kind: str, how: dict[str, object]) -> None:
    await calcom.fault(town.clinic, kind, "POST", "/v2/webhooks", **how)
    await connect(town, OTHER)
    await done(town.clinic, "POST", "/api/v1/calcom/disconnect", {"org_id": str(town.clinic.organization.id)})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_disconnect_does_not_fail_with_its_webhook(town: Town, method: str) -> None:
    (hook,) = town.hooks
    await calcom.fault(town.clinic, "status", method, "/v2/webhooks*", status=500, times=9)
    await done(town.clinic, "POST", "/api/v1/calcom/disconnect", {"org_id": str(town.clinic.organization.id)})
    body = telling_of(UID)
    assert (await post(town, hook.url, body, **signed(body, hook.secret or ""))).status_code == 401


async def test_deliveries_are_read_in_the_background_of_a_server(sqlite_url: str) -> None:
    async with open_clinic(sqlite_url, public_url=PUBLIC_URL, serving=True) as clinic:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(clinic.app)) as client:
            clinic.sandbox.state.deliveries.client, clinic.sandbox.state.deliveries.owned = client, False
            uid = await calcom.book(clinic, "2026-03-25T10:00:00Z")
            await clinic.sandbox.state.deliveries.settle()
        for _ in range(100):
            if await clinic.services.bookings.get(clinic.organization.id, uid) is not None:
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("the booking was not read")


async def test_it_is_on_the_documentation_page(small_clinic: Clinic) -> None:
    async with small_clinic.client() as client:
        document = (await client.get("/openapi.json")).json()
    operation = document["paths"][f"{PATH}{{token}}"]["post"]
    assert operation["tags"] == ["Cal.com: webhooks"]
    assert {"200", "401", "413"} <= operation["responses"].keys()
    assert json.dumps(operation).count("X-Cal-Signature-256") == 1
    assert (await ask(small_clinic, "GET", f"{PATH}x")).status_code == 405
