"""What the event types demand is read once, when an account or a private key is connected, and used in ``manage``."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs
from tests.api import calcom, owner
from tests.api.bodies import question
from tests.api.clinic import Clinic, open_clinic, settings
from tests.api.office import PREFIX, ask, done
from tests.api.private_key import unlinked

from calbridge.bootstrap import open_container

NEW = "cal_sandbox_new"
ME, LISTING, CREATE = ("GET", "/v2/me"), ("GET", "/v2/event-types"), ("POST", "/v2/bookings")
NUMBER = "+442079460958"
REASON = {"slug": "reason-for-visit", "label": "Reason for your visit?", "type": "text"}
TUESDAY, WEDNESDAY = "2026-03-24T10:00:00", "2026-03-25T10:00:00"
Connect = Callable[[Clinic], Awaitable[UUID]]


async def of_the_organization(clinic: Clinic) -> UUID:
    """Connect a new Cal.com user to the organization, and have an agent use it; return the agent's id."""
    agent_id = await unlinked(clinic)
    body = {"org_id": str(clinic.organization.id), "api_key": NEW}
    made = await done(clinic, "POST", f"{PREFIX}/connect", body)
    linked = {"calcom_account_id": made["calcom_account_id"]}
    await done(clinic, "PUT", f"{PREFIX}/agents/{agent_id}/account", linked)
    return agent_id


async def of_an_integration(clinic: Clinic) -> UUID:
    """Do the same in the other dialect."""
    agent_id = await unlinked(clinic)
    answer = await ask(clinic, "POST", owner.INTEGRATION, owner.integration(clinic, apiKey=NEW, title="Annex"))
    assert answer.status_code == 201, answer.text
    linked = {"calcom_account_id": answer.json()["id"]}
    await done(clinic, "PUT", f"{PREFIX}/agents/{agent_id}/account", linked)
    return agent_id


async def private(clinic: Clinic) -> UUID:
    """Give an agent the key of a new Cal.com user; return the agent's id."""
    agent_id = await unlinked(clinic)
    await done(clinic, "POST", f"{PREFIX}/agents/{agent_id}/connect", {"api_key": NEW})
    return agent_id


KINDS: dict[str, Connect] = {
    "organization": of_the_organization,
    "integration": of_an_integration,
    "private": private,
}


@asynccontextmanager
async def counted(clinic: Clinic) -> AsyncIterator[list[tuple[str, str]]]:
    """Collect the requests that reach Cal.com meanwhile."""
    before = len(await calcom.requests(clinic))
    seen: list[tuple[str, str]] = []
    yield seen
    seen += [(each["method"], each["path"]) for each in (await calcom.requests(clinic))[before:]]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_first_call_after_a_connect_books_with_one_request(clinic: Clinic, kind: str) -> None:
    await calcom.host(clinic)
    async with counted(clinic) as at_connect:
        agent_id = await KINDS[kind](clinic)

    async with counted(clinic) as in_the_call:
        answer = await clinic.book(agent_id=str(agent_id))

    assert answer.status_code == 200
    assert at_connect == [ME, LISTING]
    assert in_the_call == [CREATE]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_caller_is_asked_for_what_the_event_type_demands_without_a_request(
    small_clinic: Clinic, kind: str
) -> None:
    await calcom.host(small_clinic, event_types=[{"slug": "visit", "minutes": 30, "questions": [REASON]}])
    agent_id = str(await KINDS[kind](small_clinic))

    async with counted(small_clinic) as asking:
        answer = await small_clinic.book(agent_id=agent_id)
    async with counted(small_clinic) as booking:
        again = await small_clinic.book(agent_id=agent_id, details={"reason-for-visit": "a sore back"})

    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    assert details["action_required"] == "provide_details"
    assert details["questions"] == [question("reason-for-visit", "Reason for your visit?")]
    assert again.status_code == 200
    assert (asking, booking) == ([], [CREATE])


@pytest.mark.parametrize("slug", ["phone-consultation", "phone-only"])
async def test_a_caller_is_asked_for_a_phone_number_without_a_request(small_clinic: Clinic, slug: str) -> None:
    await owner.change_agent(small_clinic, event_type=slug)

    async with counted(small_clinic) as asking:
        answer = await small_clinic.book()
    async with counted(small_clinic) as booking:
        again = await small_clinic.book(phone=NUMBER)

    assert (answer.status_code, answer.json()["error"]["details"]["action_required"]) == (400, "provide_contact")
    assert again.status_code == 200
    assert (asking, booking) == ([], [CREATE])


