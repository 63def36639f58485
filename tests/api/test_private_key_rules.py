"""An agent's private Cal.com key: what is refused, and that nothing has changed then."""

from uuid import UUID, uuid4

import pytest
from tests.api import calcom
from tests.api.bodies import Json, error
from tests.api.clinic import Clinic
from tests.api.office import FORBIDDEN, NO_AGENT, PREFIX, UNAUTHORIZED, UNEXPECTED, UNREACHABLE, ask, neighbour
from tests.api.private_key import NONE_FOUND, connect, found, to, unlinked

from calbridge.domain.access import Scope


@pytest.fixture
async def agent_id(small_clinic: Clinic) -> UUID:
    """An agent with neither a link nor a key."""
    return await unlinked(small_clinic)


@pytest.mark.parametrize("key", ["cal_unknown", "cal_sandbox_expired"])
async def test_a_key_that_calcom_refuses_is_not_stored(small_clinic: Clinic, agent_id: UUID, key: str) -> None:
    answer = await connect(small_clinic, agent_id, api_key=key)

    assert answer.status_code == 400
    assert answer.json() == error("INVALID_REQUEST", "api_key was refused by Cal.com")
    assert (await to(small_clinic, agent_id, "status")).json() == NONE_FOUND


async def test_a_key_that_is_refused_leaves_the_one_that_is_there(small_clinic: Clinic, agent_id: UUID) -> None:
    account_id = (await connect(small_clinic, agent_id)).json()["data"]["provider_id"]

    assert (await connect(small_clinic, agent_id, api_key="cal_unknown", account_name="New")).status_code == 400
    assert (await to(small_clinic, agent_id, "status")).json() == found(account_id, "Default")


@pytest.mark.parametrize(
    ("kind", "times", "message"), [("drop", 3, UNREACHABLE), ("status", 3, UNEXPECTED), ("html", 3, UNEXPECTED)]
)
async def test_a_key_that_cannot_be_proved_is_not_stored(
    small_clinic: Clinic, agent_id: UUID, kind: str, times: int, message: str
) -> None:
    await calcom.fault(small_clinic, kind, "GET", "/v2/me", times=times)

    answer = await connect(small_clinic, agent_id)

    assert (answer.status_code, answer.json()) == (502, error("CALCOM_API_ERROR", message))
    assert (await to(small_clinic, agent_id, "status")).json() == NONE_FOUND


async def test_a_calcom_that_has_had_enough_is_passed_on(small_clinic: Clinic, agent_id: UUID) -> None:
    await calcom.fault(small_clinic, "throttle", "GET", "/v2/me", headers={"retry-after": "60"})

    answer = await connect(small_clinic, agent_id)

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert answer.json() == error("RATE_LIMITED", "Too many requests. Please try again later.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"api_key": None}, "api_key must be a string"),
        ({"api_key": ""}, "api_key must not be empty"),
        ({"api_key": "cal_\r\nX: y"}, "api_key is not a Cal.com API key"),
        ({"api_key": "x" * 513}, "api_key must be at most 512 characters long"),
        ({"account_name": 5}, "account_name must be a string"),
        ({"account_name": "x" * 201}, "account_name must be at most 200 characters long"),
        ({"account_name": "a\x00b"}, "account_name must not contain control characters"),
        (
            {"api_base_url": "https://evil.example"},
            "api_base_url is not an address of Cal.com that this service may call",
        ),
        ({"api_base_url": 5}, "api_base_url must be a string"),
    ],
)
async def test_what_cannot_be_understood_is_named(
    small_clinic: Clinic, agent_id: UUID, body: Json, message: str
) -> None:
    before = await small_clinic.requests_at_calcom()

    answer = await connect(small_clinic, agent_id, **body)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))
    assert await small_clinic.requests_at_calcom() == before


async def test_a_key_must_be_sent(small_clinic: Clinic, agent_id: UUID) -> None:
    path = f"{PREFIX}/agents/{agent_id}/connect"

    without = await ask(small_clinic, "POST", path, {"account_name": "Mine"})
    nothing = await ask(small_clinic, "POST", path)

    assert (without.status_code, without.json()) == (400, error("INVALID_REQUEST", "api_key is required"))
    assert (nothing.status_code, nothing.json()) == (400, error("INVALID_REQUEST", "body is required"))


@pytest.mark.parametrize("what", ["connect", "disconnect", "status"])
async def test_agents_that_are_unknown_deleted_or_foreign_look_the_same(small_clinic: Clinic, what: str) -> None:
    theirs, deleted = await neighbour(small_clinic), await unlinked(small_clinic)
    await small_clinic.services.agents.delete(small_clinic.organization.id, deleted)
    before = await small_clinic.requests_at_calcom()

    for agent_id in (uuid4(), theirs.agent.id, deleted):
        call = connect(small_clinic, agent_id) if what == "connect" else to(small_clinic, agent_id, what)
        answer = await call
        assert (answer.status_code, answer.json()) == (404, NO_AGENT)
    wrong = await (connect(small_clinic, "me") if what == "connect" else to(small_clinic, "me", what))
    assert (wrong.status_code, wrong.json()) == (400, error("INVALID_REQUEST", "agent_id must be a UUID"))
    assert await small_clinic.requests_at_calcom() == before


async def test_who_may_not_changes_nothing(small_clinic: Clinic, agent_id: UUID) -> None:
    _, poor = await small_clinic.services.keys.create(small_clinic.organization.id, "poor", {Scope.READ})
    body = {"api_key": calcom.OTHER}

    for what in ("connect", "disconnect"):
        path = f"{PREFIX}/agents/{agent_id}/{what}"
        forbidden = await ask(small_clinic, "POST", path, body, key=poor)
        nobody = await ask(small_clinic, "POST", path, body, token="nonsense")
        assert (forbidden.status_code, forbidden.json()) == (403, FORBIDDEN)
        assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
    answer = await ask(small_clinic, "GET", f"{PREFIX}/agents/{agent_id}/status", key=poor)
    assert (answer.status_code, answer.json()) == (200, NONE_FOUND)
