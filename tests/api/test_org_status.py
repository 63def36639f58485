"""``GET /status``: every account's key is checked with one live call, and not again for half a minute."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import Json, error
from tests.api.clinic import SANDBOX, Clinic
from tests.api.office import (
    FORBIDDEN,
    KEY_REFUSED,
    PREFIX,
    UNAUTHORIZED,
    UNEXPECTED,
    UNREACHABLE,
    Silence,
    ask,
    calendars,
    done,
    neighbour,
)

from calbridge.domain.access import Scope
from calbridge.domain.agents import Access, Host
from calbridge.services.checks import KeyChecks

PATH = f"{PREFIX}/status"
ME = ("GET", "/v2/me")
THROTTLED = "Too many requests. Please try again later."


def retrieved(*accounts: Json, connected: bool = True) -> Json:
    """The documented answer."""
    status = "active" if connected else "not_connected"
    data = {"connected": connected, "status": status, "accounts": list(accounts)}
    return {"success": True, "message": "Connection status retrieved", "data": data}


def row(account_id: UUID, name: str, status: str = "active", problem: str = "", *, primary: bool = False) -> Json:
    """One account of it."""
    return {"id": str(account_id), "account_name": name, "status": status, "error": problem, "is_primary": primary}


async def look(clinic: Clinic) -> httpx.Response:
    """Ask for the state of the organization's own accounts."""
    return await ask(clinic, "GET", PATH, org_id=clinic.organization.id)


async def checks(clinic: Clinic) -> int:
    """How often Cal.com was asked whose key it is."""
    return (await clinic.requests_at_calcom()).count(ME)


async def second(clinic: Clinic, minutes: int = 1) -> UUID:
    """Connect the other Cal.com user, so much later than the first."""
    clinic.clock.advance(timedelta(minutes=minutes))
    account, _ = await clinic.services.connections.connect(
        clinic.organization.id, api_key=calcom.OTHER, name="Back office"
    )
    return account.id


async def test_every_account_is_checked_and_the_oldest_is_the_primary(clinic: Clinic) -> None:
    other = await second(clinic)
    before = await checks(clinic)

    answer = await look(clinic)

    assert answer.status_code == 200
    assert answer.json() == retrieved(row(clinic.account.id, "Front desk", primary=True), row(other, "Back office"))
    asked = await calcom.requests(clinic)
    assert {each["user"] for each in asked[-2:]} == {"demo-clinic", "other"}
    assert await checks(clinic) == before + 2


async def test_where_nothing_is_connected_the_answer_says_so(small_clinic: Clinic) -> None:
    await owner.accounts(small_clinic).disconnect(small_clinic.organization.id, None)

    answer = await look(small_clinic)

    assert answer.status_code == 200
    assert answer.json() == retrieved(connected=False)


async def test_an_organization_that_has_never_connected_anything_is_not_connected(small_clinic: Clinic) -> None:
    newcomer = uuid4()
    token = small_clinic.services.tokens.issue(newcomer, subject="tests", ttl_seconds=60)

    answer = await ask(small_clinic, "GET", PATH, token=token, org_id=newcomer)

    assert answer.json() == retrieved(connected=False)


async def test_accounts_that_are_disconnected_or_switched_off_are_not_listed(small_clinic: Clinic) -> None:
    other = await second(small_clinic)
    await owner.update(small_clinic, isActive=False)

    assert (await look(small_clinic)).json() == retrieved(row(other, "Back office", primary=True))
    await done(small_clinic, "POST", f"{PREFIX}/disconnect", {"org_id": str(small_clinic.organization.id)})
    assert (await look(small_clinic)).json() == retrieved(connected=False)


async def test_private_keys_of_agents_and_accounts_of_others_are_not_listed(small_clinic: Clinic) -> None:
    await owner.private_agent(small_clinic, calcom.OTHER)
    await neighbour(small_clinic)

    assert (await look(small_clinic)).json() == retrieved(row(small_clinic.account.id, "Front desk", primary=True))


async def test_a_key_that_calcom_refuses_needs_a_new_one_and_the_next_account_is_primary(clinic: Clinic) -> None:
    other = await second(clinic)
    clinic.sandbox.state.world.keys[calcom.DEMO].expired = True
    before = await checks(clinic)

    for _ in range(2):
        answer = await look(clinic)
        assert answer.json() == retrieved(
            row(other, "Back office", primary=True),
            row(clinic.account.id, "Front desk", "needs_reauth", KEY_REFUSED),
        )
    assert await checks(clinic) == before + 2  # a key that was refused is not tried again
    assert (await clinic.book()).json()["code"] == "NOT_CONNECTED"


async def test_where_every_key_is_refused_nothing_is_connected_until_a_new_one_is_given(small_clinic: Clinic) -> None:
    await calcom.refuse_key(small_clinic)

    answer = await look(small_clinic)

    refused = row(small_clinic.account.id, "Front desk", "needs_reauth", KEY_REFUSED)
    assert answer.status_code == 200
    assert answer.json() == retrieved(refused, connected=False)
    small_clinic.clock.advance(timedelta(seconds=1))
    body = {"org_id": str(small_clinic.organization.id), "api_key": "cal_sandbox_limited", "account_name": "Front desk"}
    await done(small_clinic, "POST", f"{PREFIX}/connect", body)
    assert (await look(small_clinic)).json() == retrieved(row(small_clinic.account.id, "Front desk", primary=True))