async def test_that_a_confirmation_is_needed_is_known_without_a_request(small_clinic: Clinic) -> None:
    await owner.change_agent(small_clinic, event_type="needs-approval")

    async with counted(small_clinic) as booking:
        answer = await small_clinic.book()

    assert (await calcom.booking(small_clinic, calcom.uid_of(answer)))["status"] == "pending"
    assert booking == [CREATE]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("trouble", "how", "error"),
    [
        ("drop", {"times": 3}, "CalendarUnreachableError"),
        ("status", {"times": 3}, "CalendarError"),
        ("malformed", {}, "CalendarError"),
    ],
    ids=["drop", "fault", "malformed"],
)
async def test_event_types_that_cannot_be_read_do_not_keep_from_connecting_and_the_first_call_reads_them(
    small_clinic: Clinic, kind: str, trouble: str, how: calcom.Json, error: str
) -> None:
    await calcom.host(small_clinic)
    await calcom.fault(small_clinic, trouble, *LISTING, **how)

    with capture_logs() as logs:
        agent_id = str(await KINDS[kind](small_clinic))
    async with counted(small_clinic) as in_the_call:
        first, later = [await small_clinic.book(when, agent_id=agent_id) for when in (TUESDAY, WEDNESDAY)]

    assert (first.status_code, later.status_code) == (200, 200)
    assert in_the_call == [LISTING, CREATE, CREATE]
    (told,) = [each for each in logs if each["event"] == "account.event_types_not_read"]
    assert (told["log_level"], told["error"]) == ("warning", error)
    assert NEW not in str(logs)


@pytest.mark.parametrize("kind", KINDS)
async def test_nor_does_a_rate_limit_that_is_used_up_and_calcom_is_left_alone_for_as_long_as_it_wants(
    small_clinic: Clinic, kind: str
) -> None:
    await calcom.host(small_clinic)
    await calcom.fault(small_clinic, "throttle", *LISTING, headers={"X-RateLimit-Reset-Default": "42"})

    with capture_logs() as logs:
        agent_id = str(await KINDS[kind](small_clinic))
    async with counted(small_clinic) as in_the_call:
        answer = await small_clinic.book(TUESDAY, agent_id=agent_id)

    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
    assert 30 < int(answer.headers["Retry-After"]) <= 42
    assert in_the_call == []
    (told,) = [each for each in logs if each["event"] == "account.event_types_not_read"]
    assert (told["log_level"], told["error"]) == ("warning", "RateLimitedError")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_that_is_refused_once_it_is_stored_is_found_out_by_the_first_call(
    small_clinic: Clinic, kind: str
) -> None:
    await calcom.host(small_clinic)
    await calcom.refuse_key(small_clinic, "/v2/event-types", times=2)

    agent_id = str(await KINDS[kind](small_clinic))
    first, later = [await small_clinic.book(agent_id=agent_id) for _ in range(2)]

    assert (first.status_code, first.json()["code"]) == (502, "CALCOM_API_ERROR")
    assert (later.status_code, later.json()["code"]) == (400, "NOT_CONNECTED")


async def test_a_new_key_of_an_account_reads_them_again(small_clinic: Clinic) -> None:
    async with counted(small_clinic) as at_update:
        await owner.update(small_clinic, apiKey="cal_sandbox_limited")
    async with counted(small_clinic) as in_the_call:
        await small_clinic.book()

    assert at_update == [ME, LISTING]
    assert in_the_call == [CREATE]


async def test_an_account_that_is_connected_again_is_read_again(small_clinic: Clinic) -> None:
    async with counted(small_clinic) as at_connect:
        await calcom.use(small_clinic, calcom.DEMO)
    async with counted(small_clinic) as in_the_call:
        await small_clinic.book()

    assert at_connect == [ME, LISTING]
    assert in_the_call == [CREATE]


async def test_another_process_reads_them_on_first_use(sqlite_url: str) -> None:
    async with open_clinic(sqlite_url) as clinic:
        transport = httpx.ASGITransport(clinic.sandbox)
        async with open_container(settings(sqlite_url), transport=transport, clock=clinic.clock) as other:
            clinic.app.state.container = other
            async with counted(clinic) as in_the_call:
                first, later = [await clinic.book(when) for when in (TUESDAY, WEDNESDAY)]

    assert (first.status_code, later.status_code) == (200, 200)
    assert in_the_call == [LISTING, CREATE, CREATE]
