"""``GET /event-types`` and its look-up: what can be booked with all of an organization's accounts."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api import calcom, owner
from tests.api.bodies import NOT_CONNECTED, Json, error
from tests.api.clinic import Clinic
from tests.api.office import (
    FORBIDDEN,
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
from calbridge.services.catalogue import Catalogue
from calbridge.services.event_types import EventTypes
from calbridge.services.inquiries import Inquiries

PATH = f"{PREFIX}/event-types"
LISTING = ("GET", "/v2/event-types")
UNKNOWN = error("NOT_FOUND", "Event type not found")
MINUTES = {
    "consultation": 30,
    "phone-consultation": 15,
    "needs-approval": 45,
    "intake": 60,
    "default-location": 30,
    "phone-only": 15,
    "flexible": 30,
}


def row(number: int, slug: str, minutes: int, account: str = "Front desk", **fields: object) -> Json:
    """One event type; without more, one of the sandbox's that costs nothing."""
    usual = {
        "id": str(number),
        "slug": slug,
        "title": f"{slug.replace('-', ' ').capitalize()} ({account})",
        "description": "",
        "duration_minutes": minutes,
        "price": 0,
        "currency": "usd",
        "is_active": True,
    }
    assert fields.keys() <= usual.keys()
    return {**usual, **fields}


def fetched(*rows: Json) -> Json:
    """The documented list."""
    return {"success": True, "message": "Event types fetched successfully", "data": list(rows)}


def of_the_demo_clinic() -> list[Json]:
    """What the demo account offers."""
    return [row(number, slug, minutes) for number, (slug, minutes) in enumerate(MINUTES.items(), start=1)]


async def look(clinic: Clinic, platform_id: str = "") -> httpx.Response:
    """Ask for the organization's event types, or look one up."""
    path = f"{PATH}/lookup/{platform_id}" if platform_id else PATH
    return await ask(clinic, "GET", path, org_id=clinic.organization.id)


async def second(clinic: Clinic, **event: object) -> int:
    """Connect another Cal.com user, a minute later, who offers one event type; return its number."""
    (number,) = (await calcom.host(clinic, event_types=[{"slug": "visit", "minutes": 20, **event}])).values()
    clinic.clock.advance(timedelta(minutes=1))
    body = {"org_id": str(clinic.organization.id), "api_key": "cal_sandbox_new", "account_name": "Annex"}
    await done(clinic, "POST", f"{PREFIX}/connect", body)
    return number


async def second_id(clinic: Clinic) -> UUID:
    """The id of the account that ``second`` has connected."""
    *_, account = await clinic.services.connections.list(clinic.organization.id)
    return account.id


async def unread(clinic: Clinic, account_id: UUID | None = None, title: str = "Front desk") -> None:
    """Change the account, if none is named the demo account: what was read at connect is not believed any more."""
    clinic.clock.advance(timedelta(seconds=1))
    await owner.update(clinic, account_id, title=title, prompt="Changed.")


async def test_all_accounts_event_types_are_in_one_list_the_primarys_first(clinic: Clinic) -> None:
    number = await second(clinic, title="House call")
    await neighbour(clinic)

    answer = await look(clinic)

    assert answer.status_code == 200
    visit = row(number, "visit", 20, "Annex", title="House call (Annex)")
    assert answer.json() == fetched(*of_the_demo_clinic(), visit)


async def test_price_currency_description_and_what_is_hidden_are_told(small_clinic: Clinic) -> None:
    shown = {
        "id": 41, "lengthInMinutes": 50, "title": "Massage", "slug": "massage", "description": "Hot stones.",
        "hidden": True, "price": 99.5, "currency": "eur", "bookingFields": [], "locations": [],
    }  # fmt: skip
    await unread(small_clinic)
    await calcom.fault(small_clinic, "malformed", *LISTING, body={"status": "success", "data": [shown]})

    answer = await look(small_clinic)

    told: Json = {"description": "Hot stones.", "price": 99.5, "currency": "eur", "is_active": False}
    assert answer.json() == fetched(row(41, "massage", 50, **told))