@pytest.mark.parametrize(
    ("kind", "how", "message"),
    [
        ("drop", {"times": 3}, UNREACHABLE),
        ("status", {"times": 3}, UNEXPECTED),
        ("malformed", {}, UNEXPECTED),
        ("throttle", {"headers": {"retry-after": "60"}}, THROTTLED),
    ],
)
async def test_a_calcom_that_is_away_is_told_and_blames_no_key(
    small_clinic: Clinic, kind: str, how: Json, message: str
) -> None:
    await calcom.fault(small_clinic, kind, *ME, **how)

    answer = await look(small_clinic)

    assert answer.status_code == 200
    told = row(small_clinic.account.id, "Front desk", problem=message, primary=True)
    assert answer.json() == retrieved(told)
    # Cal.com is left alone for as long as it wants; otherwise the key is as good as before.
    assert (await small_clinic.book()).status_code == (429 if message is THROTTLED else 200)


async def test_of_two_accounts_one_that_cannot_be_asked_hides_nothing_of_the_other(small_clinic: Clinic) -> None:
    other = await second(small_clinic)
    small_clinic.sandbox.state.world.keys[calcom.OTHER].limit = 0

    answer = await look(small_clinic)

    known = row(small_clinic.account.id, "Front desk", primary=True)
    assert answer.json() == retrieved(known, row(other, "Back office", problem=THROTTLED))


async def test_what_was_found_is_kept_for_half_a_minute(small_clinic: Clinic) -> None:
    seconds = [0.0]
    services = small_clinic.services
    async with calendars(httpx.ASGITransport(small_clinic.sandbox)) as opened:
        kept = KeyChecks(services.connections, services.assignments, opened, 5, lambda: seconds[0])
        small_clinic.app.state.container = replace(services, checks=kept)
        before, counts = await checks(small_clinic), []
        for now in (0, 29.9, 30.1, 60, 60.2):
            seconds[0] = now
            assert (await look(small_clinic)).json()["data"]["connected"] is True
            counts.append(await checks(small_clinic) - before)

    assert counts == [1, 1, 2, 2, 3]


async def test_an_account_that_was_changed_is_checked_anew(small_clinic: Clinic) -> None:
    await look(small_clinic)
    before = await checks(small_clinic)
    small_clinic.clock.advance(timedelta(seconds=1))
    await owner.update(small_clinic, title="Renamed")

    answer = await look(small_clinic)

    assert answer.json() == retrieved(row(small_clinic.account.id, "Renamed", primary=True))
    assert await checks(small_clinic) == before + 1


async def test_all_accounts_are_asked_at_once_and_within_one_deadline(small_clinic: Clinic) -> None:
    services, silence = small_clinic.services, Silence()
    organization = small_clinic.organization.id
    added = []
    for number in range(11, 20):
        small_clinic.clock.advance(timedelta(minutes=1))
        host = Host(number, f"host-{number}", "Host", "host@clinic.example", "Europe/London")
        account, _ = await owner.accounts(small_clinic).connect(
            organization, access=Access(SANDBOX, "cal_x"), host=host, name=f"Room {number}"
        )
        added.append(row(account.id, f"Room {number}", problem=UNREACHABLE))
    async with calendars(silence) as opened:
        impatient = KeyChecks(services.connections, services.assignments, opened, 0.1)
        small_clinic.app.state.container = replace(services, checks=impatient)
        async with asyncio.timeout(3):
            answer = await look(small_clinic)

    first = row(small_clinic.account.id, "Front desk", problem=UNREACHABLE, primary=True)
    assert answer.json() == retrieved(first, *added)
    assert silence.most == 10


async def test_the_organization_must_be_named_and_be_the_credentials_own(small_clinic: Clinic) -> None:
    before = await small_clinic.requests_at_calcom()
    _, poor = await small_clinic.services.keys.create(small_clinic.organization.id, "poor", {Scope.MANAGE, Scope.ADMIN})
    organization = small_clinic.organization.id
    missing = await ask(small_clinic, "GET", PATH)
    wrong = [await ask(small_clinic, "GET", PATH, org_id=org_id) for org_id in ("", "the clinic")]
    forbidden = [
        await ask(small_clinic, "GET", PATH, org_id=uuid4()),
        await ask(small_clinic, "GET", PATH, org_id=organization, key=poor),
    ]
    nobody = await ask(small_clinic, "GET", PATH, org_id=organization, token="nonsense")

    assert (missing.status_code, missing.json()) == (400, error("INVALID_REQUEST", "org_id is required"))
    for answer in wrong:
        assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", "org_id must be a UUID"))
    for answer in forbidden:
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)
    assert await small_clinic.requests_at_calcom() == before
