"""Whatever asks Cal.com, where Cal.com has had enough of us or fails: 429 and 502, in the dialect's shape."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error, problem
from tests.api.clinic import Clinic
from tests.api.office import PREFIX, UNEXPECTED, UNREACHABLE, ask
from tests.api.private_key import connect, unlinked

TOO_MANY = "Too many requests. Please try again later."
Ask = Callable[[Clinic], Awaitable[httpx.Response]]


async def connected(clinic: Clinic) -> httpx.Response:
    """Connect an account."""
    body = {"org_id": str(clinic.organization.id), "api_key": calcom.OTHER}
    return await ask(clinic, "POST", f"{PREFIX}/connect", body)


async def connected_privately(clinic: Clinic) -> httpx.Response:
    """Give an agent a key."""
    return await connect(clinic, await unlinked(clinic))


async def created(clinic: Clinic) -> httpx.Response:
    """Make an integration."""
    return await ask(clinic, "POST", owner.INTEGRATION, owner.integration(clinic, apiKey=calcom.OTHER))


async def updated(clinic: Clinic) -> httpx.Response:
    """Give an integration a new key."""
    path = f"{owner.INTEGRATION}/{clinic.account.id}"
    return await ask(clinic, "PUT", path, owner.integration(clinic, apiKey="cal_sandbox_limited"))


async def unread(clinic: Clinic) -> None:
    """Have the event types of the account forgotten: it is given another name."""
    clinic.clock.advance(timedelta(seconds=1))
    await owner.update(clinic, title="Annex")


async def event_types(clinic: Clinic) -> httpx.Response:
    """List event types."""
    await unread(clinic)
    return await ask(clinic, "GET", f"{PREFIX}/event-types", org_id=clinic.organization.id)


async def event_type(clinic: Clinic) -> httpx.Response:
    """Look for an event type."""
    await unread(clinic)
    return await ask(clinic, "GET", f"{PREFIX}/event-types/lookup/consultation", org_id=clinic.organization.id)


async def appointments(clinic: Clinic) -> httpx.Response:
    """List appointments."""
    return await ask(clinic, "GET", f"{PREFIX}/appointments", org_id=clinic.organization.id)


async def appointment(clinic: Clinic) -> httpx.Response:
    """Read an appointment."""
    return await ask(clinic, "GET", f"{PREFIX}/appointments/aBcDeFgHiJkLmNoPqRsTuV")


RAVAN: list[Ask] = [connected, connected_privately, event_types, event_type, appointments, appointment]
TOOLZZ: list[Ask] = [created, updated]


def refusal(asking: Ask, status: int, code: str, message: str, phrase: str) -> Json:
    """The whole body of an error, in the dialect of whoever asks."""
    return problem(status, message, phrase) if asking in TOOLZZ else error(code, message)


@pytest.mark.parametrize("asking", [*RAVAN, *TOOLZZ], ids=lambda asking: asking.__name__)
async def test_a_calcom_that_has_had_enough_is_429_with_the_time_to_wait(small_clinic: Clinic, asking: Ask) -> None:
    await calcom.fault(small_clinic, "throttle", headers={"X-RateLimit-Reset-Default": "42"})

    answer = await asking(small_clinic)

    assert answer.status_code == 429
    assert 30 < int(answer.headers["retry-after"]) <= 42
    assert answer.json() == refusal(asking, 429, "RATE_LIMITED", TOO_MANY, "Too Many Requests")


@pytest.mark.parametrize("asking", [*RAVAN, *TOOLZZ], ids=lambda asking: asking.__name__)
@pytest.mark.parametrize(("kind", "message"), [("malformed", UNEXPECTED), ("drop", UNREACHABLE)])
async def test_a_calcom_that_fails_is_502(small_clinic: Clinic, asking: Ask, kind: str, message: str) -> None:
    await calcom.fault(small_clinic, kind, times=100)

    answer = await asking(small_clinic)

    assert answer.status_code == 502
    assert answer.json() == refusal(asking, 502, "CALCOM_API_ERROR", message, "Bad Gateway")