async def test_accounts_that_offer_nothing_make_an_empty_list(small_clinic: Clinic) -> None:
    theirs = await neighbour(small_clinic)

    answer = await ask(small_clinic, "GET", PATH, token=theirs.token, org_id=theirs.organization.id)

    assert (answer.status_code, answer.json()) == (200, fetched())


async def test_the_list_is_kept_until_the_account_is_changed(small_clinic: Clinic) -> None:
    await small_clinic.manage("suggest")
    for _ in range(2):
        await look(small_clinic)
        await look(small_clinic, "intake")
    first = (await small_clinic.requests_at_calcom()).count(LISTING)
    small_clinic.clock.advance(timedelta(seconds=1))
    await owner.update(small_clinic, title="Renamed")

    answer = await look(small_clinic, "1")

    assert first == 1  # what was read at connect is known to manage, and here
    assert answer.json()["data"] == row(1, "consultation", 30, "Renamed")
    assert (await small_clinic.requests_at_calcom()).count(LISTING) == 2


@pytest.mark.parametrize("platform_id", ["4", "intake"])
async def test_an_event_type_is_found_by_its_number_and_by_its_slug(small_clinic: Clinic, platform_id: str) -> None:
    answer = await look(small_clinic, platform_id)

    assert answer.status_code == 200
    expected = {"message": "Event type fetched successfully", "data": row(4, "intake", 60)}
    assert answer.json() == {"success": True, **expected}


async def test_of_two_with_one_slug_the_primary_accounts_is_found(small_clinic: Clinic) -> None:
    number = await second(small_clinic, slug="intake")

    by_slug, by_number = await look(small_clinic, "intake"), await look(small_clinic, str(number))
    await done(
        small_clinic,
        "POST",
        f"{PREFIX}/disconnect",
        {"org_id": str(small_clinic.organization.id), "provider_id": str(small_clinic.account.id)},
    )
    promoted = await look(small_clinic, "intake")

    theirs = row(number, "intake", 20, "Annex")
    assert by_slug.json()["data"] == row(4, "intake", 60)
    assert by_number.json()["data"] == promoted.json()["data"] == theirs


@pytest.mark.parametrize("platform_id", ["acupuncture", "999", "0", "04", "INTAKE", "inta", "1.0", "%C3%A9"])
async def test_what_no_account_offers_is_not_found(small_clinic: Clinic, platform_id: str) -> None:
    answer = await look(small_clinic, platform_id)

    assert (answer.status_code, answer.json()) == (404, UNKNOWN)


async def test_what_a_neighbour_offers_is_not_found(small_clinic: Clinic) -> None:
    theirs = await neighbour(small_clinic)

    answer = await ask(small_clinic, "GET", f"{PATH}/lookup/1", token=theirs.token, org_id=theirs.organization.id)

    assert (answer.status_code, answer.json()) == (404, UNKNOWN)


@pytest.mark.parametrize(
    ("platform_id", "message"),
    [
        ("a%00b", "platform_id must not contain control characters"),
        ("x" * 256, "platform_id must be at most 255 characters long"),
    ],
    ids=["control", "long"],
)
async def test_a_look_up_that_makes_no_sense_is_named(small_clinic: Clinic, platform_id: str, message: str) -> None:
    answer = await look(small_clinic, platform_id)

    assert (answer.status_code, answer.json()) == (400, error("INVALID_REQUEST", message))


@pytest.mark.parametrize("platform_id", ["", "intake"], ids=["list", "lookup"])
async def test_where_nothing_is_connected_nothing_is_offered(small_clinic: Clinic, platform_id: str) -> None:
    await owner.update(small_clinic, isActive=False)

    answer = await look(small_clinic, platform_id)

    assert (answer.status_code, answer.json()) == (400, error("NOT_CONNECTED", NOT_CONNECTED))


async def test_an_account_whose_key_is_refused_is_left_out_and_marked(small_clinic: Clinic) -> None:
    number = await second(small_clinic)
    await unread(small_clinic)
    small_clinic.sandbox.state.world.keys[calcom.DEMO].expired = True

    answer = await look(small_clinic)

    assert (answer.status_code, answer.json()) == (200, fetched(row(number, "visit", 20, "Annex")))
    assert await _status(small_clinic, small_clinic.account.id) == "needs_reauth"
    assert (await look(small_clinic, "intake")).json() == UNKNOWN


async def test_where_every_key_is_refused_nothing_is_connected(small_clinic: Clinic) -> None:
    await unread(small_clinic)
    await calcom.refuse_key(small_clinic)

    answer = await look(small_clinic)

    assert (answer.status_code, answer.json()) == (400, error("NOT_CONNECTED", NOT_CONNECTED))
    assert await _status(small_clinic, small_clinic.account.id) == "needs_reauth"


@pytest.mark.parametrize(
    ("kind", "times", "message"), [("drop", 3, UNREACHABLE), ("status", 3, UNEXPECTED), ("malformed", 1, UNEXPECTED)]
)
async def test_an_account_that_cannot_be_asked_spoils_the_list_and_is_not_marked(
    small_clinic: Clinic, kind: str, times: int, message: str
) -> None:
    await second(small_clinic)
    await unread(small_clinic)
    await calcom.fault(small_clinic, kind, *LISTING, times=times)

    answer = await look(small_clinic)

    assert (answer.status_code, answer.json()) == (502, error("CALCOM_API_ERROR", message))
    assert await _status(small_clinic, small_clinic.account.id) == "active"
    assert (await look(small_clinic)).status_code == 200


async def test_a_look_up_ends_at_the_first_account_that_has_it(small_clinic: Clinic) -> None:
    await second(small_clinic)
    await unread(small_clinic, await second_id(small_clinic), "Annex")
    small_clinic.sandbox.state.world.keys["cal_sandbox_new"].limit = 0

    found, unknown = await look(small_clinic, "intake"), await look(small_clinic, "acupuncture")

    assert (found.status_code, found.json()["data"]) == (200, row(4, "intake", 60))
    assert unknown.status_code == 429
    assert unknown.headers["retry-after"]
    assert unknown.json() == error("RATE_LIMITED", "Too many requests. Please try again later.")


async def test_an_account_that_never_answers_is_given_up(small_clinic: Clinic) -> None:
    services = small_clinic.services
    async with calendars(Silence()) as opened:
        impatient = Catalogue(services.connections, EventTypes(Inquiries()), opened, 0.1)
        small_clinic.app.state.container = replace(services, catalogue=impatient)
        async with asyncio.timeout(3):
            answer = await look(small_clinic)

    assert (answer.status_code, answer.json()) == (502, error("CALCOM_API_ERROR", UNREACHABLE))


@pytest.mark.parametrize("path", [PATH, f"{PATH}/lookup/intake"], ids=["list", "lookup"])
async def test_the_organization_must_be_named_and_be_the_credentials_own(small_clinic: Clinic, path: str) -> None:
    own = small_clinic.organization.id
    _, poor = await small_clinic.services.keys.create(own, "poor", {Scope.MANAGE, Scope.ADMIN})

    missing, wrong = await ask(small_clinic, "GET", path), await ask(small_clinic, "GET", path, org_id="the clinic")
    foreign = await ask(small_clinic, "GET", path, org_id=uuid4())
    scopeless = await ask(small_clinic, "GET", path, org_id=own, key=poor)
    nobody = await ask(small_clinic, "GET", path, org_id=own, token="nonsense")

    assert (missing.status_code, missing.json()) == (400, error("INVALID_REQUEST", "org_id is required"))
    assert (wrong.status_code, wrong.json()) == (400, error("INVALID_REQUEST", "org_id must be a UUID"))
    assert (foreign.status_code, foreign.json()) == (403, FORBIDDEN)
    assert (scopeless.status_code, scopeless.json()) == (403, FORBIDDEN)
    assert (nobody.status_code, nobody.json()) == (401, UNAUTHORIZED)


async def _status(clinic: Clinic, account_id: UUID) -> str:
    account = await owner.accounts(clinic).get(clinic.organization.id, account_id)
    assert account is not None
    return account.status.value
